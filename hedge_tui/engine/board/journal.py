"""The newest acts of the journal, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import LiveRows
from hedge_tui.engine.record.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes


class JournalRows(LiveRows):
    """`journal`: what was done, newest last."""

    topic = "journal"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._words = words_of(desk.state)
        self._seen = 0

    def touch(self, changes: Changes) -> None:
        """Whatever was recorded is new here; what it is, the tail knows."""

    def make(self) -> tuple[set[str], set[str]]:
        """Rows of the acts since the last time."""
        tail = self.desk.tail
        if tail.last != self._seen:
            self.dirty.update(str(seq) for seq in range(max(self._seen + 1, tail.first), tail.last + 1))
            self.dirty.update(key for key in self.rows if int(key) < tail.first)
            self._seen = tail.last
        return super().make()

    def keys(self) -> Iterable[str]:
        return [str(seq) for seq in range(self.desk.tail.first, self.desk.tail.last + 1)]

    def row(self, key: str) -> list[Any] | None:
        act = self.desk.tail.get(int(key))
        if act is None:
            return None
        row = self._words.row(int(key), act)
        about = row.order or (f"run:{row.run}" if row.run else key)
        return [
            key,
            row.at_ns,
            row.level,
            row.kind.replace("_", " "),
            row.account,
            row.order,
            row.run,
            row.text,
            about,
        ]
