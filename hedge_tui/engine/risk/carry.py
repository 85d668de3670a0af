"""The next funding payment of a position; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument


def next_payment(
    quantity: Decimal, mark: Decimal | None, rate: float, instrument: Instrument
) -> Decimal | None:
    """What the next funding brings (> 0) or costs (< 0), in settle, at today's mark and rate.

    Args:
        quantity: signed venue units.
        mark: quote; None when not known.
        rate: fraction of notional of the running interval; above zero a long pays. NaN: not known.
        instrument: gives contract size and whether it is inverse.
    """
    if rate != rate or not mark:  # noqa: PLR0124 - NaN
        return None
    notional = instrument.notional(quantity, mark)
    settled = notional / mark if instrument.inverse else notional
    return -settled * Decimal(repr(rate))
