"""Contract tests run against a sandbox venue in the same process."""

from tests.sandbox_fixtures import (  # noqa: F401  # pytest finds fixtures by their names in here
    ccxt_client,
    control,
    limited_sandbox,
    sandbox,
    sandbox_options,
    session,
)
