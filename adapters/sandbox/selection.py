"""Which orders and trades a query of history asks for, by id or by time; the same for both venues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.paper.records import PaperOrder, PaperTrade
    from adapters.sandbox.call import Call


def select_trades(trades: list[PaperTrade], call: Call) -> list[PaperTrade]:
    """The trades that `orderId`, `fromId`, `startTime`, `endTime` and `limit` ask for, oldest first."""
    order_id, first, limit = call.integer("orderId"), call.integer("fromId"), call.limit(500, 1000)
    start, end = call.integer("startTime"), call.integer("endTime")
    chosen = [
        trade
        for trade in trades
        if (order_id is None or trade.order_id == order_id)
        and (first is None or trade.trade_id >= first)
        and within(trade.at_ns, start, end)
    ]
    forward = first is not None or start is not None
    return chosen[:limit] if forward else chosen[-limit:]


def select_orders(orders: list[PaperOrder], call: Call) -> list[PaperOrder]:
    """The orders that `orderId`, `startTime`, `endTime` and `limit` ask for, oldest first."""
    first, limit = call.integer("orderId"), call.limit(500, 1000)
    if first is not None:
        return [order for order in orders if order.order_id >= first][:limit]
    start, end = call.integer("startTime"), call.integer("endTime")
    chosen = [order for order in orders if within(order.created_ns, start, end)]
    return chosen[:limit] if start is not None else chosen[-limit:]


def within(time_ns: int, start_ms: int | None, end_ms: int | None) -> bool:
    """Whether a time lies in a span of milliseconds, both ends included, None for open."""
    time_ms = time_ns // 1_000_000
    return (start_ms is None or time_ms >= start_ms) and (end_ms is None or time_ms <= end_ms)
