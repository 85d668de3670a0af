"""What of a table is on the screen, and what differs from what should be: the heart of `LiveTable`.

Comparing the visible cells with those painted last gives dirty cells, flashes, coalescing and frame skipping
at once, for a cost that depends on the screen and not on the feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.live_table.column_set import Span
    from hedge_tui.ui.widgets.live_table.row_store import RowStore, SlotArray

PLAIN, CURSOR, PICKED, EMPTY, HEADER, FOLDED, MEMBER, PARTLY = 0, 1, 2, 4, 8, 16, 32, 64
"""Bits of a line's state: under the cursor, picked, no row there; the header of a group, of a folded one;
a row below a header; a header some of whose members are picked."""

STEADY, ROSE, FELL, CHANGED = 0, 1, 2, 3
"""What a cell's flash tells."""

Flags = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The body of a table as painted; never changed after it is made.

    Attributes:
        slots: row of each line, -1 for an empty line, shape (lines,).
        values: shape (spans, lines).
        decimals: digits after the point, shape (spans, lines).
        flashes: STEADY, ROSE, FELL or CHANGED, shape (spans, lines).
        states: bits from CURSOR to PARTLY, shape (lines,).
        counts: members of the group on a header's line, 0 on others, shape (lines,).
    """

    slots: SlotArray
    values: FloatArray
    decimals: Flags
    flashes: Flags
    states: Flags
    counts: SlotArray

    def dirty(self, old: Snapshot) -> NDArray[np.bool_]:
        """Cells that differ from `old`, which has the same shape; shape (spans, lines)."""
        same = (self.values == old.values) | (np.isnan(self.values) & np.isnan(old.values))
        differs: NDArray[np.bool_] = ~same | (self.flashes != old.flashes) | (self.decimals != old.decimals)
        renamed = ((self.states & HEADER) > 0) & (self.slots != old.slots)
        differs[:, renamed | (self.states != old.states) | (self.counts != old.counts)] = True
        return differs


class FlashMemory:
    """Which values the trader has seen, and which of them changed a moment ago.

    Args:
        flash_s: how long a change stays lit; 0 switches flashes off.

    Attributes:
        until: monotonic seconds when the last flash ends.
    """

    def __init__(self, flash_s: float) -> None:
        self._flash_s = flash_s
        self.until = float("-inf")
        self._seen: FloatArray = np.full((0, 0), np.nan)
        self._end: FloatArray = self._seen
        self._way: Flags = np.zeros((0, 0), np.int8)
        self._shown_in: NDArray[np.int64] = np.zeros(0, np.int64)
        self._born: NDArray[np.int64] = np.zeros(0, np.int64)
        self._frame = 1

    def forget(self) -> None:
        """The columns or their ids changed: what comes next counts as seen for the first time."""
        self._frame += 1

    def look(self, store: RowStore, slots: SlotArray, spans: tuple[Span, ...], now: float) -> Flags:
        """Note the values now on screen; gives the flash of each cell, shape (spans, rows).

        A cell flashes when its row was on screen in the last frame too, wherever it stood: rows that are
        only scrolled or sorted into view do not.
        """
        self._fit(store.values.shape)
        indexes = np.array([span.index for span in spans], np.intp)
        lights = np.array([span.column.flash for span in spans], np.bool_)[:, None]
        where = np.ix_(indexes, slots)
        values, before = store.values[where], self._seen[where]
        known = (self._shown_in[slots] == self._frame) & (self._born[slots] == store.born[slots])
        with np.errstate(invalid="ignore"):  # infinity minus infinity
            delta = values - before
        hit = known & lights & (delta != 0) & ~np.isnan(delta)
        if self._flash_s > 0 and hit.any():
            rows, lines = np.nonzero(hit)
            cells = (indexes[rows], slots[lines])
            texts = np.array([span.column.is_text for span in spans], np.bool_)[rows]
            self._way[cells] = np.where(texts, CHANGED, np.where(delta[rows, lines] > 0, ROSE, FELL))
            self.until = now + self._flash_s
            self._end[cells] = self.until
        self._frame += 1
        self._shown_in[slots] = self._frame
        self._born[slots] = store.born[slots]
        self._seen[where] = values
        lit = (self._end[where] > now) & known
        return np.where(lit, self._way[where], STEADY).astype(np.int8)

    def _fit(self, shape: tuple[int, ...]) -> None:
        if self._seen.shape == shape:
            return
        seen = np.full(shape, np.nan)
        end, way = np.full(shape, -np.inf), np.zeros(shape, np.int8)
        rows, slots = self._seen.shape
        seen[:rows, :slots], end[:rows, :slots] = self._seen, self._end
        way[:rows, :slots] = self._way
        shown, born = np.zeros(shape[1], np.int64), np.zeros(shape[1], np.int64)
        shown[:slots], born[:slots] = self._shown_in, self._born
        self._seen, self._end, self._way = seen, end, way
        self._shown_in, self._born = shown, born


def read_decimals(
    store: RowStore, spans: tuple[Span, ...], slots: SlotArray, lookup: dict[str, int]
) -> Flags:
    """Digits after the point of each cell; 2 where a row's own number is not known."""
    decimals = np.full((len(spans), len(slots)), 2, np.int8)
    for place, span in enumerate(spans):
        wanted = span.column.decimals
        if isinstance(wanted, int):
            decimals[place] = wanted
        elif wanted in lookup:
            own = store.values[lookup[wanted], slots]
            decimals[place] = np.nan_to_num(own, nan=2.0).clip(0, 12).astype(np.int8)
    return decimals
