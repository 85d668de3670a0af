"""Public market data of both venues through unmodified ccxt.pro: REST, streams, and that the two agree."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.control import SandboxControl

BOTH = pytest.mark.parametrize(
    ("venue", "account", "symbol"),
    [("binanceusdm", "desk-1", "BTC/USDT:USDT"), ("binance", "desk-9", "BTC/USDT")],
)


async def loaded(ccxt_client: Callable[[str, str], Any], venue: str, account: str) -> Any:
    client = ccxt_client(venue, account)
    await client.load_markets()
    return client


@BOTH
async def test_rest(ccxt_client: Callable[[str, str], Any], venue: str, account: str, symbol: str):
    client = await loaded(ccxt_client, venue, account)
    book = await client.fetch_order_book(symbol, 50)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert [price for price, _ in book["bids"]] == sorted((p for p, _ in book["bids"]), reverse=True)
    ticker = await client.fetch_ticker(symbol)
    assert ticker["low"] <= ticker["last"] <= ticker["high"]
    assert symbol in await client.fetch_tickers()
    assert symbol in await client.fetch_bids_asks()
    candles = await client.fetch_ohlcv(symbol, "1m", limit=10)
    assert len(candles) == 10
    assert all(low <= min(o, c) and max(o, c) <= high for _, o, high, low, c, _ in candles)
    trades = await client.fetch_trades(symbol, limit=5)
    assert len(trades) == 5
    assert abs(await client.fetch_time() - client.milliseconds()) < 5_000


async def test_derivatives_rest(ccxt_client: Callable[[str, str], Any]):
    client, symbol = await loaded(ccxt_client, "binanceusdm", "desk-1"), "BTC/USDT:USDT"
    rate = await client.fetch_funding_rate(symbol)
    assert rate["markPrice"] == pytest.approx(rate["indexPrice"], rel=0.01)
    history = await client.fetch_funding_rate_history(symbol, limit=3)
    assert {b["timestamp"] - a["timestamp"] for a, b in pairwise(history)} == {28_800_000}
    assert (await client.fetch_open_interest(symbol))["openInterestAmount"] > 0
    tiers = (await client.fetch_leverage_tiers([symbol]))[symbol]
    assert tiers[0]["maxLeverage"] == 125
    assert len(await client.fetch_mark_ohlcv(symbol, limit=2)) == 2
    assert len(await client.fetch_index_ohlcv(symbol, limit=2)) == 2


@BOTH
async def test_streams(ccxt_client: Callable[[str, str], Any], venue: str, account: str, symbol: str):
    client = await loaded(ccxt_client, venue, account)
    async with asyncio.timeout(10):
        ticker, quotes, trades, candles, book = await asyncio.gather(
            client.watch_tickers([symbol], {"name": "ticker"}),
            client.watch_bids_asks([symbol]),
            client.watch_trades(symbol),
            client.watch_ohlcv(symbol, "1m"),
            client.watch_order_book(symbol),
        )
    assert ticker[symbol]["last"] > 0
    assert quotes[symbol]["bid"] < quotes[symbol]["ask"]
    assert trades[-1]["price"] > 0
    assert candles[-1][4] > 0
    assert book["bids"][0][0] < book["asks"][0][0]


@BOTH
async def test_a_watched_book_stays_equal_to_the_venues(
    ccxt_client: Callable[[str, str], Any], venue: str, account: str, symbol: str
):
    client = await loaded(ccxt_client, venue, account)
    async with asyncio.timeout(10):
        for _ in range(5):
            book = await client.watch_order_book(symbol)
        snapshot = await client.fetch_order_book(symbol, 100)
        while book["nonce"] < snapshot["nonce"]:
            book = await client.watch_order_book(symbol)
    if book["nonce"] == snapshot["nonce"]:
        assert [list(one[:2]) for one in book["bids"][:20]] == snapshot["bids"][:20]
        assert [list(one[:2]) for one in book["asks"][:20]] == snapshot["asks"][:20]
    assert book["bids"][0][0] < book["asks"][0][0]


async def test_own_orders_are_in_the_public_book_and_own_trades_on_the_tape(
    ccxt_client: Callable[[str, str], Any], control: SandboxControl
):
    client, symbol = await loaded(ccxt_client, "binanceusdm", "desk-1"), "BTC/USDT:USDT"
    # A market that moves may fill the order, or push its level out of the book, between two requests.
    await control.hold_market()
    book = await client.fetch_order_book(symbol, 5)
    mine = float(client.price_to_precision(symbol, book["bids"][0][0] * 0.9997))
    await client.create_order(symbol, "limit", "buy", 3.217, mine, {"newClientOrderId": "f" * 32})
    levels = dict((await client.fetch_order_book(symbol, 100))["bids"])
    assert levels[mine] >= 3.217
    await client.create_order(symbol, "market", "sell", 0.027)
    fills = {float(fill["quantity"]) for fill in await control.fills("desk-1")}
    await control.hold_market(still=False)
    printed: set[float] = set()
    async with asyncio.timeout(5):
        while not fills <= printed:
            printed = {trade["amount"] for trade in await client.fetch_trades(symbol, limit=1000)}


async def test_a_moved_price_moves_everything(
    ccxt_client: Callable[[str, str], Any], control: SandboxControl
):
    client, symbol = await loaded(ccxt_client, "binanceusdm", "desk-1"), "ETH/USDT:USDT"
    before = (await client.fetch_ticker(symbol))["last"]
    await control.move_price("binanceusdm", "ETHUSDT", str(round(before * 1.1, 2)))
    assert (await client.fetch_ticker(symbol))["last"] == pytest.approx(before * 1.1, rel=0.002)
    book = await client.fetch_order_book(symbol, 5)
    assert book["bids"][0][0] == pytest.approx(before * 1.1, rel=0.002)
    mark = (await client.fetch_funding_rate(symbol))["markPrice"]
    assert mark == pytest.approx(before * 1.1, rel=0.01)
