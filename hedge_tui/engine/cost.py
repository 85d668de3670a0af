"""Average-cost accounting of one instrument in one account; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held and what it cost.

    Attributes:
        quantity: signed venue units. entry_price: average cost of the open part, quote; 0 when flat.
    """

    quantity: Decimal = ZERO
    entry_price: Decimal = ZERO


def trade(
    holding: Holding,
    side: Side,
    quantity: Decimal,
    price: Decimal,
    instrument: Instrument | None,
) -> tuple[Holding, Decimal]:
    """Book one execution.

    Returns:
        The new holding and the PnL it realized, in quote (in base for inverse contracts).
        Adding to a position moves the average; reducing realizes against it; a flip does both.
    """
    signed = quantity * side.sign
    if holding.quantity * signed >= 0:
        total = holding.quantity + signed
        if total == 0:
            return Holding(), ZERO
        return Holding(total, _average(holding, quantity, price, instrument)), ZERO
    closed = min(quantity, abs(holding.quantity))
    realized = pnl(closed.copy_sign(holding.quantity), holding.entry_price, price, instrument)
    left = holding.quantity + signed
    if left == 0:
        return Holding(), realized
    if left * holding.quantity > 0:
        return Holding(left, holding.entry_price), realized
    return Holding(left, price), realized


def _average(holding: Holding, quantity: Decimal, price: Decimal, instrument: Instrument | None) -> Decimal:
    """Entry price after adding to a position.

    An inverse contract is worth a fixed sum of quote: its cost in base is the sum of quantity over price.
    """
    held = abs(holding.quantity)
    if instrument is not None and instrument.inverse and price and (holding.entry_price or not held):
        cost = (held / holding.entry_price if held else ZERO) + quantity / price
        return (held + quantity) / cost
    return (held * holding.entry_price + quantity * price) / (held + quantity)


def pnl(quantity: Decimal, entry: Decimal, price: Decimal, instrument: Instrument | None) -> Decimal:
    """Profit of holding `quantity` (signed venue units) from `entry` to `price`.

    In quote; in base for inverse contracts. Without an instrument the contract size is taken as 1.
    """
    if instrument is None:
        return quantity * (price - entry)
    if instrument.inverse:
        if entry == 0 or price == 0:
            return ZERO
        return quantity * instrument.contract_size * (1 / entry - 1 / price)
    return quantity * instrument.contract_size * (price - entry)
