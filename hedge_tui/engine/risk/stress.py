"""What a move of the market would do to every account, and which of them it would liquidate; pure.

Each settle asset of an account carries its cross positions alone (the venues' single-asset mode), and each
isolated position is carried by its own money. Where the maintenance margin reaches what is behind it, the
venue takes over: nothing of it is counted any more then, since the venue's fee and the way out take the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.engine.risk.moves import Bent, Moves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.engine.risk.margin_book import Holder, Leg, MarginBook

ZERO = Decimal(0)
ONE = Decimal(1)
CLOSE = Decimal("1e-9")
"""Part of a move to which the point of liquidation is found."""
MOST_STEPS = 60
LOOKS = (Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), ONE)
"""Parts of a move at which a liquidation on the way is looked for: with inverse contracts, or pairs of two
moving assets, the far end alone does not tell."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Positions that stand and fall together, and the money behind them.

    Attributes:
        settle: asset of that money. wallet: so much of it, without unrealized PnL.
        isolated: the only leg of an isolated position.
    """

    settle: str
    wallet: Decimal
    legs: tuple[Leg, ...]
    isolated: bool = False

    def behind(self, bent: Bent) -> Decimal:
        """Money behind the positions, settle."""
        return self.wallet + sum((leg.unrealized(bent.mark(leg)) for leg in self.legs), ZERO)

    def maintenance(self, bent: Bent) -> Decimal:
        """Margin they need, settle."""
        return sum((leg.maintenance(bent.mark(leg)) for leg in self.legs), ZERO)

    def lack(self, bent: Bent) -> Decimal:
        """Maintenance margin less what is behind it; from 0 on the venue liquidates."""
        return self.maintenance(bent) - self.behind(bent)


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A bucket that a move liquidates.

    Attributes:
        share: after how much of the move, 0 to 1; 1 where it was not looked for.
        prices: (instrument, mark at that moment), the largest position first.
    """

    account: str
    settle: str
    isolated: bool
    share: Decimal
    prices: tuple[tuple[InstrumentId, Decimal], ...]


@dataclass(frozen=True, slots=True)
class StressedAccount:
    """One account after a move, in the reporting currency.

    Attributes:
        equity: after it. change: against now.
        maintenance: margin that what is not liquidated needs.
    """

    account: str
    equity: Decimal
    change: Decimal
    maintenance: Decimal
    liquidations: tuple[Liquidation, ...] = ()

    @property
    def margin_ratio(self) -> Decimal | None:
        """Maintenance margin over equity; None without positions or equity."""
        return self.maintenance / self.equity if self.maintenance and self.equity > 0 else None


@dataclass(frozen=True, slots=True)
class StressResult:
    """The desk after a move."""

    moves: Moves
    accounts: tuple[StressedAccount, ...]

    @property
    def equity(self) -> Decimal:
        """Sum over accounts."""
        return sum((a.equity for a in self.accounts), ZERO)

    @property
    def change(self) -> Decimal:
        """Sum over accounts."""
        return sum((a.change for a in self.accounts), ZERO)

    @property
    def worst(self) -> StressedAccount | None:
        """The account that loses most; None when none loses."""
        losers = [a for a in self.accounts if a.change < 0]
        return min(losers, key=lambda a: a.change, default=None)

    @property
    def liquidated(self) -> tuple[str, ...]:
        """Accounts in which something is liquidated."""
        return tuple(a.account for a in self.accounts if a.liquidations)


def buckets_of(holder: Holder) -> list[Bucket]:
    """What of an account stands and falls together."""
    found = []
    for settle in holder.settles:
        own = [leg for leg in holder.legs if leg.instrument.settle == settle]
        apart = [leg for leg in own if leg.wallet is not None]
        found += [Bucket(settle, leg.wallet or ZERO, (leg,), isolated=True) for leg in apart]
        cross = tuple(leg for leg in own if leg.wallet is None)
        if cross:
            rest = holder.wallets.get(settle, ZERO) - sum((leg.wallet or ZERO for leg in apart), ZERO)
            found.append(Bucket(settle, rest, cross))
    return found


def stress(book: MarginBook, moves: Moves, *, locate: bool = True) -> StressResult:
    """What a move does to every account.

    Args:
        book: what is held.
        moves: by how much prices move; nothing down to -1.
        locate: find out where on the way each liquidation happens; a table of many moves need not.
    """
    now, then = Bent(book, moves, ZERO), Bent(book, moves)
    return StressResult(moves, tuple(_account(holder, now, then, locate=locate) for holder in book.holders))


def worth_of(holder: Holder, bent: Bent, without: Iterable[Bucket] = ()) -> Decimal:
    """Equity of an account at some part of a move; what is `without` is lost."""
    lost = list(without)
    total = sum((quantity * bent.worth(asset) for asset, quantity in holder.wallets.items()), ZERO)
    for leg in holder.legs:
        total += leg.unrealized(bent.mark(leg)) * bent.worth(leg.instrument.settle)
    return total - sum((bucket.behind(bent) * bent.worth(bucket.settle) for bucket in lost), ZERO)


def maintenance_of(buckets: Iterable[Bucket], bent: Bent) -> Decimal:
    """Maintenance margin in the reporting currency."""
    return sum((bucket.maintenance(bent) * bent.worth(bucket.settle) for bucket in buckets), ZERO)


def _account(holder: Holder, now: Bent, then: Bent, *, locate: bool) -> StressedAccount:
    buckets = buckets_of(holder)
    lost = [] if then.moves.nothing else [bucket for bucket in buckets if _falls(bucket, then)]
    before, after = worth_of(holder, now), worth_of(holder, then, lost)
    kept = [bucket for bucket in buckets if bucket not in lost]
    liquidations = tuple(_liquidation(holder.name, bucket, then, locate=locate) for bucket in lost)
    return StressedAccount(holder.name, after, after - before, maintenance_of(kept, then), liquidations)


def _falls(bucket: Bucket, then: Bent) -> bool:
    return any(bucket.lack(Bent(then.book, then.moves, look)) >= 0 for look in LOOKS)


def _liquidation(name: str, bucket: Bucket, then: Bent, *, locate: bool) -> Liquidation:
    share = first_lack(lambda part: bucket.lack(Bent(then.book, then.moves, part))) if locate else ONE
    at = Bent(then.book, then.moves, ONE if share is None else share)
    legs = sorted(bucket.legs, key=lambda leg: -leg.notional(leg.mark))
    prices = tuple((leg.instrument.id, at.mark(leg)) for leg in legs)
    return Liquidation(name, bucket.settle, bucket.isolated, at.share, prices)


def first_lack(lack: Callable[[Decimal], Decimal]) -> Decimal | None:
    """The part of a move from which on money is lacking; None when the whole of it is survived.

    Found between two looks by halving the bracket and by the chord, whichever is nearer.
    """
    if lack(ZERO) >= 0:
        return ZERO
    low = ZERO
    for look in LOOKS:
        above = lack(look)
        if above >= 0:
            return _crossing(lack, low, look)
        low = look
    return None


def _crossing(lack: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Where a function that is below zero at `low` and not at `high` crosses it (the Illinois rule)."""
    below, above = lack(low), lack(high)
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE or not above:
            break
        middle = high - above * (high - low) / (above - below)
        value = lack(middle)
        if value >= 0:
            high, above, below = middle, value, below / 2
        else:
            low, below, above = middle, value, above / 2
    return high
