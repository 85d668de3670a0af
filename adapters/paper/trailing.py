"""Trailing stops that wait: each follows the best price since it was activated, until the price turns."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderType, Side

if TYPE_CHECKING:
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.order import TriggerSource

_PERCENT = Decimal(100)
_STOPS = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)


class TrailingStops:
    """Those of one instrument, in the order of their arrival.

    A sell follows the highest price and is set off `trail_pct` below it; a buy follows the lowest.
    One with a trigger price follows nothing before that is reached, from the side from which a stop (or else
    a take-profit) would be set off by it.
    """

    __slots__ = ("_due", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[int, WorkingOrder] = {}
        self._due: dict[int, WorkingOrder] = {}

    def add(self, order: WorkingOrder, price: Decimal | None, now_ns: int) -> None:
        """Let `order` follow the price from here on; `price` is that of its source now, if known."""
        self._waiting[order.order_id] = order
        if price is not None:
            self._follow(order, price, now_ns)

    def remove(self, order: WorkingOrder) -> None:
        """Take `order` off."""
        self._waiting.pop(order.order_id, None)
        self._due.pop(order.order_id, None)

    def see(self, source: TriggerSource, price: Decimal, now_ns: int) -> None:
        """A price of `source`; every one counts, in the order in which they came."""
        for order in list(self._waiting.values()):
            if order.trigger_source is source and self._follow(order, price, now_ns):
                self._due[order.order_id] = self._waiting.pop(order.order_id)

    def pop_due(self) -> WorkingOrder | None:
        """The next one that a price seen has set off."""
        if not self._due:
            return None
        return self._due.pop(next(iter(self._due)))

    @staticmethod
    def _follow(order: WorkingOrder, price: Decimal, now_ns: int) -> bool:
        """Move what the order has seen; whether the price has turned far enough from it."""
        assert order.trail_pct is not None
        sign = order.side.sign
        if order.extreme is None:
            activation = order.trigger_price
            if activation is not None and not _reached(order, price, activation):
                return False
            order.extreme, order.trail_ns = price, now_ns
        order.extreme = min(order.extreme, price) if order.side is Side.BUY else max(order.extreme, price)
        turn = order.extreme * (1 + sign * order.trail_pct / _PERCENT)
        return (price - turn) * sign >= 0


def rises_to(order_type: OrderType, side: Side) -> bool:
    """Whether such an order waits for the price to rise to its trigger (else: to fall to it)."""
    return (order_type in _STOPS) is (side is Side.BUY)


def _reached(order: WorkingOrder, price: Decimal, trigger: Decimal) -> bool:
    return price >= trigger if rises_to(order.type, order.side) else price <= trigger
