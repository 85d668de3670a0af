"""The price at which leaving a position now costs nothing; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument

ZERO = Decimal(0)


def break_even(
    quantity: Decimal,
    entry: Decimal,
    instrument: Instrument,
    *,
    fees: Decimal = ZERO,
    funding: Decimal = ZERO,
) -> Decimal | None:
    """Price at which closing everything by a taker order leaves neither profit nor loss.

    At that price the profit of the way out, less `fees`, plus `funding`, less the taker fee on the notional
    there, is zero.

    Args:
        quantity: signed venue units.
        entry: average cost, quote.
        instrument: gives contract size, whether it is inverse, and the taker fee.
        fees: paid for the open part, settle, > 0 paid.
        funding: received for it, settle, signed.

    Returns:
        In quote; None when flat, when no entry is known, or when no price above zero does it.
    """
    if not quantity or entry <= 0:
        return None
    paid = fees - funding
    leaving = quantity - abs(quantity) * instrument.taker_fee
    if instrument.inverse:
        # In base: q * c * (1/entry - 1/x) - paid - |q| * c * fee / x = 0.
        above = instrument.contract_size * (quantity + abs(quantity) * instrument.taker_fee)
        below = quantity * instrument.contract_size / entry - paid
    else:
        # In quote: q * c * (x - entry) - paid - |q| * c * x * fee = 0.
        above = quantity * instrument.contract_size * entry + paid
        below = instrument.contract_size * leaving
    if not below:
        return None
    price = above / below
    return price if price > 0 else None
