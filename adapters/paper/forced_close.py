"""Closing a position by the venue's own hand: the order, the trade and their booking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.execution import fill_order
from adapters.paper.working_order import WorkingOrder
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side, TimeInForce

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.leg import Leg
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.records import PaperTrade
    from adapters.paper.tape import Tape


def force_close(
    account: PaperAccount, leg: Leg, quantity: Decimal, price: Decimal, *, tape: Tape, prefix: str
) -> tuple[WorkingOrder, PaperTrade]:
    """Close `quantity` (unsigned) of a leg at `price`, as taker.

    The trade takes the book's newest trade id; its other side is the caller's to book. `prefix` starts
    the order's client id.
    """
    instrument = leg.book.instrument
    order_id = tape.order_id()
    request = OrderRequest(
        ClientOrderId(f"{prefix}{order_id}"),
        account.name,
        instrument.id,
        Side.SELL if leg.quantity > 0 else Side.BUY,
        OrderType.LIMIT,
        quantity,
        price,
        time_in_force=TimeInForce.IOC,
        reduce_only=True,
        position_side=leg.side,
    )
    order = WorkingOrder(request, instrument, account, order_id, tape.now_ns)
    account.opened(order)
    trade = fill_order(order, price, quantity, leg.book.trade_id, tape.now_ns, maker=False)
    account.closed(order)
    return order, trade
