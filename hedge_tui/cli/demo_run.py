"""The demo without a terminal: one line over three accounts, a while of running, a summary."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hedge_tui.wire.client import EngineClient
    from hedge_tui.wire.messages import Result

LINE = "@desk-1,desk-2,desk-3 buy 500usd/each BTC.p"
"""At market: whoever checks the demo wants fills, and a price that has just moved away gives none."""
TRIES = 3
RUN_S = 15.0
CONNECT_S = 40.0


def run_for_a_while(socket: Path) -> Iterator[str]:
    """Trade on the demo that listens at `socket`; the lines of a report.

    Raises:
        Unavailable: the accounts did not connect, or an order did not fill.
    """
    yield from asyncio.run(_run(socket))


async def _run(socket: Path) -> list[str]:
    from hedge_tui.bootstrap.launch import attach

    begun = time.monotonic()
    client = await attach(socket)
    try:
        await _connected(client)
        lines = [f"connected after {time.monotonic() - begun:.1f} s: {await _counts(client)}", f"> {LINE}"]
        headline, result = await _trade(client)
        lines += [f"preview: {headline}", *_legs(result)]
        await asyncio.sleep(max(RUN_S - (time.monotonic() - begun), 1.0))
        lines += await _summary(client)
        return lines
    finally:
        await client.close()


async def _trade(client: EngineClient) -> tuple[str, Result]:
    """Preview and confirm; again when the market has left the preview behind, as a person would."""
    from hedge_tui.wire.client import RequestRefused
    from hedge_tui.wire.messages import Preview

    for tries_left in reversed(range(TRIES)):
        preview = await client.submit(LINE, origin="cli")
        assert isinstance(preview, Preview)
        try:
            return preview.headline, await client.confirm(preview.hash, wait=True)
        except RequestRefused as error:
            if error.failure.kind != "stale" or not tries_left:
                raise
    raise AssertionError


async def _connected(client: EngineClient) -> None:
    try:
        async with asyncio.timeout(CONNECT_S):
            while True:
                status = await client.query("status")
                # The least traded instruments may be silent for a while; the desk is usable long before.
                enough = status["quotes"] >= 0.9 * status["instruments"] > 0
                if status["connected"] == status["accounts"] and enough:
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Unavailable(
            f"after {CONNECT_S:.0f} s {status['connected']} of {status['accounts']} accounts are connected,"
            f" {status['quotes']} of {status['instruments']} instruments have a quote"
        ) from None


async def _counts(client: EngineClient) -> str:
    status = await client.query("status")
    quotes = f"{status['quotes']} of {status['instruments']} instruments with a quote"
    return f"{status['connected']} accounts, {quotes}"


def _legs(result: Result) -> list[str]:
    """One line a leg.

    Raises:
        Unavailable: a leg did not fill; a machine that checks the demo has to see that.
    """
    unfilled = [leg for leg in result.legs if leg.status != "filled"]
    if unfilled or not result.legs:
        words = "; ".join(f"{leg.account}: {leg.status} {leg.reason}".rstrip() for leg in unfilled)
        raise Unavailable(f"not every order filled: {words or 'no answer'}")
    return [f"  {leg.account}: {leg.status} {leg.filled} at {leg.average_price}" for leg in result.legs]


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
