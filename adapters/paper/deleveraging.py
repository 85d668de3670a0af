"""Auto-deleveraging: which positions must give way first when a bankrupt one finds no other taker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO
from adapters.paper.margin_sums import present_notional
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.leg import Leg
    from adapters.paper.margin_purse import MarginPurse

_QUANTILES = 4


def adl_score(purse: MarginPurse, leg: Leg) -> Decimal:
    """What ranks a position: profit per cost times effective leverage; a losing one by profit over it."""
    if not leg.quantity or not leg.cost:
        return ZERO
    asset = leg.book.instrument.settle
    money = leg.isolated_wallet + leg.unrealized
    if leg.book.instrument.id not in purse.isolated:
        money = purse.wallet(asset) + purse.sums_of(asset).unrealized
    notional = abs(present_notional(leg))
    if money <= 0 or not notional:
        return ZERO
    share, leverage = leg.unrealized / abs(leg.cost), notional / money
    return share * leverage if share > 0 else share / leverage


def ranked(book: InstrumentBook, sign: int) -> list[tuple[MarginPurse, Leg]]:
    """Positions of one direction in an instrument, the one that must give way first at the head."""
    found = [
        (purse, leg)
        for purse in book.holders.values()
        for side in PositionSide
        if (leg := purse.legs.get((book.instrument.id, side))) is not None and leg.quantity * sign > 0
    ]
    return sorted(found, key=lambda pair: adl_score(*pair), reverse=True)


def adl_quantile(purse: MarginPurse, leg: Leg) -> int:
    """Place in the queue as venues show it: 4 gives way first, 0 is flat or loses."""
    if adl_score(purse, leg) <= 0:
        return 0
    order = [other for _, other in ranked(leg.book, 1 if leg.quantity > 0 else -1)]
    place = next(n for n, other in enumerate(order) if other is leg)
    return max(1, _QUANTILES - place * _QUANTILES // len(order))
