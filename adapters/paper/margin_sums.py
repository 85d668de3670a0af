"""Margin arithmetic of one leg, and an account's running sums of it in one settle asset."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from adapters.paper.ledger import CENT, ZERO, rounded
from adapters.paper.margin_brackets import bracket_of
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.paper.leg import Leg


def present_notional(leg: Leg) -> Decimal:
    """Signed value of the leg at mark, in quote; at cost while no mark is known."""
    mark = leg.book.mark
    if mark is None:
        return leg.cost
    return leg.quantity * mark * leg.book.instrument.contract_size


def largest_side(leg: Leg, present: Decimal) -> Decimal:
    """Notional of the leg if all its bids or all its asks filled, whichever is more."""
    if leg.side is PositionSide.LONG:
        return abs(present) + leg.bid_notional
    if leg.side is PositionSide.SHORT:
        return abs(present) + leg.ask_notional
    return max(abs(present + leg.bid_notional), abs(present - leg.ask_notional))


def margin_for(notional: Decimal, leverage: Decimal) -> Decimal:
    """Initial margin of `notional`, rounded up to eight decimals."""
    return (notional / leverage).quantize(CENT, ROUND_CEILING)


def liquidation_price(legs: Iterable[Leg], cushion: Decimal) -> Decimal:
    """Mark at which the legs of one instrument eat up `cushion` to the maintenance margin.

    `cushion` is the money behind them, less the maintenance margin of everything else.

    Returns:
        The price, to eight decimals below the tick; 0 when no price above zero does it.
    """
    quantity = cost = weight = offset = ZERO
    size, tick = Decimal(1), CENT
    for leg in legs:
        bracket = bracket_of(leg.book.brackets, abs(present_notional(leg)))
        quantity += leg.quantity
        cost += leg.cost
        weight += abs(leg.quantity) * bracket.rate
        offset += bracket.offset if leg.quantity else ZERO
        size, tick = leg.book.instrument.contract_size, leg.book.instrument.grid.tick
    slope = (quantity - weight) * size
    if not slope:
        return ZERO
    price = (cost - cushion - offset) / slope
    return rounded(price, tick * CENT) if price > 0 else ZERO


class MarginSums:
    """One account's totals in one settle asset, kept up to date leg by leg.

    Attributes:
        unrealized, initial, order_initial, maintenance: over all legs.
        isolated_wallet, isolated_unrealized, isolated_initial, isolated_maintenance: of the isolated
            legs among them.
    """

    __slots__ = (
        "initial",
        "isolated_initial",
        "isolated_maintenance",
        "isolated_unrealized",
        "isolated_wallet",
        "maintenance",
        "order_initial",
        "unrealized",
    )

    def __init__(self) -> None:
        self.unrealized = self.initial = self.order_initial = self.maintenance = ZERO
        self.isolated_wallet = self.isolated_unrealized = ZERO
        self.isolated_initial = self.isolated_maintenance = ZERO

    def refresh(self, leg: Leg, leverage: Decimal, *, isolated: bool) -> None:
        """Work a leg's figures out again and replace what it added before."""
        present = present_notional(leg)
        unrealized = rounded(present - leg.cost)
        notional = abs(present)
        initial = margin_for(notional, leverage)
        order_initial = margin_for(largest_side(leg, present), leverage) - initial
        maintenance = ZERO
        if notional:
            bracket = bracket_of(leg.book.brackets, notional)
            maintenance = (notional * bracket.rate - bracket.offset).quantize(CENT, ROUND_CEILING)
        self.unrealized += unrealized - leg.unrealized
        self.initial += initial - leg.initial
        self.order_initial += order_initial - leg.order_initial
        self.maintenance += maintenance - leg.maintenance
        if isolated:
            self.isolated_unrealized += unrealized - leg.unrealized
            self.isolated_initial += initial - leg.initial
            self.isolated_maintenance += maintenance - leg.maintenance
        leg.unrealized, leg.initial = unrealized, initial
        leg.order_initial, leg.maintenance = order_initial, maintenance

    def available(self, wallet: Decimal) -> Decimal:
        """What new orders may use; below zero when the account is short of margin."""
        cross = wallet - self.isolated_wallet + self.unrealized - self.isolated_unrealized
        return cross - (self.initial - self.isolated_initial) - self.order_initial
