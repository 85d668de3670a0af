"""USD-M margin through an unmodified ccxt.pro: figures, hedge mode, isolated margin, stops, ADL, income."""

from __future__ import annotations

from decimal import Decimal
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


class Told:
    """An account's user stream as raw events."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def until(self, kind: str, **wanted: Any) -> dict[str, Any]:
        while True:
            event: dict[str, Any] = orjson.loads((await self._socket.receive(5)).data)
            body = event.get("o") or event.get("a") or event
            if event["e"] == kind and all(body.get(name) == value for name, value in wanted.items()):
                return event


@pytest.fixture
async def told(client: Any, session: aiohttp.ClientSession) -> Told:
    key = (await client.fapiPrivatePostListenKey())["listenKey"]
    return Told(await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}"))


async def price(client: Any, factor: float = 1.0) -> float:
    book = await client.fetch_order_book(SYMBOL, 5)
    return float(client.price_to_precision(SYMBOL, book["bids"][0][0] * factor))


async def move(client: Any, control: SandboxControl, factor: float) -> None:
    await control.move_price("binanceusdm", ID, str(round(await price(client, factor), 1)))


async def test_positions_tell_leverage_margin_and_liquidation_price(client: Any):
    await client.set_leverage(7, SYMBOL)
    await client.create_order(SYMBOL, "market", "buy", 2)
    (v3,) = await client.fetch_positions([SYMBOL])
    (v2,) = await client.fetch_positions([SYMBOL], {"useV2": True})
    (account,) = [one for one in await client.fetch_account_positions() if one["contracts"]]
    assert v3["liquidationPrice"] == v2["liquidationPrice"] > 0
    assert v2["leverage"] == 7
    assert v3["leverage"] is None  # the venue's v3 has none: it follows from notional and margin
    assert round(v3["notional"] / float(v3["info"]["positionInitialMargin"])) == 7
    assert account["initialMargin"] == pytest.approx(v3["initialMargin"])
    assert (await client.fetch_leverage(SYMBOL))["longLeverage"] == 7
    assert (await client.fetch_margin_mode(SYMBOL))["marginMode"] == "cross"


async def test_hedge_mode_holds_both_legs_and_cannot_be_left_with_them(client: Any):
    with pytest.raises(ccxt.OperationRejected, match="-4061"):
        await client.create_order(SYMBOL, "market", "buy", 0.1, params={"positionSide": "LONG"})
    await client.set_position_mode(True)
    assert (await client.fetch_position_mode())["hedged"] is True
    await client.create_order(SYMBOL, "market", "buy", 0.1, params={"positionSide": "LONG"})
    await client.create_order(SYMBOL, "market", "sell", 0.04, params={"positionSide": "SHORT"})
    legs = {one["side"]: one for one in await client.fetch_positions([SYMBOL])}
    assert (legs["long"]["contracts"], legs["short"]["contracts"]) == (0.1, 0.04)
    assert legs["long"]["hedged"]
    assert legs["short"]["hedged"]
    with pytest.raises(ccxt.ExchangeError, match="-4068"):
        await client.set_position_mode(False)
    with pytest.raises(ccxt.ExchangeError, match="-1106"):
        await client.create_order(
            SYMBOL, "market", "sell", 0.1, params={"positionSide": "LONG", "reduceOnly": True}
        )
    with pytest.raises(ccxt.ExchangeError, match="-4061"):
        await client.create_order(SYMBOL, "market", "sell", 0.1)
    await client.create_order(SYMBOL, "market", "sell", 0.1, params={"positionSide": "LONG"})
    with pytest.raises(ccxt.ExchangeError, match="-2022"):
        await client.create_order(SYMBOL, "market", "sell", 0.1, params={"positionSide": "LONG"})
    await client.create_order(SYMBOL, "market", "buy", 0.04, params={"positionSide": "SHORT"})
    low = await price(client, 0.9)
    await client.create_order(SYMBOL, "limit", "buy", 0.01, low, {"positionSide": "LONG"})
    with pytest.raises(ccxt.ExchangeError, match="-4067"):
        await client.set_position_mode(False)
    await client.cancel_all_orders(SYMBOL)
    await client.set_position_mode(False)


async def test_isolated_margin_is_added_taken_back_and_remembered(client: Any, told: Told):
    await client.set_margin_mode("isolated", SYMBOL)
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    before = (await client.fetch_positions([SYMBOL]))[0]
    assert before["marginMode"] == "isolated"
    added = await client.add_margin(SYMBOL, 100)
    assert (added["status"], added["amount"]) == ("ok", 100)
    event = await told.until("ACCOUNT_UPDATE", m="MARGIN_TRANSFER")
    assert event["a"]["P"][0]["mt"] == "isolated"
    after = (await client.fetch_positions([SYMBOL]))[0]
    assert after["liquidationPrice"] < before["liquidationPrice"]
    assert Decimal(after["info"]["isolatedWallet"]) == Decimal(before["info"]["isolatedWallet"]) + 100
    await client.reduce_margin(SYMBOL, 40)
    history = await client.fetch_margin_adjustment_history(SYMBOL)
    own = [(one["type"], one["amount"]) for one in history if one["info"]["deltaType"] == "USER_ADJUST"]
    assert own == [("add", 100), ("reduce", 40)]
    with pytest.raises(ccxt.ExchangeError, match="-4051"):
        await client.reduce_margin(SYMBOL, 1_000)
    with pytest.raises(ccxt.ExchangeError, match="-4050"):
        await client.add_margin(SYMBOL, 1_000_000)
    with pytest.raises(ccxt.ExchangeError, match="-4048"):
        await client.set_margin_mode("cross", SYMBOL)
    with pytest.raises(ccxt.ExchangeError, match="-4161"):
        await client.set_leverage(2, SYMBOL)
    await client.create_order(SYMBOL, "market", "sell", 0.1)
    with pytest.raises(ccxt.ExchangeError, match="-4049"):
        await client.add_margin(SYMBOL, 1)


async def test_a_trailing_stop_follows_and_closes(client: Any, control: SandboxControl, told: Told):
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    params = {"trailingPercent": "2", "reduceOnly": True}
    order = await client.create_order(SYMBOL, "market", "sell", 0.1, params=params)
    event = await told.until("ALGO_UPDATE", X="NEW")
    assert (event["o"]["o"], event["o"]["cr"]) == ("TRAILING_STOP_MARKET", "2")
    (waiting,) = await client.fetch_open_orders(SYMBOL, params={"trigger": True})
    assert (waiting["id"], waiting["info"]["orderType"]) == (order["id"], "TRAILING_STOP_MARKET")
    await move(client, control, 1.05)
    await move(client, control, 0.99)
    assert await client.fetch_open_orders(SYMBOL, params={"trigger": True})
    await move(client, control, 0.98)
    done = await told.until("ORDER_TRADE_UPDATE", x="TRADE")
    assert done["o"]["cr"] == "2"
    assert await client.fetch_positions([SYMBOL]) == []
    with pytest.raises(ccxt.ExchangeError, match="-2007"):
        await client.create_order(SYMBOL, "market", "sell", 0.1, params={"trailingPercent": "50"})


async def test_stops_that_close_a_position_are_one_of_a_kind_and_go_with_it(client: Any, told: Told):
    stop = {"stopLossPrice": await price(client, 0.9), "closePosition": True}
    with pytest.raises(ccxt.ExchangeError, match="-4509"):
        await client.create_order(SYMBOL, "market", "sell", None, params=stop)
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    await client.create_order(SYMBOL, "market", "sell", None, params=stop)
    with pytest.raises(ccxt.ExchangeError, match="-4130"):
        await client.create_order(SYMBOL, "market", "sell", None, params=stop)
    target = {"takeProfitPrice": await price(client, 1.1), "closePosition": True}
    await client.create_order(SYMBOL, "market", "sell", None, params=target)
    assert len(await client.fetch_open_orders(SYMBOL, params={"trigger": True})) == 2
    await client.create_order(SYMBOL, "market", "sell", 0.1)
    await told.until("ALGO_UPDATE", X="EXPIRED")
    assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []


async def test_a_position_is_deleveraged_and_says_so(client: Any, control: SandboxControl, told: Told):
    await client.create_order(SYMBOL, "market", "sell", 0.5)
    await move(client, control, 0.95)
    (place,) = await client.fapiPrivateGetAdlQuantile()
    assert place == {"symbol": ID, "adlQuantile": {"BOTH": 4}}
    await control.deleverage("desk-1", ID, "0.2")
    event = await told.until("ORDER_TRADE_UPDATE", x="CALCULATED")
    assert (event["o"]["X"], event["o"]["l"], event["o"]["S"]) == ("NEW_ADL", "0.200", "BUY")
    assert event["o"]["c"].startswith("adl_autoclose")
    assert (await client.fetch_positions([SYMBOL]))[0]["contracts"] == 0.3
    assert Decimal((await control.fills("desk-1"))[-1]["quantity"]) == Decimal("0.2")
    (forced,) = await client.fapiPrivateGetForceOrders({"autoCloseType": "ADL"})
    assert (forced["clientOrderId"], forced["executedQty"]) == (event["o"]["c"], "0.200")
    assert await client.fetch_my_liquidations(SYMBOL) == []


async def test_income_comes_by_kind_and_in_pages(client: Any, control: SandboxControl, told: Told):
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    await control.pay_funding(ID, "0.0001")
    await control.add_income("desk-1", "COMMISSION_REBATE", "1.25")
    event = await told.until("ACCOUNT_UPDATE", m="ADJUSTMENT")
    assert event["a"]["B"][0]["bc"] == "1.25"
    await control.transfer("desk-1", "binanceusdm", "USDT", "500")
    await told.until("ACCOUNT_UPDATE", m="DEPOSIT")
    await client.create_order(SYMBOL, "market", "sell", 0.1)
    rows = await client.fapiPrivateGetIncome()
    kinds = [row["incomeType"] for row in rows]
    assert {"COMMISSION", "FUNDING_FEE", "COMMISSION_REBATE", "TRANSFER", "REALIZED_PNL"} == set(kinds)
    pages = [await client.fapiPrivateGetIncome({"limit": 2, "page": n}) for n in range(1, len(rows))]
    assert [row["tranId"] for page in pages for row in page] == [row["tranId"] for row in rows]
    (funding,) = await client.fetch_funding_history(SYMBOL)
    assert funding["amount"] < 0
    with pytest.raises(ccxt.ExchangeError, match="-1130"):
        await client.fapiPrivateGetIncome({"incomeType": "MANNA"})


async def test_the_venue_prices_an_order_from_the_book(client: Any):
    bids = (await client.fetch_order_book(SYMBOL, 10))["bids"]
    params = {"symbol": ID, "side": "BUY", "type": "LIMIT", "quantity": "0.01", "timeInForce": "GTX"}
    order = await client.fapiPrivatePostOrder({**params, "priceMatch": "QUEUE_5"})
    assert (float(order["price"]), order["priceMatch"]) == (bids[4][0], "QUEUE_5")
    with pytest.raises(ccxt.ExchangeError, match="-1106"):
        await client.fapiPrivatePostOrder({**params, "priceMatch": "QUEUE", "price": str(bids[0][0])})
    with pytest.raises(ccxt.ExchangeError, match="-1130"):
        await client.fapiPrivatePostOrder({**params, "priceMatch": "MIDDLE"})


async def test_an_order_says_what_happens_when_it_meets_its_own(client: Any, control: SandboxControl):
    at, there = (await client.fetch_order_book(SYMBOL, 5))["asks"][0]
    params = {"selfTradePreventionMode": "EXPIRE_TAKER"}
    resting = await client.create_order(SYMBOL, "limit", "sell", 0.01, at)
    coming = await client.create_order(SYMBOL, "limit", "buy", round(there + 0.005, 3), at, params)
    assert (coming["info"]["status"], coming["filled"]) == ("EXPIRED_IN_MATCH", there)
    assert (await client.fetch_order(resting["id"], SYMBOL))["status"] == "open"
    with pytest.raises(ccxt.ExchangeError, match="-1130"):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, at, {"selfTradePreventionMode": "NONE"})
