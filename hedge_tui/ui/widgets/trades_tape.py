"""The public trades of the instrument in focus, newest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.ui.widgets.line_canvas import LineCanvas, Run
from hedge_tui.ui.widgets.live_table.number_text import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.wire.replica import Table

_INKS = {"buy": "up", "sell": "down"}


def tape_lines(
    trades: Sequence[Sequence[Any]], digits: tuple[int, int], width: int, height: int
) -> list[list[Run]]:
    """Lines of [venue_ns, price, quantity, taker's side, id] rows, the newest of which comes last."""
    if width < 20 or height < 2:
        return []
    rest = width - 11
    price_width = max(6, min(12, rest // 2))
    size_width = max(4, min(12, rest - price_width - 7))
    labels = (
        " Time     " + "Price".rjust(price_width) + " " + "Quantity"[:size_width].rjust(size_width) + " Taker"
    )
    lines: list[list[Run]] = [[(labels.ljust(width)[:width], "title")]]
    for at_ns, price, quantity, side, *_ in reversed(trades[-(height - 1) :]):
        words = str(side)
        ink = _INKS.get(words, "text")
        figure = f"{quantity:,.{min(digits[1], 6)}f}"
        if len(figure) > size_width:
            figure = f"{quantity:,.0f}"[:size_width]
        lines.append(
            [
                (f" {time_text(int(at_ns), 8)} ", "muted"),
                (f"{price:,.{digits[0]}f}".rjust(price_width)[-price_width:], ink),
                (f" {figure.rjust(size_width)}", "text"),
                (f" {words[:4]:<5}", ink),
            ]
        )
    return lines


class TradesTape(LineCanvas):
    """Follows `trades:INSTRUMENT`."""

    def __init__(self) -> None:
        super().__init__()
        self.topic = ""
        self._trades: list[list[Any]] = []
        self._digits = (2, 3)

    def focus_on(self, instrument: str, digits: tuple[int, int]) -> None:
        """Show another instrument."""
        topic = f"trades:{instrument}" if instrument else ""
        if topic != self.topic:
            self.topic, self._trades = topic, []
        self._digits = digits
        self.redraw()

    def load(self, table: Table) -> None:
        """Trades as last heard."""
        if isinstance(table.document, list):
            self._trades = table.document
        self.redraw()

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """The newest document holds all."""
        del table, changed, removed
        if documents and isinstance(documents[-1], list):
            self._trades = documents[-1]
            self.redraw()

    def on_resize(self) -> None:
        """More or fewer fit."""
        self.redraw()

    def redraw(self) -> None:
        """Compute the lines again."""
        lines = tape_lines(self._trades, self._digits, self.size.width, self.size.height)
        if not self._trades and len(lines) == 1:
            lines.append([(" no trade yet", "muted")])
        self.show(lines)
