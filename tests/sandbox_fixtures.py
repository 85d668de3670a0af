"""Fixtures that start a sandbox venue in the test's own process and reach it with unmodified ccxt.pro.

A test folder's conftest imports them by name. `sandbox` may be parametrised through `sandbox_options`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.sandbox.control import SandboxControl
from adapters.sandbox.loopback import loopback_session
from adapters.sandbox.options import LimitMode, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import aiohttp

    from adapters.sandbox.serve import RunningSandbox


@pytest.fixture
def sandbox_options(tmp_path: Path) -> SandboxOptions:
    """A small, quick sandbox with the demo's accounts; override to change it."""
    return SandboxOptions(
        directory=tmp_path / "sandbox", spot_instruments=8, usdm_instruments=8, limits=LimitMode.OFF
    )


@pytest.fixture
async def sandbox(sandbox_options: SandboxOptions) -> AsyncIterator[RunningSandbox]:
    """A sandbox that listens on loopback."""
    from adapters.sandbox.serve import serve

    running = await serve(sandbox_options)
    yield running
    await running.stop()


@pytest.fixture
async def limited_sandbox(sandbox_options: SandboxOptions) -> AsyncIterator[RunningSandbox]:
    """The same with the venue's real rate limits."""
    from adapters.sandbox.serve import serve

    running = await serve(replace(sandbox_options, limits=LimitMode.REAL))
    yield running
    await running.stop()


@pytest.fixture
async def control(sandbox: RunningSandbox) -> AsyncIterator[SandboxControl]:
    """The control port of `sandbox`."""
    async with SandboxControl(sandbox.control_port) as client:
        yield client


@pytest.fixture
async def session(sandbox: RunningSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session that reaches `sandbox` under the venue's host names."""
    client = loopback_session(sandbox.port, sandbox.ca_file)
    yield client
    await client.close()


@pytest.fixture
async def ccxt_client(
    sandbox: RunningSandbox, session: aiohttp.ClientSession
) -> AsyncIterator[Callable[[str, str], Any]]:
    """Makes an unmodified ccxt.pro client: `ccxt_client("binanceusdm", "desk-1")`."""
    import ccxt.pro

    made: list[Any] = []

    def make(venue: str, account: str) -> Any:
        spec = sandbox.account(account)
        options = {"fetchOpenOrders": {"warnWithoutSymbol": False}}
        client = getattr(ccxt.pro, venue)(
            {
                "apiKey": spec.key,
                "secret": spec.secret,
                "session": session,
                "enableRateLimit": False,
                "options": options,
            }
        )
        client.timeout_on_exit = 0
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()
