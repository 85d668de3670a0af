"""The big table of Markets: rows of `instruments`, joined with the slower figures of `markets`.

Quotes touch the quick columns only, figures the slow ones: with 2,000 markets most of a frame is a few
assignments of whole columns.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hedge_tui.ui.columns.markets import MARKETS, SLOW
from hedge_tui.ui.widgets.topic_table import TopicTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.topic_table import Grid
    from hedge_tui.wire.replica import Table

NAN = math.nan
COUNTED = "funding_in"
"""The column that the clock moves."""
GROUPED_BY = "base"


class SlowFigures:
    """The view that hands `markets` on to the table."""

    topic = "markets"

    def __init__(self, table: MarketsTable) -> None:
        self._table = table

    def load(self, table: Table) -> None:
        """Every row."""
        self._table.put_figures(table, list(table.rows))

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Some rows; what has gone goes with its instrument."""
        del removed, documents
        self._table.put_figures(table, changed)


class MarketsTable(TopicTable):
    """Every instrument of every venue.

    Args:
        grid: digits of an instrument.
        figures: gives the replica's table of `markets`, None before its first frame.
    """

    def __init__(self, grid: Grid, figures: Callable[[], Table | None]) -> None:
        super().__init__(MARKETS, grid, dense=True)
        self._figures = figures
        self._quick = tuple(key for key in self._keys if key not in SLOW and key != COUNTED)
        self.slow = SlowFigures(self)

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Quick columns of rows that are there; all the rest as any table does."""
        known = [key for key in changed if key in table.rows and self.has_row(key)]
        if known:
            slots, rows = self.slots(known), [table.rows[key] for key in known]
            for name in self._quick:
                place = table.columns.index(name)
                self.set_cells(slots, name, [row[place] for row in rows])
        rest = [key for key in changed if not self.has_row(key)]
        if rest or removed:
            super().change(table, rest, removed, documents)

    def put_figures(self, table: Table, keys: list[str]) -> None:
        """Slow columns of these rows, as far as they are shown."""
        known = [key for key in keys if key in table.rows and self.has_row(key)]
        if not known:
            return
        slots, rows = self.slots(known), [table.rows[key] for key in known]
        for name in SLOW:
            place = table.columns.index(name)
            self.set_cells(slots, name, [_blank(row[place]) for row in rows])

    def count_down(self, table: Table, now_ns: int) -> None:
        """Seconds to the next funding of every row."""
        place = table.columns.index("next_funding_ns")
        known = [key for key in table.rows if self.has_row(key)]
        due = (table.rows[key][place] for key in known)
        left = [(at - now_ns) // 1_000_000_000 if at > now_ns else NAN for at in due]
        self.set_cells(self.slots(known), COUNTED, left)

    def shown_values(self, key: str) -> FloatArray:
        """One column of the rows that pass the filter; NaN where nothing is known."""
        model = self._fresh()
        values: FloatArray = model.store.values[model.columns.index(key), model.order.rows]
        return values

    def _row(self, table: Table, values: list[Any]) -> dict[str, Any]:
        row = super()._row(table, values)
        figures = self._figures()
        told = figures.rows.get(str(row["instrument"])) if figures is not None else None
        slow: Mapping[str, Any] = (
            dict(zip(figures.columns, told, strict=False)) if figures is not None and told else {}
        )
        row |= {name: _blank(slow.get(name, NAN)) for name in SLOW}
        row[COUNTED] = NAN
        return row


def _blank(value: float) -> float:
    """A time of 0 is none."""
    return value or NAN if value == 0 and isinstance(value, int) else value
