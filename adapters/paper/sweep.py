"""What a taker would get, worked out without taking it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.order import PositionSide, Side


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is there for a taker.

    Attributes:
        quantity: venue units that would execute, at most what was asked.
        notional: what they would cost or bring, in quote.
    """

    quantity: Decimal
    notional: Decimal


def sweep(
    book: InstrumentBook,
    side: Side,
    wanted: Decimal,
    limit: Decimal | None,
    taker: PaperAccount,
    *,
    to_own: bool = False,
) -> Sweep:
    """Walk the book as a taker of `side` would.

    Args:
        book: where.
        side: of the taker.
        wanted: quantity.
        limit: worst price, or None.
        taker: whose it is; an account never trades with itself, so its resting orders are passed over.
        to_own: the first of its own orders is where it ends.
    """
    size = book.instrument.contract_size
    left, notional, ended = wanted, ZERO, False
    moved: dict[tuple[str, PositionSide], Decimal] = {}
    for price, outside, orders in book.against(side).walk():
        if left <= 0 or (limit is not None and (price - limit) * side.sign > 0):
            break
        there = outside
        for order in orders:
            if there >= left:
                break
            if order.owner is not taker:
                there += _tradable(order, moved)
            elif to_own:
                ended = True
                break
        taken = min(left, there)
        left -= taken
        notional += taken * price * size
        if ended:
            break
    return Sweep(wanted - left, notional)


def _tradable(order: WorkingOrder, moved: dict[tuple[str, PositionSide], Decimal]) -> Decimal:
    """What a resting order could trade, after its leg was moved by the account's better orders."""
    key = (order.owner.name, order.position_side)
    before = moved.get(key, ZERO)
    quantity = order.remaining
    if order.reducing:
        quantity = max(min(quantity, order.owner.purse.executable(order) - before), ZERO)
    moved[key] = before + quantity
    return quantity
