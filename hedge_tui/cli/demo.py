"""`hedge demo`: a desk of twelve sandbox accounts; without a terminal a short run for a machine to check."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import Desk, desk_of

if TYPE_CHECKING:
    from hedge_tui.bootstrap.demo import DemoDesk
    from hedge_tui.wire.client import EngineClient

LINE = "@desk-1,desk-2,desk-3 buy 500usd/each BTC.p at ask"
HEADLESS_S = 15.0
CONNECT_S = 30.0


def command(
    ctx: typer.Context,
    stop: Annotated[bool, typer.Option("--stop", help="End the demo's engine and venue.")] = False,
    headless: Annotated[
        bool, typer.Option("--headless", help="Run 15 s without a screen, print a summary, end.")
    ] = False,
) -> int:
    """Open a desk of twelve accounts on a practice venue of this machine; simulated money, no keys needed.

    Closing the terminal leaves the desk running; `hedge demo` opens it again, `hedge demo --stop` ends it.
    """
    from hedge_tui.bootstrap.demo import start_demo, stop_demo

    data_dir = _data_dir(desk_of(ctx))
    if stop:
        sys.stdout.write("the demo has ended\n" if stop_demo(data_dir) else "no demo runs\n")
        return exits.DONE
    if headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _run_headless(data_dir)
    sys.stderr.write("starting the practice venue and the engine …\n")
    start_demo(data_dir)
    from hedge_tui.cli.console import open_console

    code = open_console(Desk(data_dir / "config.toml", data_dir))
    sys.stderr.write(
        "the demo goes on without the screen: `hedge demo` opens it, `hedge demo --stop` ends it\n"
    )
    return code


def _data_dir(desk: Desk) -> Path:
    """A directory beside the real desk's, so that the two never meet."""
    chosen = desk.paths.data_dir
    return chosen if desk.data_dir_given else chosen.with_name(chosen.name + "-demo")


def _run_headless(data_dir: Path) -> int:
    from hedge_tui.bootstrap.demo import start_demo, stop_demo

    begun = time.monotonic()
    try:
        demo = start_demo(data_dir)
        report = asyncio.run(_trade(demo, begun))
    finally:
        stop_demo(data_dir)
    for line in report:
        sys.stdout.write(line + "\n")
    return exits.DONE


async def _trade(demo: DemoDesk, begun: float) -> list[str]:
    from hedge_tui.bootstrap.launch import attach

    client = await attach(demo.socket)
    try:
        await _connected(client)
        ready = time.monotonic() - begun
        lines = [f"ready after {ready:.1f} s: {await _counts(client)}", f"> {LINE}"]
        preview = await client.submit(LINE, origin="cli")
        lines.append(f"preview: {getattr(preview, 'headline', preview)}")
        result = await client.confirm(getattr(preview, "hash", ""), wait=True)
        lines += [
            f"  {leg.account}: {leg.status} {leg.filled} at {leg.average_price} {leg.reason}".rstrip()
            for leg in result.legs
        ]
        await asyncio.sleep(max(HEADLESS_S - (time.monotonic() - begun), 1.0))
        lines += await _summary(client)
        return lines
    finally:
        await client.close()


async def _connected(client: EngineClient) -> None:
    async with asyncio.timeout(CONNECT_S):
        while True:
            status = await client.query("status")
            # The least traded instruments may be silent for a while; the desk is usable long before.
            enough = status["quotes"] >= 0.9 * status["instruments"] > 0
            if status["connected"] == status["accounts"] and enough:
                return
            await asyncio.sleep(0.1)


async def _counts(client: EngineClient) -> str:
    status = await client.query("status")
    return f"{status['connected']} accounts, {status['instruments']} instruments with quotes"


async def _summary(client: EngineClient) -> list[str]:
    pnl: dict[str, Any] = await client.query("pnl")
    positions, fills = await client.query("positions"), await client.query("fills")
    total = pnl["total"]
    lines = [f"{len(fills)} fills, {len(positions)} positions:"]
    lines += [
        f"  {p['account']} {p['side']} {p['quantity']} {p['symbol']} entry {p['entry_price']}"
        f" unrealized {p['unrealized']}"
        for p in positions
    ]
    lines.append(f"equity {total['equity']} {pnl['currency']}, PnL today {total['pnl_today']}")
    return lines
