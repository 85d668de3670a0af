"""The one writer: every change of state goes through `Desk.record`, and into the journal with it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import LedgerError, StoreError
from hedge_tui.domain.order import ClientOrderId
from hedge_tui.engine import checkpoint
from hedge_tui.engine.accounts import AccountState
from hedge_tui.engine.markets import Markets
from hedge_tui.engine.plain_text import plain
from hedge_tui.engine.record.tail import JournalTail
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import Changes, DeskState
from hedge_tui.engine.told import with_terms

if TYPE_CHECKING:
    import asyncio
    import random
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.journal import Journal

log = logging.getLogger(__name__)


class Desk:
    """State, markets and accounts of one engine.

    Attributes:
        tail: the newest acts. redact: takes secrets out of words.
        on_changes: called after each recorded batch with what it touched.
        since_checkpoint: acts recorded since the state was last saved.
        faults: acts that contradicted the ledger since start; anything but 0 is a bug to report.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        rng: random.Random,
        reporting_currency: str = "USDT",
        redact: Callable[[str], str] = str,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self.rng = rng
        self.redact = redact
        self.state = DeskState()
        self.tail = JournalTail()
        self.markets = Markets(reporting_currency)
        self.state.instruments = self.markets.instruments
        self.accounts: dict[str, AccountState] = {}
        self.on_changes: list[Callable[[Changes], None]] = []
        self.faults = 0
        self.since_checkpoint = 0

    @property
    def reporting(self) -> str:
        """The reporting currency."""
        return self.markets.reporting

    def replay(self) -> int:
        """Fold the journal into the state, from its newest checkpoint on; returns the number of acts read."""
        count, seen = 0, 0
        if (saved := self.journal.checkpoint()) is not None:
            try:
                checkpoint.load(self.state, saved[1])
                seen = saved[0]
            except StoreError as error:
                log.warning("%s; the whole journal is replayed", error)
        for _, act in self.journal.replay(seen + 1):
            count += 1
            try:
                apply(self.state, act)
            except LedgerError:
                self.faults += 1
                log.exception("act %d of the journal contradicts the ledger", count)
        try:
            self.tail.read(self.journal)
        except StoreError as error:
            log.warning("%s; the Journal screen begins with this start", error)
        return count

    def record(self, *batch: acts.Act) -> asyncio.Future[int]:
        """Apply acts in order, queue them for the journal, and tell the listeners.

        Returns:
            Resolves when the acts are durable; callers that need no durability may drop it.
        """
        changes = Changes()
        kept: list[acts.Act] = []
        for act in with_terms(self.state, (_clean(one, self.redact) for one in batch)):
            try:
                _merge(changes, apply(self.state, act))
                kept.append(act)
            except LedgerError as error:
                self.faults += 1
                log.exception("an act contradicts the ledger and was left out: %r", act)
                note = acts.Noted(self.clock.now_ns(), "alarm", "ledger", str(error))
                _merge(changes, apply(self.state, note))
                kept.append(note)
        try:
            future = self.journal.append(kept)
        except LedgerError:
            future = self._append_each(kept)
        self.tail.add(self.journal.last_seq - len(kept) + 1, kept)
        self.since_checkpoint += len(kept)
        self.tell(changes)
        return future

    def _append_each(self, kept: list[acts.Act]) -> asyncio.Future[int]:
        """One act cannot be written down: the others are, and an alarm stands in its place."""
        future = self.journal.append(())
        for act in kept:
            try:
                future = self.journal.append((act,))
            except LedgerError as error:
                self.faults += 1
                log.exception("an act cannot be journalled: %r", act)
                words = plain(f"not in the journal: {error}")
                future = self.journal.append((acts.Noted(self.clock.now_ns(), "alarm", "ledger", words),))
        return future

    async def save_checkpoint(self) -> None:
        """Keep the state as it is at this moment, so that the next start is quick.

        Raises:
            StoreError: it was not kept.
        """
        state, self.since_checkpoint = checkpoint.dump(self.state), 0
        seq = await self.journal.append(())  # of the newest act that the state has taken in
        if seq:
            await self.journal.save_checkpoint(seq, state)

    def tell(self, changes: Changes) -> None:
        """Tell the listeners that something changed."""
        for listener in self.on_changes:
            listener(changes)

    def note(self, level: str, topic: str, text: str, account: str = "") -> None:
        """Keep something worth knowing, and show it."""
        text = self.redact(text)
        log.log(logging.INFO if level == "info" else logging.WARNING, "%s: %s", topic, text)
        drop(self.record(acts.Noted(self.clock.now_ns(), level, topic, text, account)))

    def new_order_id(self) -> ClientOrderId:
        """A fresh client order id: 32 lowercase hex characters."""
        return ClientOrderId(f"{self.rng.getrandbits(128):032x}")

    def set_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Take a venue's instruments in."""
        self.markets.set_instruments(instruments)

    def add_account(self, account: Account) -> AccountState:
        """Put an account on the desk."""
        state = AccountState(account)
        self.accounts[account.name] = state
        return state

    def instrument(self, id_: InstrumentId) -> Instrument:
        """One instrument; KeyError when no venue lists it."""
        return self.markets.instruments[id_]


def _clean(act: acts.Act, redact: Callable[[str], str]) -> acts.Act:
    """Words of a venue as the journal and the wire can hold them, without secrets."""
    if isinstance(act, acts.Reported) and act.report.reason:
        report = act.report
        return replace(
            act, report=replace(report, reason=plain(redact(report.reason)), code=plain(report.code, 50))
        )
    if isinstance(act, acts.TermSettled):
        return replace(act, reason=plain(redact(act.reason)))
    if isinstance(act, acts.Noted):
        return replace(act, text=plain(redact(act.text), 2_000))
    if isinstance(act, acts.LineJudged):
        return replace(act, message=plain(redact(act.message), 2_000))
    return act


def drop(future: asyncio.Future[int]) -> None:
    """Let an append run without waiting; a dead journal is seen through `Journal.dead`, not here."""
    future.add_done_callback(_retrieve)


def _retrieve(future: asyncio.Future[int]) -> None:
    """Look at the exception, so that asyncio does not complain about one nobody asked for."""
    if not future.cancelled():
        future.exception()


def _merge(into: Changes, other: Changes) -> None:
    into.orders |= other.orders
    into.fills += other.fills
    into.positions |= other.positions
    into.accounts |= other.accounts
    into.runs |= other.runs
    into.notes += other.notes
    into.settings |= other.settings
    into.armed |= other.armed
    into.holds |= other.holds
    into.pnl |= other.pnl
