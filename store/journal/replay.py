"""Reading the record: archived segments first, then the database, every act checked against the chain."""

from __future__ import annotations

import sqlite3
from itertools import chain as chain_of
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.opening import DATABASE, SEGMENTS
from store.journal.row import GENESIS, verified
from store.journal.segments import list_segments, read_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store.journal.row import Row


def read_record(folder: Path, from_seq: int) -> Iterator[Row]:
    """Durable rows from `from_seq` on, oldest first, verified as they come.

    The chain is followed from the start of the segment or database that holds `from_seq`.

    Raises:
        StoreError: rows are missing, altered or unreadable; names the first one.
    """
    connection = database.connect_reader(folder / DATABASE)
    try:
        yield from _read(connection, folder, max(from_seq, 1))
    except sqlite3.Error as error:
        raise StoreError(f"the journal {folder / DATABASE} cannot be read: {error}") from error
    finally:
        connection.close()


def _read(connection: sqlite3.Connection, folder: Path, from_seq: int) -> Iterator[Row]:
    # One read transaction: the writer may move rows into segments at this very moment.
    connection.execute("BEGIN")
    floor = database.read_floor(connection)
    if from_seq > floor.seq:
        before = database.hash_of(connection, from_seq - 1)
        if before is not None:
            yield from verified(database.read_rows(connection, from_seq), from_seq - 1, before)
        return
    rows = _unrepeated(connection, folder, from_seq, floor.seq)
    first = next(rows, None)
    if first is None or first.seq > from_seq:
        end = floor.seq if first is None else first.seq - 1
        raise StoreError(f"the archived acts {from_seq} to {end} of the journal are missing")
    if first.seq == 1:
        chain = verified(chain_of((first,), rows), 0, GENESIS)
    else:
        # A record read from its middle: the first row's own hash is what the others must follow.
        chain = chain_of((first,), verified(rows, first.seq, first.hash))
    yield from (row for row in chain if row.seq >= from_seq)


def _unrepeated(connection: sqlite3.Connection, folder: Path, from_seq: int, floor_seq: int) -> Iterator[Row]:
    """Rows of segments and database in order; a crash while archiving leaves some of them in two segments."""
    newest = 0
    for segment in list_segments(folder / SEGMENTS):
        if segment.last_seq < from_seq:
            continue
        for row in read_segment(segment):
            if row.seq > newest:
                newest = row.seq
                yield row
    yield from database.read_rows(connection, max(newest, floor_seq) + 1)
