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
from store.journal.segments import write_segment

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
        floor = database.read_floor(connection)
        start = floor.seq
        rows = verified(database.read_rows(connection, start + 1, seqs[-1]), start, floor.hash)
        while chunk := list(islice(rows, SEGMENT_ROWS)):
            write_segment(folder / SEGMENTS, chunk)
            done(_mark_of(chunk[-1]))
        return seqs[-1] - start
    finally:
        connection.close()


def _mark_of(row: Row) -> HighWater:
    return HighWater(row.seq, row.hash)


class Archiver:
    """Runs `archive_once` in a thread of its own, one at a time."""

    def __init__(self, folder: Path, done: Callable[[HighWater], None]) -> None:
        self._folder = folder
        self._done = done
        self._running: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Archive now, unless that is going on."""
        with self._lock:
            if self._running is None or not self._running.is_alive():
                self._running = threading.Thread(target=self._run, name="journal-archive", daemon=True)
                self._running.start()

    def join(self) -> None:
        """Wait for the run that is going on."""
        with self._lock:
            running = self._running
        if running is not None:
            running.join()

    def _run(self) -> None:
        try:
            archive_once(self._folder, self._done)
        except (StoreError, OSError, sqlite3.Error) as error:
            # Acts stay where they are, so nothing is lost; the database only grows.
            _log.warning("old acts of the journal could not be archived: %s", error)
