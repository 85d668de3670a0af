"""Cuts a closing order into parts that the venue takes: a way out must not fail on a size limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.rounding import floor_to

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.instrument import Instrument

MOST_PARTS = 20
"""A position that needs more parts is closed by more than one line."""


def in_parts(quantity: Decimal, instrument: Instrument) -> list[Decimal]:
    """Quantities of market orders that add up to `quantity`, each within the venue's largest.

    >>> from decimal import Decimal
    >>> from hedge_tui.domain.instrument import Grid, Instrument, InstrumentId, InstrumentKind
    >>> grid = Grid(Decimal("0.1"), Decimal("0.001"), max_market_quantity=Decimal(100))
    >>> one = Instrument(InstrumentId("v:A/B:B"), "AB", InstrumentKind.PERPETUAL, "A", "B", "B", grid)
    >>> in_parts(Decimal(250), one)
    [Decimal('100.000'), Decimal('100.000'), Decimal('50')]
    """
    largest = instrument.grid.max_market_quantity
    if not largest or quantity <= largest:
        return [quantity]
    step = floor_to(largest, instrument.grid.lot)
    parts: list[Decimal] = []
    while quantity > 0 and len(parts) < MOST_PARTS:
        parts.append(min(step, quantity))
        quantity -= parts[-1]
    return parts
