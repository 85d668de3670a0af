"""Stops and take-profits that wait, sorted so that a price finds those it sets off at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from adapters.paper.trailing import TrailingStops, rises_to
from hedge_tui.domain.order import TriggerSource

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.working_order import WorkingOrder


class TriggerQueue:
    """Waiting orders of one instrument, by source and direction; trailing ones apart."""

    __slots__ = ("_entries", "trailing")

    def __init__(self) -> None:
        self._entries: dict[tuple[TriggerSource, bool], list[tuple[Decimal, int, WorkingOrder]]] = {
            (source, rising): [] for source in TriggerSource for rising in (True, False)
        }
        self.trailing = TrailingStops()

    def add(self, order: WorkingOrder, price: Decimal | None = None, now_ns: int = 0) -> None:
        """Let `order` wait; `price` and `now_ns` are where and when a trailing one starts."""
        if order.trail_pct is not None:
            self.trailing.add(order, price, now_ns)
            return
        insort(self._entries[_kind(order)], (*_key(order), order))

    def remove(self, order: WorkingOrder) -> None:
        """Take `order` off."""
        if order.trail_pct is not None:
            self.trailing.remove(order)
            return
        entries = self._entries[_kind(order)]
        # The key alone finds it: an order id occurs once, so the order itself is never compared.
        del entries[bisect_left(entries, _key(order))]

    def pop_due(self, source: TriggerSource, low: Decimal, high: Decimal) -> WorkingOrder | None:
        """The next order that a price range of `source` sets off: rising ones first, nearest first."""
        rising = self._entries[source, True]
        if rising and rising[0][0] <= high:
            return rising.pop(0)[2]
        falling = self._entries[source, False]
        if falling and -falling[0][0] >= low:
            return falling.pop(0)[2]
        return None


def _kind(order: WorkingOrder) -> tuple[TriggerSource, bool]:
    return order.trigger_source, rises_to(order.type, order.side)


def _key(order: WorkingOrder) -> tuple[Decimal, int]:
    assert order.trigger_price is not None
    rising = rises_to(order.type, order.side)
    return (order.trigger_price if rising else -order.trigger_price), order.order_id
