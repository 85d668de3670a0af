"""Own live orders and fills of the instrument in focus, for chart and book. Views without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.order import Side
from hedge_tui.ui.columns.orders import FINISHED
from hedge_tui.ui.widgets.chart.marks import Mark, OrderLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.wire.replica import Table


class OwnRows:
    """Rows of a topic that belong to one instrument, told whole after each change.

    Args:
        topic: orders or fills. told: gets the rows, as dictionaries.
    """

    def __init__(self, topic: str, told: Callable[[list[dict[str, Any]]], None]) -> None:
        self.topic = topic
        self._told = told
        self._instrument = ""
        self._table: Table | None = None

    def focus_on(self, instrument: str) -> None:
        """Another instrument."""
        self._instrument = instrument
        self._tell()

    def load(self, table: Table) -> None:
        """Everything is new."""
        self._table = table
        self._tell()

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Tell when one of ours is among what changed."""
        del documents
        self._table = table
        place = table.columns.index("instrument")
        if removed or any(table.rows[key][place] == self._instrument for key in changed if key in table.rows):
            self._tell()

    def _tell(self) -> None:
        table = self._table
        if table is None:
            return
        place = table.columns.index("instrument")
        rows = [row for row in table.rows.values() if row[place] == self._instrument]
        self._told([dict(zip(table.columns, row, strict=False)) for row in rows])


def _level(row: dict[str, Any]) -> float:
    price = row["price"]
    return float(price if price == price else row["trigger_price"])  # noqa: PLR0124 - NaN


def _text(value: float) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".")


def order_lines(rows: list[dict[str, Any]]) -> list[OrderLine]:
    """Resting orders as lines of the chart."""
    return [
        OrderLine(Side(row["side"]), _text(row["quantity"] - row["filled"]), _level(row), str(row["account"]))
        for row in rows
        if row["status"] not in FINISHED and _level(row) == _level(row)
    ]


def fill_marks(rows: list[dict[str, Any]]) -> list[Mark]:
    """Fills as marks of the chart."""
    return [
        Mark(
            int(row["venue_ns"]),
            Side(row["side"]),
            _text(row["quantity"]),
            float(row["price"]),
            str(row["account"]),
        )
        for row in rows
    ]
