"""Which orders protect a position, and which position that is; pure. Shared by panic and armed mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import Order, PositionSide, Side

if TYPE_CHECKING:
    from hedge_tui.engine.accounts import AccountState


def protective(order: Order) -> bool:
    """A stop or take-profit that waits for its trigger and can only shrink what is held.

    On spot every sale does: what is not held cannot be sold there.
    """
    request = order.request
    sells_holding = request.side is Side.SELL and ":" not in symbol_of(request.instrument)
    return request.type.triggered and (request.only_reduces or sells_holding)


def guards(stop: Order, state: AccountState) -> bool:
    """Whether what a stop protects is still there; holdings of a spot account always are."""
    request = stop.request
    if ":" not in symbol_of(request.instrument):
        return True
    if request.position_side is PositionSide.NET:
        return bool(state.position_quantity(request.instrument))
    return (request.instrument, request.position_side.value) in state.positions
