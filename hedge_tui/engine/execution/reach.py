"""How far positions may go if the worst orders fill: what is held, what rests, is meant or in doubt; pure.

Every order that may still trade counts with all that is left of it: intents that have not left, orders
without an answer, and amendments on their way with the larger quantity. A position on the other side is not
set off against them: it may be closed first, by a stop or by hand, and no cap holds that up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentId, InstrumentKind
from hedge_tui.domain.order import Order, OrderRequest, PositionSide, Side
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.engine.execution.prices import working_price

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.execution.view import View
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)
Key = tuple[str, InstrumentId, PositionSide]
Where = tuple[str, InstrumentId]


@dataclass(frozen=True, slots=True)
class Reach:
    """One position, signed venue units.

    Attributes:
        high: the most it may become, if all buys fill, 0 or more. low: the least, if all sells do, 0 or less.
        price: of orders that are dearer than the market, the highest; 0 without.
    """

    high: Decimal = ZERO
    low: Decimal = ZERO
    price: Decimal = ZERO

    def after(self, side: Side, quantity: Decimal, price: Decimal) -> Reach:
        """With one more order."""
        dearest = max(self.price, price)
        if side is Side.BUY:
            return Reach(self.high + quantity, self.low, dearest)
        return Reach(self.high, self.low - quantity, dearest)

    @property
    def most(self) -> Decimal:
        """The larger side, unsigned."""
        return max(self.high, -self.low, ZERO)


def reaches(view: View, accounts: Iterable[str]) -> dict[Key, Reach]:
    """Positions of these accounts and how far their orders may carry them."""
    names, state = set(accounts), view.state
    found: dict[Key, Reach] = {}
    for name in names:
        for position in view.accounts[name].positions.values():
            key = (name, position.instrument, position.position_side)
            found[key] = Reach(max(position.quantity, ZERO), min(position.quantity, ZERO))
    for (name, instrument, side), holding in state.holdings.items():
        if name in names and not _is_spot(instrument, view):
            # Our fills and the venue's word reach us apart: until both are here, the worse one counts.
            old = found.get((name, instrument, side), Reach())
            found[name, instrument, side] = Reach(
                max(old.high, holding.quantity), min(old.low, holding.quantity)
            )
    for order in _pending(state):
        request = order.request
        if request.account not in names or request.only_reduces:
            continue
        key = (request.account, request.instrument, request.position_side)
        if key not in found:
            found[key] = _start(key, view)
        at = request.price or request.trigger_price or ZERO
        found[key] = found[key].after(request.side, exposed(order, state), at)
    return found


def with_legs(found: dict[Key, Reach], legs: Iterable[Leg], view: View) -> dict[Key, Reach]:
    """The same after these legs too."""
    after = dict(found)
    for leg in legs:
        request = leg.request
        if request is None or request.only_reduces or leg.exit:
            continue
        key = (leg.account, leg.instrument, request.position_side)
        if key not in after:
            after[key] = _start(key, view)
        quantity = request.quantity if leg.act is Act.PLACE else added_quantity(leg, view.state)
        after[key] = after[key].after(request.side, quantity, leg_price(leg))
    return after


def added_quantity(leg: Leg, state: DeskState) -> Decimal:
    """What an amendment adds to what its order may trade already, venue units; 0 when it makes it smaller."""
    order = state.orders.get(leg.target.client_order_id) if leg.target is not None else None
    if order is None or leg.quantity is None:
        return ZERO
    return max(leg.quantity - order.filled - exposed(order, state), ZERO)


def exposed(order: Order, state: DeskState) -> Decimal:
    """What an order may still trade, an amendment that is meant or in doubt counted at its worst."""
    meant = state.restraints.amends.get(order.request.client_order_id, ZERO)
    return max(order.at_most, meant - order.filled)


def worst_notional(found: dict[Key, Reach], view: View) -> dict[Where, Decimal]:
    """Notional by (account, instrument) in the reporting currency, long and short of hedge mode together."""
    sums: dict[Where, Decimal] = {}
    for key, reach in found.items():
        where = key[:2]
        sums[where] = sums.get(where, ZERO) + _value(key[1], _most(key, reach, view), reach.price, view)
    return sums


def grown_notional(before: dict[Key, Reach], after: dict[Key, Reach], view: View) -> dict[Where, Decimal]:
    """The same after a plan, only of what it makes larger, and of that the side that it makes larger.

    The other side may be a word of the venue that is out of date: a growing side does not hide behind it.
    """
    grown: dict[Where, Decimal] = {}
    for key, reach in after.items():
        old = before.get(key) or _start(key, view)
        sides = [reach.high] if reach.high > old.high else []
        sides += [-reach.low] if reach.low < old.low and not _is_spot(key[1], view) else []
        if not sides:
            continue
        value = _value(key[1], max(sides), reach.price, view)
        beside = (
            _value(other[1], _most(other, one, view), one.price, view)
            for other, one in after.items()
            if other[:2] == key[:2] and other != key
        )
        grown[key[:2]] = max(grown.get(key[:2], ZERO), value + sum(beside, ZERO))
    return grown


def _most(key: Key, reach: Reach, view: View) -> Decimal:
    return max(reach.high, ZERO) if _is_spot(key[1], view) else reach.most


def leg_price(leg: Leg) -> Decimal:
    """What a leg is judged at."""
    request: OrderRequest | None = leg.request
    said = leg.price if leg.act is Act.AMEND else (request.price if request is not None else None)
    return said or leg.reference_price or ZERO


def _pending(state: DeskState) -> Iterator[Order]:
    yield from state.working_orders()
    for id_ in tuple(state.intents):
        yield state.orders[id_]


def _start(key: Key, view: View) -> Reach:
    account, instrument, _ = key
    if not _is_spot(instrument, view):
        return Reach()
    balance = view.accounts[account].balances.get(view.markets.instruments[instrument].base)
    held = balance.total if balance is not None else ZERO
    return Reach(held, held)


def _is_spot(instrument: InstrumentId, view: View) -> bool:
    known: Instrument | None = view.markets.instruments.get(instrument)
    return known is not None and known.kind is InstrumentKind.SPOT


def _value(id_: InstrumentId, quantity: Decimal, price: Decimal, view: View) -> Decimal:
    instrument = view.markets.instruments.get(id_)
    if instrument is None or not quantity:
        return ZERO
    mark = view.markets.mark(id_)
    now = Decimal(repr(mark)) if mark > 0 else working_price(instrument, Side.BUY, view) or ZERO
    notional = abs(instrument.notional(quantity, max(now, price)))
    worth = view.markets.value(instrument.quote, notional)
    return notional if worth is None else worth
