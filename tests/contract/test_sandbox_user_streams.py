"""User streams as an unmodified ccxt.pro reads them, the WebSocket APIs, and dying listen keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import ccxt
import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import aiohttp

    from adapters.sandbox.control import SandboxControl
    from adapters.sandbox.serve import RunningSandbox

USDM, SPOT = "BTC/USDT:USDT", "BTC/USDT"


class Watched:
    """What a client's watch loops have brought, by method."""

    def __init__(self, client: Any, *methods: str) -> None:
        self.seen: dict[str, list[Any]] = {method: [] for method in methods}
        self._news = asyncio.Event()
        self._tasks = [asyncio.create_task(self._watch(client, method)) for method in methods]

    async def _watch(self, client: Any, method: str) -> None:
        while True:
            news = await getattr(client, method)()
            self.seen[method] += news if isinstance(news, list) else [news]
            self._news.set()

    async def until(self, method: str, wanted: Callable[[list[Any]], bool]) -> list[Any]:
        """Wait until what `method` brought is as wanted."""
        async with asyncio.timeout(5):
            while not wanted(self.seen[method]):
                self._news.clear()
                await self._news.wait()
        return self.seen[method]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def subscribed(sandbox: RunningSandbox, venue: str, account: str) -> None:
    """Wait until the venue sends the account's events to somebody."""
    streams = sandbox.world.venue_named(venue).user_streams
    for _ in range(100_000):
        if list(streams.of(account)):
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{account} never subscribed")


@pytest.fixture
async def usdm(ccxt_client: Callable[[str, str], Any]) -> Any:
    made = ccxt_client("binanceusdm", "desk-1")
    await made.load_markets()
    return made


@pytest.fixture
async def spot(ccxt_client: Callable[[str, str], Any]) -> Any:
    made = ccxt_client("binance", "desk-9")
    await made.load_markets()
    return made


@pytest.fixture
async def usdm_watched(usdm: Any, sandbox: RunningSandbox) -> AsyncIterator[Watched]:
    watched = Watched(usdm, "watch_orders", "watch_my_trades", "watch_balance", "watch_positions")
    await subscribed(sandbox, "binanceusdm", "desk-1")
    yield watched
    await watched.stop()


@pytest.fixture
async def spot_watched(spot: Any, sandbox: RunningSandbox) -> AsyncIterator[Watched]:
    watched = Watched(spot, "watch_orders", "watch_my_trades", "watch_balance")
    await subscribed(sandbox, "binance", "desk-9")
    yield watched
    await watched.stop()


async def test_a_usdm_order_from_new_to_filled(usdm: Any, usdm_watched: Watched, control: SandboxControl):
    order = await usdm.create_order(USDM, "market", "buy", 0.02)
    orders = await usdm_watched.until("watch_orders", lambda seen: any(o["status"] == "closed" for o in seen))
    assert {one["id"] for one in orders} == {order["id"]}
    trades = await usdm_watched.until("watch_my_trades", bool)
    (fill,) = await control.fills("desk-1")
    assert (trades[0]["id"], trades[0]["amount"], trades[0]["takerOrMaker"]) == (
        str(fill["trade_id"]),
        float(fill["quantity"]),
        "taker",
    )
    balances = await usdm_watched.until("watch_balance", bool)
    held = next(row for row in await control.balances("desk-1") if row["what"] == "balance")
    assert balances[-1]["USDT"]["total"] == pytest.approx(float(held["total"]), abs=1e-8)
    positions = await usdm_watched.until("watch_positions", bool)
    assert (positions[-1]["contracts"], positions[-1]["side"]) == (0.02, "long")


async def test_amending_cancelling_and_expiring_are_told(usdm: Any, usdm_watched: Watched):
    book = await usdm.fetch_order_book(USDM, 5)
    price = float(usdm.price_to_precision(USDM, book["bids"][0][0] * 0.97))
    order = await usdm.create_order(USDM, "limit", "buy", 0.01, price)
    await usdm.edit_order(order["id"], USDM, "limit", "buy", 0.02, price)
    await usdm.cancel_order(order["id"], USDM)
    seen = await usdm_watched.until("watch_orders", lambda all_: any(o["status"] == "canceled" for o in all_))
    assert seen[-1]["amount"] == 0.02
    await usdm.create_order(USDM, "limit", "buy", 0.01, price, {"timeInForce": "IOC"})
    await usdm_watched.until("watch_orders", lambda all_: any(o["status"] == "expired" for o in all_))


async def test_a_stop_is_told_as_algo_order_and_then_as_order(
    usdm: Any, usdm_watched: Watched, control: SandboxControl
):
    await control.hold_market()
    await usdm.create_order(USDM, "market", "buy", 0.01)
    book = await usdm.fetch_order_book(USDM, 5)
    trigger = float(usdm.price_to_precision(USDM, book["bids"][0][0] * 0.95))
    params = {"triggerPrice": trigger, "reduceOnly": True}
    stop = await usdm.create_order(USDM, "market", "sell", 0.01, None, params)
    seen = await usdm_watched.until("watch_orders", lambda all_: any(o["id"] == stop["id"] for o in all_))
    assert seen[-1]["triggerPrice"] == trigger
    await control.move_price("binanceusdm", "BTCUSDT", str(trigger * 0.99))
    await usdm_watched.until("watch_orders", lambda all_: any(o["info"].get("X") == "FINISHED" for o in all_))
    await usdm_watched.until("watch_positions", lambda all_: bool(all_) and all_[-1]["contracts"] == 0)


async def test_funding_and_deposits_are_told_with_their_reasons(
    usdm: Any, session: aiohttp.ClientSession, control: SandboxControl
):
    key = (await usdm.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")
    await usdm.create_order(USDM, "market", "buy", 0.01)
    await control.pay_funding("BTCUSDT", "0.001")
    await control.transfer("desk-1", "binanceusdm", "USDT", "50")
    told: list[tuple[str, bool, bool]] = []
    async with asyncio.timeout(5):
        while not told or told[-1][0] != "DEPOSIT":
            event = orjson.loads((await socket.receive()).data)
            if event["e"] == "ACCOUNT_UPDATE":
                update = event["a"]
                told.append((update["m"], update["B"][0]["bc"] != "0", bool(update["P"])))
    assert told == [("ORDER", False, True), ("FUNDING_FEE", True, False), ("DEPOSIT", True, False)]
    await socket.close()


async def test_a_spot_order_from_new_to_filled(spot: Any, spot_watched: Watched, control: SandboxControl):
    order = await spot.create_order(SPOT, "market", "buy", 0.02)
    orders = await spot_watched.until("watch_orders", lambda seen: any(o["status"] == "closed" for o in seen))
    assert {one["id"] for one in orders} == {order["id"]}
    trades = await spot_watched.until("watch_my_trades", bool)
    fills = await control.fills("desk-9")
    assert trades[0]["id"] == str(fills[0]["trade_id"])
    balances = await spot_watched.until("watch_balance", bool)
    held = {row["asset"]: float(row["total"]) for row in await control.balances("desk-9")}
    assert balances[-1]["BTC"]["total"] == pytest.approx(held["BTC"], abs=1e-12)
    assert balances[-1]["USDT"]["total"] == pytest.approx(held["USDT"], abs=1e-8)


async def test_a_spot_cancel_names_the_order_and_frees_the_money(spot: Any, spot_watched: Watched):
    book = await spot.fetch_order_book(SPOT, 5)
    price = float(spot.price_to_precision(SPOT, book["bids"][0][0] * 0.97))
    order = await spot.create_order(SPOT, "limit", "buy", 0.01, price, {"newClientOrderId": "f" * 32})
    await spot.cancel_order(order["id"], SPOT)
    seen = await spot_watched.until("watch_orders", lambda all_: any(o["status"] == "canceled" for o in all_))
    assert seen[-1]["clientOrderId"] == "f" * 32
    await spot_watched.until("watch_balance", lambda all_: bool(all_) and all_[-1]["USDT"]["used"] == 0.0)


async def test_accounts_hear_only_of_themselves(
    usdm_watched: Watched, usdm: Any, ccxt_client: Callable[[str, str], Any]
):
    other = ccxt_client("binanceusdm", "desk-2")
    await other.create_order(USDM, "market", "buy", 0.01)
    mine = await usdm.create_order(USDM, "market", "buy", 0.01)
    await usdm_watched.until("watch_orders", lambda seen: any(o["id"] == mine["id"] for o in seen))
    assert {one["id"] for one in usdm_watched.seen["watch_orders"]} == {mine["id"]}


async def test_a_dying_listen_key_is_told_and_ends_the_events(
    usdm: Any, session: aiohttp.ClientSession, control: SandboxControl
):
    key = (await usdm.fapiPrivatePostListenKey())["listenKey"]
    assert (await usdm.fapiPrivatePostListenKey())["listenKey"] == key
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")
    plain = await session.ws_connect(f"wss://fstream.binance.com/ws/{key}")
    await usdm.create_order(USDM, "market", "buy", 0.01)
    first = orjson.loads((await socket.receive()).data)
    assert first == orjson.loads((await plain.receive()).data)
    assert await control.strike("listen_key_expired", account="desk-1") == 1
    event: dict[str, Any] = first
    async with asyncio.timeout(5):
        while event["e"] != "listenKeyExpired":
            event = orjson.loads((await socket.receive()).data)
    assert event["listenKey"] == key
    with pytest.raises(ccxt.ExchangeError, match="-1125"):
        await usdm.fapiPrivatePutListenKey()
    assert (await usdm.fapiPrivatePostListenKey())["listenKey"] != key


async def test_a_wrong_signature_does_not_subscribe(
    spot: Any, sandbox: RunningSandbox, session: aiohttp.ClientSession
):
    params = spot.sign_params({}) | {"signature": "0" * 64}
    socket = await session.ws_connect("wss://ws-api.binance.com:443/ws-api/v3")
    method = "userDataStream.subscribe.signature"
    await socket.send_json({"id": "7", "method": method, "params": params})
    answer = orjson.loads((await socket.receive()).data)
    assert (answer["id"], answer["status"], answer["error"]["code"]) == ("7", 400, -1022)
    assert list(sandbox.world.spot.user_streams.of("desk-9")) == []
    await socket.close()


async def test_orders_over_the_web_socket_apis(spot: Any, usdm: Any, control: SandboxControl):
    # A falling market could fill the order before it is cancelled.
    await control.hold_market()
    for client, symbol in ((spot, SPOT), (usdm, USDM)):
        book = await client.fetch_order_book(symbol, 5)
        price = float(client.price_to_precision(symbol, book["bids"][0][0] * 0.97))
        order = await client.create_order_ws(symbol, "limit", "buy", 0.01, price)
        assert order["status"] == "open"
        assert (await client.fetch_order_ws(order["id"], symbol))["id"] == order["id"]
        gone = await client.cancel_order_ws(order["id"], symbol)
        assert gone["status"] == "canceled"
        with pytest.raises(ccxt.ExchangeError, match=r"[Ii]nsufficient"):
            await client.create_order_ws(symbol, "limit", "buy", 90, price)
        assert "updateTime" in (await client.fetch_balance_ws())["info"]
    assert {row["status"] for row in await control.orders()} == {"CANCELED"}


async def test_a_thin_account_is_warned_and_then_liquidated(
    usdm: Any, session: aiohttp.ClientSession, control: SandboxControl
):
    key = (await usdm.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")
    await usdm.set_leverage(125, USDM)
    await control.hold_market()  # from here on the price goes where the test puts it
    book = await usdm.fetch_order_book(USDM, 5)
    start = book["asks"][0][0]
    for _ in range(11):
        await usdm.create_order(USDM, "market", "buy", float(usdm.amount_to_precision(USDM, 100_000 / start)))
    seen: list[dict[str, Any]] = []

    async def until(kind: str, reason: str = "") -> dict[str, Any]:
        async with asyncio.timeout(8):
            while True:
                event = orjson.loads((await socket.receive()).data)
                seen.append(event)
                if event["e"] == kind and event.get("o", {}).get("x", "") == reason:
                    return event

    price, share = start, 0.0
    while share < 0.8:
        price *= 0.999
        await control.move_price("binanceusdm", "BTCUSDT", str(round(price, 1)))
        figures = await usdm.fapiPrivateV3GetAccount()
        share = float(figures["totalMaintMargin"]) / float(figures["totalMarginBalance"])
    await until("MARGIN_CALL")
    assert seen[-1]["p"][0]["s"] == "BTCUSDT"
    await control.move_price("binanceusdm", "BTCUSDT", str(round(price * 0.97, 1)))
    closed = await until("ORDER_TRADE_UPDATE", "CALCULATED")
    assert closed["o"]["c"].startswith("autoclose-")
    assert (closed["o"]["S"], closed["o"]["X"]) == ("SELL", "FILLED")
    assert await usdm.fetch_positions([USDM]) == []
    await socket.close()


async def test_orders_are_changed_and_listed_over_the_web_socket_apis(
    spot: Any, usdm: Any, control: SandboxControl
):
    await control.hold_market()
    for client, symbol, changing in ((spot, SPOT, "order.cancelReplace"), (usdm, USDM, "order.modify")):
        book = await client.fetch_order_book(symbol, 5)
        price, other = (
            float(client.price_to_precision(symbol, book["bids"][0][0] * f)) for f in (0.97, 0.96)
        )
        order = await client.create_order_ws(symbol, "limit", "buy", 0.01, price, {"newClientOrderId": "one"})
        edited = await client.edit_order_ws(order["id"], symbol, "limit", "buy", 0.02, other)
        assert (edited["price"], edited["amount"], edited["status"]) == (other, 0.02, "open")
        assert (edited["id"] == order["id"]) is (symbol == USDM)
        assert (await client.fetch_order(edited["id"], symbol))["price"] == other
        filled = await client.create_order_ws(symbol, "market", "buy", 0.01)
        assert filled["status"] == "closed"
        assert [row["path"] for row in await control.requests(changing)] == [changing]
    (there,) = await spot.fetch_open_orders_ws(SPOT)
    assert there["price"] == float(there["info"]["price"])
    assert len(await spot.fetch_my_trades_ws(SPOT)) == 1
    gone = await spot.cancel_all_orders_ws(SPOT)
    assert [one["status"] for one in gone] == ["canceled"]


async def test_a_clock_that_is_off_is_refused_over_the_web_socket_apis_too(
    spot: Any, usdm: Any, control: SandboxControl
):
    price = {
        client: (await client.fetch_order_book(symbol, 5))["bids"][0][0]
        for client, symbol in both(spot, usdm)
    }
    for shift_ms in (-5_000, 61_000):
        await control.shift_clock(shift_ms)
        for client, symbol in both(spot, usdm):
            with pytest.raises(ccxt.BaseError, match="-1021"):
                await client.create_order_ws(symbol, "limit", "buy", 0.01, price[client] * 0.97)
    await control.shift_clock(0)
    assert await control.orders() == []


def both(spot: Any, usdm: Any) -> list[tuple[Any, str]]:
    return [(spot, SPOT), (usdm, USDM)]
