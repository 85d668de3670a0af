"""How much of a position its working stops would close, and which of them nobody can be sure of; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderStatus, OrderType, PositionSide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.order import Order, OrderRequest

ZERO = Decimal(0)
ONE = Decimal(1)
STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
"""What leaves when the market goes against the position; a take-profit does not protect."""
SURE = frozenset({OrderStatus.LIVE, OrderStatus.PARTIAL, OrderStatus.ACKED})
"""An order in doubt may not be there: it protects nothing."""
DOUBTFUL = frozenset({OrderStatus.UNKNOWN, OrderStatus.CANCEL_UNKNOWN, OrderStatus.AMEND_UNKNOWN})


def guards(request: OrderRequest, position: Position) -> bool:
    """Whether it is a stop that can only shrink this position, wherever it is in its life."""
    if request.account != position.account or request.instrument != position.instrument:
        return False
    if request.type not in STOPS or request.side.sign * position.quantity > 0:
        return False
    if position.position_side is PositionSide.NET:
        return request.reduce_only or request.close_position
    # With long and short held apart, an order on this side against it can only shrink it.
    return request.position_side is position.position_side


def protects(order: Order, position: Position) -> bool:
    """Whether it is a stop at the venue that can only shrink this position."""
    return order.status in SURE and guards(order.request, position)


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


def stops_in_doubt(position: Position, orders: Iterable[Order]) -> list[Order]:
    """Its stops that may be there or not: no answer came about placing, cancelling or changing them."""
    return [order for order in orders if order.status in DOUBTFUL and guards(order.request, position)]


def unprotected(position: Position, orders: Iterable[Order]) -> bool:
    """Whether no stop is sure to close it, or a part hangs on one in doubt."""
    listed = list(orders)
    share = protected_share(position, listed)
    return bool(position.quantity) and (not share or (share < ONE and bool(stops_in_doubt(position, listed))))


def rival_in_doubt(request: OrderRequest, orders: Iterable[Order]) -> Order | None:
    """A stop of the same position that must be settled before `request`, a stop too, is sent; else None."""
    if request.type not in STOPS or not request.only_reduces:
        return None
    place = _place(request)
    for order in orders:
        other = order.request
        rival = order.status in DOUBTFUL and other.type in STOPS and other.only_reduces
        if rival and _place(other) == place and other.client_order_id != request.client_order_id:
            return order
    return None


def rival_words(rival: Order, row: int | None) -> str:
    """Why a stop is not sent while another of its position is in doubt."""
    return (
        f"stop #{row} of this position is in doubt ({rival.status}):"
        " send another when it is settled, 40 s at most"
    )


def _place(request: OrderRequest) -> tuple[str, str, str, str]:
    return request.account, request.instrument, request.side, request.position_side
