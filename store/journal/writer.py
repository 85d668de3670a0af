"""The journal's own thread: takes what is queued, makes it durable in one commit, and tells who waits.

While one commit is on its way to the disk everything that arrives is gathered for the next one, so that
five hundred acts cost hardly more than one. Housekeeping (SQLite's checkpoints, dropping archived rows,
syncing the high-water file) is done when nothing is queued.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from store.journal import database
from store.journal.high_water import HighWater, HighWaterFile
from store.journal.row import chained
from store.journal.waiter import Waiter, settle_from_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_REST_S = 0.25
_CHECKPOINT_BYTES = 32 * 1024 * 1024
"""A log this long is checkpointed even between two commits that wait; one takes about 20 ms then."""
_PRUNE_STEP = 1_000


@dataclass(frozen=True, slots=True)
class Append:
    """Acts to make durable: (seq, at_ns, kind, body) each, and who waits for them."""

    acts: Sequence[Raw]
    waiter: Waiter


@dataclass(frozen=True, slots=True)
class Keep:
    """A state to keep as the fold of all acts up to `seq`."""

    seq: int
    state: bytes
    waiter: Waiter


@dataclass(frozen=True, slots=True)
class Prune:
    """The acts up to `to` are in segments; drop them from the database."""

    to: HighWater


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing follows."""


Job = Append | Keep | Prune | Stop
Raw = tuple[int, int, str, bytes]
"""An act before it is chained: (seq, at_ns, kind, body)."""


class Writer(threading.Thread):
    """Owns the writing connection from `start` until it ends.

    Attributes:
        dead: why nothing is durable any more, or "". Set once, never cleared: after a failed sync nobody
            knows what is on disk, so trying again would lie. Another writer on files that were opened and
            verified anew may go on: see `reopening`.
        durable: the newest durable row.
        unwritten: acts handed over that are not durable, in order, once it is dead and has ended.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        marks: HighWaterFile,
        durable: HighWater,
        on_kept: Callable[[], None],
    ) -> None:
        """`on_kept` is called in this thread after a state was kept; it must not block."""
        super().__init__(name="journal", daemon=True)
        self.dead = ""
        self.durable = durable
        self.unwritten: list[Raw] = []
        self._connection = connection
        self._marks = marks
        self._on_kept = on_kept
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._prune_to: HighWater | None = None
        self._unchecked_bytes = 0
        self._resting = True

    def submit(self, job: Job) -> None:
        """Queue a job, from any thread; they are done in order."""
        self._jobs.put(job)

    @property
    def queued(self) -> int:
        """Jobs that wait for the next commit."""
        return self._jobs.qsize()

    def run(self) -> None:
        """Work until a `Stop`."""
        stopping = False
        while not stopping:
            jobs = self._take()
            stopping = any(isinstance(job, Stop) for job in jobs)
            for job in jobs:
                if isinstance(job, Prune):
                    self._prune_to, self._resting = job.to, False
            work = [job for job in jobs if isinstance(job, Append | Keep)]
            if work:
                self._commit(work)
            if not jobs or self._unchecked_bytes > _CHECKPOINT_BYTES:
                self._guarded(self._rest)
        self._guarded(self._finish)
        with contextlib.suppress(sqlite3.Error):  # of a disk that has failed before
            self._connection.close()
        self._marks.close()

    def _take(self) -> list[Job]:
        """All that is queued; waits for the first one, but not for ever while housekeeping is left."""
        timeout = None if self._resting else (0.0 if self._prune_to else _REST_S)
        try:
            jobs = [self._jobs.get(timeout=timeout)] if timeout != 0.0 else [self._jobs.get_nowait()]
        except Empty:
            return []
        try:
            while not isinstance(jobs[-1], Stop):
                jobs.append(self._jobs.get_nowait())
        except Empty:
            pass
        return jobs

    def _commit(self, work: Sequence[Append | Keep]) -> None:
        waiters = [job.waiter for job in work]
        kept = False
        if not self.dead:
            try:
                kept = self._write(work)
            except (sqlite3.Error, OSError) as error:
                self.dead = f"the journal cannot be written: {error}"
                self._roll_back()
        if self.dead:
            self.unwritten += [act for job in work if isinstance(job, Append) for act in job.acts]
        if kept:
            self._on_kept()  # before anyone is told, so that a close that follows waits for it
        settle_from_thread(waiters, self.dead)

    def _write(self, work: Sequence[Append | Keep]) -> bool:
        rows = chained(self.durable, [act for job in work if isinstance(job, Append) for act in job.acts])
        tail = HighWater(rows[-1].seq, rows[-1].hash) if rows else self.durable
        self._unchecked_bytes += sum(len(row.body) for row in rows)
        states = [job for job in work if isinstance(job, Keep)]
        self._resting = False
        self._connection.execute("BEGIN IMMEDIATE")
        database.insert_rows(self._connection, rows)
        for state in states:
            database.put_checkpoint(self._connection, state.seq, state.state)
        self._connection.execute("COMMIT")
        self.durable = tail
        if rows:
            self._marks.write(tail)
        return bool(states)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                return

    def _guarded(self, act: Callable[[], None]) -> None:
        if self.dead:
            self._resting = True
            return
        try:
            act()
        except (sqlite3.Error, OSError) as error:
            self.dead = f"the journal cannot be written: {error}"
            self._roll_back()
            self._resting = True

    def _rest(self) -> None:
        if self._prune_to is not None and self._unchecked_bytes <= _CHECKPOINT_BYTES:
            self._prune_step(self._prune_to)
            return
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._marks.sync()
        self._unchecked_bytes = 0
        self._resting = self._prune_to is None

    def _prune_step(self, to: HighWater) -> None:
        floor = database.read_floor(self._connection)
        seq = min(to.seq, floor.seq + _PRUNE_STEP)
        digest = database.hash_of(self._connection, seq)
        if digest is None or seq <= floor.seq:
            self._prune_to = None
            return
        self._connection.execute("BEGIN IMMEDIATE")
        database.raise_floor(self._connection, HighWater(seq, digest))
        self._connection.execute("COMMIT")
        self._resting = False

    def _finish(self) -> None:
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._marks.sync()
