"""USD-M orders, algo orders and trades in the venue's JSON, for REST answers and the user stream."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.sandbox.digits import decimals_of, fixed, millis, plain
from hedge_tui.domain.order import OrderType, PositionSide, TimeInForce, TriggerSource

if TYPE_CHECKING:
    from adapters.paper.records import PaperOrder, PaperTrade
    from hedge_tui.domain.instrument import Instrument

ZERO = Decimal(0)
ALGO_OFFSET = 4_000_000_000
"""Added to an order id to make the algo id of a conditional order: the venue numbers them apart."""
TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP_MARKET: "STOP_MARKET",
    OrderType.STOP_LIMIT: "STOP",
    OrderType.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
    OrderType.TRAILING_STOP: "TRAILING_STOP_MARKET",
}
SIDES = {PositionSide.NET: "BOTH", PositionSide.LONG: "LONG", PositionSide.SHORT: "SHORT"}
WORKING = {TriggerSource.LAST: "CONTRACT_PRICE", TriggerSource.MARK: "MARK_PRICE"}


@dataclass(frozen=True, slots=True)
class Digits:
    """How many decimals the venue writes for one instrument."""

    symbol: str
    price: int
    quantity: int

    @staticmethod
    def of(instrument: Instrument) -> Digits:
        """Those of the instrument's grid."""
        grid = instrument.grid
        return Digits(instrument.venue_symbol, max(2, decimals_of(grid.tick)), decimals_of(grid.lot))


def time_in_force(order: PaperOrder) -> str:
    """GTX is the venue's word for post-only."""
    if order.post_only:
        return "GTX"
    return {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK", TimeInForce.GTD: "GTD"}.get(
        order.time_in_force, "GTC"
    )


def is_algo(order: PaperOrder) -> bool:
    """Whether the order was placed as a conditional (algo) order."""
    return order.original_type.triggered


def algo_waiting(order: PaperOrder) -> bool:
    """A conditional order that has not been set off: it exists as an algo order alone."""
    return is_algo(order) and not order.triggered


def order_row(order: PaperOrder, digits: Digits, *, with_time: bool = True) -> dict[str, Any]:
    """A regular order as REST answers it; new, amended and cancelled orders come without `time`."""
    row: dict[str, Any] = {
        "orderId": order.order_id,
        "symbol": digits.symbol,
        "status": order.status.value,
        "clientOrderId": order.client_order_id,
        "price": fixed(order.price or ZERO, digits.price),
        "avgPrice": fixed(order.average_price, digits.price),
        "origQty": fixed(order.quantity, digits.quantity),
        "executedQty": fixed(order.executed, digits.quantity),
        "cumQuote": fixed(order.cumulative_quote, digits.price),
        "timeInForce": time_in_force(order),
        "type": TYPES[order.type],
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side.value.upper(),
        "positionSide": SIDES[order.position_side],
        "stopPrice": fixed(ZERO, digits.price),
        "workingType": WORKING[order.trigger_source],
        "priceProtect": False,
        "origType": TYPES[order.type],
        "priceMatch": order.note or "NONE",
        "selfTradePreventionMode": order.self_trade.value,
        "goodTillDate": millis(order.expire_ns) if order.expire_ns else 0,
    }
    if with_time:
        row["time"] = millis(order.created_ns)
    else:
        row["cumQty"] = fixed(order.executed, digits.quantity)
    row["updateTime"] = millis(order.updated_ns)
    return row


def algo_status(order: PaperOrder) -> str:
    """The algo order's status: NEW until set off, then TRIGGERED, FINISHED when nothing of it is left."""
    if not order.triggered:
        return {"NEW": "NEW", "CANCELED": "CANCELED"}.get(order.status.value, order.status.value)
    if order.status.value == "REJECTED":
        return "REJECTED"
    return "TRIGGERED" if order.status.open else "FINISHED"


def algo_row(order: PaperOrder, digits: Digits) -> dict[str, Any]:
    """A conditional order as `algoOrder`, `openAlgoOrders` and `allAlgoOrders` answer it."""
    row: dict[str, Any] = {
        "algoId": ALGO_OFFSET + order.order_id,
        "clientAlgoId": order.client_order_id,
        "algoType": "CONDITIONAL",
        "orderType": TYPES[order.original_type],
        "symbol": digits.symbol,
        "side": order.side.value.upper(),
        "positionSide": SIDES[order.position_side],
        "timeInForce": time_in_force(order),
        "quantity": fixed(ZERO if order.close_position else order.quantity, digits.quantity),
        "algoStatus": algo_status(order),
        "triggerPrice": fixed(order.trigger_price or ZERO, digits.price),
        "price": fixed(order.price or ZERO, digits.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": order.self_trade.value,
        "workingType": WORKING[order.trigger_source],
        "priceMatch": order.note or "NONE",
        "closePosition": order.close_position,
        "priceProtect": False,
        "reduceOnly": order.reduce_only,
        "createTime": millis(order.created_ns),
        "updateTime": millis(order.updated_ns),
        "triggerTime": millis(order.triggered_ns),
        "goodTillDate": millis(order.expire_ns) if order.expire_ns else 0,
    }
    if order.trail_pct is not None:
        row["triggerPrice"] = fixed(ZERO, digits.price)
        row["activatePrice"] = fixed(order.trigger_price or ZERO, digits.price)
        row["callbackRate"] = plain(order.trail_pct)
    if order.triggered:
        row["actualOrderId"] = str(order.order_id)
        row["actualPrice"] = fixed(order.average_price, digits.price)
    return row


def trade_row(trade: PaperTrade, digits: Digits, margin_asset: str) -> dict[str, Any]:
    """One row of `userTrades`."""
    return {
        "symbol": digits.symbol,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "side": trade.side.value.upper(),
        "price": fixed(trade.price, digits.price),
        "qty": fixed(trade.quantity, digits.quantity),
        "realizedPnl": fixed(trade.realized_pnl),
        "quoteQty": fixed(trade.quote_quantity, digits.price),
        "commission": fixed(trade.commission),
        "commissionAsset": trade.commission_asset,
        "time": millis(trade.at_ns),
        "positionSide": SIDES[trade.position_side],
        "buyer": trade.side.value == "buy",
        "maker": trade.maker,
        "marginAsset": margin_asset,
    }


def order_update(
    order: PaperOrder,
    digits: Digits,
    execution: str,
    event_ms: int,
    trade: PaperTrade | None = None,
    *,
    status: str = "",
) -> dict[str, Any]:
    """The user stream's `ORDER_TRADE_UPDATE`.

    Args:
        order: as it stands after the execution.
        digits: its instrument's.
        event_ms: when it is sent.
        execution: NEW, TRADE, CANCELED, EXPIRED, AMENDMENT or CALCULATED (liquidation).
        trade: of TRADE and CALCULATED.
        status: in place of the order's own; NEW_ADL when a position had to give way.
    """
    body: dict[str, Any] = {
        "s": digits.symbol,
        "c": order.client_order_id,
        "S": order.side.value.upper(),
        "o": TYPES[order.type],
        "f": time_in_force(order),
        "q": fixed(order.quantity, digits.quantity),
        "p": fixed(order.price or ZERO, digits.price),
        "ap": fixed(order.average_price, digits.price),
        "sp": "0",
        "x": execution,
        "X": status or order.status.value,
        "i": order.order_id,
        "l": fixed(trade.quantity if trade else ZERO, digits.quantity),
        "z": fixed(order.executed, digits.quantity),
        "L": fixed(trade.price if trade else ZERO, digits.price),
        "N": trade.commission_asset if trade else "USDT",
        "n": fixed(trade.commission) if trade else "0",
        "T": millis(trade.at_ns if trade else order.updated_ns),
        "t": trade.trade_id if trade else 0,
        "b": plain(_resting(order, "buy")),
        "a": plain(_resting(order, "sell")),
        "m": trade.maker if trade else False,
        "R": order.reduce_only,
        "wt": WORKING[order.trigger_source],
        "ot": TYPES[order.type],
        "ps": SIDES[order.position_side],
        "cp": order.close_position,
        "rp": plain(trade.realized_pnl) if trade else "0",
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": order.self_trade.value,
        "pm": order.note or "NONE",
        "gtd": millis(order.expire_ns) if order.expire_ns else 0,
    }
    if order.trail_pct is not None:
        body["AP"] = plain(order.trigger_price or ZERO)
        body["cr"] = plain(order.trail_pct)
    return {"e": "ORDER_TRADE_UPDATE", "T": body["T"], "E": event_ms, "o": body}


def trade_lite(order: PaperOrder, digits: Digits, event_ms: int, trade: PaperTrade) -> dict[str, Any]:
    """The user stream's `TRADE_LITE`, which the venue sends beside the full update."""
    return {
        "e": "TRADE_LITE",
        "E": event_ms,
        "T": millis(trade.at_ns),
        "s": digits.symbol,
        "q": fixed(order.quantity, digits.quantity),
        "p": fixed(order.price or ZERO, digits.price),
        "m": trade.maker,
        "c": order.client_order_id,
        "S": order.side.value.upper(),
        "L": fixed(trade.price, digits.price),
        "l": fixed(trade.quantity, digits.quantity),
        "t": trade.trade_id,
        "i": order.order_id,
    }


def algo_update(
    order: PaperOrder, digits: Digits, status: str, event_ms: int, reason: str = ""
) -> dict[str, Any]:
    """The user stream's `ALGO_UPDATE`; `status` is the algo order's, such as NEW, TRIGGERED or FINISHED."""
    row = algo_row(order, digits)
    body: dict[str, Any] = {
        "caid": row["clientAlgoId"],
        "aid": row["algoId"],
        "at": "CONDITIONAL",
        "o": row["orderType"],
        "s": digits.symbol,
        "S": row["side"],
        "ps": row["positionSide"],
        "f": row["timeInForce"],
        "q": row["quantity"],
        "X": status,
        "ai": str(order.order_id) if order.triggered else "",
        "ap": fixed(order.average_price, digits.price),
        "aq": fixed(order.executed, digits.quantity),
        "act": TYPES[order.type] if order.triggered else "0",
        "tp": row["triggerPrice"],
        "p": row["price"],
        "V": order.self_trade.value,
        "wt": row["workingType"],
        "pm": order.note or "NONE",
        "cp": order.close_position,
        "pP": False,
        "R": order.reduce_only,
        "tt": row["triggerTime"],
        "gtd": row["goodTillDate"],
    }
    if order.trail_pct is not None:
        body["AP"], body["cr"] = row["activatePrice"], row["callbackRate"]
    if reason:
        body["rm"] = reason
    return {"e": "ALGO_UPDATE", "T": row["updateTime"], "E": event_ms, "o": body}


def _resting(order: PaperOrder, side: str) -> Decimal:
    if order.side.value != side or not order.status.open or order.price is None:
        return ZERO
    return order.remaining * order.price * order.contract_size
