"""What closes the positions of an account at once; pure. Used by panic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderRequest, OrderType, Side
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution.closing import in_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import ClientOrderId

ORIGIN = "panic"


def closing_orders(
    position: Position, instrument: Instrument | None, new_id: Callable[[], ClientOrderId]
) -> list[OrderRequest]:
    """Market orders that can only shrink the position, each within the venue's largest.

    Args:
        position: as the venue last said.
        instrument: None when its grid is not known: the quantity goes out as it is.
        new_id: makes client order ids.

    Returns:
        Nothing when the position is smaller than the lot of the venue: see `dust`.
    """
    quantity = abs(position.quantity)
    parts = in_parts(quantity, instrument) if instrument is not None else [quantity]
    if instrument is not None:
        parts = [whole for part in parts if (whole := floor_to(part, instrument.grid.lot)) > 0]
    return [
        OrderRequest(
            new_id(),
            position.account,
            position.instrument,
            Side.SELL if position.quantity > 0 else Side.BUY,
            OrderType.MARKET,
            part,
            reduce_only=True,
            position_side=position.position_side,
            origin=ORIGIN,
        )
        for part in parts
    ]


def dust(position: Position, instrument: Instrument | None) -> str:
    """Why no order can close the position, with both values, or ""."""
    if instrument is None or abs(position.quantity) >= instrument.grid.lot:
        return ""
    return (
        f"{symbol_of(position.instrument)} {abs(position.quantity):f} is below the lot"
        f" {instrument.grid.lot:f}: no order can close it, use the venue's own page"
    )
