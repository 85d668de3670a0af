"""Spot order lists, cancel-replace and cancel restrictions through ccxt's own signed calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ccxt
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.control import SandboxControl
    from adapters.sandbox.serve import RunningSandbox

SYMBOL, ID = "BTC/USDT", "BTCUSDT"


@pytest.fixture
async def client(ccxt_client: Callable[[str, str], Any], control: SandboxControl) -> Any:
    made = ccxt_client("binance", "desk-11")
    await made.load_markets()
    await control.hold_market()
    return made


@pytest.fixture
def told(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every event that the account's listeners are sent."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(sandbox.world.spot.user_streams, "publish", lambda _, event: events.append(event))
    return events


async def price(client: Any, factor: float) -> str:
    book = await client.fetch_order_book(SYMBOL, 5)
    return str(client.price_to_precision(SYMBOL, book["bids"][0][0] * factor))


async def pair(client: Any, prefix: str = "") -> dict[str, str]:
    above, below = ("pendingAbove", "pendingBelow") if prefix else ("above", "below")
    return {
        f"{above}Type": "LIMIT_MAKER",
        f"{above}Price": await price(client, 1.05),
        f"{below}Type": "STOP_LOSS_LIMIT",
        f"{below}StopPrice": await price(client, 0.96),
        f"{below}Price": await price(client, 0.95),
        f"{below}TimeInForce": "GTC",
    }


async def test_one_of_a_pair_cancels_the_other(
    client: Any, control: SandboxControl, told: list[dict[str, Any]]
):
    asked = {"symbol": ID, "side": "SELL", "quantity": "0.01", "listClientOrderId": "pair"}
    made = await client.privatePostOrderListOco(asked | await pair(client))
    assert (made["contingencyType"], made["listOrderStatus"]) == ("OCO", "EXECUTING")
    assert [row["type"] for row in made["orderReports"]] == ["LIMIT_MAKER", "STOP_LOSS_LIMIT"]
    assert (await client.fetch_balance())["BTC"]["used"] == 0.01
    opened = await client.fetch_open_orders(SYMBOL)
    assert {row["info"]["orderListId"] for row in opened} == {made["orderListId"]}
    assert [row["orderListId"] for row in await client.privateGetOpenOrderList()] == [made["orderListId"]]
    await control.move_price("binance", ID, await price(client, 1.06))
    statuses = {row["type"]: row["status"] for row in await control.orders("desk-11")}
    assert statuses == {"limit": "FILLED", "stop_limit": "EXPIRED"}
    lists = [(event["l"], event["L"], event["c"]) for event in told if event["e"] == "listStatus"]
    assert lists == [("EXEC_STARTED", "EXECUTING", "OCO"), ("ALL_DONE", "ALL_DONE", "OCO")]
    found = await client.privateGetOrderList({"origClientOrderId": "pair"})
    assert found["listOrderStatus"] == "ALL_DONE"
    assert await client.privateGetOpenOrderList() == []


async def test_the_older_form_of_a_pair_is_taken_and_cancelled_whole(client: Any):
    asked = {
        "symbol": ID,
        "side": "BUY",
        "quantity": "0.01",
        "price": await price(client, 0.95),
        "stopPrice": await price(client, 1.04),
        "stopLimitPrice": await price(client, 1.05),
        "stopLimitTimeInForce": "GTC",
    }
    made = await client.privatePostOrderOco(asked)
    assert [row["type"] for row in made["orderReports"]] == ["STOP_LOSS_LIMIT", "LIMIT_MAKER"]
    gone = await client.privateDeleteOrderList({"symbol": ID, "orderListId": made["orderListId"]})
    assert [row["status"] for row in gone["orderReports"]] == ["CANCELED", "CANCELED"]
    assert (await client.fetch_balance())["USDT"]["used"] == 0
    with pytest.raises(ccxt.ExchangeError, match="-2011"):
        await client.privateDeleteOrderList({"symbol": ID, "orderListId": made["orderListId"]})


async def test_an_entry_brings_its_bracket(client: Any, control: SandboxControl):
    asked = {
        "symbol": ID,
        "workingType": "LIMIT",
        "workingSide": "BUY",
        "workingPrice": await price(client, 0.98),
        "workingQuantity": "0.01",
        "workingTimeInForce": "GTC",
        "pendingSide": "SELL",
        "pendingQuantity": "0.01",
    }
    made = await client.privatePostOrderListOtoco(asked | await pair(client, "pending"))
    statuses = [row["status"] for row in made["orderReports"]]
    assert statuses == ["NEW", "PENDING_NEW", "PENDING_NEW"]
    await control.move_price("binance", ID, await price(client, 0.975))
    rows = {row["order_id"]: row["status"] for row in await control.orders("desk-11")}
    assert sorted(rows.values()) == ["FILLED", "NEW", "NEW"]
    gone = await client.privateDeleteOpenOrders({"symbol": ID})
    assert [len(row["orderReports"]) for row in gone] == [2]


async def test_a_single_order_follows_another(client: Any, control: SandboxControl):
    asked = {
        "symbol": ID,
        "workingType": "LIMIT",
        "workingSide": "BUY",
        "workingPrice": await price(client, 1.01),
        "workingQuantity": "0.01",
        "workingTimeInForce": "GTC",
        "pendingType": "LIMIT_MAKER",
        "pendingSide": "SELL",
        "pendingPrice": await price(client, 1.1),
        "pendingQuantity": "0.009",
    }
    made = await client.privatePostOrderListOto(asked)
    assert [row["status"] for row in made["orderReports"]] == ["FILLED", "NEW"]
    assert len(await control.fills("desk-11")) >= 1


async def test_pairs_that_make_no_sense_are_refused(client: Any):
    asked = {"symbol": ID, "side": "SELL", "quantity": "0.01"} | await pair(client)
    with pytest.raises(ccxt.ExchangeError, match="-1168"):
        await client.privatePostOrderListOco({**asked, "belowType": "LIMIT_MAKER"})
    with pytest.raises(ccxt.ExchangeError, match="-1158"):
        await client.privatePostOrderListOco({**asked, "belowType": "TAKE_PROFIT_LIMIT"})
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        await client.privatePostOrderListOco({**asked, "abovePrice": await price(client, 0.99)})
    assert await client.fetch_open_orders(SYMBOL) == []


async def test_a_cancel_may_be_held_to_untouched_orders(client: Any):
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, float(await price(client, 0.97)))
    with pytest.raises(ccxt.ExchangeError, match="-2011"):
        await client.cancel_order(order["id"], SYMBOL, {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"})
    gone = await client.cancel_order(order["id"], SYMBOL, {"cancelRestrictions": "ONLY_NEW"})
    assert gone["status"] == "canceled"


async def test_cancel_replace_goes_on_or_stops_as_it_was_told(client: Any, control: SandboxControl):
    new = {
        "symbol": ID,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": await price(client, 0.97),
        "cancelOrderId": "77",
    }
    with pytest.raises(ccxt.BaseError, match=r"-2022.*NOT_ATTEMPTED"):
        await client.privatePostOrderCancelReplace({**new, "cancelReplaceMode": "STOP_ON_FAILURE"})
    assert await control.orders("desk-11") == []
    with pytest.raises(ccxt.BaseError, match=r"-2021.*FAILURE.*SUCCESS"):
        await client.privatePostOrderCancelReplace({**new, "cancelReplaceMode": "ALLOW_FAILURE"})
    (placed,) = await control.orders("desk-11")
    both = {**new, "cancelOrderId": str(placed["order_id"]), "cancelReplaceMode": "ALLOW_FAILURE"}
    with pytest.raises(ccxt.BaseError, match=r"-2021.*SUCCESS.*FAILURE"):
        await client.privatePostOrderCancelReplace({**both, "quantity": "90"})
    assert [row["status"] for row in await control.orders("desk-11")] == ["CANCELED"]
