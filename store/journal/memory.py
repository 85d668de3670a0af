"""A journal in memory for simulated time: the same promises, a crash on demand, and a disk that can fail.

It runs on the event loop's own timers, so that a loop with a simulated clock governs it. Every act passes
through the codec of the real journal.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import LedgerError, StoreError
from store.journal.codec import decode_act, encode_act
from store.journal.row import GENESIS, Row, link, verified
from store.journal.waiter import Waiter, promise_here, settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from hedge_tui.domain.acts import Act


@dataclass(frozen=True, slots=True)
class _Pending:
    rows: Sequence[Row]
    checkpoint: tuple[int, bytes] | None
    waiter: Waiter


class MemoryJournal:
    """Implements the domain's `Journal` port without a disk.

    Attributes:
        commits: how many commits were made durable.
    """

    def __init__(self, sync_delay_s: Callable[[], float] = lambda: 0.0) -> None:
        """`sync_delay_s` is asked for each commit how long the disk takes, in seconds of the loop's time."""
        self.commits = 0
        self._sync_delay_s = sync_delay_s
        self._durable: list[Row] = []
        self._checkpoints: list[tuple[int, bytes]] = []
        self._tail = (0, GENESIS)
        self._pending: list[_Pending] = []
        self._unwritten: list[Row] = []
        self._commit: tuple[asyncio.TimerHandle | asyncio.Handle, list[_Pending]] | None = None
        self._fail_in: int | None = None
        self._fail_reason = ""
        self._dead = ""
        self._closed = False

    @property
    def dead(self) -> str:
        """Why nothing can be written any more, or ""."""
        return self._dead

    @property
    def last_seq(self) -> int:
        """The newest sequence number given out."""
        return self._tail[0]

    @property
    def durable_seq(self) -> int:
        """The newest durable sequence number."""
        return self._durable[-1].seq if self._durable else 0

    def append(self, acts: Sequence[Act]) -> asyncio.Future[int]:
        """As the port says."""
        encoded = [encode_act(act) for act in acts]
        seq, tail = self._tail
        waiter = promise_here(seq + len(encoded))
        if self._closed:
            settle((waiter,), "the journal is closed")
            return waiter.promise
        rows = []
        for at_ns, kind, body in encoded:
            seq, tail = seq + 1, link(tail, seq + 1, at_ns, kind, body)
            rows.append(Row(seq, at_ns, kind, body, tail))
        self._tail = (seq, tail)
        if self._dead:
            self._unwritten += rows
            settle((waiter,), self._dead)
            return waiter.promise
        self._enqueue(_Pending(rows, None, waiter))
        return waiter.promise

    def save_checkpoint(self, seq: int, state: bytes) -> Awaitable[None]:
        """As the port says."""
        if not 0 < seq <= self.last_seq:
            raise LedgerError(f"a checkpoint at act {seq}, but the journal has {self.last_seq}")
        waiter = promise_here(None)
        if refusal := self._refusal():
            settle((waiter,), refusal)
        else:
            self._enqueue(_Pending((), (seq, state), waiter))
        return waiter.promise

    def replay(self, from_seq: int = 1) -> Iterator[tuple[int, Act]]:
        """Durable acts only, as the port says."""
        start = max(from_seq, 1)
        before = self._durable[start - 2].hash if 1 < start <= len(self._durable) + 1 else GENESIS
        for row in verified(self._durable[start - 1 :], start - 1, before):
            yield row.seq, decode_act(row.seq, row.kind, row.body)

    def checkpoint(self) -> tuple[int, bytes] | None:
        """As the port says."""
        return max(self._checkpoints, default=None)

    async def reopen(self) -> int:
        """As the port says; the disk is well again unless `fail_commit` was called anew."""
        if not self._dead or self._closed:
            return 0
        await asyncio.sleep(self._sync_delay_s())
        if self._fail_in == 0:
            raise StoreError(f"the journal still cannot be written: {self._fail_reason}")
        self._dead, written, self._unwritten = "", self._unwritten, []
        self._durable += written
        return len(written)

    async def close(self) -> None:
        """Wait until everything queued is durable (or failed), then refuse more."""
        if not self._closed:
            self._closed = True
            waiting = [each.waiter.promise for each in (*self._in_commit(), *self._pending)]
            await asyncio.gather(*waiting, return_exceptions=True)

    def fail_commit(self, reason: str, after: int = 0) -> None:
        """Let the commit after the next `after` good ones fail with `reason`; the journal is dead then."""
        self._fail_in, self._fail_reason = after, reason

    def crash(self, *, commit_reached_disk: bool = False) -> MemoryJournal:
        """The power goes off: what a journal opened afterwards finds.

        Args:
            commit_reached_disk: the commit on its way was whole on disk, though nobody was told any more.

        Returns:
            The journal after the crash. This one is dead; its waiters never hear anything.
        """
        after = MemoryJournal(self._sync_delay_s)
        after._durable = list(self._durable)
        after._checkpoints = list(self._checkpoints)
        if self._commit is not None:
            self._commit[0].cancel()
            if commit_reached_disk:
                after._keep(self._commit[1])
        after._tail = (after._durable[-1].seq, after._durable[-1].hash) if after._durable else (0, GENESIS)
        self._commit, self._pending = None, []
        self._dead = "the power went off"
        return after

    def _refusal(self) -> str:
        return "the journal is closed" if self._closed else self._dead

    def _in_commit(self) -> list[_Pending]:
        return self._commit[1] if self._commit else []

    def _enqueue(self, pending: _Pending) -> None:
        self._pending.append(pending)
        if self._commit is None:
            # Not at once: what is appended in the same turn of the loop shares the commit.
            self._commit = (asyncio.get_running_loop().call_soon(self._start_commit), [])

    def _start_commit(self) -> None:
        group, self._pending = self._pending, []
        loop = asyncio.get_running_loop()
        self._commit = (loop.call_later(self._sync_delay_s(), self._end_commit, group), group)

    def _end_commit(self, group: list[_Pending]) -> None:
        self._commit = None
        if self._fail_in == 0:
            self._fail_in = None
            self._dead = f"the journal cannot be written: {self._fail_reason}"
            group, self._pending = [*group, *self._pending], []
            self._unwritten += [row for each in group for row in each.rows]
        elif self._fail_in is not None:
            self._fail_in -= 1
        if not self._dead:
            self._keep(group)
            self.commits += 1
        settle((each.waiter for each in group), self._dead)
        if self._pending:
            self._start_commit()

    def _keep(self, group: Sequence[_Pending]) -> None:
        for each in group:
            self._durable.extend(each.rows)
            if each.checkpoint is not None:
                self._checkpoints = sorted((*self._checkpoints, each.checkpoint))[-2:]
