"""The trading grid of the console: live rows, drawn cell by cell.

Screens fill it from the replica with `set_rows`, `upsert` or `set_cells`, which only store; thirty times a
second the frame clock has it compare what it shows with what it holds. The vocabulary is that of Textual's
DataTable where the thing is the same.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual.coordinate import Coordinate

from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.live_table import messages
from hedge_tui.ui.widgets.live_table.arrangement import TableArrangement
from hedge_tui.ui.widgets.live_table.bindings import TABLE_BINDINGS
from hedge_tui.ui.widgets.live_table.cell_style import PARTS, PREFIX
from hedge_tui.ui.widgets.live_table.filter_query import parse_filter
from hedge_tui.ui.widgets.live_table.group_keys import header_name
from hedge_tui.ui.widgets.live_table.row_order import Sort
from hedge_tui.ui.widgets.live_table.table_css import TABLE_CSS
from hedge_tui.ui.widgets.live_table.table_model import TableModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike
    from textual.binding import BindingType

    from hedge_tui.ui.widgets.live_table.column import Column
    from hedge_tui.ui.widgets.live_table.row_store import SlotArray
    from hedge_tui.ui.widgets.live_table.subtotal import Subtotal, Total


class LiveTable(TableArrangement):
    """A table of live numbers and words.

    Args:
        columns: from left to right; more with `add_column`.
        totals: column key -> function of its shown values; a totals row appears if there are any.
        subtotals: column key -> figure of its values in the header of a group, see `group_by`.
        fixed_columns: leading columns that stay when the others scroll.
        show_header: whether to show the labels.
        empty_message: shown when there are no rows, or none pass the filter.
        flash_s: how long a change stays lit, in seconds.
        resort_s: least time between two sorts by changing values, in seconds.
        cell_padding: cells after each column, 0 or more; one cell always goes before.
        clock: monotonic seconds.
    """

    DEFAULT_CSS = TABLE_CSS
    BINDINGS: ClassVar[list[BindingType]] = TABLE_BINDINGS
    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + part for part in PARTS}
    RowHighlighted = messages.RowHighlighted
    RowSelected = messages.RowSelected
    HeaderSelected = messages.HeaderSelected
    PickedChanged = messages.PickedChanged

    def __init__(
        self,
        columns: Iterable[Column] = (),
        *,
        totals: Mapping[str, Total] | None = None,
        subtotals: Mapping[str, Subtotal | Total] | None = None,
        fixed_columns: int = 0,
        show_header: bool = True,
        empty_message: str = "",
        flash_s: float = 0.4,
        resort_s: float = 0.25,
        cell_padding: int = 1,
        clock: Callable[[], float] = time.monotonic,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        model = TableModel(terminal_glyphs(), resort_s)
        super().__init__(model, flash_s=flash_s, clock=clock, name=name, id=id, classes=classes)
        model.totals = dict(totals or {})
        self.set_subtotals(subtotals or {})
        model.fixed_columns = fixed_columns
        model.padding = cell_padding
        self._table_screen.show_header = show_header
        self._table_screen.empty_message = empty_message
        self._filter = ""
        for column in columns:
            self.add_column(column)

    # -- columns

    def add_column(self, column: Column) -> str:
        """Append a column; gives its key. Raises ValueError if the key is taken."""
        if column.key in self._model.columns:
            raise ValueError(f"column {column.key!r} is there already")
        self._model.columns.add(column, self._model.store.add_column(is_text=column.is_text))
        return column.key

    # -- rows in

    def set_rows(self, keys: Sequence[str], columns: Mapping[str, Any]) -> None:
        """Hold exactly these rows, in this order; rows that were there keep cursor, flash and selection.

        Args:
            keys: row keys, each once.
            columns: column key -> one value per row (or one for all); columns not named keep their values.

        Raises:
            KeyError: unknown column. ValueError: a key comes twice, or lengths differ.
        """
        self._model.replace(list(keys), columns)

    def upsert(self, key: str, columns: Mapping[str, Any]) -> None:
        """Set some values of one row, which is added at the end if it is new."""
        store = self._model.store
        slots = store.insert([key])
        for column, value in columns.items():
            store.put(slots, self._model.columns.index(column), value)
        store.tidy()

    def slots(self, keys: Iterable[str]) -> SlotArray:
        """Places of rows for `set_cells`; true until the row is removed. Raises KeyError."""
        return self._model.store.slots(keys)

    def set_cells(self, rows: SlotArray, column: str, values: ArrayLike | Sequence[object]) -> None:
        """Set one column of many rows at once: `rows` from `slots`, one value for all or one for each."""
        self._model.store.put(rows, self._model.columns.index(column), values)

    def remove_rows(self, keys: Iterable[str]) -> None:
        """Drop rows; unknown keys are ignored. The cursor stays at its place."""
        self._model.remove(list(keys))

    def clear(self) -> None:
        """Drop all rows; columns, sort and filter stay."""
        self._model.remove(list(self._model.store))

    # -- rows out

    @property
    def row_count(self) -> int:
        """Rows that pass the filter, those of folded groups too; headers do not count."""
        return len(self._fresh().order.rows)

    @property
    def total_rows(self) -> int:
        """Rows held, before the filter."""
        return len(self._model.store)

    def row_keys(self) -> list[str]:
        """Keys of the rows that pass the filter, top to bottom; those of folded groups too."""
        return self._keys_at(self._fresh().order.rows)

    def line_keys(self) -> list[str]:
        """Keys of what has a line, top to bottom: rows, and headers as `group:NAME`."""
        return self._keys_at(self._fresh().order.slots)

    def has_row(self, key: str) -> bool:
        """Whether there is such a row, shown or filtered out."""
        return key in self._model.store

    def get_row(self, key: str) -> dict[str, object]:
        """All values of a row by column key: floats, and texts as they came. Raises KeyError."""
        slots = self.slots([key])
        return {column.key: self._model.column_values(column.key, slots)[0] for column in self._model.columns}

    # -- cursor

    @property
    def cursor_key(self) -> str | None:
        """Key of the row under the cursor, `group:NAME` on a header, None if nothing is shown."""
        return self._fresh().cursor_key

    @property
    def cursor_row(self) -> int:
        """Line number under the cursor, 0 if nothing is shown."""
        return self._fresh().cursor_row

    @property
    def cursor_coordinate(self) -> Coordinate:
        """Row and visible column under the cursor."""
        shown = [column.key for column in self._model.columns.shown()]
        key = self._model.cursor_column
        return Coordinate(self.cursor_row, shown.index(key) if key in shown else 0)

    @property
    def touched(self) -> bool:
        """Whether a person has moved cursor or view."""
        return self._model.touched

    def move_cursor(
        self, *, row: int | None = None, column: int | None = None, key: str | None = None
    ) -> None:
        """Put the cursor on a line (by number or key) or a visible column, and show it.

        The header stands for a row that is folded away.
        """
        model = self._fresh()
        if key is not None:
            row = self._line_of(key)
        if row is not None and row >= 0:
            model.go_to_row(row)
        shown = model.columns.shown()
        if column is not None and shown:
            model.cursor_column = shown[max(0, min(column, len(shown) - 1))].key
            model.go_to_column(0, self._table_screen.columns_width)
        self.answer()

    def _line_of(self, key: str) -> int:
        model = self._model
        slot = model.store.slot(key)
        if slot < 0 and (name := header_name(key)) is not None:
            slot = model.order.grouping.slot(name)
        line = model.order.position(slot)
        return line if line >= 0 else model.order.position(model.order.header_of(slot))

    # -- sort and filter

    @property
    def sort(self) -> Sort | None:
        """What the rows are sorted by, None for their order of arrival."""
        return self._model.order.sort

    def sort_by(self, key: str | None, *, descending: bool = False) -> None:
        """Sort live by a column, or by arrival for None. Raises KeyError."""
        self._model.order.sort = None if key is None else Sort(self._model.columns[key].key, descending)

    @property
    def filter_text(self) -> str:
        """As set by `set_filter`."""
        return self._filter

    @property
    def filter_problem(self) -> str:
        """What of the filter could not be used, "" if all of it was."""
        return self._model.order.query.problem

    def set_filter(self, text: str) -> None:
        """Show only rows that pass what is typed, see `filter_query`; "" shows all.

        Words are looked for in visible texts, in any case. What cannot be used is left out and said by
        `filter_problem`. Picked rows that drop out of the view are not picked any more.
        """
        self._filter = text
        self._model.order.query = parse_filter(text, self._model.columns)
        model = self._fresh()
        if model.selection.keep(model.order.rows):
            self._tell_picked()

    # -- picked rows

    def picked_keys(self) -> list[str]:
        """Picked rows in the order of the view; those that a filter hides are never among them."""
        model = self._fresh()
        return self._keys_at(model.selection.among(model.order.rows))

    def target_keys(self) -> list[str]:
        """What an action is for: the picked rows, or else the row (or the group's rows) under the cursor."""
        model = self._fresh()
        return self.picked_keys() or self._keys_at(model.order.rows_of(model.cursor_slot))

    def pick(self, keys: Iterable[str]) -> None:
        """Pick exactly these rows; unknown ones are ignored."""
        store = self._model.store
        self._model.selection.take(store.slots(key for key in keys if key in store))
        self._tell_picked()

    def selected_text(self) -> str:
        """Labels and the picked rows (or the cursor's) as tab-separated lines of visible columns.

        Numbers are written in full, blanks as nothing, texts inert and without tabs.
        """
        return self._model.text_of(self.slots(self.target_keys()))

    def exported(self) -> list[tuple[Column, list[object]]]:
        """Visible columns with the values of the picked rows, or of all that pass the filter, for `csv_text`.

        A hidden column that the rows are grouped by comes first.
        """
        model = self._fresh()
        slots, _ = model.summed()
        grouped = [model.columns[self.group]] if self.group and not model.columns[self.group].visible else []
        return [
            (column, model.column_values(column.key, slots)) for column in grouped + model.columns.shown()
        ]
