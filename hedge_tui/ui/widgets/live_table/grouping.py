"""Rows under headers: which group a row belongs to, where headers stand and what figures they show.

A header lives in a slot of the row store like a row, without being one: what compares, flashes and paints
cells needs no second way for it. All of it is over whole columns; nothing is done row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.live_table.subtotal import MAX, Subtotal
from hedge_tui.ui.widgets.live_table.text_pool import natural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.live_table.column_set import ColumnSet
    from hedge_tui.ui.widgets.live_table.row_order import Sort
    from hedge_tui.ui.widgets.live_table.row_store import RowStore, SlotArray

HEADER_KEY = "group:"
"""Before the value of a group, in the key of its header."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows in groups, in the order of the view; never changed after it is made.

    Attributes:
        lines: slots from top to bottom, headers among them, members of folded groups left out.
        rows: slots of all rows, group after group, folded ones too.
        starts: where each group begins in `rows`, shape (groups,).
        counts: members of each group, at least 1.
        headers: slot of each header, -1 for a group of one, which shows as a plain row.
        numbers: group of each slot, headers too, -1 for slots that are not in view; shape (capacity,).
    """

    lines: SlotArray
    rows: SlotArray
    starts: SlotArray
    counts: SlotArray
    headers: SlotArray
    numbers: SlotArray

    def header_of(self, slot: int) -> int:
        """Slot of the header above a row, or of a header itself; -1 if there is none."""
        number = int(self.numbers[slot]) if 0 <= slot < len(self.numbers) else -1
        return int(self.headers[number]) if number >= 0 else -1

    def members(self, slots: SlotArray) -> tuple[SlotArray, SlotArray]:
        """Rows of the groups that `slots` belong to, and where each group begins among them."""
        numbers = self.numbers[slots]
        counts = self.counts[numbers]
        starts = np.cumsum(counts) - counts
        at = np.arange(int(counts.sum())) + np.repeat(self.starts[numbers] - starts, counts)
        return self.rows[at], starts


class Grouping:
    """How a table is grouped, and its headers.

    Args:
        store: the rows; headers take slots of it. columns: the columns.

    Attributes:
        column: key of the text column whose values make the groups; "" for none.
        subtotals: column key -> how it is summed up in a header; others stay blank there.
        shut: whether groups are folded, those apart that are in `turned`.
        turned: values of the groups that are the other way.
        version: grows when any of this changes.
        names_version: grows when a header's slot may have got another name.
    """

    def __init__(self, store: RowStore, columns: ColumnSet) -> None:
        self._store = store
        self._columns = columns
        self.column = ""
        self.subtotals: dict[str, Subtotal] = {}
        self.shut = False
        self.turned: set[str] = set()
        self.version = self.names_version = 0
        self._slots: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._by_text: SlotArray = np.empty(0, np.intp)
        self._folds: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._fitted: object = None
        self._ranked: tuple[int, SlotArray, SlotArray] = (-1, self._by_text, self._by_text)

    # -- what the trader chooses

    def by(self, column: str) -> None:
        """Group by another column, "" for none; all groups are open then."""
        self._store.release(list(self._slots.values()))
        self._slots, self._names = {}, {}
        self._fitted = None
        self.names_version += 1
        self.column = column
        self.fold_all(False)

    def fold(self, name: str, folded: bool) -> None:
        """Hide or show the members of one group."""
        (self.turned.discard if folded == self.shut else self.turned.add)(name)
        self.version += 1

    def fold_all(self, folded: bool) -> None:
        """Hide or show the members of all groups, those that are yet to come too."""
        self.shut, self.turned = folded, set()
        self.version += 1

    def is_folded(self, name: str) -> bool:
        """Whether the members of a group are hidden."""
        return self.shut != (name in self.turned)

    def name(self, slot: int) -> str | None:
        """Value of the group whose header is in `slot`, None if there is no header."""
        return self._names.get(slot)

    def slot(self, name: str) -> int:
        """Slot of a group's header, -1 if it never had one."""
        return self._slots.get(name, -1)

    # -- the view

    def arrange(self, rows: SlotArray, sort: Sort | None) -> Groups:
        """Put sorted rows into groups, and groups in order: by their figure of the sort column, or by name.

        Args:
            rows: slots that pass the filter, in the order that members have within their group.
            sort: what they are sorted by.
        """
        store = self._store
        ids = store.values[self._columns.index(self.column), rows].astype(np.intp)
        tally = np.bincount(ids, minlength=1)
        groups = self._by_name(np.flatnonzero(tally))
        if sort is not None and sort.column == self.column and sort.descending:
            groups = groups[::-1]
        places = np.empty(len(tally), np.intp)
        places[groups] = np.arange(len(groups))
        counts = tally[groups].astype(np.intp)
        runs = rows[_stable(places[ids], len(groups))]
        if sort is not None and sort.column in self.subtotals and len(groups):
            figures = self._figures(sort.column, runs, np.cumsum(counts) - counts)
            if self._columns[sort.column].is_text:
                figures = self._ranks(figures)
            groups = groups[np.argsort(-figures if sort.descending else figures, kind="stable")]
            places[groups] = np.arange(len(groups))
            counts = tally[groups].astype(np.intp)
            runs = rows[_stable(places[ids], len(groups))]
        return self._lay_out(runs, counts, self._headers(groups, counts))

    def _lay_out(self, rows: SlotArray, counts: SlotArray, headers: SlotArray) -> Groups:
        headed = headers >= 0
        shut = headed & self._folds[headers]
        heights = np.where(shut, 1, counts + headed)
        tops = np.cumsum(heights) - heights
        starts = np.cumsum(counts) - counts
        lines = np.empty(int(heights.sum()), np.intp)
        lines[tops[headed]] = headers[headed]
        at = np.arange(len(rows)) + np.repeat(tops + headed - starts, counts)
        seen = np.repeat(~shut, counts)
        lines[at[seen]] = rows[seen]
        numbers = np.full(self._store.capacity, -1, np.intp)
        numbers[rows] = np.repeat(np.arange(len(counts)), counts)
        numbers[headers[headed]] = np.flatnonzero(headed)
        return Groups(lines, rows, starts, counts, headers, numbers)

    def _by_name(self, ids: SlotArray) -> SlotArray:
        store = self._store
        version, known, ordered = self._ranked
        if version != store.pool_version or not np.array_equal(known, ids):
            text, word = store.pool.text, store.pool.word
            names = sorted(ids.tolist(), key=lambda number: (not number, natural(word(number)), text(number)))
            ordered = np.array(names, np.intp)
            self._ranked = store.pool_version, ids, ordered
        return ordered

    def _headers(self, groups: SlotArray, counts: SlotArray) -> SlotArray:
        store = self._store
        if len(self._slots) > 2 * len(groups) + 64:
            self._let_go(groups[counts > 1])
        if self._fitted != (self.column, store.pool_version):
            self._fitted = self.column, store.pool_version
            self._by_text = np.empty(0, np.intp)
        missing = len(store.pool) - len(self._by_text)
        if missing > 0:
            self._by_text = np.append(self._by_text, np.full(missing, -1, np.intp))
        for number in groups[(counts > 1) & (self._by_text[groups] < 0)].tolist():
            name = store.pool.text(number)
            slot = self._slots.get(name)
            if slot is None:
                slot = self._slots[name] = store.reserve(HEADER_KEY + name)
                self._names[slot] = name
            self._by_text[number] = slot
        self._folds = np.full(store.capacity, self.shut)
        self._folds[[self._slots[name] for name in self.turned if name in self._slots]] = not self.shut
        return np.where(counts > 1, self._by_text[groups], -1)

    def _let_go(self, groups: SlotArray) -> None:
        wanted = {self._store.pool.text(number) for number in groups.tolist()}
        gone = [name for name in self._slots if name not in wanted]
        self._store.release([self._slots[name] for name in gone])
        for name in gone:
            del self._names[self._slots.pop(name)]
        self._fitted = None
        self.names_version += 1

    # -- figures

    def refresh(self, members: tuple[SlotArray, SlotArray], headers: SlotArray, columns: set[str]) -> None:
        """Bring the figures of some headers up to date.

        Args:
            members: rows of these headers and where each group begins, from `Groups.members`.
            headers: slots of headers.
            columns: keys of the columns to do; those that hold digits of others show the finest member's.
        """
        rows, starts = members
        for key in columns:
            index = self._columns.index(key)
            if key in self.subtotals:
                figures = self._figures(key, rows, starts)
                text = self._columns[key].is_text
                self._store.values[index, headers] = np.nan_to_num(figures, nan=0.0) if text else figures
            elif not self._columns[key].is_text:
                values = self._store.values[index, rows]
                self._store.values[index, headers] = MAX.reduce(values, starts, values)

    def are_folded(self, headers: SlotArray) -> NDArray[np.bool_]:
        """Which of these headers hide their members, as the view was last made."""
        folds: NDArray[np.bool_] = self._folds[headers]
        return folds

    def _figures(self, key: str, rows: SlotArray, starts: SlotArray) -> FloatArray:
        subtotal = self.subtotals[key]
        values = self._store.values[self._columns.index(key), rows]
        other = self._store.values[self._columns.index(subtotal.by), rows] if subtotal.by else values
        return subtotal.reduce(values, starts, other)

    def _ranks(self, ids: FloatArray) -> FloatArray:
        known = ids > 0
        ranks = np.full(len(ids), np.nan)
        ranks[known] = self._store.pool.ranks()[ids[known].astype(np.intp)]
        return ranks


def _stable(places: SlotArray, count: int) -> SlotArray:
    """Order of `places`, equal ones as they came; few enough of them are sorted by radix."""
    ordered: SlotArray = np.argsort(places.astype(np.uint16) if count < 65_536 else places, kind="stable")
    return ordered
