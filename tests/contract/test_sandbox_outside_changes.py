"""What changes under a running desk: keys, market rules, answers that are lists, frames on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ccxt
import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from adapters.sandbox.control import SandboxControl

SYMBOL, ID = "BTC/USDT:USDT", "BTCUSDT"


@pytest.fixture
async def client(ccxt_client: Callable[[str, str], Any], control: SandboxControl) -> Any:
    made = ccxt_client("binanceusdm", "desk-1")
    await made.load_markets()
    await control.hold_market()
    return made


async def test_a_key_is_revoked_and_given_back(client: Any, control: SandboxControl):
    await client.fetch_balance()
    await control.change_key("desk-1", [])
    with pytest.raises(ccxt.BaseError, match="-2015"):
        await client.fetch_balance()
    await control.change_key("desk-1", ["read"])
    await client.fetch_balance()
    assert (await client.fapiPrivateV2GetAccount())["canTrade"] is False
    with pytest.raises(ccxt.BaseError, match="-2015"):
        await client.create_order(SYMBOL, "market", "buy", 0.01)
    await control.change_key("desk-1", None)
    await client.create_order(SYMBOL, "market", "buy", 0.01)


async def test_rules_of_a_market_change_and_it_closes(client: Any, control: SandboxControl):
    await control.change_instrument("binanceusdm", ID, lot="0.01", min_quantity="0.02")
    with pytest.raises(ccxt.BaseError, match="-1111"):
        await client.create_order(SYMBOL, "market", "buy", 0.025)
    await client.create_order(SYMBOL, "market", "buy", 0.02)
    await client.load_markets(reload=True)
    assert client.market(SYMBOL)["limits"]["amount"]["min"] == 0.02
    await control.change_instrument("binanceusdm", ID, active=False)
    with pytest.raises(ccxt.BaseError, match="-4140"):
        await client.create_order(SYMBOL, "market", "buy", 0.02)
    await control.reset()
    await client.create_order(SYMBOL, "market", "buy", 0.025)


async def test_list_answers_are_turned_shortened_and_lengthened(client: Any, control: SandboxControl):
    book = await client.fetch_order_book(SYMBOL, 5)
    prices = [client.price_to_precision(SYMBOL, book["bids"][0][0] * f) for f in (0.97, 0.96, 0.95)]
    batch = [
        {"symbol": ID, "side": "BUY", "type": "LIMIT", "quantity": "0.01", "timeInForce": "GTC", "price": p}
        for p in prices
    ]
    seen = {}
    for kind in ("list_shuffle", "list_short", "list_long"):
        await control.fault(kind, method="POST", path="batchOrders")
        rows = await client.fapiPrivatePostBatchOrders({"batchOrders": [dict(one) for one in batch]})
        assert all("price" in row for row in rows), rows
        seen[kind] = [float(row["price"]) for row in rows]
    first, second, third = (float(price) for price in prices)
    assert seen == {
        "list_shuffle": [third, second, first],
        "list_short": [first, second],
        "list_long": [first, second, third, first],
    }
    assert len(await control.orders("desk-1")) == 9


async def test_frames_are_lost_repeated_and_turned_round(
    client: Any, session: aiohttp.ClientSession, control: SandboxControl
):
    key = (await client.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")
    low = client.price_to_precision(SYMBOL, (await client.fetch_order_book(SYMBOL, 5))["bids"][0][0] * 0.97)

    async def three_orders() -> list[str]:
        return [(await client.create_order(SYMBOL, "limit", "buy", 0.01, float(low)))["id"] for _ in range(3)]

    async def told(count: int) -> list[str]:
        return [str(orjson.loads((await socket.receive(5)).data)["o"]["i"]) for _ in range(count)]

    assert await control.strike("ws_gap", account="desk-1", frames=2) == 1
    orders = await three_orders()
    assert await told(1) == orders[2:]
    await control.strike("ws_duplicate", account="desk-1", frames=2)
    first, second, third = await three_orders()
    assert await told(5) == [first, first, second, second, third]
    await control.strike("ws_reorder", account="desk-1", frames=3)
    first, second, third = await three_orders()
    assert await told(3) == [third, second, first]
    await control.strike("ws_flood", account="desk-1", frames=500, body='{"e":"x","o":{"i":1}}')
    assert await told(500) == ["1"] * 500
    await socket.close()


async def test_queries_can_lag_behind_what_happened(client: Any, control: SandboxControl):
    low = (await client.fetch_order_book(SYMBOL, 5))["bids"][0][0] * 0.97
    old = await client.create_order(SYMBOL, "limit", "buy", 0.01, low)
    lag = await control.fault("lag", method="GET", path="(order|openOrders)$", seconds=8, count=None)
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order(old["id"], SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []
    await control.disarm(lag)
    assert (await client.fetch_order(old["id"], SYMBOL))["status"] == "open"
