"""The control port, starting over, running as a program, and a market that keeps moving."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from adapters.sandbox.control import ControlError, SandboxControl
from adapters.sandbox.loopback import loopback_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import aiohttp

    from adapters.sandbox.serve import RunningSandbox

PROGRAM = """
import asyncio, sys
from pathlib import Path
from adapters.sandbox.options import SandboxOptions
from adapters.sandbox.serve import run
options = SandboxOptions(Path(sys.argv[1]), spot_instruments=2, usdm_instruments=2)
asyncio.run(run(options))
"""


async def test_a_reset_gives_back_balances_and_forgets_the_rest(
    ccxt_client: Callable[[str, str], Any], control: SandboxControl
):
    client = ccxt_client("binanceusdm", "desk-1")
    await client.load_markets()
    first = await client.create_order("BTC/USDT:USDT", "market", "buy", 0.01)
    await control.fault("stall")
    await control.reset()
    assert await control.faults() == []
    assert await control.orders() == []
    (balance,) = await control.balances("desk-1")
    assert Decimal(balance["total"]) == Decimal(30_000)
    again = await client.create_order("BTC/USDT:USDT", "market", "buy", 0.01)
    assert int(again["id"]) > int(first["id"])


async def test_the_ledger_is_read_piece_by_piece(
    ccxt_client: Callable[[str, str], Any], control: SandboxControl
):
    client = ccxt_client("binanceusdm", "desk-1")
    await client.load_markets()
    seen = (await control.ledger())[-1]["seq"]
    await client.create_order("BTC/USDT:USDT", "market", "buy", 0.01)
    newer = await control.ledger(since=seen)
    assert [row["seq"] for row in newer] == sorted(row["seq"] for row in newer)
    assert {row["kind"] for row in newer} == {"request", "order", "fill", "balance"}
    request = next(row for row in newer if row["kind"] == "request")
    assert (request["account"], request["method"], request["status"]) == ("desk-1", "POST", 200)
    assert "signature" not in request["params"]


async def test_mistakes_at_the_control_port_are_said(control: SandboxControl):
    with pytest.raises(ControlError, match="nowhere"):
        await control.move_price("nowhere", "BTCUSDT", "1")
    with pytest.raises(ControlError, match="explode"):
        await control.fault("explode")
    with pytest.raises(ControlError, match="free"):
        await control.transfer("desk-1", "binanceusdm", "USDT", "-1000000")


async def test_time_passes_and_the_market_moves_with_it(
    sandbox: RunningSandbox, session: aiohttp.ClientSession, control: SandboxControl
):
    feed = sandbox.world.usdm.feed
    before = feed.market.now_ns
    socket = await session.ws_connect("wss://fstream.binance.com/public/ws/btcusdt@depth@100ms")
    async with asyncio.timeout(5):
        for _ in range(3):
            await socket.receive()
    assert feed.market.now_ns >= before + 200_000_000
    assert (await control.health())["venues"]["binanceusdm"] == {"instruments": 8, "connections": 1}
    await socket.close()


async def test_as_a_program_it_says_where_it_is_and_ends_on_a_signal(tmp_path: Path):
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    ready = json.loads(await asyncio.wait_for(program.stdout.readline(), 20))
    ca_file = tmp_path / "sandbox-ca.pem"
    assert ready["ca_file"] == str(ca_file)
    address = "https://fapi.binance.com/fapi/v1/ping"
    async with loopback_session(ready["port"], ca_file) as session, session.get(address) as response:
        assert response.status == 200
    async with SandboxControl(ready["control"]) as control:
        assert len(await control.balances()) > 0
    program.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(program.wait(), 5) == 0
