"""A journal in memory that the oracle can look into: what is durable, and when it was said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain import acts
from store.journal.memory import MemoryJournal

if TYPE_CHECKING:
    from hedge_tui.domain.acts import Act


class WatchedJournal(MemoryJournal):
    """Keeps, besides the rows, which orders are durably on their way.

    Attributes:
        sending: client ids whose intent and sending are both on disk.
        life_of: client id -> number of the engine that intended it.
        confirmed_s: run -> when its line was confirmed, simulated seconds.
        imported: (account, venue order id) -> what the import of the past told of its executions.
    """

    def __init__(self, sync_delay_s: Callable[[], float], life: int = 1) -> None:
        super().__init__(sync_delay_s)
        self.sending: set[str] = set()
        self.life_of: dict[str, int] = {}
        self.confirmed_s: dict[str, float] = {}
        self.imported: dict[tuple[str, str], Decimal] = {}
        self._life = life
        self._intended: set[str] = set()
        self._waiting: dict[int, Act] = {}

    def append(self, batch: Sequence[Act]) -> asyncio.Future[int]:
        seq = self.last_seq
        future = super().append(batch)
        if self.last_seq == seq:
            return future
        for act in batch:
            seq += 1
            if isinstance(act, acts.OrdersIntended):
                self._waiting[seq] = act
                for request in act.requests:
                    self.life_of.setdefault(request.client_order_id, self._life)
            elif isinstance(act, acts.OrdersSending):
                self._waiting[seq] = act
            elif isinstance(act, acts.FillImported):
                key = (act.fill.account, str(act.fill.venue_order_id))
                self.imported[key] = self.imported.get(key, Decimal(0)) + act.fill.quantity
            elif isinstance(act, acts.LineConfirmed):
                self.confirmed_s[act.run] = asyncio.get_running_loop().time()
        return future

    def crashed(self, *, commit_reached_disk: bool) -> WatchedJournal:
        """The journal that the next engine opens."""
        plain = self.crash(commit_reached_disk=commit_reached_disk)
        after = WatchedJournal(self._sync_delay_s, self._life + 1)
        after._durable, after._checkpoints, after._tail = plain._durable, plain._checkpoints, plain._tail
        after.life_of, after.imported = dict(self.life_of), dict(self.imported)
        return after

    def _keep(self, group: Sequence[Any]) -> None:
        super()._keep(group)
        for each in group:
            for row in each.rows:
                act = self._waiting.pop(row.seq, None)
                if isinstance(act, acts.OrdersIntended):
                    self._intended.update(r.client_order_id for r in act.requests)
                elif isinstance(act, acts.OrdersSending):
                    self.sending.update(id_ for id_ in act.client_order_ids if id_ in self._intended)
