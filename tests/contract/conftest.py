"""Contract tests run against a sandbox venue in the same process."""

import pytest

from tests.contract.ccxt_fixtures import execution_bench
from tests.sandbox_fixtures import (  # noqa: F401  # pytest finds fixtures by their names in here
    ccxt_client,
    control,
    limited_sandbox,
    sandbox,
    sandbox_options,
    session,
)


@pytest.fixture
async def spot(sandbox, control):  # noqa: F811
    """A spot account by ccxt."""
    async with execution_bench(sandbox, control, "binance") as made:
        yield made
