"""USD-M orders through an unmodified ccxt.pro.binanceusdm over TLS, compared with the truth ledger."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ccxt
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.control import SandboxControl
    from adapters.sandbox.serve import RunningSandbox

SYMBOL = "BTC/USDT:USDT"
CLIENT_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def client(ccxt_client: Callable[[str, str], Any]) -> Any:
    made = ccxt_client("binanceusdm", "desk-1")
    await made.load_markets()
    return made


async def bid(client: Any, factor: float = 1.0) -> float:
    book = await client.fetch_order_book(SYMBOL, 5)
    return float(client.price_to_precision(SYMBOL, book["bids"][0][0] * factor))


async def test_a_limit_order_rests_is_amended_and_cancelled(client: Any, control: SandboxControl):
    price = await bid(client, 0.97)
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, price, {"newClientOrderId": CLIENT_ID})
    assert (order["status"], order["clientOrderId"], order["filled"]) == ("open", CLIENT_ID, 0.0)
    found = await client.fetch_order(None, SYMBOL, {"origClientOrderId": CLIENT_ID})
    assert found["id"] == order["id"]
    lower = await bid(client, 0.96)
    edited = await client.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, lower)
    assert (edited["id"], edited["amount"], edited["price"]) == (order["id"], 0.02, lower)
    assert [one["id"] for one in await client.fetch_open_orders(SYMBOL)] == [order["id"]]
    cancelled = await client.cancel_order(order["id"], SYMBOL)
    assert cancelled["status"] == "canceled"
    assert await client.fetch_open_orders() == []
    (row,) = await control.orders("desk-1")
    assert (row["status"], row["client_order_id"], row["quantity"]) == ("CANCELED", CLIENT_ID, "0.02")


async def test_a_market_order_fills_and_all_figures_agree_with_the_ledger(
    client: Any, control: SandboxControl
):
    order = await client.create_order(SYMBOL, "market", "buy", 0.05)
    assert (order["status"], order["filled"]) == ("closed", 0.05)
    trades = await client.fetch_my_trades(SYMBOL)
    fills = await control.fills("desk-1")
    assert [(one["id"], one["amount"], one["price"]) for one in trades] == [
        (str(one["trade_id"]), float(one["quantity"]), float(one["price"])) for one in fills
    ]
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"]) == ("long", 0.05)
    paid = sum(Decimal(one["commission"]) for one in fills)
    balance = await client.fetch_balance()
    assert Decimal(balance["info"]["totalWalletBalance"]) == Decimal(30_000) - paid
    held = [row for row in await control.balances("desk-1") if row["what"] == "position"]
    assert [Decimal(row["quantity"]) for row in held] == [Decimal("0.05")]


async def test_a_resting_order_fills_as_maker_when_the_price_comes(client: Any, control: SandboxControl):
    price = await bid(client, 0.98)
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, price)
    await control.move_price("binanceusdm", "BTCUSDT", str(await bid(client, 0.97)))
    filled = await client.fetch_order(order["id"], SYMBOL)
    assert (filled["status"], filled["average"]) == ("closed", price)
    (fill,) = await control.fills("desk-1")
    assert fill["maker"] is True


async def test_a_batch_answers_each_order_for_itself(client: Any, control: SandboxControl):
    price = await bid(client, 0.97)
    orders = await client.create_orders(
        [
            {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": price},
            {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.001, "price": price},
            {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.02, "price": price},
        ]
    )
    assert sorted(one["status"] for one in orders) == ["open", "open", "rejected"]
    assert [one["info"]["code"] for one in orders if one["status"] == "rejected"] == [-4164]
    ids = [one["id"] for one in orders if one["status"] == "open"]
    gone = await client.cancel_orders([*ids, "999"], SYMBOL)
    assert [one["status"] for one in gone] == ["canceled", "canceled"]
    assert {row["status"] for row in await control.orders("desk-1")} == {"CANCELED"}


async def test_a_batch_of_six_is_refused(client: Any):
    price = await bid(client, 0.97)
    one = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
    with pytest.raises(ccxt.ExchangeError, match="-4082"):
        await client.create_orders([one] * 6)


async def test_cancel_by_client_ids_in_one_request(client: Any):
    price = await bid(client, 0.97)
    names = ["a" * 32, "b" * 32]
    for name in names:
        await client.create_order(SYMBOL, "limit", "buy", 0.01, price, {"newClientOrderId": name})
    gone = await client.cancel_orders([], SYMBOL, {"clientOrderIds": names})
    assert [one["clientOrderId"] for one in gone] == names


async def test_cancel_all_leaves_stops_and_the_other_way_round(client: Any):
    price = await bid(client, 0.9)
    await client.create_order(SYMBOL, "limit", "buy", 0.01, price)
    stop = await client.create_order(SYMBOL, "market", "sell", 0.01, None, {"triggerPrice": price})
    await client.cancel_all_orders(SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []
    waiting = await client.fetch_open_orders(SYMBOL, params={"trigger": True})
    assert [one["id"] for one in waiting] == [stop["id"]]
    await client.cancel_all_orders(SYMBOL, {"trigger": True})
    assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []


async def test_a_stop_is_set_off_and_becomes_a_regular_order(client: Any, control: SandboxControl):
    await client.create_order(SYMBOL, "market", "buy", 0.01)
    trigger = await bid(client, 0.95)
    stop = await client.create_order(
        SYMBOL,
        "market",
        "sell",
        0.01,
        None,
        {"stopLossPrice": trigger, "reduceOnly": True, "clientAlgoId": CLIENT_ID},
    )
    assert (stop["status"], stop["clientOrderId"], stop["triggerPrice"]) == ("open", CLIENT_ID, trigger)
    await control.move_price("binanceusdm", "BTCUSDT", str(await bid(client, 0.94)))
    done = await client.fetch_order(stop["id"], SYMBOL, {"trigger": True})
    assert done["info"]["algoStatus"] == "FINISHED"
    regular = await client.fetch_order(done["info"]["actualOrderId"], SYMBOL)
    assert (regular["status"], regular["filled"], regular["clientOrderId"]) == ("closed", 0.01, CLIENT_ID)
    assert await client.fetch_positions([SYMBOL]) == []


async def test_a_waiting_stop_is_cancelled_by_its_client_id(client: Any):
    trigger = await bid(client, 0.9)
    params = {"triggerPrice": trigger, "clientAlgoId": CLIENT_ID}
    await client.create_order(SYMBOL, "market", "sell", 0.01, None, params)
    await client.cancel_order(None, SYMBOL, {"trigger": True, "clientAlgoId": CLIENT_ID})
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(None, SYMBOL, {"trigger": True, "clientAlgoId": CLIENT_ID})


async def test_immediate_or_cancel_and_fill_or_kill(client: Any):
    price = await bid(client, 0.97)
    for word in ("IOC", "FOK"):
        order = await client.create_order(SYMBOL, "limit", "buy", 0.01, price, {"timeInForce": word})
        found = await client.fetch_order(order["id"], SYMBOL)
        assert (found["status"], found["filled"]) == ("expired", 0.0)


async def test_settings(client: Any, sandbox: RunningSandbox):
    assert (await client.set_leverage(7, SYMBOL))["leverage"] in (7, "7")
    leverages = await client.fetch_leverages([SYMBOL])
    assert leverages[SYMBOL]["longLeverage"] == 7
    await client.set_margin_mode("isolated", SYMBOL)
    with pytest.raises(ccxt.MarginModeAlreadySet):
        await client.set_margin_mode("isolated", SYMBOL)
    assert (await client.fetch_position_mode())["hedged"] is False
    await client.set_position_mode(True)
    assert (await client.fetch_position_mode())["hedged"] is True
    fee = await client.fetch_trading_fee(SYMBOL)
    instrument = sandbox.world.usdm.instruments["BTCUSDT"]
    assert (fee["maker"], fee["taker"]) == (float(instrument.maker_fee), float(instrument.taker_fee))


async def test_funding_is_paid_and_shows_in_the_income(client: Any, control: SandboxControl):
    await client.create_order(SYMBOL, "market", "buy", 0.01)
    await control.pay_funding("BTCUSDT", "0.001")
    (payment,) = await client.fetch_funding_history(SYMBOL)
    changes = [row for row in await control.ledger("balance") if row["reason"] == "FUNDING_FEE"]
    assert [payment["amount"]] == [float(row["delta"]) for row in changes]
    assert payment["amount"] < 0


@pytest.mark.parametrize(
    ("quantity", "factor", "params", "kind"),
    [
        (0.001, 0.97, {}, ccxt.InvalidOrder),
        (90.0, 0.97, {}, ccxt.InsufficientFunds),
        (0.01, 1.02, {"postOnly": True}, ccxt.OrderNotFillable),
        (0.01, 0.97, {"reduceOnly": True}, ccxt.InvalidOrder),
    ],
)
async def test_refusals_arrive_as_ccxts_classes(
    client: Any, quantity: float, factor: float, params: dict[str, Any], kind: type[Exception]
):
    with pytest.raises(kind):
        await client.create_order(SYMBOL, "limit", "buy", quantity, await bid(client, factor), params)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price": "1.001"}, -1111),
        ({"price": "1.05"}, -4014),
        ({"quantity": "0.0001"}, -1111),
        ({"quantity": "0"}, -4003),
        ({"side": "HOLD"}, -1117),
        ({"type": "GUESS"}, -1116),
        ({"type": "STOP_MARKET", "stopPrice": "1"}, -4120),
        ({"timeInForce": ""}, -1102),
        ({"symbol": "NOPE"}, -1121),
        ({"price": "1e5"}, -1100),
        ({"newClientOrderId": "not valid!"}, -1100),
        ({"quantity": "1000000"}, -4005),
    ],
)
async def test_raw_mistakes_get_the_venues_numbers(client: Any, change: dict[str, str], code: int):
    request = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.01",
        "price": str(await bid(client, 0.97)),
        "timeInForce": "GTC",
        "newClientOrderId": CLIENT_ID,
    }
    with pytest.raises(ccxt.ExchangeError, match=f'"code":{code},'):
        await client.fapiPrivatePostOrder(request | change)


async def test_a_client_id_is_unique_among_open_orders_only(client: Any):
    price = await bid(client, 0.97)
    params = {"newClientOrderId": CLIENT_ID}
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, price, params)
    with pytest.raises(ccxt.ExchangeError, match="-4116"):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, price, params)
    await client.cancel_order(order["id"], SYMBOL)
    again = await client.create_order(SYMBOL, "limit", "buy", 0.01, price, params)
    assert again["id"] != order["id"]
    found = await client.fetch_order(None, SYMBOL, {"origClientOrderId": CLIENT_ID})
    assert found["id"] == again["id"]


async def test_a_countdown_cancels_orders_and_stops_unless_renewed(client: Any, control: SandboxControl):
    price = await bid(client, 0.9)
    await client.create_order(SYMBOL, "limit", "buy", 0.01, price)
    await client.create_order(SYMBOL, "market", "sell", 0.01, None, {"triggerPrice": price})
    for wait in (60_000, 0, 1):
        params = {"symbol": "BTCUSDT", "countdownTime": wait}
        answer = await client.fapiPrivatePostCountdownCancelAll(params)
        assert answer == {"symbol": "BTCUSDT", "countdownTime": str(wait)}
    async with asyncio.timeout(5):
        while {row["status"] for row in await control.orders("desk-1")} != {"CANCELED"}:
            await client.fetch_time()


async def test_an_order_good_till_a_date_expires_then(client: Any, control: SandboxControl):
    await control.hold_market()
    price = await bid(client, 0.97)
    until = client.milliseconds() + 601_000
    params = {"timeInForce": "GTD", "goodTillDate": until}
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, price, params)
    assert (order["status"], order["timeInForce"], order["info"]["goodTillDate"]) == ("open", "GTD", until)
    stop = {**params, "stopPrice": price, "price": price}
    waiting = await client.create_order(SYMBOL, "limit", "sell", 0.01, price, stop)
    assert waiting["info"]["goodTillDate"] == until
    soon = {**params, "goodTillDate": client.milliseconds() + 599_000}
    with pytest.raises(ccxt.BaseError, match="-5040"):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, price, soon)
    await control.grow_older(602)
    async with asyncio.timeout(5):
        while {row["status"] for row in await control.orders("desk-1")} != {"EXPIRED"}:
            pass
