"""The order book of the instrument in focus, with own orders marked in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.ladder import Ladder, ladder_lines
from hedge_tui.ui.widgets.line_canvas import LineCanvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.wire.replica import Table

STALE_NS = 5_000_000_000


class OrderBook(LineCanvas):
    """Follows `book:INSTRUMENT`.

    Args:
        now_ns: UTC nanoseconds, to tell a stale book.
    """

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        super().__init__()
        self.topic = ""
        self._now_ns = now_ns
        self._book: dict[str, Any] = {}
        self._own: dict[tuple[str, str], float] = {}
        self._digits = (2, 3)

    def focus_on(self, instrument: str, digits: tuple[int, int]) -> None:
        """Show another instrument; `digits` of its prices and quantities."""
        topic = f"book:{instrument}" if instrument else ""
        if topic != self.topic:
            self.topic, self._book = topic, {}
        self._digits = digits
        self.redraw()

    def mark_own(self, orders: list[tuple[str, float, float]]) -> None:
        """(side, price, open quantity) of our live orders in this instrument."""
        own: dict[tuple[str, str], float] = {}
        for side, price, quantity in orders:
            key = (side, f"{price:,.{self._digits[0]}f}")
            own[key] = own.get(key, 0.0) + quantity
        if own != self._own:
            self._own = own
            self.redraw()

    def load(self, table: Table) -> None:
        """The book as last heard."""
        if isinstance(table.document, dict):
            self._book = table.document
        self.redraw()

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """The newest of several books counts."""
        del table, changed, removed
        if documents and isinstance(documents[-1], dict):
            self._book = documents[-1]
            self.redraw()

    def on_mount(self) -> None:
        """Look at the age now and then, too."""
        self.set_interval(1.0, self.redraw)

    def on_resize(self) -> None:
        """Other levels fit."""
        self.redraw()

    @property
    def stale_s(self) -> float:
        """Age in seconds once the book is stale, else 0."""
        at = self._book.get("local_ns") or 0
        age = self._now_ns() - at
        return age / 1e9 if at and age > STALE_NS else 0.0

    def redraw(self) -> None:
        """Compute the lines again."""
        ladder = Ladder(
            self._book.get("bids", ()),
            self._book.get("asks", ()),
            *self._digits,
            self._own,
            self.stale_s,
            terminal_glyphs().cursor if terminal_glyphs().ascii_only else "▸",
        )
        self.show(ladder_lines(ladder, self.size.width, self.size.height))
