"""What one call of the venue shares among its parts: the time, the numbers, the events so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.paper.events import Event


class Tape:
    """The running call.

    Attributes:
        now_ns: time of the call; never goes back.
        events: what it has caused so far, in order.
    """

    __slots__ = ("_income_id", "_order_id", "events", "now_ns")

    def __init__(self, first_order_id: int) -> None:
        self.now_ns = 0
        self.events: list[Event] = []
        self._order_id = first_order_id - 1
        self._income_id = 0

    def begin(self, now_ns: int) -> None:
        """Start a call at `now_ns`; a time in the past counts as the latest one known."""
        self.now_ns = max(now_ns, self.now_ns)

    def take(self) -> list[Event]:
        """End the call: what it has caused, and what a refused call before it had caused."""
        events, self.events = self.events, []
        return events

    def hold(self, now_ns: int | None) -> list[Event]:
        """Start a trial whose events are thrown away; returns those to put back after it."""
        if now_ns is not None:
            self.now_ns = max(now_ns, self.now_ns)
        kept, self.events = self.events, []
        return kept

    @property
    def coming_order_id(self) -> int:
        """What `order_id` will give; an order that is refused does not use it up."""
        return self._order_id + 1

    def order_id(self) -> int:
        """The next order id."""
        self._order_id += 1
        return self._order_id

    @property
    def last_income_id(self) -> int:
        """The newest id of an income record; 0 before the first."""
        return self._income_id

    def go_on(self, order_id: int, income_id: int) -> None:
        """Number what comes from `order_id` and from the one after `income_id` on."""
        self._order_id, self._income_id = order_id - 1, income_id

    def income_id(self) -> int:
        """The next id of an income record."""
        self._income_id += 1
        return self._income_id
