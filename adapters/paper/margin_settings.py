"""What a trader sets on a margin account: leverage, margin mode, position mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO
from adapters.paper.margin_brackets import largest_notional
from adapters.paper.margin_sums import largest_side, present_notional
from adapters.paper.refusal import PaperRefusal, RefusalCode

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.leg import Leg
    from adapters.paper.margin_purse import MarginPurse
    from adapters.paper.paper_account import PaperAccount


def set_leverage(purse: MarginPurse, book: InstrumentBook, leverage: Decimal) -> None:
    """Change the leverage of one instrument; its open orders and positions need the new margin.

    Raises:
        PaperRefusal: not a whole number within the instrument's limits; the position is too large for
            it; or the margin that a lower one needs is not there. Nothing has changed.
    """
    instrument, top = book.instrument, book.brackets[0].max_leverage
    if leverage != leverage.to_integral_value() or not 1 <= leverage <= top:
        raise PaperRefusal(
            RefusalCode.LEVERAGE, f"leverage {leverage:f} is not a whole number from 1 to {top:f}"
        )
    old = purse.leverage(instrument.id)
    legs = [leg for leg in purse.legs.values() if leg.book is book and not leg.idle]
    cap = largest_notional(book.brackets, leverage)
    for leg in legs:
        notional = largest_side(leg, present_notional(leg))
        if notional > cap:
            raise PaperRefusal(
                RefusalCode.MAX_POSITION, f"{notional:f} {instrument.quote} is above {cap:f} at {leverage:f}"
            )
        if leverage < old and leg.isolated_wallet:
            raise PaperRefusal(
                RefusalCode.LEVERAGE, f"leverage {leverage:f} is below {old:f} of an isolated position"
            )
    _apply(purse, book, legs, leverage)
    available = purse.available(instrument.settle)
    if leverage < old and legs and available < 0:
        _apply(purse, book, legs, old)
        raise PaperRefusal(
            RefusalCode.INSUFFICIENT_MARGIN,
            f"leverage {leverage:f} needs {-available:f} {instrument.settle} more than there is",
        )


def set_margin_mode(
    account: PaperAccount, purse: MarginPurse, book: InstrumentBook, *, isolated: bool
) -> None:
    """Switch one instrument between cross and isolated margin.

    Raises:
        PaperRefusal: it is so already, or there are open orders or a position in it.
    """
    instrument = book.instrument.id
    if (instrument in purse.isolated) is isolated:
        raise PaperRefusal(RefusalCode.UNCHANGED, f"margin is {'isolated' if isolated else 'cross'} already")
    held = sum((abs(leg.quantity) for leg in purse.legs.values() if leg.book is book), ZERO)
    _refuse_exposure(len(account.open.get(instrument, {})), held)
    if isolated:
        purse.isolated.add(instrument)
    else:
        purse.isolated.discard(instrument)


def set_hedge_mode(account: PaperAccount, purse: MarginPurse, *, enabled: bool) -> None:
    """Switch the account between one-way and hedge mode.

    Raises:
        PaperRefusal: it is so already, or there are open orders or positions anywhere.
    """
    if purse.hedge_mode is enabled:
        raise PaperRefusal(
            RefusalCode.UNCHANGED, f"position mode is {'hedge' if enabled else 'one-way'} already"
        )
    held = sum((abs(leg.quantity) for leg in purse.legs.values()), ZERO)
    _refuse_exposure(sum(len(orders) for orders in account.open.values()), held)
    purse.hedge_mode = enabled


def _apply(purse: MarginPurse, book: InstrumentBook, legs: list[Leg], leverage: Decimal) -> None:
    purse.leverages[book.instrument.id] = leverage
    for leg in legs:
        purse.refresh(leg)


def _refuse_exposure(orders: int, held: Decimal) -> None:
    if orders or held:
        raise PaperRefusal(
            RefusalCode.OPEN_EXPOSURE,
            f"there are {orders} open orders and positions of {held:f}; none may be",
        )
