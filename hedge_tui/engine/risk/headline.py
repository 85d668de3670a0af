"""What a trader looks at first: worth, PnL, net delta, nearest liquidation, next funding; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.account import Position
    from hedge_tui.engine.portfolio import AccountSummary
    from hedge_tui.engine.risk.position import PositionFigures

ZERO = Decimal(0)
SAME_MOMENT_NS = 60_000_000_000
"""Payments this close to each other are one: venues state the moment to the millisecond, not all alike."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The desk in one line, money in the reporting currency.

    Attributes:
        pnl_today: None before any account has a starting point.
        nearest: the position next to its liquidation; None without one.
        nearest_distance: of it, a fraction of its mark.
        funding_next: sum of the payments due at `funding_next_ns`, > 0 received; None when none is known.
        tightest: account with the highest margin ratio; "" without one. margin_ratio: its, a fraction.
        unprotected: positions without a working stop, or with one in doubt.
    """

    accounts: int
    equity: Decimal
    pnl_today: Decimal | None
    exposure: Decimal
    gross_exposure: Decimal
    nearest: Position | None
    nearest_distance: Decimal | None
    funding_next: Decimal | None
    funding_next_ns: int
    tightest: str
    margin_ratio: Decimal | None
    positions: int
    unprotected: int

    @property
    def leverage(self) -> Decimal | None:
        """Gross exposure over equity; None without equity."""
        return self.gross_exposure / self.equity if self.equity > 0 else None


def headline(
    accounts: Iterable[AccountSummary],
    positions: Iterable[tuple[Position, PositionFigures]],
    value: Callable[[str, Decimal], Decimal | None],
    now_ns: int,
) -> Headline:
    """Sum the desk up.

    Args:
        accounts: those whose venue has told what they hold.
        positions: of them, with their figures.
        value: what so much of an asset is worth in the reporting currency.
        now_ns: a payment that is past is not the next one.
    """
    parts, held = list(accounts), list(positions)
    days = [part.pnl_today for part in parts if part.pnl_today is not None]
    ratios = [(part.margin_ratio, part.account) for part in parts if part.margin_ratio is not None]
    ratio, tightest = max(ratios) if ratios else (None, "")
    distances = [
        (f.liquidation_distance, at) for at, (_, f) in enumerate(held) if f.liquidation_distance is not None
    ]
    distance, at = min(distances) if distances else (None, -1)
    payment, payment_ns = _next_funding([f for _, f in held], value, now_ns)
    return Headline(
        accounts=len(parts),
        equity=sum((part.equity for part in parts), ZERO),
        pnl_today=sum(days, ZERO) if days else None,
        exposure=sum((part.exposure for part in parts), ZERO),
        gross_exposure=sum((part.gross_exposure for part in parts), ZERO),
        nearest=held[at][0] if at >= 0 else None,
        nearest_distance=distance,
        funding_next=payment,
        funding_next_ns=payment_ns,
        tightest=tightest,
        margin_ratio=ratio,
        positions=len(held),
        unprotected=sum(f.unprotected for _, f in held),
    )


def _next_funding(
    figures: list[PositionFigures], value: Callable[[str, Decimal], Decimal | None], now_ns: int
) -> tuple[Decimal | None, int]:
    """(sum of what is paid at the nearest moment, that moment)."""
    due = [f for f in figures if f.funding_next is not None and f.funding_next_ns > now_ns]
    if not due:
        return None, 0
    first = min(f.funding_next_ns for f in due)
    together = [f for f in due if f.funding_next_ns - first < SAME_MOMENT_NS]
    sums = [value(f.settle, f.funding_next) for f in together if f.funding_next is not None]
    known = [each for each in sums if each is not None]
    return (sum(known, ZERO), first) if known else (None, 0)
