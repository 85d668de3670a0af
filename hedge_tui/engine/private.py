"""Takes in what private feeds say: reports, fills, balances, positions, cash, health."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.account import AccountDelta, AccountSnapshot, CashFlow
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.margin import MarginTerms
from hedge_tui.domain.order import PositionSide
from hedge_tui.domain.report import Report
from hedge_tui.engine.adopt import adoption, told
from hedge_tui.engine.bookings import EVERYTHING
from hedge_tui.engine.comparing import Comparison
from hedge_tui.engine.cost import Holding
from hedge_tui.engine.desk import drop
from hedge_tui.engine.lanes import EveryLane
from hedge_tui.engine.outside import AT_VENUE, forced_words, remarks
from hedge_tui.engine.plain_text import plain
from hedge_tui.engine.rule_changes import mode_change, setting_changes
from hedge_tui.engine.state import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from decimal import Decimal

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.venue import PrivateEvent
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.strangers import Strangers

log = logging.getLogger(__name__)


class PrivateIntake:
    """One lane for all accounts: bursts become one write of the journal, order is kept.

    Attributes:
        health: newest state of every private feed, by feed name.
        on_flow: called with money that a stream told of.
        on_position: called with the account when its stream changed a position.
        on_live: called with the account, and the orders told of since its feed was not LIVE, once it is LIVE
            again; what the client found while it repaired itself has been taken in by then.
        strangers: keeps events of orders that are not in the books, and hands them to `believe` when the
            venue says that they are of this account; None takes them in at once.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lane: EveryLane[PrivateEvent] = EveryLane(self._burst)
        self.health: dict[str, FeedHealth] = {}
        self.on_live: Callable[[str, Collection[str]], None] = lambda _account, _heard: None
        self._comparison = Comparison(desk)
        self._heard: dict[str, set[str]] = {}
        self.on_flow: Callable[[CashFlow], None] = lambda _flow: None
        self._why: dict[str, str] = {}
        self._handed_over: dict[str, AccountSnapshot] = {}
        self._silent_since: dict[str, int] = {}
        self.on_position: Callable[[str], None] = lambda _account: None
        self.strangers: Strangers | None = None

    def put(self, event: PrivateEvent) -> None:
        """The sink given to execution clients."""
        self._lane.put(event)

    def flush(self) -> None:
        """Take in what is queued, now."""
        self._lane.flush()

    def believe(self, events: Sequence[Report | Fill]) -> None:
        """Take in what was in doubt, in order: the venue says that it is of this account."""
        at = self._desk.clock.now_ns()
        batch: list[acts.Act] = []
        for event in events:
            batch = (
                self._report(event, at, batch) if isinstance(event, Report) else self._fill(event, at, batch)
            )
        self._write(batch)

    def _told_outside(self, account: str, terms: Sequence[MarginTerms]) -> None:
        """Say what somebody else changed at the venue."""
        for words in setting_changes(self._desk.accounts[account], terms, self._desk.state.terms.keys()):
            self._desk.note("warning", "settings", f"{words}, changed outside this desk", account)

    def take_snapshot(self, snapshot: AccountSnapshot) -> None:
        """The whole of one account, asked over REST."""
        state = self._desk.accounts[snapshot.account]
        if words := mode_change(state, snapshot.hedge_mode, self._desk.state.terms.keys()):
            self._desk.note("warning", "settings", f"{words}, changed outside this desk", snapshot.account)
        touched = state.take_snapshot(self._comparison.take(snapshot))
        self._desk.tell(Changes(positions=touched, accounts={snapshot.account}))
        self._seed(snapshot.account)

    def _burst(self, events: list[PrivateEvent]) -> None:
        batch: list[acts.Act] = []
        at = self._desk.clock.now_ns()
        for event in events:
            try:
                batch = self._one(event, at, batch)
            except Exception as error:
                # One event that cannot be understood must not take the burst down with it.
                self._desk.faults += 1
                log.exception("a private event could not be taken in: %r", event)
                words = f"a {type(event).__name__} could not be taken in: {type(error).__name__}: {error}"
                self._desk.note("alarm", "ledger", words, event.account)
        self._write(batch)

    def _one(self, event: PrivateEvent, at: int, batch: list[acts.Act]) -> list[acts.Act]:
        """Take one event in; returns the acts that are still to be written."""
        match event:
            case Report():
                if not self._waits(event, batch):
                    batch = self._report(event, at, batch)
            case Fill():
                _finite(event.quantity, event.price, event.commission)
                if event.key not in self._desk.state.seen_fills and not self._waits(event, batch):
                    batch = self._fill(event, at, batch)
            case CashFlow():
                _finite(event.quantity)
                batch.append(acts.CashMoved(at, event))
                self.on_flow(event)
            case AccountSnapshot():
                # What came before it must be in the state first: seeding compares the two.
                batch = self._write(batch)
                self._snapshot(event)
            case AccountDelta():
                batch = self._delta(event, batch)
            case MarginTerms():
                self._told_outside(event.account, [event])
                self._desk.accounts[event.account].take_terms([event])
                self._desk.tell(Changes(accounts={event.account}))
            case FeedHealth():
                batch = self._write(batch)
                self._health(replace(event, detail=plain(self._desk.redact(event.detail))))
        return batch

    def _waits(self, event: Report | Fill, batch: list[acts.Act]) -> bool:
        """Whether it is of an order that nobody knows, and waits; may write what came before it."""
        order_of = self._desk.state.order_of
        ids = (event.account, event.client_order_id, event.venue_order_id)
        if order_of(*ids) is None and batch:
            self._write(batch)
            batch.clear()
        if self.strangers is None:
            return False
        if order_of(*ids) is None:
            return self.strangers.take(event)
        self.strangers.known(event)
        return False

    def _fill(self, fill: Fill, at: int, batch: list[acts.Act]) -> list[acts.Act]:
        return batch if fill.key in self._desk.state.seen_fills else [*batch, acts.Filled(at, fill)]

    def _snapshot(self, snapshot: AccountSnapshot) -> None:
        """A repair begins with it: frames from before prove nothing about what rests now.

        The executions that a repair hands over after it are in it already, so it is taken in after them.
        """
        account = snapshot.account
        if account in self._heard:
            self._heard[account] = set()
        if self._desk.accounts[account].state is FeedState.LIVE:
            self.take_snapshot(snapshot)
        else:
            self._handed_over[account] = snapshot

    def _delta(self, delta: AccountDelta, batch: list[acts.Act]) -> list[acts.Act]:
        if delta.account in self._handed_over:
            batch = self._write(batch)
            self.take_snapshot(self._handed_over.pop(delta.account))  # which is older
        touched = self._desk.accounts[delta.account].take_delta(delta)
        self._desk.tell(Changes(positions=touched, accounts={delta.account}))
        if delta.positions:
            self.on_position(delta.account)
        return batch

    def _write(self, batch: list[acts.Act]) -> list[acts.Act]:
        if batch:
            drop(self._desk.record(*batch))
        return []

    def _report(self, report: Report, at: int, batch: list[acts.Act]) -> list[acts.Act]:
        """A report of an order that is not in the books adopts it, if it still rests."""
        state = self._desk.state
        order = state.order_of(report.account, report.client_order_id, report.venue_order_id)
        if order is None:
            # What came before it must be in the state first: two reports of it may come in one burst.
            batch = self._write(batch)
            order = state.order_of(report.account, report.client_order_id, report.venue_order_id)
        if order is not None:
            self._heard.get(report.account, set()).add(order.request.client_order_id)
            row = state.rows.get(order.request.client_order_id)
            return [*batch, acts.Reported(at, report), *remarks(order, report, at, row)]
        adopted = adoption(report, at, state) if report.kind in AT_VENUE else []
        said = told([act.order for act in adopted if isinstance(act, acts.OrderAdopted)], at)
        self._write([*adopted, *said, *forced_words(report, at)])
        return []

    def _health(self, health: FeedHealth) -> None:
        account = self._desk.accounts.get(health.account)
        before = self.health.get(health.feed)
        self.health[health.feed] = health
        if account is None:
            return
        account.health = health
        self._desk.tell(Changes(accounts={health.account}))
        was = before.state if before is not None else FeedState.STARTING
        if health.state is not FeedState.LIVE:
            self._heard[health.account] = set()
            self._handed_over.pop(health.account, None)
            self._silent_since.setdefault(health.account, self._desk.clock.now_ns())
            self._why.setdefault(health.account, health.detail)
        if health.state is FeedState.LIVE and was is not FeedState.LIVE:
            if (snapshot := self._handed_over.pop(health.account, None)) is not None:
                self.take_snapshot(snapshot)
            self._desk.note("info", "feed", "private stream is live", health.account)
            since_ns = self._silent_since.pop(health.account, 0)
            if was is not FeedState.STARTING and since_ns:
                now_ns, why = self._desk.clock.now_ns(), self._why.pop(health.account, "")
                drop(self._desk.record(acts.StreamWasAway(now_ns, health.account, since_ns, why)))
            self.on_live(health.account, self._heard.pop(health.account, set()))
        elif (
            health.state is FeedState.LIVE and before is not None and health.detail not in ("", before.detail)
        ):
            # A frame was lost on a stream that goes on: what it said is asked for.
            self.on_live(health.account, ())
        elif was is FeedState.LIVE and health.state not in (FeedState.LIVE, FeedState.STOPPED):
            words = f"private stream is {health.state}: {health.detail or 'no word from the venue'}"
            self._desk.note("warning", "feed", words, health.account)

    def _seed(self, account: str) -> None:
        """Start average-cost accounting from what the venue holds and our fills do not explain."""
        desk, state = self._desk, self._desk.accounts[account]
        found: dict[tuple[InstrumentId, PositionSide], Holding] = {}
        for position in state.positions.values():
            key = (position.instrument, position.position_side)
            found[key] = Holding(position.quantity, position.entry_price)
        if state.initial_margin is None:
            found |= self._spot_holdings(account)
        for (holder, instrument, side), held in list(desk.state.holdings.items()):
            derivative = desk.markets.instruments.get(instrument)
            if holder != account or derivative is None or derivative.kind is InstrumentKind.SPOT:
                continue
            if held.quantity and (instrument, side) not in found:
                found[instrument, side] = Holding()
        at = desk.clock.now_ns()
        seeds: list[acts.Act] = []
        for (instrument, side), new in found.items():
            subject = ("position", instrument, side.value)
            if subject in state.disputes or subject in state.unproved:
                continue
            if desk.state.holdings.get((account, instrument, side), Holding()).quantity != new.quantity:
                seed = acts.LedgerSeeded(at, account, instrument, new.quantity, new.entry_price, side)
                seeds.append(seed)
        self._write(seeds)

    def _spot_holdings(self, account: str) -> dict[tuple[InstrumentId, PositionSide], Holding]:
        """Spot balances that were there before us, at today's price: only once per asset."""
        desk, state = self._desk, self._desk.accounts[account]
        found: dict[tuple[InstrumentId, PositionSide], Holding] = {}
        if (read := desk.state.past.get((account, EVERYTHING))) is not None and read.mark:
            return found  # all executions are known: a coin without one has no cost that anybody knows
        for balance in state.balances.values():
            instrument = desk.markets.instrument_for(balance.asset, state.account.venue)
            if instrument is None or not balance.total:
                continue
            if (account, instrument, PositionSide.NET) in desk.state.holdings:
                continue
            price: Decimal | None = desk.markets.asset_price(balance.asset)
            if price is not None:
                found[instrument, PositionSide.NET] = Holding(balance.total, price)
        return found


def _finite(*numbers: Decimal) -> None:
    """Refuse what would turn every sum into nothing."""
    for number in numbers:
        if not number.is_finite():
            raise ValueError(f"{number} is no number")
