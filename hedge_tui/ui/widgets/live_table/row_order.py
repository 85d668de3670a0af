"""Which rows are shown, and in what order: filter and sort over whole columns at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
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
        slots: shown rows, top to bottom.
        version: grows whenever `slots` is made anew.
        sort: None means by arrival.
        words: case-folded words of the filter; a row shows if each is found in one of its texts.
    """

    def __init__(self, store: RowStore, columns: ColumnSet, resort_s: float) -> None:
        self._store = store
        self._columns = columns
        self.resort_s = resort_s
        self.slots: SlotArray = np.empty(0, np.intp)
        self.version = 0
        self.sort: Sort | None = None
        self.words: tuple[str, ...] = ()
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
        """Row number of a slot in the view, -1 if it is not shown."""
        return int(self._positions[slot]) if 0 <= slot < len(self._positions) else -1

    def _texts(self) -> list[int]:
        return [self._columns.index(c.key) for c in self._columns if c.is_text and c.visible]

    def _membership(self) -> object:
        store = self._store
        texts = tuple(store.column_versions[i] for i in self._texts()) if self.words else ()
        return store.rows_version, self.sort, self.words, texts

    def _data(self) -> object:
        if self.sort is None:
            return None
        return self._store.column_versions[self._columns.index(self.sort.column)]

    def _build(self) -> None:
        slots = self._store.by_arrival()
        for word in self.words:
            found = np.zeros(len(slots), np.bool_)
            hits = self._store.pool.containing(word)
            for index in self._texts():
                found |= hits[self._store.values[index, slots].astype(np.intp)]
            slots = slots[found]
        if self.sort is not None:
            slots = self._sort(slots, self.sort)
        self.slots = slots
        self._positions = np.full(self._store.capacity, -1, np.intp)
        self._positions[slots] = np.arange(len(slots))

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
