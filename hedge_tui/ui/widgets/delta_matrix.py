"""Net delta by account and asset: a table whose columns are the assets of the day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hedge_tui.ui.columns.shared import money, sum_of, text
from hedge_tui.ui.widgets.live_table import Column, LiveTable, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.wire.replica import Table

TOP = 8
"""Assets with a column of their own; the rest is added up under "other"."""
OTHER = "other"
KEEP_UNTIL = 1.25
"""An asset must be so much larger than the smallest one shown to take its place: columns do not dance."""

Cells = dict[str, dict[str, float]]
"""Account -> asset -> value."""


class DeltaMatrix(LiveTable):
    """Accounts by assets in the reporting currency; follows the topic `deltas`."""

    def __init__(self) -> None:
        super().__init__(
            (text("account", "Account", 11), money("net", "Net delta", 13, signed=True), _asset(OTHER)),
            totals={"net": sum_of, OTHER: sum_of},
            fixed_columns=2,
            empty_message="No delta: neither coins nor positions",
        )
        self.topic = "deltas"
        self._shown: list[str] = []
        self.sort_by(Sort("account").column)

    def load(self, table: Table) -> None:
        """Show the whole topic."""
        cells = cells_of(table)
        self._arrange(top_assets(cells, self._shown))
        names = list(cells)
        values: dict[str, list[Any]] = {
            "account": names,
            "net": [sum(cells[name].values()) for name in names],
            OTHER: [rest_of(cells[name], self._shown) for name in names],
        }
        for asset in self._shown:
            values[asset] = [cells[name].get(asset, math.nan) for name in names]
        self.set_rows(names, values)

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Show it anew: it is small, and one cell changes a sum."""
        del changed, removed, documents
        self.load(table)

    def _arrange(self, assets: list[str]) -> None:
        """Give these assets columns, the largest first, "other" last."""
        if assets == self._shown:
            return
        for gone in set(self._shown) - set(assets):
            self.show_column(gone, False)
        for place, asset in enumerate(assets):
            if asset not in self._model.columns:
                self.add_column(_asset(asset))
                self._model.totals[asset] = sum_of
            self.show_column(asset)
            self.move_column(asset, place + 2)
        self._shown = assets


def _asset(name: str) -> Column:
    return Column(key=name, label=name, width=12, signed=True, tint="sign", decimals=0, blank="")


def cells_of(table: Table) -> Cells:
    """Values by account and asset; those that are not known are left out."""
    at = {name: table.columns.index(name) for name in ("account", "asset", "value")}
    found: Cells = {}
    for row in table.rows.values():
        value = float(row[at["value"]])
        cells = found.setdefault(str(row[at["account"]]), {})
        if math.isfinite(value):
            cells[str(row[at["asset"]])] = value
    return found


def top_assets(cells: Mapping[str, Mapping[str, float]], before: list[str]) -> list[str]:
    """Assets with a column of their own, largest gross first.

    Those shown before keep their places unless one is clearly outgrown.
    """
    gross: dict[str, float] = {}
    for row in cells.values():
        for asset, value in row.items():
            gross[asset] = gross.get(asset, 0.0) + abs(value)
    kept = [asset for asset in before if asset in gross]
    fresh = sorted((asset for asset in gross if asset not in kept), key=lambda a: -gross[a])
    room = TOP - len(kept)
    for asset in fresh[max(0, room) :]:
        smallest = min(kept, key=lambda a: gross[a], default=None)
        if smallest is not None and gross[asset] > KEEP_UNTIL * gross[smallest]:
            kept[kept.index(smallest)] = asset
    added = [asset for asset in fresh[: max(0, room)] if asset not in kept]
    return kept + added if before else sorted(kept + added, key=lambda a: -gross[a])


def rest_of(row: Mapping[str, float], shown: list[str]) -> float:
    """What has no column of its own; NaN when there is nothing."""
    rest = [value for asset, value in row.items() if asset not in shown]
    return sum(rest) if rest else math.nan
