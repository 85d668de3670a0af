"""The journal on disk: the engine's only truth about its own orders.

Opened by the bootstrap of the engine before anything else, replayed, then written by the engine alone. The
simulation uses `store.journal.memory` in its place; one contract suite holds both.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import LedgerError, StoreError
from store.journal import database
from store.journal.archive import Archiver
from store.journal.codec import decode_act, encode_act
from store.journal.high_water import HighWater, HighWaterFile
from store.journal.opening import DATABASE, LOCK, MARK, open_checked
from store.journal.reopening import write_waiting
from store.journal.replay import read_record
from store.journal.waiter import promise_here, settle
from store.journal.writer import Append, Keep, Prune, Raw, Stop, Writer
from store.lock import OwnerLock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Iterator, Sequence
    from pathlib import Path

    from hedge_tui.domain.acts import Act

CLOSED = "the journal is closed"
KEPT_WAITING = 200_000
"""Most acts that are kept in memory for `reopen` while the disk refuses them."""


class SqliteJournal:
    """Implements the domain's `Journal` port. Make one with `SqliteJournal.open`.

    Attributes:
        folder: where its files stand.
        notices: what the trader should hear about the opening: accepted losses; usually empty.
    """

    def __init__(self, folder: Path, lock: OwnerLock, writer: Writer, archiver: Archiver, lost: str) -> None:
        self.folder = folder
        self.notices = (lost,) if lost else ()
        self._lock = lock
        self._writer = writer
        self._archiver = archiver
        self._last_seq = writer.durable.seq
        self._waiting: list[Raw] = []
        self._closed = False

    @classmethod
    def open(cls, folder: Path, *, accept_loss: bool = False) -> SqliteJournal:
        """Open the journal in `folder`, made with mode 0700 where there is none, and verify it.

        Blocks for about a second per 300,000 acts that are not archived yet.

        Args:
            folder: one journal's own folder, such as `DATA/journal`.
            accept_loss: go on with what is left of a damaged journal; `notices` then says what was lost.

        Raises:
            StoreError: in use by another process (named by id; at once), damaged, newer than this program,
                or the disk refused.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be made: {error.strerror}") from error
        lock = OwnerLock(folder / LOCK, f"the journal in {folder}")
        try:
            connection, last, lost = open_checked(folder, accept_loss=accept_loss)
            writer = _start(folder, connection, last)
        except BaseException:
            lock.release()
            raise
        return cls(folder, lock, writer[0], writer[1], lost)

    @property
    def dead(self) -> str:
        """Why nothing can be written any more, or ""."""
        return self._writer.dead

    @property
    def last_seq(self) -> int:
        """The newest sequence number given out; durable ones are at most this."""
        return self._last_seq

    @property
    def queued(self) -> int:
        """Appends that wait for the next commit; a number that stays high means a slow disk."""
        return self._writer.queued

    def append(self, acts: Sequence[Act]) -> asyncio.Future[int]:
        """Queue acts now; the awaitable gives the last sequence number once they are durable.

        With no acts it gives the newest number once everything queued before is durable. Call it from one
        thread, on a running loop.

        Raises:
            StoreError: (from the awaitable) not durable, and nothing later will be.
            LedgerError: (at once) an act that cannot be journalled; nothing was queued.
        """
        encoded = [encode_act(act) for act in acts]
        after = self._last_seq + len(encoded)
        waiter = promise_here(after)
        if self._closed:
            settle((waiter,), CLOSED)
            return waiter.promise
        rows: list[Raw] = [(self._last_seq + n, *fields) for n, fields in enumerate(encoded, 1)]
        self._last_seq = after
        if self._writer.dead:
            # The state has taken them in: `reopen` writes them, so that the record is the desk's again.
            self._waiting += rows
            settle((waiter,), self._writer.dead)
            return waiter.promise
        self._writer.submit(Append(rows, waiter))
        return waiter.promise

    async def reopen(self) -> int:
        """Verify the files anew after a failure, and write what could not be; how many acts that were.

        Raises:
            StoreError: it still cannot be written, or acts that were acknowledged are missing; the journal
                stays dead, and keeps what waits.
        """
        if self._closed or not self._writer.dead:
            return 0
        loop, old = asyncio.get_running_loop(), self._writer
        old.submit(Stop())
        await loop.run_in_executor(None, old.join)
        await loop.run_in_executor(None, self._archiver.join)
        behind = (act for act in (*old.unwritten, *self._waiting) if act[0] > old.durable.seq)
        waiting = list(behind)
        old.unwritten, self._waiting = [], []
        if len(waiting) > KEPT_WAITING:
            self._waiting = waiting
            raise StoreError(f"{len(waiting):,} acts wait; restart the engine, which asks the venues instead")
        try:
            write = partial(write_waiting, self.folder, old.durable, waiting)
            connection, last = await loop.run_in_executor(None, write)
        except StoreError:
            self._waiting = [*waiting, *self._waiting]
            raise
        self._writer, self._archiver = _start(self.folder, connection, last)
        if late := self._waiting:  # acts of the time that the writing took
            self._waiting = []
            self._writer.submit(Append(late, promise_here(None)))
        return len(waiting)

    def replay(self, from_seq: int = 1) -> Iterator[tuple[int, Act]]:
        """Durable acts with their sequence numbers, oldest first, archived ones included.

        Raises:
            StoreError: the record is damaged; says at which act.
        """
        for row in read_record(self.folder, from_seq):
            yield row.seq, decode_act(row.seq, row.kind, row.body)

    def checkpoint(self) -> tuple[int, bytes] | None:
        """(sequence number, state) of the newest kept state that is undamaged, or None."""
        connection = database.connect_reader(self.folder / DATABASE)
        try:
            for seq in database.checkpoint_seqs(connection):
                state = database.read_checkpoint(connection, seq)
                if state is not None:
                    return seq, state
        finally:
            connection.close()
        return None

    def save_checkpoint(self, seq: int, state: bytes) -> Awaitable[None]:
        """Keep `state` as the fold of all acts up to `seq`; durable when awaited.

        The two newest states are kept; acts behind the older one are archived in the background.

        Raises:
            LedgerError: (at once) `seq` was never given out.
            StoreError: (from the awaitable) not kept.
        """
        if not 0 < seq <= self._last_seq:
            raise LedgerError(f"a checkpoint at act {seq}, but the journal has {self._last_seq}")
        waiter = promise_here(None)
        if refusal := CLOSED if self._closed else self._writer.dead:
            settle((waiter,), refusal)
        else:
            self._writer.submit(Keep(seq, state, waiter))
        return waiter.promise

    async def close(self) -> None:
        """Make what is queued durable and release the files; again is harmless."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._archiver.join)
        self._writer.submit(Stop())
        await loop.run_in_executor(None, self._writer.join)
        self._lock.release()


def _start(folder: Path, connection: sqlite3.Connection, last: HighWater) -> tuple[Writer, Archiver]:
    try:
        marks = HighWaterFile(folder / MARK)
        marks.reset(last)
    except OSError as error:
        connection.close()
        raise StoreError(f"{folder / MARK} cannot be written: {error.strerror}") from error
    archiver = Archiver(folder, lambda to: writer.submit(Prune(to)))
    writer = Writer(connection, marks, last, archiver.start)
    writer.start()
    return writer, archiver
