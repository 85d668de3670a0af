"""Booking one side of one execution: money, position, order and trade record together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.records import PaperTrade

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.working_order import WorkingOrder


def fill_order(
    order: WorkingOrder, price: Decimal, quantity: Decimal, trade_id: int, now_ns: int, *, maker: bool
) -> PaperTrade:
    """Execute `quantity` of `order` at `price` and remember the trade in its account.

    Taking a finished order out of the book, and telling anybody, is the caller's.
    """
    instrument, account = order.instrument, order.owner
    rate = instrument.maker_fee if maker else instrument.taker_fee
    commission, asset, realized = account.purse.settle(order, price, quantity, rate, trade_id)
    notional = quantity * price * instrument.contract_size
    order.executed_more(quantity, notional, trade_id, now_ns)
    trade = PaperTrade(
        account.name,
        instrument.id,
        trade_id,
        order.order_id,
        order.client_order_id,
        order.side,
        order.position_side,
        price,
        quantity,
        notional,
        commission,
        asset,
        maker,
        realized,
        now_ns,
    )
    account.traded(trade)
    return trade
