"""What would be held if working orders filled: all buys, or all sells; pure.

Every order that may still trade counts as filled, those in doubt with it. Orders that can only shrink a
position are left out: the worst case is that they do not come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import OrderType, PositionSide, Side
from hedge_tui.engine import cost
from hedge_tui.engine.risk.margin_book import Leg, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.markets import Markets
    from hedge_tui.engine.risk.margin_book import Holder, MarginBook

ZERO = Decimal(0)


class Filled(StrEnum):
    """Which orders are taken as filled."""

    BUYS = "buys"
    SELLS = "sells"


@dataclass(frozen=True, slots=True)
class Executed:
    """Where an order fills, and what the market says then."""

    instrument: Instrument
    price: Decimal
    mark: Decimal


SIDES = {Filled.BUYS: Side.BUY, Filled.SELLS: Side.SELL}


def fill_orders(book: MarginBook, orders: Iterable[Order], which: Filled, markets: Markets) -> MarginBook:
    """The book after every working order of one side has filled.

    At its price, but never better than the mark: what a fill would gain on paper is no safety. The taker fee
    is paid on each.

    Args:
        book: what is held now.
        orders: working ones; others are passed over.
        which: buys or sells.
        markets: instruments and prices.
    """
    by_account: dict[str, list[Order]] = {}
    for order in orders:
        if order.request.side is SIDES[which] and order.status.working and adds(order):
            by_account.setdefault(order.request.account, []).append(order)
    if not by_account:
        return book
    return replace(
        book,
        holders=tuple(_filled(holder, by_account.get(holder.name, ()), markets) for holder in book.holders),
    )


def adds(order: Order) -> bool:
    """Whether it may enlarge a position; a way out of one cannot."""
    r = order.request
    if r.reduce_only or r.close_position or not order.at_most:
        return False
    if r.position_side is PositionSide.LONG:
        return r.side is Side.BUY
    return r.position_side is not PositionSide.SHORT or r.side is Side.SELL


def _filled(holder: Holder, orders: Iterable[Order], markets: Markets) -> Holder:
    legs = {(leg.instrument.id, leg.side): leg for leg in holder.legs}
    wallets = dict(holder.wallets)
    for order in orders:
        instrument = markets.instruments.get(order.request.instrument)
        price = _price(order, markets)
        if instrument is None or price is None:
            continue
        if instrument.kind is InstrumentKind.SPOT:
            _swap(wallets, order, instrument, price)
        else:
            mark = _mark(order, markets)
            _trade(legs, wallets, order, Executed(instrument, price, price if mark is None else mark))
    return replace(holder, wallets=wallets, legs=tuple(leg for leg in legs.values() if leg.quantity))


def _price(order: Order, markets: Markets) -> Decimal | None:
    """Where it fills: its own price, or the mark where that is worse; None when neither is known."""
    request = order.request
    said = request.trigger_price if request.price is None else request.price
    now = _mark(order, markets)
    if said is None or request.type is OrderType.MARKET:
        return now
    if now is None:
        return said
    return max(said, now) if request.side is Side.BUY else min(said, now)


def _mark(order: Order, markets: Markets) -> Decimal | None:
    mark = markets.mark(order.request.instrument)
    return Decimal(repr(mark)) if mark > 0 else None


def _swap(wallets: dict[str, Decimal], order: Order, instrument: Instrument, price: Decimal) -> None:
    quantity = order.at_most * order.request.side.sign
    paid = quantity * price + abs(quantity) * price * instrument.taker_fee
    wallets[instrument.base] = wallets.get(instrument.base, ZERO) + quantity
    wallets[instrument.quote] = wallets.get(instrument.quote, ZERO) - paid


def _trade(
    legs: dict[tuple[InstrumentId, PositionSide], Leg],
    wallets: dict[str, Decimal],
    order: Order,
    at: Executed,
) -> None:
    instrument, price = at.instrument, at.price
    key = (instrument.id, order.request.position_side)
    old = legs.get(key)
    held = cost.Holding(old.quantity, old.entry) if old is not None else cost.Holding()
    holding, realized = cost.trade(held, order.request.side, order.at_most, price, instrument)
    notional = abs(instrument.notional(order.at_most, price))
    fee = notional / (price if instrument.inverse else 1) * instrument.taker_fee
    wallets[instrument.settle] = wallets.get(instrument.settle, ZERO) + realized - fee
    if old is not None:
        legs[key] = replace(old, quantity=holding.quantity, entry=holding.entry_price)
    else:
        steps = steps_of(None, instrument, price)
        legs[key] = Leg(instrument, key[1], holding.quantity, holding.entry_price, at.mark, steps=steps)


def doubtful(orders: Iterable[Order]) -> int:
    """How many of them nobody has an answer about."""
    return sum(order.status.value.endswith("unknown") for order in orders)
