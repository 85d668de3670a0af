"""The newest acts, kept at hand for whoever looks over the engine's shoulder."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hedge_tui.domain.acts import Act
    from hedge_tui.domain.ports.journal import Journal

KEEP = 1_000


class JournalTail:
    """Acts with their numbers, without holes.

    Attributes:
        last: number of the newest act, 0 for none.
    """

    def __init__(self) -> None:
        self._acts: deque[tuple[int, Act]] = deque(maxlen=KEEP)
        self.last = 0

    def read(self, journal: Journal) -> None:
        """Take the newest acts of a journal that was just replayed.

        Raises:
            StoreError: archived ones are damaged.
        """
        self._take(journal.replay(max(1, journal.last_seq - KEEP + 1)))

    def add(self, first: int, acts: Sequence[Act]) -> None:
        """Take acts that were just handed to the journal; `first` is the first one's number."""
        self._take(enumerate(acts, first))

    def get(self, seq: int) -> Act | None:
        """The act of a number, None when it is no longer here."""
        if not self._acts or not self._acts[0][0] <= seq <= self.last:
            return None
        return self._acts[seq - self._acts[0][0]][1]

    @property
    def first(self) -> int:
        """Number of the oldest act that is here, 0 for none."""
        return self._acts[0][0] if self._acts else 0

    def _take(self, acts: Iterable[tuple[int, Act]]) -> None:
        for seq, act in acts:
            if self._acts and seq != self.last + 1:
                self._acts.clear()  # never with a hole: numbers are places
            self._acts.append((seq, act))
            self.last = seq
