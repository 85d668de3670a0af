"""Reads a desk's journal from its files, whether an engine runs or not: for `hedge journal`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import journal_folder
from hedge_tui.domain import acts
from hedge_tui.engine import checkpoint
from hedge_tui.engine.pnl.calendar import Calendar
from hedge_tui.engine.record import fold
from hedge_tui.engine.record.words import words_of
from store.journal import browse
from store.journal.codec import decode_act
from store.journal.replay import read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hedge_tui.config import Settings
    from hedge_tui.engine.record.words import ActWords
    from hedge_tui.engine.state import DeskState
    from store.journal.row import Row


class JournalReader:
    """The record of one desk; implements `engine.record.explain.Record`.

    Every method raises StoreError where there is no journal, or where it cannot be read.
    """

    def __init__(self, data_dir: Path, settings: Settings) -> None:
        self._folder = journal_folder(data_dir)
        self._calendar = Calendar(settings.desk.timezone, settings.desk.day_start)
        self._walk: tuple[int, DeskState] | None = None

    def words(self) -> ActWords:
        """Acts in words, with the numbers that orders have now."""
        return words_of(self.state_at(None))

    def newest_first(self, since_ns: int = 0) -> Iterator[tuple[int, acts.Act]]:
        """Acts back to `since_ns`, which cannot be told from their numbers alone."""
        return map(_decoded, browse.newest_first(self._folder, since_ns=since_ns))

    def after(self, seq: int) -> Iterator[tuple[int, acts.Act]]:
        """Acts written after `seq`, oldest first."""
        return map(_decoded, browse.oldest_first(self._folder, lambda _: True, seq + 1))

    def last_seq(self) -> int:
        """The newest durable act."""
        return browse.last_seq(self._folder)

    def holding(self, *words: str) -> Iterator[tuple[int, acts.Act]]:
        """Acts in which one of these ids occurs, oldest first."""
        needles = [word.encode() for word in words]
        found = browse.oldest_first(self._folder, lambda row: any(one in row.body for one in needles))
        return map(_decoded, found)

    def act(self, seq: int) -> acts.Act | None:
        """One act, None where there is none of that number."""
        row = browse.row_at(self._folder, seq)
        return None if row is None else _decoded(row)[1]

    def seq_at(self, at_ns: int) -> int:
        """The newest act that is not younger than this; 0 for none."""
        found = browse.newest_first(self._folder)
        return next((row.seq for row in found if row.at_ns <= at_ns), 0)

    def state_at(self, seq: int | None) -> DeskState:
        """The fold up to and including act `seq`; None for the newest.

        A state that is asked for next may be made of this one: it is only good until then.
        """
        last = self.last_seq() if seq is None else seq
        if seq is not None and self._walk is not None and self._walk[0] <= last:
            at, state = self._walk
        else:
            at, state = self._nearest(last)
        for number, act in self._record(at + 1, last):
            fold.step(state, act)
            at = number
        if seq is not None:
            self._walk = (at, state)
        return state

    def replay(self, progress: Callable[[int], None]) -> fold.Replay:
        """Fold everything from the first act on, and once more from the oldest kept state."""
        kind = acts.LineJudged.kind
        judged = [
            act
            for _, act in map(_decoded, browse.oldest_first(self._folder, lambda row: row.kind == kind))
            if isinstance(act, acts.LineJudged)
        ]
        saved, last = browse.kept_states(self._folder), self.last_seq()
        found = fold.replay(self._record(1, last), saved, judged, self._calendar, progress)
        oldest = next((one.seq for one in found.compared if one.fold), 0)
        if oldest:
            state = fold.fold_from(saved[oldest], self._record(oldest + 1, last), self._calendar)
            found.from_checkpoint = (oldest, checkpoint.state_hash(state))
        return found

    def _nearest(self, last: int) -> tuple[int, DeskState]:
        for seq, saved in reversed(browse.kept_states(self._folder).items()):
            if seq <= last and (state := fold.loaded(saved, self._calendar)) is not None:
                return seq, state
        return 0, fold.empty_state(self._calendar)

    def _record(self, from_seq: int, to_seq: int) -> Iterator[tuple[int, acts.Act]]:
        if from_seq > to_seq:
            return
        for row in read_record(self._folder, from_seq):
            if row.seq > to_seq:
                return
            yield _decoded(row)


def _decoded(row: Row) -> tuple[int, acts.Act]:
    return row.seq, decode_act(row.seq, row.kind, row.body)
