"""A `LiveTable` that is fed by one topic of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hedge_tui.ui.columns.shared import decimals_of
from hedge_tui.ui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from hedge_tui.ui.columns.spec import TableSpec
    from hedge_tui.wire.replica import Table

Grid = Callable[[str], "tuple[int, int] | None"]
"""Instrument -> decimals of its prices and of its quantities, None if unknown."""
_PRICES = ("at", "price", "entry_price", "mark_price", "average_price")


class TopicTable(LiveTable):
    """Rows of a topic, through the columns of a `TableSpec`.

    Args:
        spec: what to show.
        dense: columns as close as they can be.
        grid: how many digits prices and quantities of an instrument have.

    Attributes:
        delivered: how it is arranged before anybody changes it.
    """

    def __init__(self, spec: TableSpec, grid: Grid, *, dense: bool = False) -> None:
        super().__init__(
            spec.columns,
            totals=spec.totals,
            subtotals=spec.subtotals,
            fixed_columns=spec.fixed,
            empty_message=spec.empty,
            cell_padding=0 if dense else 1,
        )
        self.spec = spec
        self.topic = spec.topic
        self._grid = grid
        self._keys = tuple(column.key for column in spec.columns)
        self._keep = spec.keep
        if spec.sort is not None:
            self.sort_by(spec.sort.column, descending=spec.sort.descending)
        if spec.group:
            self.group_by(spec.group, folded=spec.folded)
        self.delivered = self.state()

    def show_only(self, keep: Callable[[Mapping[str, Any]], bool] | None) -> None:
        """Choose other rows; takes effect with the next `load`."""
        self._keep = keep

    def load(self, table: Table) -> None:
        """Show the whole topic."""
        rows = [self._row(table, values) for values in table.rows.values()]
        kept = [row for row in rows if self._keep is None or self._keep(row)]
        keys = [str(row[table.columns[0]]) for row in kept]
        self.set_rows(keys, {key: [row[key] for row in kept] for key in self._keys})

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Show what changed."""
        del documents
        gone = [key for key in removed if self.has_row(key)]
        old: dict[str, dict[str, Any]] = {}
        for key in changed:
            values = table.rows.get(key)
            if values is None:
                continue
            row = self._row(table, values)
            if self._keep is not None and not self._keep(row):
                if self.has_row(key):
                    gone.append(key)
            elif self.has_row(key):
                old[key] = row
            else:
                self.upsert(key, {name: row[name] for name in self._keys})
        if gone:
            self.remove_rows(gone)
        if old:
            slots = self.slots(old)
            for name in self._keys:
                self.set_cells(slots, name, [row[name] for row in old.values()])

    def _row(self, table: Table, values: list[Any]) -> dict[str, Any]:
        row: dict[str, Any] = dict(zip(table.columns, values, strict=False))
        for key, derive in self.spec.derived.items():
            row[key] = derive(row)
        if "digits" in self._keys:
            row["digits"], row["lots"] = self._digits(row)
        return row

    def _digits(self, row: Mapping[str, Any]) -> tuple[int, int]:
        grid = self._grid(str(row.get("instrument", "")))
        if grid is not None:
            return grid
        price = next((row[key] for key in _PRICES if key in row and row[key] == row[key]), 0.0)
        return decimals_of(float(price)), decimals_of(float(row["quantity"]))
