"""Moves acts that two checkpoints stand for into segments, beside the running writer.

It reads on a connection of its own; the writer only drops the rows, a thousand at a time, when it is idle.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from itertools import islice
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.high_water import HighWater
from store.journal.opening import DATABASE, SEGMENTS
from store.journal.row import verified
from store.journal.segments import list_segments, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from store.journal.row import Row

_log = logging.getLogger(__name__)
SEGMENT_ROWS = 20_000


def archive_once(folder: Path, done: Callable[[HighWater], None]) -> int:
    """Write segments for all acts behind the older of the two kept checkpoints; returns how many acts.

    `done` is told the last act of each segment after the segment is durable.

    Raises:
        StoreError: an act does not follow its predecessor; nothing damaged is archived.
        OSError, sqlite3.Error: the disk refused; the acts stay in the database.
    """
    connection = database.connect_reader(folder / DATABASE)
    try:
        seqs = database.checkpoint_seqs(connection)
        if len(seqs) < database.KEPT_CHECKPOINTS:
            return 0
        start = _archived(connection, folder)
        rows = verified(database.read_rows(connection, start.seq + 1, seqs[-1]), start.seq, start.hash)
        done(start)  # a run before this one may have ended before its rows were dropped
        while chunk := list(islice(rows, SEGMENT_ROWS)):
            write_segment(folder / SEGMENTS, chunk)
            done(_mark_of(chunk[-1]))
        return max(seqs[-1] - start.seq, 0)
    finally:
        connection.close()


def _archived(connection: sqlite3.Connection, folder: Path) -> HighWater:
    """The newest act that a segment or the floor already stands for."""
    floor = database.read_floor(connection)
    newest = max((segment.last_seq for segment in list_segments(folder / SEGMENTS)), default=0)
    digest = database.hash_of(connection, newest) if newest > floor.seq else None
    return floor if digest is None else HighWater(newest, digest)


def _mark_of(row: Row) -> HighWater:
    return HighWater(row.seq, row.hash)


class Archiver:
    """Runs `archive_once` in a thread of its own, one at a time."""

    def __init__(self, folder: Path, done: Callable[[HighWater], None]) -> None:
        self._folder = folder
        self._done = done
        self._running: threading.Thread | None = None
        self._asked = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Archive now, or once more after the run that is going on."""
        with self._lock:
            self._asked = True
            if self._running is None:
                self._running = threading.Thread(target=self._run, name="journal-archive", daemon=True)
                self._running.start()

    def join(self) -> None:
        """Wait until everything asked for was done."""
        while True:
            with self._lock:
                running = self._running
            if running is None:
                return
            running.join()

    def _run(self) -> None:
        while self._next():
            try:
                archive_once(self._folder, self._done)
            except (StoreError, OSError, sqlite3.Error) as error:
                # Acts stay where they are, so nothing is lost; the database only grows.
                _log.warning("old acts of the journal could not be archived: %s", error)

    def _next(self) -> bool:
        with self._lock:
            asked, self._asked = self._asked, False
            if not asked:
                self._running = None
            return asked
