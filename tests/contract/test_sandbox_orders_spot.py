"""Spot orders through an unmodified ccxt.pro.binance over TLS, compared with the truth ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ccxt
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.control import SandboxControl

SYMBOL = "BTC/USDT"
CLIENT_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def client(ccxt_client: Callable[[str, str], Any]) -> Any:
    made = ccxt_client("binance", "desk-9")
    await made.load_markets()
    return made


async def bid(client: Any, factor: float = 1.0) -> float:
    book = await client.fetch_order_book(SYMBOL, 5)
    return float(client.price_to_precision(SYMBOL, book["bids"][0][0] * factor))


async def test_load_markets_asks_for_everything_that_the_venue_has(client: Any, control: SandboxControl):
    asked = {row["path"] for row in await control.requests(account="desk-9")}
    asked |= {row["path"] for row in await control.requests("exchangeInfo")}
    assert {
        "/sapi/v1/capital/config/getall",
        "/sapi/v1/margin/allPairs",
        "/sapi/v1/margin/isolated/allPairs",
        "/api/v3/exchangeInfo",
        "/fapi/v1/exchangeInfo",
        "/dapi/v1/exchangeInfo",
    } <= asked
    assert all(row["status"] == 200 for row in await control.requests())
    assert {"BTC/USDT", "BTC/USDT:USDT"} <= set(client.symbols)
    assert client.currencies["BTC"]["active"] is True


async def test_a_limit_order_locks_money_and_gives_it_back(client: Any):
    before = await client.fetch_balance()
    price = await bid(client, 0.97)
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, price, {"newClientOrderId": CLIENT_ID})
    locked = await client.fetch_balance()
    assert locked["USDT"]["used"] == pytest.approx(0.01 * price)
    assert locked["USDT"]["total"] == before["USDT"]["total"]
    found = await client.fetch_order(None, SYMBOL, {"origClientOrderId": CLIENT_ID})
    assert (found["id"], found["status"]) == (order["id"], "open")
    cancelled = await client.cancel_order(order["id"], SYMBOL)
    assert (cancelled["status"], cancelled["info"]["origClientOrderId"]) == ("canceled", CLIENT_ID)
    assert (await client.fetch_balance())["USDT"] == before["USDT"]


async def test_editing_cancels_and_replaces(client: Any, control: SandboxControl):
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, await bid(client, 0.97))
    price = await bid(client, 0.96)
    edited = await client.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, price)
    assert (edited["amount"], edited["price"]) == (0.02, price)
    rows = await control.orders("desk-9")
    assert [(row["status"], row["quantity"]) for row in rows] == [("CANCELED", "0.01"), ("NEW", "0.02")]


async def test_a_replacement_without_an_original_is_not_placed(client: Any, control: SandboxControl):
    price = await bid(client, 0.97)
    with pytest.raises(ccxt.BadResponse, match='"newOrderResult":"NOT_ATTEMPTED"'):
        await client.edit_order("777", SYMBOL, "limit", "buy", 0.01, price)
    assert await control.orders("desk-9") == []


async def test_a_replacement_that_is_refused_leaves_the_original_cancelled(
    client: Any, control: SandboxControl
):
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, await bid(client, 0.97))
    with pytest.raises(ccxt.BadResponse, match='"cancelResult":"SUCCESS","newOrderResult":"FAILURE"'):
        await client.edit_order(order["id"], SYMBOL, "limit", "buy", 50, await bid(client, 0.97))
    assert [row["status"] for row in await control.orders("desk-9")] == ["CANCELED"]


async def test_a_market_order_in_base_and_one_in_quote(client: Any, control: SandboxControl):
    in_base = await client.create_order(SYMBOL, "market", "buy", 0.01)
    assert (in_base["status"], in_base["filled"]) == ("closed", 0.01)
    assert in_base["fee"]["currency"] == "BTC"
    in_quote = await client.create_order(SYMBOL, "market", "buy", 0.01, None, {"cost": 200})
    assert 190 < in_quote["cost"] <= 200
    fills = await control.fills("desk-9")
    trades = await client.fetch_my_trades(SYMBOL)
    assert [Decimal(one["info"]["qty"]) for one in trades] == [Decimal(one["quantity"]) for one in fills]
    of_order = await client.fetch_order_trades(in_quote["id"], SYMBOL)
    assert {one["order"] for one in of_order} == {in_quote["id"]}


async def test_balances_agree_with_the_ledger(client: Any, control: SandboxControl):
    await client.create_order(SYMBOL, "market", "sell", 0.02)
    balance = await client.fetch_balance()
    for row in await control.balances("desk-9"):
        if row["venue"] == "binance":
            assert balance[row["asset"]]["total"] == pytest.approx(float(row["total"]), abs=1e-12)


async def test_a_stop_waits_and_is_set_off(client: Any, control: SandboxControl):
    trigger, price = await bid(client, 0.95), await bid(client, 0.94)
    stop = await client.create_order(SYMBOL, "limit", "sell", 0.01, price, {"stopPrice": trigger})
    assert (stop["status"], stop["triggerPrice"], stop["type"]) == ("open", trigger, "limit")
    await control.move_price("binance", "BTCUSDT", str(await bid(client, 0.945)))
    filled = await client.fetch_order(stop["id"], SYMBOL)
    assert (filled["status"], filled["info"]["type"]) == ("closed", "STOP_LOSS_LIMIT")


async def test_post_only_and_cancel_all(client: Any):
    price = await bid(client, 0.97)
    for _ in range(2):
        await client.create_order(SYMBOL, "limit", "buy", 0.001, price, {"postOnly": True})
    gone = await client.cancel_all_orders(SYMBOL)
    assert [one["status"] for one in gone] == ["canceled", "canceled"]
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_all_orders(SYMBOL)


async def test_orders_are_listed_by_id_and_by_time(client: Any):
    price = await bid(client, 0.97)
    ids = [(await client.create_order(SYMBOL, "limit", "buy", 0.001, price))["id"] for _ in range(3)]
    listed = await client.fetch_orders(SYMBOL)
    assert [one["id"] for one in listed] == ids
    later = await client.fetch_orders(SYMBOL, None, 10, {"orderId": ids[1]})
    assert [one["id"] for one in later] == ids[1:]
    with pytest.raises(ccxt.ExchangeError, match="-1127"):
        await client.private_get_mytrades({"symbol": "BTCUSDT", "startTime": 1, "endTime": 90_000_000})


@pytest.mark.parametrize(
    ("change", "words", "kind"),
    [
        ({"price": "1.000000001"}, '"code":-1111,', ccxt.BadRequest),
        ({"price": "1.001"}, '"code":-1013,', ccxt.InvalidOrder),
        ({"quantity": "0.000001"}, '"code":-1013,', ccxt.InvalidOrder),
        ({"quantity": "0.00001"}, "NOTIONAL", ccxt.BadRequest),
        ({"quantity": "5"}, "insufficient balance", ccxt.InsufficientFunds),
        (
            {"type": "LIMIT_MAKER", "price": "99999.99", "timeInForce": ""},
            "immediately match",
            ccxt.OrderImmediatelyFillable,
        ),
        ({"type": "MARKET", "timeInForce": ""}, '"code":-1106,', ccxt.BadRequest),
        ({"timeInForce": ""}, '"code":-1102,', ccxt.BadRequest),
        ({"timeInForce": "GTX"}, '"code":-1115,', ccxt.BadRequest),
        ({"symbol": "NOPE"}, '"code":-1121,', ccxt.BadSymbol),
        ({"side": "HOLD"}, '"code":-1117,', ccxt.BadRequest),
        ({"reduceOnly": "true"}, '"code":-1106,', ccxt.BadRequest),
    ],
)
async def test_raw_mistakes_get_the_venues_numbers(
    client: Any, change: dict[str, str], words: str, kind: type[Exception]
):
    request = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.01",
        "price": str(await bid(client, 0.97)),
        "timeInForce": "GTC",
    }
    with pytest.raises(kind, match=words):
        await client.private_post_order(request | change)


async def test_what_is_not_there(client: Any):
    with pytest.raises(ccxt.OrderNotFound, match="-2013"):
        await client.fetch_order("12345", SYMBOL)
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await client.cancel_order("12345", SYMBOL)


async def test_a_trailing_stop_follows_the_price_and_turns_with_it(client: Any, control: SandboxControl):
    await control.hold_market()
    start = await bid(client)
    params = {"trailingPercent": 2, "stopLossOrTakeProfit": "stopLoss"}
    order = await client.create_order(SYMBOL, "market", "sell", 0.01, None, params)
    row = (await client.fetch_open_orders(SYMBOL))[0]["info"]
    assert (row["type"], row["trailingDelta"], row["stopPrice"]) == ("STOP_LOSS", 200, "0.00000000")
    assert row["trailingTime"] >= row["time"]
    await control.move_price("binance", "BTCUSDT", str(client.price_to_precision(SYMBOL, start * 1.05)))
    await control.move_price("binance", "BTCUSDT", str(client.price_to_precision(SYMBOL, start * 1.035)))
    assert (await client.fetch_order(order["id"], SYMBOL))["status"] == "open"
    await control.move_price("binance", "BTCUSDT", str(client.price_to_precision(SYMBOL, start * 1.02)))
    done = await client.fetch_order(order["id"], SYMBOL)
    assert done["status"] == "closed"
    assert done["average"] > start


async def test_a_trailing_stop_waits_for_its_stop_price_first(client: Any, control: SandboxControl):
    await control.hold_market()
    start = await bid(client)
    trigger, limit = await bid(client, 1.03), await bid(client, 0.9)
    params = {"trailingPercent": 1, "stopLossOrTakeProfit": "takeProfit", "trailingTriggerPrice": trigger}
    order = await client.create_order(SYMBOL, "limit", "sell", 0.01, limit, params)
    assert (order["info"]["type"], float(order["info"]["stopPrice"])) == ("TAKE_PROFIT_LIMIT", trigger)
    assert "trailingTime" not in order["info"]
    for factor, status in ((1.0, "open"), (0.98, "open"), (1.04, "open"), (1.025, "closed")):
        price = str(client.price_to_precision(SYMBOL, start * factor))
        await control.move_price("binance", "BTCUSDT", price)
        assert (await client.fetch_order(order["id"], SYMBOL))["status"] == status, factor
    for percent in (0.09, 20.01):
        wrong = {**params, "trailingPercent": percent}
        with pytest.raises(ccxt.BadRequest, match="TRAILING_DELTA"):
            await client.create_order(SYMBOL, "limit", "sell", 0.01, limit, wrong)


async def test_an_iceberg_shows_a_part_at_a_time(client: Any, control: SandboxControl):
    await control.hold_market()
    price = await bid(client, 0.98)
    order = await client.create_order(SYMBOL, "limit", "buy", 0.05, price, {"icebergQty": 0.01})
    assert order["info"]["icebergQty"] == "0.01000000"
    shown = dict((await client.fetch_order_book(SYMBOL, 5000))["bids"])
    assert shown[price] < 0.05
    too_small = {"icebergQty": 0.004}
    with pytest.raises(ccxt.BadRequest, match="ICEBERG_PARTS"):
        await client.create_order(SYMBOL, "limit", "buy", 0.05, price, too_small)
    with pytest.raises(ccxt.BadRequest, match="GTC"):
        await client.create_order(SYMBOL, "limit", "buy", 0.05, price, {**too_small, "timeInForce": "IOC"})
    await control.move_price("binance", "BTCUSDT", str(client.price_to_precision(SYMBOL, price * 0.98)))
    done = await client.fetch_order(order["id"], SYMBOL)
    assert (done["status"], done["filled"]) == ("closed", 0.05)
