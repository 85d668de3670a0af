"""The record of a journal in memory, as an explanation reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.engine.record import fold
from store.journal.codec import encode_act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hedge_tui.domain.acts import Act
    from hedge_tui.domain.ports.journal import Journal
    from hedge_tui.engine.state import DeskState


class MemoryRecord:
    """Implements `engine.record.explain.Record`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def holding(self, *words: str) -> Iterator[tuple[int, Act]]:
        for seq, act in self._journal.replay():
            if any(word.encode() in encode_act(act)[2] for word in words):
                yield seq, act

    def act(self, seq: int) -> Act | None:
        return next((act for number, act in self._journal.replay() if number == seq), None)

    def state_at(self, seq: int | None) -> DeskState:
        state = fold.empty_state()
        for number, act in self._journal.replay():
            if seq is None or number <= seq:
                fold.step(state, act)
        return state
