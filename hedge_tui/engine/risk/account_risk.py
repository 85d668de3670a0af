"""How near an account is to trouble: leverage, margin, the nearest liquidation; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.engine.risk.delta import deltas
from hedge_tui.engine.risk.moves import Bent, Moves
from hedge_tui.engine.risk.stress import buckets_of, first_lack, maintenance_of, worth_of

if TYPE_CHECKING:
    from hedge_tui.engine.risk.margin_book import Holder, Leg, MarginBook

ZERO = Decimal(0)
FURTHEST_DOWN = Decimal("-0.99")
FURTHEST_UP = Decimal(3)
"""Moves of the whole market that are looked at; nothing liquidated within them counts as never."""


@dataclass(frozen=True, slots=True)
class AccountRisk:
    """One account, money in the reporting currency.

    Attributes:
        exposure: net delta of all assets. gross_exposure: notional of positions and coins without sign.
        margin_ratio: maintenance margin over equity; None without positions or equity.
        nearest: the leg next to its liquidation by the venue's own price; None without one.
        nearest_distance: how far its mark may go against it, a fraction of it.
        move: the smallest move of all assets together that liquidates something, a fraction; None: none.
    """

    account: str
    equity: Decimal
    exposure: Decimal
    gross_exposure: Decimal
    margin_ratio: Decimal | None
    nearest: Leg | None
    nearest_distance: Decimal | None
    move: Decimal | None

    @property
    def leverage(self) -> Decimal | None:
        """Gross exposure over equity; None without equity."""
        return self.gross_exposure / self.equity if self.equity > 0 else None


def assess(holder: Holder, book: MarginBook) -> AccountRisk:
    """Work one account out."""
    now = Bent(book, Moves(), ZERO)
    equity, maintenance = worth_of(holder, now), maintenance_of(buckets_of(holder), now)
    leg, distance = _nearest(holder)
    return AccountRisk(
        account=holder.name,
        equity=equity,
        exposure=sum((delta.value for delta in deltas(holder, book).values()), ZERO),
        gross_exposure=gross_of(holder, book),
        margin_ratio=maintenance / equity if maintenance and equity > 0 else None,
        nearest=leg,
        nearest_distance=distance,
        move=liquidating_move(holder, book),
    )


def liquidating_move(holder: Holder, book: MarginBook) -> Decimal | None:
    """The smallest move of all assets together, up or down, that liquidates something; a fraction."""
    found = [
        share * furthest
        for furthest in (FURTHEST_DOWN, FURTHEST_UP)
        if (share := _share(holder, book, Moves(furthest))) is not None
    ]
    return min(found, key=abs, default=None)


def _share(holder: Holder, book: MarginBook, moves: Moves) -> Decimal | None:
    shares = [
        share
        for bucket in buckets_of(holder)
        if (share := first_lack(lambda part, one=bucket: one.lack(Bent(book, moves, part)))) is not None  # type: ignore[misc]
    ]
    return min(shares, default=None)


def gross_of(holder: Holder, book: MarginBook) -> Decimal:
    """Notional of positions and of coins that are no cash, without sign, reporting currency."""
    coins = sum(
        (abs(q) * book.worth(asset) for asset, q in holder.wallets.items() if not book.is_cash(asset)), ZERO
    )
    for leg in holder.legs:
        coins += abs(leg.instrument.notional(leg.quantity, leg.mark)) * book.worth(leg.instrument.quote)
    return coins


def _nearest(holder: Holder) -> tuple[Leg | None, Decimal | None]:
    best: tuple[Leg | None, Decimal | None] = (None, None)
    for leg in holder.legs:
        if not leg.liquidation_price or not leg.mark:
            continue
        away = leg.liquidation_price / leg.mark - 1
        distance = -away if leg.quantity > 0 else away
        if best[1] is None or distance < best[1]:
            best = (leg, distance)
    return best
