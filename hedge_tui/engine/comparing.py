"""Holds every snapshot of an account against these books before it is taken in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.account import Balance, Position
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import InstrumentId, InstrumentKind
from hedge_tui.domain.order import PositionSide
from hedge_tui.engine.agreement import again, digits, named, proved
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.differences import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hedge_tui.domain.account import AccountSnapshot
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.agreement import Subject
    from hedge_tui.engine.desk import Desk

ZERO = Decimal(0)


class Comparison:
    """Compares, keeps what is in dispute, and says what the venue turned out to be right about."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def take(self, snapshot: AccountSnapshot) -> AccountSnapshot:
        """The snapshot with what is kept where it is in dispute; writes `AccountState.disputes`."""
        state = self._desk.accounts[snapshot.account]
        now = self._desk.clock.monotonic()
        found: dict[Subject, tuple[Decimal, Decimal]] = {}
        if snapshot.initial_margin is not None:
            found |= self._positions(snapshot)
        if state.snapshot_ns:
            found |= _balances(state, snapshot)
        disputes = {}
        for subject, (ours, theirs) in found.items():
            dispute = again(state.disputes.get(subject), ours, theirs, now)
            if dispute is None:
                continue
            if proved(dispute):
                self._concede(snapshot.account, subject, ours, theirs)
            else:
                disputes[subject] = dispute
        state.disputes = disputes
        return _with(snapshot, self._kept(state)) if disputes else snapshot

    def _positions(self, snapshot: AccountSnapshot) -> dict[Subject, tuple[Decimal, Decimal]]:
        """By position: (what our fills add up to, what the venue says), where both are known."""
        theirs = {(p.instrument, p.position_side): p.quantity for p in snapshot.positions}
        state = self._desk.accounts[snapshot.account]
        found: dict[Subject, tuple[Decimal, Decimal]] = {}
        for (account, instrument, side), held in self._desk.state.holdings.items():
            if account != snapshot.account or self._spot(instrument):
                continue
            said = theirs.get((instrument, side), ZERO)
            subject = ("position", instrument, side.value)
            waits = state.unproved.get(subject)
            if waits is not None and min(waits.ours, waits.theirs) <= said <= max(waits.ours, waits.theirs):
                continue  # executions that wait explain it
            found[subject] = (held.quantity, said)
        return found

    def _spot(self, instrument: InstrumentId) -> bool:
        """Coins are compared as balances; what no venue lists any more is taken as the venue says."""
        listed = self._desk.markets.instruments.get(instrument)
        return listed is None or listed.kind is InstrumentKind.SPOT

    def _concede(self, account: str, subject: Subject, ours: Decimal, theirs: Decimal) -> None:
        at = self._desk.clock.now_ns()
        said = difference(at, account, named(subject), ours=digits(ours), theirs=digits(theirs))
        drop(self._desk.record(*said))

    def _kept(self, state: AccountState) -> Iterator[Position | Balance]:
        """What stands for the disputed: of a position the larger, which is the worst case; our balance."""
        for subject, dispute in state.disputes.items():
            if subject[0] == "balance":
                yield state.balances[subject[1]]
                continue
            if dispute.larger != dispute.ours:
                continue  # as the snapshot has it
            instrument, side = InstrumentId(subject[1]), PositionSide(subject[2])
            known = state.positions.get((instrument, side.value))
            if known is not None and known.quantity == dispute.ours:
                yield known
            else:
                held = self._desk.state.holdings[state.name, instrument, side]
                yield Position(state.name, instrument, side, held.quantity, held.entry_price)


def _balances(state: AccountState, snapshot: AccountSnapshot) -> dict[Subject, tuple[Decimal, Decimal]]:
    """By asset: (here, at the venue). Where no stream has told all changes, only what would vanish counts."""
    told = state.tells_balances and state.state is FeedState.LIVE
    theirs = {balance.asset: balance.total for balance in snapshot.balances}
    found: dict[Subject, tuple[Decimal, Decimal]] = {}
    for asset, ours in state.balances.items():
        said = theirs.get(asset, ZERO)
        if ours.total and (told or not said):
            found["balance", asset] = (ours.total, said)
    return found


def _with(snapshot: AccountSnapshot, kept: Iterator[Position | Balance]) -> AccountSnapshot:
    positions = {(p.instrument, p.position_side): p for p in snapshot.positions}
    balances = {b.asset: b for b in snapshot.balances}
    for one in kept:
        if isinstance(one, Balance):
            balances[one.asset] = one
        else:
            positions[one.instrument, one.position_side] = one
    return replace(snapshot, positions=tuple(positions.values()), balances=tuple(balances.values()))
