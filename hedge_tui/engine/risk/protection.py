"""How much of a position its working stops would close; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderStatus, OrderType, PositionSide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.order import Order

ZERO = Decimal(0)
ONE = Decimal(1)
STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
"""What leaves when the market goes against the position; a take-profit does not protect."""
SURE = frozenset({OrderStatus.LIVE, OrderStatus.PARTIAL, OrderStatus.ACKED})
"""An order in doubt may not be there: it protects nothing."""


def protects(order: Order, position: Position) -> bool:
    """Whether it is a stop at the venue that can only shrink this position."""
    r = order.request
    if r.account != position.account or r.instrument != position.instrument or order.status not in SURE:
        return False
    if r.type not in STOPS or r.side.sign * position.quantity > 0:
        return False
    if position.position_side is PositionSide.NET:
        return r.reduce_only or r.close_position
    # With long and short held apart, an order on this side against it can only shrink it.
    return r.position_side is position.position_side


def protected_share(position: Position, orders: Iterable[Order]) -> Decimal:
    """Fraction of the position that working stops would close, 0 to 1."""
    if not position.quantity:
        return ONE
    covered = ZERO
    for order in orders:
        if protects(order, position):
            if order.request.close_position:
                return ONE
            covered += order.remaining
    return min(covered / abs(position.quantity), ONE)
