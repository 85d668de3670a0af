"""What the world outside does to one instrument: new depth, marks and funding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.ledger import MARKET, rounded
from adapters.paper.records import IncomeKind
from hedge_tui.domain.order import PositionSide, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.leg import Leg
    from adapters.paper.margin_purse import MarginPurse
    from adapters.paper.matcher import Matcher


def cross_book(
    book: InstrumentBook,
    matcher: Matcher,
    bids: Sequence[tuple[Decimal, Decimal]],
    asks: Sequence[tuple[Decimal, Decimal]],
) -> None:
    """Replace the outside liquidity and fill our orders that it crosses."""
    book.bids.replace_outside(bids)
    book.asks.replace_outside(asks)
    matcher.cross_outside(book, Side.BUY)
    matcher.cross_outside(book, Side.SELL)


def revalue(book: InstrumentBook) -> None:
    """Bring every holder's margin up to date with a new mark."""
    for purse, leg in _legs(book):
        purse.refresh(leg)


def pay_funding(book: InstrumentBook, rate: Decimal) -> list[str]:
    """Move funding between every position and the market.

    Returns:
        The accounts that paid or received.
    """
    instrument, mark = book.instrument, book.mark
    paid: list[str] = []
    if mark is None:
        return paid
    for purse, leg in _legs(book):
        quantity = -rounded(leg.quantity * instrument.contract_size * mark * rate)
        if not quantity:
            continue
        purse.book(MARKET, instrument.settle, quantity, IncomeKind.FUNDING_FEE, instrument=instrument.id)
        if instrument.id in purse.isolated:
            leg.isolated_wallet += quantity
            purse.sums_of(instrument.settle).isolated_wallet += quantity
            purse.touch(leg)
        purse.flush("FUNDING_FEE")
        paid.append(purse.account)
    return paid


def _legs(book: InstrumentBook) -> Iterator[tuple[MarginPurse, Leg]]:
    for purse in list(book.holders.values()):
        for side in PositionSide:
            leg = purse.legs.get((book.instrument.id, side))
            if leg is not None:
                yield purse, leg
