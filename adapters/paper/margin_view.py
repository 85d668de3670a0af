"""A margin account's figures as the venue tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO, rounded
from adapters.paper.leg import ENTRY
from adapters.paper.margin_sums import liquidation_price, present_notional
from adapters.paper.records import PaperMargin, PaperPosition
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.leg import Leg
    from adapters.paper.margin_purse import MarginPurse


def position_of(purse: MarginPurse, leg: Leg) -> PaperPosition:
    """One leg, frozen."""
    instrument = leg.book.instrument
    break_even = ZERO
    if leg.quantity:
        break_even = rounded((leg.cost + leg.fees) / (leg.quantity * instrument.contract_size), ENTRY)
    return PaperPosition(
        purse.account,
        instrument.id,
        leg.side,
        leg.quantity,
        leg.entry_price,
        leg.book.mark or ZERO,
        leg.unrealized,
        purse.leverage(instrument.id),
        instrument.id in purse.isolated,
        leg.initial,
        leg.maintenance,
        leg.order_initial,
        leg.bid_notional,
        leg.ask_notional,
        _liquidation_price(purse, leg),
        leg.realized,
        break_even,
        leg.isolated_wallet,
        present_notional(leg),
        leg.update_ns,
    )


def margin_of(purse: MarginPurse, asset: str) -> PaperMargin:
    """The account's totals in one settle asset."""
    wallet, sums = purse.wallet(asset), purse.sums_of(asset)
    return PaperMargin(
        asset=asset,
        wallet=wallet,
        unrealized=sums.unrealized,
        margin_balance=wallet + sums.unrealized,
        position_initial=sums.initial,
        order_initial=sums.order_initial,
        maintenance=sums.maintenance,
        available=max(sums.available(wallet), ZERO),
    )


def cross_shortfall(purse: MarginPurse, asset: str) -> Decimal:
    """Maintenance margin of the cross positions less what is behind them; above 0: liquidate."""
    sums = purse.sums_of(asset)
    return sums.maintenance - sums.isolated_maintenance - cross_behind(purse, asset)


def cross_behind(purse: MarginPurse, asset: str) -> Decimal:
    """What carries the cross positions: the wallet but for isolated margin, and their unrealized PnL."""
    sums = purse.sums_of(asset)
    return purse.wallet(asset) - sums.isolated_wallet + sums.unrealized - sums.isolated_unrealized


def _liquidation_price(purse: MarginPurse, leg: Leg) -> Decimal:
    """Mark that liquidates this leg, all else standing still."""
    if not leg.quantity:
        return ZERO
    instrument = leg.book.instrument
    if instrument.id in purse.isolated:
        return liquidation_price((leg,), leg.isolated_wallet)
    legs = [
        found
        for side in PositionSide
        if (found := purse.legs.get((instrument.id, side))) is not None and found.quantity
    ]
    own_unrealized = sum((each.unrealized for each in legs), ZERO)
    own_maintenance = sum((each.maintenance for each in legs), ZERO)
    return liquidation_price(
        legs, -cross_shortfall(purse, instrument.settle) - own_unrealized + own_maintenance
    )
