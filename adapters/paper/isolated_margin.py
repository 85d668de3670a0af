"""Money that an isolated position has for itself: set apart by trading, or moved by its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO, rounded
from adapters.paper.margin_sums import margin_for
from adapters.paper.records import PaperMarginChange
from adapters.paper.refusal import PaperRefusal, RefusalCode

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.leg import Leg
    from adapters.paper.margin_purse import MarginPurse


def trade_margin(
    purse: MarginPurse, leg: Leg, held: Decimal, closed: Decimal, opened_notional: Decimal
) -> None:
    """Give back the margin of what was closed, set apart that of what was opened."""
    delta = ZERO
    if closed:
        delta -= rounded(leg.isolated_wallet * closed / abs(held))
    if opened_notional:
        delta += margin_for(opened_notional, purse.leverage(leg.book.instrument.id))
    _shift(purse, leg, delta, "TRADE")


def move_margin(purse: MarginPurse, leg: Leg, delta: Decimal) -> None:
    """Let the owner add to an isolated position's margin (> 0), or take from it (< 0).

    Raises:
        PaperRefusal: NOT_ISOLATED: no isolated position is there; INSUFFICIENT_MARGIN: the wallet has
            less to add; INSUFFICIENT_BALANCE: the position needs what is asked back.
    """
    instrument = leg.book.instrument
    if instrument.id not in purse.isolated or not leg.quantity:
        raise PaperRefusal(RefusalCode.NOT_ISOLATED, f"no isolated position in {instrument.venue_symbol}")
    available = purse.available(instrument.settle)
    if delta > max(available, ZERO):
        raise PaperRefusal(
            RefusalCode.INSUFFICIENT_MARGIN,
            f"adds {delta:f} {instrument.settle} of margin, available is {available:f}",
        )
    spare = max(leg.isolated_wallet + min(leg.unrealized, ZERO) - leg.initial, ZERO)
    if -delta > spare:
        raise PaperRefusal(
            RefusalCode.INSUFFICIENT_BALANCE,
            f"takes {-delta:f} {instrument.settle} of margin, the position can spare {spare:f}",
        )
    _shift(purse, leg, delta, "USER_ADJUST")
    purse.tell_margin_moved(leg)


def take_from_isolated(purse: MarginPurse, leg: Leg, quantity: Decimal) -> None:
    """Let a position's own margin pay what its partial liquidation cost beyond what it gave back."""
    _shift(purse, leg, -min(quantity, leg.isolated_wallet), "LIQUIDATION")


def _shift(purse: MarginPurse, leg: Leg, delta: Decimal, kind: str) -> None:
    if not delta:
        return
    instrument = leg.book.instrument
    leg.isolated_wallet += delta
    purse.sums_of(instrument.settle).isolated_wallet += delta
    purse.margin_changes.append(
        PaperMarginChange(instrument.id, leg.side, kind, instrument.settle, delta, purse.now_ns)
    )
