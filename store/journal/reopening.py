"""Going on after a disk has failed: what is on it is verified, then what waits is written behind it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.high_water import HighWater
from store.journal.opening import open_checked
from store.journal.row import chained

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from store.journal.row import Row
    from store.journal.writer import Raw


def write_waiting(
    folder: Path, durable: HighWater, waiting: Sequence[Raw]
) -> tuple[sqlite3.Connection, HighWater]:
    """Open the journal in `folder` anew and make the acts that wait durable.

    The commit that failed may be on disk all the same: acts that are there must be the ones that wait.

    Args:
        folder: its files; the caller holds the lock, and no other connection writes.
        durable: the newest row that somebody was told is durable.
        waiting: acts behind it, in order.

    Returns:
        The writing connection and the newest row.

    Raises:
        StoreError: still not writable, or what is on disk is not what was written.
    """
    connection, last, _ = open_checked(folder, accept_loss=False)
    try:
        missing = _missing(connection, last, durable, chained(durable, waiting))
        # What a failed sync left may be in memory alone: it is written once more, and synced.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        database.insert_rows(connection, missing)
        connection.execute("COMMIT")
    except StoreError:
        connection.close()
        raise
    except (sqlite3.Error, OSError) as error:
        connection.close()
        raise StoreError(f"the journal still cannot be written: {error}") from error
    return connection, HighWater(missing[-1].seq, missing[-1].hash) if missing else last


def _missing(
    connection: sqlite3.Connection, last: HighWater, durable: HighWater, rows: Sequence[Row]
) -> Sequence[Row]:
    """The rows that are not on disk."""
    if last.seq < durable.seq or database.hash_of(connection, durable.seq) != durable.hash:
        raise StoreError(
            f"act {durable.seq} of the journal was acknowledged and is not on disk any more; "
            "restart the engine and do what it says"
        )
    there = [row for row in rows if row.seq <= last.seq]
    if any(database.hash_of(connection, row.seq) != row.hash for row in there):
        raise StoreError(f"the journal goes on after act {durable.seq} with acts of another desk")
    return rows[len(there) :]
