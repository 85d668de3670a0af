"""Spot orders and trades in the venue's JSON, for REST answers and the user stream."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.sandbox.digits import fixed, millis, plain
from hedge_tui.domain.order import OrderType, TimeInForce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.paper.records import PaperOrder, PaperOrderList, PaperTrade

ZERO = Decimal(0)
TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP_MARKET: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.TAKE_PROFIT_MARKET: "TAKE_PROFIT",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT",
}
TIMES_IN_FORCE = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.GTD: "GTC",
}


def type_of(order: PaperOrder) -> str:
    """The order's type in the venue's words; spot keeps a stop's type after it was set off."""
    return "LIMIT_MAKER" if order.post_only else TYPES[order.original_type]


def _core(order: PaperOrder, quote_quantity: Decimal) -> dict[str, Any]:
    return {
        "price": fixed(order.price or ZERO),
        "origQty": fixed(order.quantity),
        "executedQty": fixed(order.executed),
        "origQuoteOrderQty": fixed(quote_quantity),
        "cummulativeQuoteQty": fixed(order.cumulative_quote),
        "status": order.status.value,
        "timeInForce": TIMES_IN_FORCE[order.time_in_force],
        "type": type_of(order),
        "side": order.side.value.upper(),
    }


def order_row(order: PaperOrder, venue_symbol: str, quote_quantity: Decimal = ZERO) -> dict[str, Any]:
    """One row of `order`, `openOrders` and `allOrders`."""
    core = _core(order, quote_quantity)
    return {
        "symbol": venue_symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_order_id,
        **core,
        "stopPrice": fixed(order.trigger_price or ZERO),
        "icebergQty": fixed(order.visible),
        "time": millis(order.created_ns),
        "updateTime": millis(order.updated_ns),
        "isWorking": order.working or not order.status.open,
        "workingTime": millis(order.working_ns) if order.working_ns else -1,
        "selfTradePreventionMode": order.self_trade.value,
        **_trail(order),
    }


def _trail(order: PaperOrder) -> dict[str, Any]:
    """What only trailing orders say: by how much, and since when they follow, as soon as they do."""
    if order.trail_pct is None:
        return {}
    since = {"trailingTime": millis(order.trail_ns)} if order.trail_ns else {}
    return {"trailingDelta": int(order.trail_pct * 100), **since}


def _conditional(order: PaperOrder) -> dict[str, Any]:
    """What answers to new and cancelled orders say only of orders that have it."""
    stop = {} if order.trigger_price is None else {"stopPrice": fixed(order.trigger_price)}
    iceberg = {"icebergQty": fixed(order.visible)} if order.visible else {}
    return {**stop, **iceberg, **_trail(order)}


def new_order(
    order: PaperOrder,
    venue_symbol: str,
    trades: Sequence[PaperTrade],
    style: str,
    quote_quantity: Decimal = ZERO,
) -> dict[str, Any]:
    """The answer to a new order; `style` is ACK, RESULT or FULL."""
    body: dict[str, Any] = {
        "symbol": venue_symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_order_id,
        "transactTime": millis(order.updated_ns),
    }
    if style == "ACK":
        return body
    body |= _core(order, quote_quantity)
    body |= _conditional(order)
    body["workingTime"] = millis(order.working_ns) if order.working_ns else -1
    body["selfTradePreventionMode"] = order.self_trade.value
    if style == "FULL":
        body["fills"] = [fill_row(trade) for trade in trades]
    return body


def fill_row(trade: PaperTrade) -> dict[str, Any]:
    """One of the `fills` of a new order."""
    return {
        "price": fixed(trade.price),
        "qty": fixed(trade.quantity),
        "commission": fixed(trade.commission),
        "commissionAsset": trade.commission_asset,
        "tradeId": trade.trade_id,
    }


def cancelled_order(
    order: PaperOrder, venue_symbol: str, cancel_id: str, quote_quantity: Decimal = ZERO
) -> dict[str, Any]:
    """The answer to a cancel; `cancel_id` is the client id of the cancel itself."""
    body: dict[str, Any] = {
        "symbol": venue_symbol,
        "origClientOrderId": order.client_order_id,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": cancel_id,
        "transactTime": millis(order.updated_ns),
        **_core(order, quote_quantity),
    }
    body |= _conditional(order)
    body["selfTradePreventionMode"] = order.self_trade.value
    return body


def list_body(one: PaperOrderList, venue_symbol: str, *, started: bool = False) -> dict[str, Any]:
    """A list of orders; `started` for the answer to a new one."""
    status = "ALL_DONE" if one.done and not started else "EXEC_STARTED"
    return {
        "orderListId": one.list_id,
        "contingencyType": one.contingency,
        "listStatusType": status,
        "listOrderStatus": "ALL_DONE" if status == "ALL_DONE" else "EXECUTING",
        "listClientOrderId": one.client_id,
        "transactionTime": millis(one.updated_ns),
        "symbol": venue_symbol,
        "orders": [
            {"symbol": venue_symbol, "orderId": order_id, "clientOrderId": client_id}
            for order_id, client_id in one.orders
        ],
    }


def list_status(one: PaperOrderList, venue_symbol: str, event_ms: int, *, started: bool) -> dict[str, Any]:
    """The user stream's `listStatus`."""
    return {
        "e": "listStatus",
        "E": event_ms,
        "s": venue_symbol,
        "g": one.list_id,
        "c": one.contingency,
        "l": "EXEC_STARTED" if started else "ALL_DONE",
        "L": "EXECUTING" if started else "ALL_DONE",
        "r": "NONE",
        "C": one.client_id,
        "T": millis(one.updated_ns),
        "O": [{"s": venue_symbol, "i": order_id, "c": client_id} for order_id, client_id in one.orders],
    }


def trade_row(trade: PaperTrade, venue_symbol: str) -> dict[str, Any]:
    """One row of `myTrades`."""
    return {
        "symbol": venue_symbol,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "orderListId": -1,
        "price": fixed(trade.price),
        "qty": fixed(trade.quantity),
        "quoteQty": fixed(trade.quote_quantity),
        "commission": fixed(trade.commission),
        "commissionAsset": trade.commission_asset,
        "time": millis(trade.at_ns),
        "isBuyer": trade.side.value == "buy",
        "isMaker": trade.maker,
        "isBestMatch": True,
    }


def execution_report(
    order: PaperOrder,
    venue_symbol: str,
    execution: str,
    event_ms: int,
    *,
    trade: PaperTrade | None = None,
    cancel_id: str = "",
    quote_quantity: Decimal = ZERO,
    reason: str = "",
) -> dict[str, Any]:
    """The user stream's `executionReport`.

    Args:
        order: as it stands after the execution.
        venue_symbol: such as BTCUSDT.
        event_ms: when it is sent.
        execution: NEW, TRADE, CANCELED, EXPIRED, REJECTED or REPLACED.
        trade: of a TRADE.
        cancel_id: client id of the cancel; the order's own id moves to `C`, as at the venue.
        quote_quantity: of a market order sized in quote.
        reason: of an expiry, in the venue's words; "" for none.
    """
    report: dict[str, Any] = {
        "e": "executionReport",
        "E": event_ms,
        "s": venue_symbol,
        "c": cancel_id or order.client_order_id,
        "S": order.side.value.upper(),
        "o": type_of(order),
        "f": TIMES_IN_FORCE[order.time_in_force],
        "q": fixed(order.quantity),
        "p": fixed(order.price or ZERO),
        "P": fixed(order.trigger_price or ZERO),
        "F": fixed(order.visible),
        "g": order.list_id,
        "C": order.client_order_id if cancel_id else "",
        "x": execution,
        "X": order.status.value,
        "r": "NONE",
        "i": order.order_id,
        "l": fixed(trade.quantity if trade else ZERO),
        "z": fixed(order.executed),
        "L": fixed(trade.price if trade else ZERO),
        "n": plain(trade.commission) if trade else "0",
        "N": trade.commission_asset if trade else None,
        "T": millis(trade.at_ns if trade else order.updated_ns),
        "t": trade.trade_id if trade else -1,
        "I": order.order_id * 2 + 1,
        "w": order.working and order.status.open,
        "m": trade.maker if trade else False,
        "M": trade is not None,
        "O": millis(order.created_ns),
        "Z": fixed(order.cumulative_quote),
        "Y": fixed(trade.quote_quantity if trade else ZERO),
        "Q": fixed(quote_quantity),
        "V": order.self_trade.value,
    }
    if order.trail_pct is not None:
        report["d"] = int(order.trail_pct * 100)
        if order.trail_ns:
            report["D"] = millis(order.trail_ns)
    if order.working_ns:
        report["W"] = millis(order.working_ns)
    if reason:
        report["eR"] = reason
    return report
