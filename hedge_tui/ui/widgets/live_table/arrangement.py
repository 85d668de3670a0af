"""How a trader has arranged a `LiveTable`: its columns, and all of it as plain values to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.live_table.column_set import MAX_WIDTH
from hedge_tui.ui.widgets.live_table.group_keys import TableGroups
from hedge_tui.ui.widgets.live_table.row_order import Sort

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table.column import Column

MOST_FOLDS = 2_000
"""Groups remembered as folded or open one by one."""


class TableArrangement(TableGroups):
    """Columns shown, moved, resized and frozen; sort and groups are remembered along with them."""

    @property
    def columns(self) -> list[Column]:
        """All columns, hidden ones too, in the trader's order."""
        return list(self._model.columns)

    def show_column(self, key: str, visible: bool = True) -> None:
        """Show or hide a column; the last visible one stays. Raises KeyError."""
        shown = [column.key for column in self._model.columns.shown()]
        if visible or shown != [key]:
            self._model.columns.change(key, visible=visible)

    def move_column(self, key: str, position: int) -> None:
        """Put a column at `position` among all, clamped to the ends. Raises KeyError."""
        self._model.columns.move(key, position)

    def resize_column(self, key: str, width: int) -> None:
        """Set the cells for a column's content, at least 1. Raises KeyError."""
        self._model.columns.change(key, width=max(1, min(width, MAX_WIDTH)))

    @property
    def fixed_columns(self) -> int:
        """Leading columns that do not scroll."""
        return self._model.fixed_columns

    @fixed_columns.setter
    def fixed_columns(self, count: int) -> None:
        self._model.fixed_columns = max(0, count)

    # -- remembered

    @property
    def arranged(self) -> object:
        """Another value than before whenever anything changed that `state` tells."""
        model = self._model
        return model.columns.version, model.fixed_columns, model.order.sort, model.order.grouping.version

    def state(self) -> dict[str, object]:
        """Columns, sort and groups as plain values; rows, filter and cursor are not part of it."""
        sort, grouping = self._model.order.sort, self._model.order.grouping
        return {
            "columns": self._model.columns.state(),
            "fixed": self._model.fixed_columns,
            "sort": None if sort is None else {"column": sort.column, "descending": sort.descending},
            "group": grouping.column or None,
            "folded": {"all": grouping.shut, "but": sorted(grouping.turned)[:MOST_FOLDS]},
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Arrange as `state` said once; what it names and is not there (any more) is ignored."""
        self._model.columns.restore(state.get("columns"))
        fixed = state.get("fixed")
        if isinstance(fixed, int) and not isinstance(fixed, bool):
            self.fixed_columns = fixed
        sort = state.get("sort")
        named = str(sort.get("column")) if isinstance(sort, Mapping) else ""
        if isinstance(sort, Mapping) and named in self._model.columns:
            self._model.order.sort = Sort(named, sort.get("descending") is True)
        else:
            self._model.order.sort = None
        if "group" in state:
            self._restore_groups(state["group"], state.get("folded"))

    def _restore_groups(self, group: object, folded: object) -> None:
        columns = self._model.columns
        known = isinstance(group, str) and group in columns and columns[group].is_text
        self.group_by(str(group) if known else None)
        if known and isinstance(folded, Mapping):
            self.fold_all(folded.get("all") is True)
            but = folded.get("but")
            for name in but[:MOST_FOLDS] if isinstance(but, list) else []:
                self.fold(str(name), not self._model.order.grouping.shut)
