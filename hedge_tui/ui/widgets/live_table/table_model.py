"""Everything a `LiveTable` knows besides pixels: rows, order, cursor, scroll position, selection.

No Textual here: the widget translates keys into calls, the painter reads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.column_set import ColumnSet, Spread
from hedge_tui.ui.widgets.live_table.row_order import RowOrder, Sort
from hedge_tui.ui.widgets.live_table.row_store import RowStore, SlotArray
from hedge_tui.ui.widgets.live_table.selection import Selection
from hedge_tui.ui.widgets.live_table.subtotal import Total, total_of
from hedge_tui.ui.widgets.live_table.text_pool import TextPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.ui.widgets.glyphs import Glyphs


class TableModel:
    """State of one table.

    Args:
        glyphs: what texts may contain.
        resort_s: see `RowOrder`.

    Attributes:
        page: body lines on screen; set by the widget.
        top: first shown row. left: scrolled-away columns.
        fixed_columns: leading columns that do not scroll.
        cursor_slot: row or header under the cursor, -1 if the view is empty.
        touched: a person has moved cursor or view; before that the view follows the cursor.
        cursor_column: key of the column under the cursor, "" before the first move.
        totals: column key -> how to sum it up; empty means no totals row.
    """

    def __init__(self, glyphs: Glyphs, resort_s: float) -> None:
        self.store = RowStore(TextPool(glyphs))
        self.columns = ColumnSet()
        self.order = RowOrder(self.store, self.columns, resort_s)
        self.selection = Selection()
        self.totals: dict[str, Total] = {}
        self.page = 0
        self.top = self.left = 0
        self.fixed_columns = 0
        self.padding = 1
        self.cursor_slot = -1
        self._cursor_born = -1
        self.cursor_column = ""
        self._cursor_row = 0
        self._placed = False
        self.touched = False

    def refresh_order(self, now: float) -> None:
        """Bring order, cursor and scroll position up to date with the rows; `now` in monotonic seconds."""
        before = bool(self.order.query)
        if self.order.update(now) and before:
            self.selection.keep(self.order.rows)
        view = self.order.slots
        if not self._placed and len(view):
            # Rows still come in: until somebody chooses a row, it is the first one, whatever that is.
            self._hold(int(view[0]))
        row = -1
        if self.cursor_slot >= 0 and self.store.born[self.cursor_slot] == self._cursor_born:
            row = self.order.position(self.cursor_slot)
            if row < 0 and (header := self.order.header_of(self.cursor_slot)) >= 0:  # its group was folded
                row = self.order.position(header)
                self._hold(header)
        if row < 0:  # the row is gone or filtered out: stay at its place
            row = min(self._cursor_row, len(view) - 1)
            self._hold(int(view[row]) if row >= 0 else -1)
        self._cursor_row = max(row, 0)
        self.top = max(0, min(self.top, len(view) - self.page))
        if not self.touched:
            self.show_cursor()

    def _hold(self, slot: int) -> None:
        # A slot is used again when its row is gone: the cursor must not go along with the new one.
        self.cursor_slot = slot
        self._cursor_born = int(self.store.born[slot]) if slot >= 0 else -1

    @property
    def cursor_row(self) -> int:
        """Line number in the view, 0 if the view is empty."""
        return self._cursor_row

    @property
    def cursor_key(self) -> str | None:
        """Key of the row or header, None if the view is empty."""
        return self.store.key(self.cursor_slot)

    def go_to_row(self, row: int) -> None:
        """Move the cursor, clamped to the view, and scroll as little as shows it."""
        view = self.order.slots
        if not len(view):
            return
        self._placed = True
        self._cursor_row = max(0, min(row, len(view) - 1))
        self._hold(int(view[self._cursor_row]))
        self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll so that the cursor's row is on screen."""
        row = self._cursor_row
        if row < self.top:
            self.top = row
        elif self.page and row >= self.top + self.page:
            self.top = row - self.page + 1

    def scroll(self, rows: int) -> None:
        """Move the view, not the cursor."""
        self.touched = True
        self.top = max(0, min(self.top + rows, len(self.order.slots) - self.page))

    def select_range(self, row: int) -> None:
        """Pick from the anchor (or the cursor) to `row`, and move the cursor there."""
        view = self.order.slots
        if not len(view):
            return
        row = max(0, min(row, len(view) - 1))
        start = self.order.position(self.selection.anchor)
        start = start if start >= 0 else self._cursor_row
        lines = view[min(start, row) : max(start, row) + 1]
        self.selection.extend(int(view[start]), self._rows_at(lines))
        self.go_to_row(row)

    def _rows_at(self, lines: SlotArray) -> SlotArray:
        """Rows on some lines; the header of a folded group stands for its members, an open one for none."""
        groups = self.order.groups
        if groups is None:
            return lines
        headed = groups.headers[groups.numbers[lines]] == lines
        headers = lines[headed]
        folded = headers[self.order.grouping.are_folded(headers)]
        return np.concatenate([lines[~headed], groups.members(folded)[0]])

    def lines_of_cursor(self) -> int:
        """Lines that the cursor's row takes, or its whole group if it is on a header."""
        if not self.order.is_header(self.cursor_slot):
            return 1
        members = self.order.rows_of(self.cursor_slot)
        return 1 if self.order.position(int(members[0])) < 0 else 1 + len(members)

    def toggle(self) -> None:
        """Pick or drop the row under the cursor; on a header, all its members that pass the filter."""
        self.selection.toggle(self.order.rows_of(self.cursor_slot))

    def remove(self, keys: list[str]) -> None:
        """Drop rows and whatever pointed at them."""
        self.selection.drop(self.store.remove(keys))

    def replace(self, keys: list[str], columns: Mapping[str, Any]) -> None:
        """Make the table hold exactly `keys`."""
        wanted = set(keys)
        by_index = {self.columns.index(key): values for key, values in columns.items()}
        gone = [key for key in self.store if key not in wanted]
        if len(wanted) == len(keys):
            self.remove(gone)
        self.store.replace(keys, by_index)

    def spread(self, width: int) -> Spread:
        """Columns on `width` cells; the scroll position is clamped to what there is."""
        shown = len(self.columns.shown())
        self.left = max(0, min(self.left, shown - self.fixed_columns - 1))
        return self.columns.spread(width, first=self.left, frozen=self.fixed_columns, padding=self.padding)

    def go_to_column(self, step: int, width: int) -> None:
        """Move the column cursor and scroll sideways until it is whole on `width` cells."""
        keys = [column.key for column in self.columns.shown()]
        if not keys:
            return
        place = keys.index(self.cursor_column) if self.cursor_column in keys else -1 if step > 0 else 1
        place = max(0, min(place + step, len(keys) - 1))
        self.cursor_column = keys[place]
        if place < self.fixed_columns:
            return
        # A bounded search: on a very narrow screen no scroll position may show the column at all.
        for left in range(min(self.left, place - self.fixed_columns), place - self.fixed_columns + 1):
            self.left = left
            if self.cursor_column in {span.column.key for span in self.spread(width).spans}:
                return

    def cycle_sort(self, key: str) -> None:
        """Ascending, descending, by arrival, and around again; the view follows the cursor."""
        now = self.order.sort
        if now is None or now.column != key:
            self.order.sort = Sort(key)
        else:
            self.order.sort = None if now.descending else Sort(key, descending=True)

    def column_values(self, key: str, slots: SlotArray) -> list[object]:
        """Raw values of some rows: floats, or texts as they came."""
        values = self.store.values[self.columns.index(key), slots]
        if self.columns[key].is_text:
            return [self.store.pool.text(number) for number in values.astype(np.intp).tolist()]
        return list(values.tolist())

    def text_of(self, slots: SlotArray) -> str:
        """Labels and rows as tab-separated lines of visible columns, for the clipboard."""
        columns = self.columns.shown()
        lines = ["\t".join(inert(column.label) for column in columns)]
        cells = [[_plain(value) for value in self.column_values(column.key, slots)] for column in columns]
        lines += ["\t".join(row) for row in zip(*cells, strict=True)]
        return "\n".join(lines)

    def summed(self) -> tuple[SlotArray, bool]:
        """What the totals row is over: the picked rows (then True), or all that pass the filter."""
        picked = self.selection.among(self.order.rows)
        return (picked, True) if len(picked) else (self.order.rows, False)

    def total(self, key: str, rows: SlotArray) -> float:
        """Figure of the totals row for a column; NaN if its function fails on these values."""
        return total_of(self.totals[key], self.store.values[self.columns.index(key), rows])


def _plain(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value).removesuffix(".0")
    return inert(str(value))
