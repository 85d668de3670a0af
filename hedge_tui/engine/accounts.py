"""What each account holds, as its venue last said; rebuilt on every connect, never journalled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.health import FeedState
from hedge_tui.domain.key_rights import KeyStanding
from hedge_tui.engine.agreement import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hedge_tui.domain.account import Account, AccountDelta, AccountSnapshot, Balance, Position
    from hedge_tui.domain.health import FeedHealth
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.margin import LeverageBracket, MarginTerms
    from hedge_tui.engine.agreement import Dispute, Subject

PRIVATE_STALE_S = 15.0
NOT_JUDGED = KeyStanding()


@dataclass(slots=True)
class AccountState:
    """One account, newest facts.

    Attributes:
        snapshot_ns: our time of the last whole picture; 0 before the first.
        balances: by asset. positions: by (instrument, position side), flat ones left out.
        hedge_mode: long and short held apart; None where there is no such thing.
        leverage, isolated: as set, by instrument. brackets: the venue's limits of leverage by notional.
        importing: how far the import of its past is, in words; "" when none runs.
        deltas: counts what the stream said, so that an older picture is noticed.
        key: what this desk makes of its API key.
        disputes: what the newest snapshot states otherwise than these books, until it is settled.
        reconciled_ns: when it was last compared whole. tells_balances: its stream told balances before.
        panicking: panic works on it: nothing new leaves for it. unproved: positions with executions that wait
            until the venue says whose they are.
        health: of the private stream. initial_margin, maintenance_margin: settle; None for spot.
    """

    account: Account
    snapshot_ns: int = 0
    balances: dict[str, Balance] = field(default_factory=dict)
    positions: dict[tuple[InstrumentId, str], Position] = field(default_factory=dict)
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    hedge_mode: bool | None = None
    health: FeedHealth | None = None
    leverage: dict[InstrumentId, Decimal] = field(default_factory=dict)
    isolated: dict[InstrumentId, bool] = field(default_factory=dict)
    brackets: Mapping[InstrumentId, tuple[LeverageBracket, ...]] = field(default_factory=dict)
    deltas: int = 0
    key: KeyStanding = NOT_JUDGED
    disputes: dict[Subject, Dispute] = field(default_factory=dict)
    reconciled_ns: int = 0
    tells_balances: bool = False
    importing: str = ""
    panicking: bool = False
    unproved: dict[Subject, Dispute] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the account."""
        return self.account.name

    @property
    def read_only(self) -> bool:
        """It takes no orders: by configuration, or because its key may not trade."""
        return self.account.read_only or self.key.read_only

    @property
    def remark(self) -> str:
        """What is wrong or worth knowing, worst first, or ""."""
        found = [self.key.refusal, self.health.detail if self.health is not None else ""]
        if self.read_only:
            found.append("read-only" if self.account.read_only else "read-only: its key may not trade")
        if self.hedge_mode:
            found.append("hedge mode")
        return "; ".join(one for one in (*self.in_doubt, *found, *self.key.warnings) if one)

    @property
    def in_doubt(self) -> list[str]:
        """What nobody knows now, with both values, in words."""
        open_ = {**self.unproved, **self.disputes}
        shown = ((subject, one) for subject, one in open_.items() if one.shown)
        return [f"{named(subject)} UNKNOWN: {one}" for subject, one in shown]

    def dispute_of(self, instrument: InstrumentId, side: str) -> Dispute | None:
        """What is not known of one position, once it is told; else None."""
        subject = ("position", instrument, side)
        found = (self.disputes.get(subject), self.unproved.get(subject))
        return next((one for one in found if one is not None and one.shown), None)

    @property
    def state(self) -> FeedState:
        """Of its private stream."""
        return self.health.state if self.health is not None else FeedState.STARTING

    def take_snapshot(self, snapshot: AccountSnapshot) -> set[tuple[str, str]]:
        """Replace everything; returns the (account, instrument) pairs whose position may have changed."""
        touched = {(self.name, str(key[0])) for key in self.positions}
        self.balances = {b.asset: b for b in snapshot.balances}
        self.positions = {(p.instrument, p.position_side.value): p for p in snapshot.positions if p.quantity}
        self.initial_margin, self.maintenance_margin = snapshot.initial_margin, snapshot.maintenance_margin
        self.hedge_mode, self.snapshot_ns = snapshot.hedge_mode, snapshot.at_ns
        for key, position in self.positions.items():
            if position.instrument in self.isolated:
                # The venue tells what is set; a position's own is worked out from the margin it holds.
                self.positions[key] = replace(position, leverage=self.leverage.get(position.instrument))
            elif position.leverage is not None:
                self.leverage[position.instrument] = position.leverage
        return touched | {(self.name, str(key[0])) for key in self.positions}

    def take_terms(self, terms: Iterable[MarginTerms]) -> None:
        """What the venue says is set; what it leaves out stays."""
        for term in terms:
            if term.leverage is not None:
                self.leverage[term.instrument] = term.leverage
            if term.isolated is not None:
                self.isolated[term.instrument] = term.isolated
            for key, position in self.positions.items():
                if position.instrument == term.instrument:
                    leverage = self.leverage.get(term.instrument)
                    self.positions[key] = replace(position, leverage=leverage)

    def take_delta(self, delta: AccountDelta) -> set[tuple[str, str]]:
        """Change only what the stream named; returns touched (account, instrument) pairs."""
        self.deltas += 1
        self.tells_balances = self.tells_balances or bool(delta.balances)
        for balance in delta.balances:
            self.balances[balance.asset] = balance
        touched = set()
        for position in delta.positions:
            key = (position.instrument, position.position_side.value)
            touched.add((self.name, str(position.instrument)))
            if position.quantity:
                self.positions[key] = _filled_in(position, self.positions.get(key), self.leverage)
            else:
                self.positions.pop(key, None)
        return touched

    def position_quantity(self, instrument: InstrumentId) -> Decimal:
        """Net signed quantity over both sides, venue units."""
        return sum((p.quantity for key, p in self.positions.items() if key[0] == instrument), Decimal(0))


def _filled_in(new: Position, old: Position | None, leverage: dict[InstrumentId, Decimal]) -> Position:
    """Streams leave out what a snapshot says (leverage, liquidation price): keep the last known.

    What holds for one side alone (liquidation price, place in the deleveraging queue) ends with a flip.
    """
    same = old if old is not None and old.quantity * new.quantity > 0 else None
    return replace(
        new,
        leverage=new.leverage or (old.leverage if old else leverage.get(new.instrument)),
        liquidation_price=new.liquidation_price or (same.liquidation_price if same else None),
        initial_margin=new.initial_margin or (old.initial_margin if old else None),
        maintenance_margin=new.maintenance_margin or (old.maintenance_margin if old else None),
        mark_price=new.mark_price or (old.mark_price if old else None),
        isolated_wallet=new.isolated_wallet if new.isolated_wallet is not None else _wallet(new, old),
        adl=new.adl if new.adl is not None else (same.adl if same else None),
        break_even=new.break_even or (same.break_even if same and same.quantity == new.quantity else None),
        maintenance_steps=new.maintenance_steps or (old.maintenance_steps if old else ()),
    )


def _wallet(new: Position, old: Position | None) -> Decimal | None:
    return old.isolated_wallet if new.isolated and old is not None else None
