"""Recorded frames played as a live market: quotes are the recorded ones, and orders trade with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.sandbox.control import SandboxControl
    from adapters.sandbox.options import SandboxOptions

pytestmark = pytest.mark.realdata


@pytest.fixture
def sandbox_options(sandbox_options: SandboxOptions, realdata: Path) -> SandboxOptions:
    return replace(sandbox_options, replay=realdata / "binance_raw_ws")


@pytest.mark.parametrize(
    ("venue", "account", "symbol"),
    [("binanceusdm", "desk-1", "BTC/USDT:USDT"), ("binance", "desk-9", "BTC/USDT")],
)
async def test_orders_trade_against_the_recorded_book(
    ccxt_client: Callable[[str, str], Any], control: SandboxControl, venue: str, account: str, symbol: str
):
    client = ccxt_client(venue, account)
    await client.load_markets()
    book = await client.fetch_order_book(symbol, 5)
    # Bitcoin stood between these on 2024-08-08.
    assert 54_000 < book["bids"][0][0] < book["asks"][0][0] < 64_000
    await client.create_order(symbol, "market", "buy", 0.01)
    (fill, *_) = await control.fills(account)
    assert float(fill["price"]) == pytest.approx(book["asks"][0][0], rel=0.002)
