"""Which rows are shown, and in what order: filter, sort and groups over whole columns at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.live_table.filter_query import Query
from hedge_tui.ui.widgets.live_table.grouping import Grouping, Groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hedge_tui.ui.widgets.live_table.column_set import ColumnSet
    from hedge_tui.ui.widgets.live_table.row_store import RowStore, SlotArray


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column; `descending` with blanks last all the same."""

    column: str
    descending: bool = False


class RowOrder:
    """The view on a `RowStore`; brought up to date by `update`, once a frame.

    Args:
        store: the rows.
        columns: the columns; hidden ones are not searched by the filter.
        resort_s: least time between two sorts by changing values: rows that trade places thirty times a
            second cannot be read.

    Attributes:
        slots: lines from top to bottom: rows, and headers of groups.
        rows: rows that pass the filter, in the same order; those of folded groups too, headers not.
        grouping: how rows are grouped. groups: as they stand now, None without grouping.
        version: grows whenever `slots` is made anew.
        sort: None means by arrival.
        query: the filter.
    """

    def __init__(self, store: RowStore, columns: ColumnSet, resort_s: float) -> None:
        self._store = store
        self._columns = columns
        self.resort_s = resort_s
        self.slots: SlotArray = np.empty(0, np.intp)
        self.rows: SlotArray = self.slots
        self.grouping = Grouping(store, columns)
        self.groups: Groups | None = None
        self.version = 0
        self.sort: Sort | None = None
        self.query = Query()
        self._positions: SlotArray = np.empty(0, np.intp)
        self._built: object = None
        self._sorted: object = None
        self._sorted_at = float("-inf")

    def update(self, now: float) -> bool:
        """Look at what changed and order again if needed; True if `slots` may differ from before.

        Args:
            now: monotonic seconds.
        """
        membership, data = self._membership(), self._data()
        if membership == self._built and (data == self._sorted or now - self._sorted_at < self.resort_s):
            return False
        self._build()
        self.version += 1
        self._built, self._sorted, self._sorted_at = membership, data, now
        return True

    def position(self, slot: int) -> int:
        """Line number of a slot in the view, -1 if it is not shown."""
        return int(self._positions[slot]) if 0 <= slot < len(self._positions) else -1

    def header_of(self, slot: int) -> int:
        """Slot of the header that a row stands under, or of a header itself; -1 if there is none."""
        return self.groups.header_of(slot) if self.groups is not None else -1

    def is_header(self, slot: int) -> bool:
        """Whether a slot holds a header that is in view."""
        return slot >= 0 and self.header_of(slot) == slot

    def rows_of(self, slot: int) -> SlotArray:
        """The members that pass the filter if `slot` is a header, else the row itself."""
        if self.groups is None or not self.is_header(slot):
            return np.array([slot] if slot >= 0 else [], np.intp)
        return self.groups.members(np.array([slot]))[0]

    def _texts(self) -> list[int]:
        grouped = self.grouping.column
        return [
            self._columns.index(c.key) for c in self._columns if c.is_text and (c.visible or c.key == grouped)
        ]

    def _membership(self) -> object:
        store = self._store
        searched = self.query.words or self.query.absent
        texts = tuple(store.column_versions[i] for i in self._texts()) if searched else ()
        grouped = self.grouping.column
        named = store.column_versions[self._columns.index(grouped)] if grouped else 0
        return store.rows_version, self.sort, self.query, texts, self.grouping.version, named

    def _data(self) -> object:
        keys = [comparison.column for comparison in self.query.comparisons]
        if self.sort is not None:
            keys.append(self.sort.column)
        return [self._store.column_versions[self._columns.index(key)] for key in keys]

    def _build(self) -> None:
        slots = self._filtered(self._store.by_arrival())
        if self.sort is not None:
            slots = self._sort(slots, self.sort)
        self.slots = self.rows = slots
        self.groups = None
        if self.grouping.column:
            self.groups = self.grouping.arrange(slots, self.sort)
            self.slots, self.rows = self.groups.lines, self.groups.rows
        self._positions = np.full(self._store.capacity, -1, np.intp)
        self._positions[self.slots] = np.arange(len(self.slots))

    def _filtered(self, slots: SlotArray) -> SlotArray:
        query, store = self.query, self._store
        for comparison in query.comparisons:
            values = store.values[self._columns.index(comparison.column), slots]
            if comparison.word is None:
                slots = slots[comparison.holds(values)]
            else:
                same = store.pool.equal(comparison.word)[values.astype(np.intp)]
                slots = slots[same if comparison.sign == "=" else ~same]
        for word in query.words:
            slots = slots[self._holding(word, slots)]
        for word in query.absent:
            slots = slots[~self._holding(word, slots)]
        return slots

    def _holding(self, word: str, slots: SlotArray) -> NDArray[np.bool_]:
        found = np.zeros(len(slots), np.bool_)
        hits = self._store.pool.containing(word)
        for index in self._texts():
            found |= hits[self._store.values[index, slots].astype(np.intp)]
        return found

    def _sort(self, slots: SlotArray, sort: Sort) -> SlotArray:
        keys = self._store.values[self._columns.index(sort.column), slots]
        if self._columns[sort.column].is_text:
            ids = keys.astype(np.intp)
            keys = self._store.pool.ranks()[ids].astype(np.float64)
            keys[ids == 0] = np.nan  # empty texts go last, as blanks do
        if sort.descending:
            keys = -keys
        ordered: SlotArray = slots[np.argsort(keys, kind="stable")]
        return ordered
