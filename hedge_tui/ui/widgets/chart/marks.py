"""What of our own trading is drawn into a chart: fills as triangles, live orders as dotted lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.order import Side


@dataclass(frozen=True, slots=True)
class Mark:
    """One of our fills.

    Attributes:
        at_ns: UTC nanoseconds; marks before the first candle are not drawn.
        price: quote. quantity: as text, base units, the way the venue wrote it.
        note: what else to say when the cursor is on it, such as the account; "" for nothing.
    """

    at_ns: int
    side: Side
    quantity: str
    price: float
    note: str = ""

    def inert(self, clean: Callable[[str], str]) -> Mark:
        """A copy whose texts may be painted."""
        return replace(self, quantity=clean(self.quantity), note=clean(self.note))

    def words(self, price: str) -> str:
        """For the legend; `price` printed with the chart's digits."""
        return " ".join(part for part in (self.side.value, self.quantity, "@", price, self.note) if part)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One live order.

    Attributes:
        quantity: open quantity as text. price: limit or trigger, quote.
        note: for example "stop" or the account; "" for nothing.
    """

    side: Side
    quantity: str
    price: float
    note: str = ""

    def inert(self, clean: Callable[[str], str]) -> OrderLine:
        """A copy whose texts may be painted."""
        return replace(self, quantity=clean(self.quantity), note=clean(self.note))

    def words(self) -> str:
        """For the label; the price stands beside it on the axis."""
        return " ".join(part for part in (self.side.value, self.quantity, self.note) if part)
