"""Looks things up in the record without following its chain: newest first, by span, by id; also in use.

What it hands out is what is on disk. Whether that is what was written says `integrity`.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.opening import DATABASE, SEGMENTS
from store.journal.segments import list_segments, read_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from store.journal.row import Row

CLOCK_SLACK_NS = 86_400 * 10**9
"""By how much a clock may have been set back: acts lie in the order they were written, not by their times."""


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    if not (folder / DATABASE).exists():
        raise StoreError(f"there is no journal in {folder}; it is made when the engine first starts")
    try:
        connection = database.connect_reader(folder / DATABASE)
        try:
            # One read transaction: the writer may move rows into segments at this very moment.
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(f"the journal {folder / DATABASE} cannot be read: {error}") from error


def newest_first(folder: Path, *, since_ns: int = 0) -> Iterator[Row]:
    """Rows from the newest back to the first whose time lies before `since_ns`.

    Raises:
        StoreError: there is no journal, or it cannot be read.
    """
    with _reading(folder) as connection:
        oldest = since_ns - CLOCK_SLACK_NS
        floor = database.read_floor(connection).seq
        for row in database.read_rows(connection, floor + 1, newest_first=True):
            if row.at_ns < oldest:
                return
            if row.at_ns >= since_ns:
                yield row
        lowest = floor + 1
        for segment in reversed(list_segments(folder / SEGMENTS)):
            rows = [row for row in read_segment(segment) if row.seq < lowest]
            for row in reversed(rows):
                if row.at_ns >= since_ns:
                    yield row
            if rows and rows[-1].at_ns < oldest:
                return
            lowest = min(lowest, segment.first_seq)


def oldest_first(folder: Path, wanted: Callable[[Row], bool], from_seq: int = 1) -> Iterator[Row]:
    """Rows from `from_seq` on that are wanted.

    Raises:
        StoreError: there is no journal, or it cannot be read.
    """
    with _reading(folder) as connection:
        floor, seen = database.read_floor(connection).seq, from_seq - 1
        for segment in list_segments(folder / SEGMENTS):
            if segment.last_seq <= seen:
                continue
            for row in read_segment(segment):
                if seen < row.seq <= floor:
                    seen = row.seq
                    if wanted(row):
                        yield row
        yield from filter(wanted, database.read_rows(connection, seen + 1))


def row_at(folder: Path, seq: int) -> Row | None:
    """One row, or None where the record has none of that number.

    Raises:
        StoreError: there is no journal, or it cannot be read.
    """
    return next((row for row in oldest_first(folder, lambda row: row.seq == seq, max(seq, 1))), None)


def last_seq(folder: Path) -> int:
    """The newest act that is durable.

    Raises:
        StoreError: there is no journal, or it cannot be read.
    """
    with _reading(folder) as connection:
        return database.read_last(connection).seq


def kept_states(folder: Path) -> dict[int, bytes]:
    """The undamaged states in the journal by the act they stand for, oldest first.

    Raises:
        StoreError: there is no journal, or it cannot be read.
    """
    with _reading(folder) as connection:
        seqs = reversed(database.checkpoint_seqs(connection))
        found = ((seq, database.read_checkpoint(connection, seq)) for seq in seqs)
        return {seq: state for seq, state in found if state is not None}
