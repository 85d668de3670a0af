"""Reads each account's past from its venue: once back to where the venue's memory begins, then what is new.

The same walk imports what was before the desk, fills the holes of lost streams and of the time the engine was
down, and confirms what streams told without ids. How far it came is journalled behind the rows it brought, so
that a crash in the middle neither loses nor repeats any.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import HedgeError, StoreError
from hedge_tui.domain.health import FeedState
from hedge_tui.engine.bookings import EVERYTHING
from hedge_tui.engine.state import Changes, PastMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.past import PastPage
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

LOOK_S = 1.0
EVERY_S = 900.0
"""Each account's ledger is read this often when nothing hints at news."""
AFTER_LIVE_S = 2.0
AFTER_WORD_S = 5.0
"""A venue enters a movement in its ledger shortly after the stream tells it."""
SETTLE_S = 110.0
"""And reads again when a word without a row can be taken back."""
RETRY_S = (5.0, 300.0)
TRADES = "trades"
"""How the sources of executions are called: with one, every coin's cost is known from its executions."""
BEGUN = ""
"""Source under which is kept when the desk first knew an account: earlier executions are imported."""


class PastReader:
    """One walk per account at a time; accounts walk side by side, as the venue's budgets allow."""

    def __init__(self, desk: Desk, clients: Clients, spawn: Callable[..., object]) -> None:
        self._desk = desk
        self._clients = clients
        self._spawn = spawn
        self._due: dict[str, list[float]] = {}
        self._walking: set[str] = set()
        self._delay: dict[str, float] = {}
        self._trouble: set[str] = set()

    async def run(self) -> None:
        """Look for accounts whose turn it is, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._desk.clock.monotonic()
            for name, account in self._desk.accounts.items():
                if account.state is not FeedState.LIVE or not account.snapshot_ns or name in self._walking:
                    continue
                due = self._due.setdefault(name, [now])
                if min(due, default=now + 1) <= now and self._clients.get(name) is not None:
                    self._due[name] = [at for at in due if at > now]
                    self._walking.add(name)
                    self._spawn(self._walk(account), name=f"past:{name}")

    def live(self, account: str) -> None:
        """Its stream is back: whatever it missed is in the ledger."""
        self._soon(account, AFTER_LIVE_S)

    def told(self, flow: CashFlow) -> None:
        """A stream told of money without the venue's id."""
        if flow.told:
            self._soon(flow.account, AFTER_WORD_S)
            self._soon(flow.account, SETTLE_S)

    def _soon(self, account: str, seconds: float) -> None:
        now = self._desk.clock.monotonic()
        due = self._due.setdefault(account, [])
        if not any(now <= at <= now + seconds for at in due):
            due.append(now + seconds)

    async def _walk(self, account: AccountState) -> None:
        name = account.name
        try:
            await self._read(account, self._clients.of(name))
        except StoreError as error:
            log.warning("the past of %s is not kept: %s", name, error)
            self._soon(name, RETRY_S[1])
        except HedgeError as error:
            delay = self._delay.get(name, RETRY_S[0])
            self._delay[name] = min(delay * 2, RETRY_S[1])
            self._soon(name, delay)
            if name not in self._trouble:
                self._trouble.add(name)
                self._desk.note("info", "past", f"the venue's ledger cannot be read now: {error}", name)
        else:
            self._delay.pop(name, None)
            self._trouble.discard(name)
            self._soon(name, EVERY_S)
        finally:
            self._walking.discard(name)
            self._say(account, "")

    async def _read(self, account: AccountState, client: ExecutionClient) -> None:
        """Every source to its end.

        Raises:
            VenueError: a source gives no usable answer; what came before is kept. StoreError: nothing is.
        """
        name, desk = account.name, self._desk
        past = desk.state.past
        first = (name, EVERYTHING) not in past
        if (name, BEGUN) not in past:
            await self._keep([], name, BEGUN, PastMark("", account.snapshot_ns, done=True), settles=False)
            desk.note("info", "past", "reading what the venue knows of the time before", name)
        sources = client.past_sources(self._traded(account), whole=first)
        fills = flows = 0
        for number, source in enumerate(sources):
            done = False
            if first:
                self._say(account, f"importing the past: {source}, {number / len(sources):.0%}")
            while not done:
                mark = past.get((name, source))
                page = await client.read_past(source, mark.mark if mark else "", self._known)
                new = list(self._new(page, name))
                fills += sum(not isinstance(act, acts.CashMoved) for act in new)
                flows += sum(isinstance(act, acts.CashMoved) for act in new)
                after = PastMark(page.mark, page.until_ns, page.done)
                if new or page.settles or mark is None or mark.mark != page.mark or not mark.done:
                    await self._keep(new, name, source, after, settles=page.settles)
                done = page.done
                if first:
                    self._say(account, _progress(source, page, number, len(sources), desk.clock.now_ns()))
        if first:
            trades = TRADES if any(source.startswith(TRADES) for source in sources) else ""
            whole = PastMark(trades, desk.clock.now_ns(), done=True)
            await self._keep([], name, EVERYTHING, whole, settles=False)
            desk.note("info", "past", f"imported: {fills} fills, {flows} money movements", name)

    def _new(
        self, page: PastPage, account: str
    ) -> Iterator[acts.Filled | acts.FillImported | acts.CashMoved]:
        """Acts for the rows that are not in the books."""
        state, at = self._desk.state, self._desk.clock.now_ns()
        begun_ns = state.past[account, BEGUN].until_ns
        for fill in page.fills:
            if not self._known(fill.key):
                order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
                # What this desk sent is not of before, whatever our clock said when it began.
                old = fill.venue_ns < begun_ns and (order is None or order.external)
                yield acts.FillImported(at, fill) if old else acts.Filled(at, fill)
        for flow in page.flows:
            if (flow.account, flow.kind, flow.flow_id) not in state.seen_flows:
                yield acts.CashMoved(at, flow)

    async def _keep(
        self,
        rows: list[acts.Filled | acts.FillImported | acts.CashMoved],
        account: str,
        source: str,
        mark: PastMark,
        *,
        settles: bool,
    ) -> None:
        at = self._desk.clock.now_ns()
        read = acts.PastRead(at, account, source, mark.mark, mark.until_ns, mark.done, settles)
        await self._desk.record(*rows, read)

    def _known(self, key: tuple[str, str, str]) -> bool:
        return key in self._desk.state.seen_fills

    def _traded(self, account: AccountState) -> list[InstrumentId]:
        """Instruments the account has to do with, as far as the desk knows."""
        state = self._desk.state
        found = dict.fromkeys(key[0] for key in account.positions)
        found |= dict.fromkeys(key[1] for key in state.holdings if key[0] == account.name)
        found |= dict.fromkeys(key[1] for key in state.coins if key[0] == account.name)
        found |= dict.fromkeys(o.request.instrument for o in state.working_orders(account.name))
        return list(found)

    def _say(self, account: AccountState, words: str) -> None:
        if account.importing != words:
            account.importing = words
            self._desk.tell(Changes(accounts={account.name}))


def _progress(source: str, page: PastPage, number: int, count: int, now_ns: int) -> str:
    """How far the import is, in words."""
    part = 1.0
    if page.oldest_ns and now_ns > page.oldest_ns and not page.done:
        part = max(0.0, (page.until_ns - page.oldest_ns) / (now_ns - page.oldest_ns))
    return f"importing the past: {source}, {(number + part) / count:.0%}"
