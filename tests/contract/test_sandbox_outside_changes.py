"""What changes under a running desk: keys, market rules, answers that are lists, frames on their way."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import ccxt
import orjson
import pytest

from adapters.sandbox.control import ControlError

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


async def test_a_key_works_from_listed_addresses_alone(client: Any, control: SandboxControl):
    await control.restrict_key("desk-1", ["203.0.113.7"])
    with pytest.raises(ccxt.BaseError, match="-2015"):
        await client.fetch_balance()
    await control.restrict_key("desk-1", ["203.0.113.7", "127.0.0.1"])
    await client.fetch_balance()
    assert (await client.sapiGetAccountApiRestrictions())["ipRestrict"] is True
    await control.restrict_key("desk-1", [])
    assert (await client.sapiGetAccountApiRestrictions())["ipRestrict"] is False


async def test_somebody_else_trades_and_changes_settings(
    client: Any, session: aiohttp.ClientSession, control: SandboxControl
):
    key = (await client.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")

    async def act(method: str, path: str, **params: Any) -> Any:
        return await control.act("desk-1", "binanceusdm", method, f"/fapi/v1/{path}", **params)

    async def said(event: str) -> Any:
        while True:
            found = orjson.loads((await socket.receive(5)).data)
            if found["e"] == event:
                return found

    await act("POST", "leverage", symbol=ID, leverage=3)
    assert (await said("ACCOUNT_CONFIG_UPDATE"))["ac"] == {"s": ID, "l": 3}
    await act("POST", "marginType", symbol=ID, marginType="ISOLATED")
    await act("POST", "order", symbol=ID, side="BUY", type="MARKET", quantity="0.01")
    assert (await said("ORDER_TRADE_UPDATE"))["o"]["S"] == "BUY"
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["marginMode"], position["contracts"]) == ("isolated", 0.01)
    (config,) = await client.fapiPrivateGetSymbolConfig({"symbol": ID})
    assert config["leverage"] == 3
    with pytest.raises(ControlError, match="-4068"):
        await act("POST", "positionSide/dual", dualSidePosition="true")
    await act("POST", "order", symbol=ID, side="SELL", type="MARKET", quantity="0.01", reduceOnly="true")
    await act("POST", "positionSide/dual", dualSidePosition="true")
    with pytest.raises(ccxt.BaseError, match="-4061"):
        await client.create_order(SYMBOL, "market", "buy", 0.01)
    with pytest.raises(ControlError, match="nobody"):
        await control.act("nobody", "binanceusdm", "POST", "/fapi/v1/leverage")
    # without the key's rights and limits: the page asks for a password instead
    assert [row for row in await control.requests("/fapi/v1/leverage") if row["method"] == "POST"] == []
    await socket.close()


async def test_a_list_can_be_empty_though_there_is_something(client: Any, control: SandboxControl):
    book = await client.fetch_order_book(SYMBOL, 5)
    price = client.price_to_precision(SYMBOL, book["bids"][0][0] * 0.97)
    await client.create_order(SYMBOL, "limit", "buy", 0.01, price)
    await control.fault("list_empty", path="openOrders")
    assert await client.fetch_open_orders(SYMBOL) == []
    assert len(await client.fetch_open_orders(SYMBOL)) == 1


async def test_an_order_can_arrive_after_its_sender_has_given_up(client: Any, control: SandboxControl):
    book = await client.fetch_order_book(SYMBOL, 5)
    price = client.price_to_precision(SYMBOL, book["bids"][0][0] * 0.97)
    await control.fault("late", method="POST", path="/fapi/v1/order$", seconds=0.3)
    with pytest.raises(ccxt.NetworkError):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, price)
    assert await control.orders("desk-1") == []
    async with asyncio.timeout(5):
        while not await control.orders("desk-1"):
            pass
    (row,) = [one for one in await control.requests("/fapi/v1/order") if one["method"] == "POST"]
    assert (row["outcome"], row["carried_out"], row["status"]) == ("late", True, 200)


@pytest.mark.parametrize(("accepted", "status"), [(False, 400), (True, 200)])
async def test_a_late_request_is_judged_when_it_came_or_when_it_is_carried_out(
    client: Any, control: SandboxControl, accepted: bool, status: int
):
    book = await client.fetch_order_book(SYMBOL, 5)
    price = client.price_to_precision(SYMBOL, book["bids"][0][0] * 0.97)
    await control.fault("late", method="POST", path="/fapi/v1/order$", seconds=0.4, accepted=accepted)
    with pytest.raises(ccxt.NetworkError):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, price, {"recvWindow": 200})

    async def row() -> Any:
        return next(one for one in await control.requests("/fapi/v1/order") if one["method"] == "POST")

    async with asyncio.timeout(5):
        while not (await row())["status"]:
            pass
    assert (await row())["status"] == status
    assert len(await control.orders("desk-1")) == int(accepted)


async def test_the_ledger_knows_this_machines_time_and_what_a_refusal_asks(
    client: Any, control: SandboxControl
):
    await control.shift_clock(3_600_000)
    before = time.time_ns()
    await control.fault("rate_limit", seconds=7, path="/fapi/v1/time")
    with pytest.raises(ccxt.DDoSProtection):
        await client.fetch_time()
    (row,) = await control.requests("/fapi/v1/time")
    assert row["retry_after_s"] == 7
    assert before <= row["real_ns"] <= time.time_ns() < row["time_ns"]


async def test_events_come_late_and_strangers_events_come_too(
    ccxt_client: Callable[[str, str], Any],
    client: Any,
    session: aiohttp.ClientSession,
    control: SandboxControl,
):
    other = ccxt_client("binanceusdm", "desk-2")
    key = (await client.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")

    async def orders(count: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < count:
            event = orjson.loads((await socket.receive(5)).data)
            found += [event["o"]["c"]] if event["e"] == "ORDER_TRADE_UPDATE" else []
        return found

    book = await client.fetch_order_book(SYMBOL, 5)
    price = client.price_to_precision(SYMBOL, book["bids"][0][0] * 0.97)

    async def place(who: Any, name: str) -> None:
        await who.create_order(SYMBOL, "limit", "buy", 0.01, price, {"newClientOrderId": name})

    assert await control.strike("ws_late", path="private", account="desk-1", frames=1, seconds=0.3) == 1
    for name in ("first", "second"):
        await place(client, name)
    assert await orders(2) == ["second", "first"]
    assert await control.strike("ws_foreign", account="desk-1", body="desk-2", frames=1) == 1
    for name in ("stranger", "private"):
        await place(other, name)
    await place(client, "own")
    assert await orders(2) == ["stranger", "own"]
    await socket.close()


async def test_a_huge_frame_and_a_connection_that_is_only_half_there(
    session: aiohttp.ClientSession, control: SandboxControl
):
    url = "wss://fstream.binance.com/market/stream?streams=btcusdt@aggTrade"
    socket = await session.ws_connect(url, max_msg_size=0)
    assert await control.strike("ws_huge", path="aggTrade", frames=5) == 1
    while len((await socket.receive(5)).data) < 5_000_000:
        pass
    assert await control.strike("ws_half_open", path="aggTrade") == 1
    await socket.ping()
    await control.hold_market(still=False)

    async def listen() -> None:
        for _ in range(500):  # what was on its way still comes
            await socket.receive(0.5)

    with pytest.raises(TimeoutError):
        await listen()
    assert not socket.closed
    await control.strike("ws_abort", path="aggTrade")
    await socket.close()
