"""Rows of a table in columns of numbers: ingest is an assignment, nothing is noted per update.

Rows keep their slot for as long as they live; slots of removed rows are used again. What changed on screen is
found later by comparing (`frame.py`), so a thousand updates of one cell between two frames cost one paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.live_table.text_pool import TextPool

SlotArray = NDArray[np.intp]


class RowStore:
    """Keyed rows in stable slots.

    Args:
        pool: texts of text columns.

    Attributes:
        values: float64, shape (columns, slots); text columns hold ids of `pool`, other blanks are NaN.
        sequence: int64, shape (slots,): order of arrival, -1 for a free slot.
        born: int64, shape (slots,): tells a row from an earlier one in the same slot.
        version: grows with every change of any kind.
        rows_version: grows when rows come, go or change places.
        pool_version: grows when text ids were dealt anew.
        column_versions: one counter per column.
    """

    def __init__(self, pool: TextPool) -> None:
        self.pool = pool
        self.values: FloatArray = np.full((0, 16), np.nan)
        self.sequence: NDArray[np.int64] = np.full(16, -1, np.int64)
        self.born: NDArray[np.int64] = np.zeros(16, np.int64)
        self.version = self.rows_version = self.pool_version = 0
        self.column_versions: list[int] = []
        self._is_text: list[bool] = []
        self._slots: dict[str, int] = {}
        self._keys: list[str | None] = [None] * 16
        self._free = list(range(15, -1, -1))
        self._next = 0

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: str) -> bool:
        return key in self._slots

    @property
    def capacity(self) -> int:
        """Slots there are; never shrinks."""
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._slots)

    def key(self, slot: int) -> str | None:
        """Key of the row in `slot`, None if it is free."""
        return self._keys[slot] if 0 <= slot < len(self._keys) else None

    def slot(self, key: str) -> int:
        """Slot of `key`, -1 if there is no such row."""
        return self._slots.get(key, -1)

    def slots(self, keys: Iterable[str]) -> SlotArray:
        """Slots of `keys`, for `put`. Raises KeyError for an unknown one."""
        return np.array([self._slots[key] for key in keys], np.intp)

    def add_column(self, *, is_text: bool) -> int:
        """Room for one more column; gives its index into `values`."""
        blank = 0.0 if is_text else np.nan
        self.values = np.vstack([self.values, np.full((1, self.capacity), blank)])
        self._is_text.append(is_text)
        self.column_versions.append(0)
        self.version += 1
        return len(self._is_text) - 1

    def put(self, slots: SlotArray | slice, column: int, values: ArrayLike | Sequence[object]) -> None:
        """Set one column of some rows: one value for all, or as many values as slots."""
        if self._is_text[column]:
            texts = [values] if isinstance(values, str) or values is None else values
            ids = self.pool.ids(texts)  # type: ignore[arg-type]  # a sequence, as said
            if np.array_equal(
                np.broadcast_to(ids, self.values[column, slots].shape), self.values[column, slots]
            ):
                return  # a feed that repeats its names must not have every view built anew
            self.values[column, slots] = ids
        else:
            self.values[column, slots] = np.asarray(values, np.float64)
        self.column_versions[column] += 1
        self.version += 1

    def insert(self, keys: Sequence[str]) -> SlotArray:
        """Slots of `keys`; rows that are not there yet are added at the end, blank."""
        known = self._slots
        new = list(dict.fromkeys(key for key in keys if key not in known))
        if new:
            self._grow(len(new))
            taken = [self._free.pop() for _ in new]
            for key, slot in zip(new, taken, strict=True):
                known[key] = slot
                self._keys[slot] = key
            self.values[:, taken] = np.where(self._is_text, 0.0, np.nan)[:, None]
            self.sequence[taken] = self.born[taken] = np.arange(self._next, self._next + len(new))
            self._next += len(new)
            self._rows_changed()
        return self.slots(keys)

    def replace(self, keys: Sequence[str], columns: Mapping[int, Any]) -> SlotArray:
        """Make the table hold exactly `keys`, in this order; kept rows keep their slots.

        Raises ValueError when a key comes twice: one of the two rows would be lost without a word.
        """
        wanted = set(keys)
        if len(wanted) != len(keys):
            raise ValueError(f"{len(keys)} row keys, but only {len(wanted)} different ones")
        self.remove([key for key in self._slots if key not in wanted])
        slots = self.insert(keys)
        if np.any(np.diff(self.sequence[slots]) <= 0):
            self.sequence[slots] = np.arange(self._next, self._next + len(slots))
            self._next += len(slots)
            self._rows_changed()
        for column, values in columns.items():
            self.put(slots, column, values)
        self.tidy()
        return slots

    def remove(self, keys: Iterable[str]) -> SlotArray:
        """Drop rows; unknown keys are ignored. Gives the slots that became free."""
        freed = [self._slots.pop(key) for key in dict.fromkeys(keys) if key in self._slots]
        slots = np.array(freed, np.intp)
        if freed:
            for slot in freed:
                self._keys[slot] = None
            self._free.extend(freed)
            self.sequence[slots] = -1
            self._rows_changed()
        return slots

    def reserve(self, key: str) -> int:
        """A blank slot that is no row, such as a group's header; `key` is what `key()` says of it."""
        self._grow(1)
        slot = self._free.pop()
        self._keys[slot] = key
        self.values[:, slot] = np.where(self._is_text, 0.0, np.nan)
        self.born[slot] = self._next
        self._next += 1
        return slot

    def release(self, slots: Sequence[int]) -> None:
        """Give back slots from `reserve`."""
        for slot in slots:
            self._keys[slot] = None
        self._free.extend(slots)

    def by_arrival(self) -> SlotArray:
        """Slots of all rows, oldest first."""
        live = np.flatnonzero(self.sequence >= 0)
        return live[np.argsort(self.sequence[live], kind="stable")]

    def _rows_changed(self) -> None:
        self.rows_version += 1
        self.version += 1

    def _grow(self, count: int) -> None:
        while len(self._free) < count:
            old = self.capacity
            self._keys.extend([None] * old)
            self._free[:0] = range(2 * old - 1, old - 1, -1)
            self.sequence = np.concatenate([self.sequence, np.full(old, -1, np.int64)])
            self.born = np.concatenate([self.born, np.zeros(old, np.int64)])
            blank = np.where(self._is_text, 0.0, np.nan)[:, None]
            self.values = np.hstack([self.values, np.broadcast_to(blank, (len(self._is_text), old))])

    def tidy(self) -> None:
        """Let go of texts that no row shows any more, if there are many; cheap otherwise."""
        text = [index for index, is_text in enumerate(self._is_text) if is_text]
        if len(self.pool) <= 4_096 + 4 * len(self) * len(text):
            return
        block = self.values[text].astype(np.int64)
        used = np.unique(np.append(block[:, self.sequence >= 0], 0))
        moved = self.pool.keep_only(used)
        self.values[text] = moved[block]
        self.pool_version += 1
        self.version += 1
