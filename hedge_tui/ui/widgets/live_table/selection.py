"""Which rows are picked for a bulk action; bound to rows, not to places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hedge_tui.ui.widgets.live_table.row_store import SlotArray


class Selection:
    """Picked slots and the anchor of a range.

    Attributes:
        version: grows with every change.
        anchor: slot where a shift range began, -1 for none.
    """

    def __init__(self) -> None:
        self._picked: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._base: NDArray[np.bool_] = self._picked
        self.anchor = -1
        self.version = 0

    def flags(self, capacity: int) -> NDArray[np.bool_]:
        """Picked or not, by slot; grown to `capacity` slots. Not a copy."""
        if len(self._picked) < capacity:
            missing = np.zeros(capacity - len(self._picked), np.bool_)
            self._picked = np.concatenate([self._picked, missing])
            self._base = np.concatenate([self._base, np.zeros(capacity - len(self._base), np.bool_)])
        return self._picked

    def among(self, slots: SlotArray) -> SlotArray:
        """The picked ones of `slots`, in their order."""
        if not len(slots):
            return slots
        picked: SlotArray = slots[self.flags(int(slots.max()) + 1)[slots]]
        return picked

    def toggle(self, slots: SlotArray) -> None:
        """Pick these rows, or drop them if all of them are picked; the next range begins anew."""
        flags = self.flags(int(slots.max()) + 1 if len(slots) else 0)
        flags[slots] = not flags[slots].all()
        self.anchor = -1
        self.version += 1

    def extend(self, anchor: int, rows: SlotArray) -> None:
        """Pick `rows`, the range that begins at slot `anchor`, besides what was picked before it began.

        A range that shrinks again drops what it had picked itself. The anchor is kept until `toggle`.
        """
        flags = self.flags(int(rows.max()) + 1 if len(rows) else 0)
        if self.anchor < 0:
            self.anchor = anchor
            self._base = flags.copy()
        flags[:] = self._base
        flags[rows] = True
        self.version += 1

    def take(self, slots: SlotArray) -> None:
        """Pick exactly these."""
        self._picked[:] = False
        self.flags(int(slots.max()) + 1 if len(slots) else 0)[slots] = True
        self.anchor = -1
        self.version += 1

    def keep(self, slots: SlotArray) -> bool:
        """Drop all but those among `slots`; True if that changed anything.

        Called when a filter hides rows: a bulk action must not reach what is not on screen.
        """
        kept = self.among(slots)
        if np.count_nonzero(self._picked) == len(kept):
            return False
        self.take(kept)
        return True

    def drop(self, slots: SlotArray) -> None:
        """Forget removed rows, before their slots are used again."""
        if len(slots):
            flags = self.flags(int(slots.max()) + 1)
            if flags[slots].any():
                self.version += 1
            flags[slots] = False
            self._base[slots] = False
            if self.anchor in slots:
                self.anchor = -1
