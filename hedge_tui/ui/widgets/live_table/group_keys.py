"""Groups of a `LiveTable`: what a program asks for, and the keys that fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.live_table import messages
from hedge_tui.ui.widgets.live_table.grouping import HEADER_KEY
from hedge_tui.ui.widgets.live_table.interaction import TableInteraction
from hedge_tui.ui.widgets.live_table.subtotal import Subtotal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.ui.widgets.live_table.subtotal import Total


class TableGroups(TableInteraction):
    """Rows under headers that can be folded. A group of one row shows as that row, without a header."""

    # -- what a program asks for

    @property
    def group(self) -> str | None:
        """Key of the column that rows are grouped by, None for no groups."""
        return self._model.order.grouping.column or None

    def group_by(self, key: str | None, *, folded: bool = False) -> None:
        """Put rows with the same text in column `key` under a header; None for no groups.

        Groups stand in the order of their subtotal of the sort column, or by name where it has none.

        Args:
            key: of a text column, which may be hidden.
            folded: begin with headers only.

        Raises:
            KeyError: no such column. ValueError: the column does not hold texts.
        """
        if key is not None and not self._model.columns[key].is_text:
            raise ValueError(
                f"column {key!r} holds {self._model.columns[key].kind}s: group by a column of texts"
            )
        self._model.order.grouping.by(key or "")
        if folded:
            self._model.order.grouping.fold_all(True)

    def set_subtotals(self, subtotals: Mapping[str, Subtotal | Total]) -> None:
        """Choose the figures of headers: column key -> how it is summed up; other columns stay blank."""
        grouping = self._model.order.grouping
        grouping.subtotals = {key: Subtotal.of(function) for key, function in subtotals.items()}
        grouping.version += 1

    def fold(self, name: str, folded: bool = True) -> None:
        """Hide or show the rows of the group called `name`."""
        self._model.order.grouping.fold(name, folded)

    def fold_all(self, folded: bool = True) -> None:
        """Hide or show the rows of all groups, those that are yet to come too."""
        self._model.order.grouping.fold_all(folded)

    def is_folded(self, name: str) -> bool:
        """Whether the rows of a group are hidden."""
        return self._model.order.grouping.is_folded(name)

    def group_names(self) -> list[str]:
        """Names of the groups that have a header, from top to bottom."""
        groups, grouping = self._fresh().order.groups, self._model.order.grouping
        if groups is None:
            return []
        return [grouping.name(slot) or "" for slot in groups.headers[groups.headers >= 0].tolist()]

    @property
    def cursor_group(self) -> str | None:
        """Name of the group whose header is under the cursor, None if a row is."""
        model = self._fresh()
        return (
            model.order.grouping.name(model.cursor_slot) if model.order.is_header(model.cursor_slot) else None
        )

    # -- keys

    def action_select_cursor(self) -> None:
        """Open the row under the cursor; on a header, fold or unfold the group."""
        model = self._fresh()
        name, key = self.cursor_group, model.cursor_key
        if name is not None:
            self._turn(name, not self.is_folded(name))
        elif key is not None:
            self.post_message(messages.RowSelected(self._table, key, model.cursor_row))

    def action_fold(self) -> None:
        """Fold or unfold the group of the line under the cursor."""
        model = self._fresh()
        name = model.order.grouping.name(model.order.header_of(model.cursor_slot))
        if name is not None:
            self._turn(name, not self.is_folded(name))

    def action_fold_all(self) -> None:
        """Fold all groups, or unfold them if none is open; a cursor on a row goes to its header."""
        grouping, shown = self._model.order.grouping, self.group_names()
        if shown:
            grouping.fold_all(not all(map(grouping.is_folded, shown)))
            self._fresh().show_cursor()
            self.answer()

    def _turn(self, name: str, folded: bool) -> None:
        self.fold(name, folded)
        self._fresh().show_cursor()
        self.answer()

    def action_group_column(self) -> None:
        """Group by the text column under the cursor; once more, or on another column, for no groups."""
        key = self._model.cursor_column
        if key in self._model.columns and self._model.columns[key].is_text and key != self.group:
            self.group_by(key)
        else:
            self.group_by(None)
        self._fresh().show_cursor()
        self.answer()


def header_name(key: str | None) -> str | None:
    """Name of the group if `key` is that of a header."""
    return key.removeprefix(HEADER_KEY) if key is not None and key.startswith(HEADER_KEY) else None
