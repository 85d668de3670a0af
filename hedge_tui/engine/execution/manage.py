"""Plans the commands on orders that exist: cancel and amend."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import OnIds, OnRows, OnRun
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import OrderStatus, OrderType
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution import legs, prices
from hedge_tui.engine.execution.basis import basis_of
from hedge_tui.engine.execution.sizes import Target, amount_to_units
from hedge_tui.engine.execution.targets import orders_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.command.ast import Amend, Cancel, Cmd
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)
_AMENDABLE = (OrderStatus.ACKED, OrderStatus.LIVE, OrderStatus.PARTIAL)


def plan_cancel(cmd: Cmd, body: Cancel, view: View) -> list[Leg]:
    """One leg for each order to cancel."""
    accounts = _accounts(cmd, body.target, view)
    found = orders_of(body.target, accounts, view)
    if not found:
        raise CommandError("no live order fits", body.target.span, hint="see Orders")
    return [cancel_leg(order) for order in found]


def cancel_leg(order: Order) -> Leg:
    """The preview row of one cancel."""
    problem = "not sent yet" if order.status is OrderStatus.INTENT else ""
    return Leg(
        Act.CANCEL,
        order.request.account,
        order.request.instrument,
        request=order.request,
        target=order.ref,
        quantity=order.remaining,
        price=order.request.price,
        problem=problem,
    )


def plan_amend(cmd: Cmd, body: Amend, view: View) -> list[Leg]:
    """One leg for each order to change."""
    accounts = _accounts(cmd, body.target, view)
    return [_amend_leg(order, body, view) for order in orders_of(body.target, accounts, view)]


def _accounts(cmd: Cmd, target: object, view: View) -> Sequence[AccountState]:
    """Rows and ids name their account themselves; everything else needs a scope."""
    if cmd.scope is None and isinstance(target, OnIds | OnRows | OnRun):
        return list(view.accounts.values())
    return view.accounts_of(cmd.scope, cmd.verb_span)


def _amend_leg(order: Order, body: Amend, view: View) -> Leg:
    old = order.request
    instrument = view.markets.instruments.get(old.instrument)
    if instrument is None:
        words = "the venue does not list its instrument any more"
        return Leg(Act.AMEND, old.account, old.instrument, request=old, target=order.ref, problem=words)
    price, typed, reference, notes = old.price, "", None, []
    if old.price is not None:
        notes.append(f"from {old.quantity:f} at {old.price:f}")
    if body.price is not None:
        resolved = prices.resolve(body.price, instrument, old.side, view, old.account)
        price, typed, reference = resolved.price, prices.typed(body.price), resolved.reference
        notes += [resolved.note] if resolved.note else []
    quantity = old.quantity
    at = price or old.trigger_price or prices.working_price(instrument, old.side, view) or ZERO
    if body.size is not None:
        units = amount_to_units(body.size, Target(view.accounts[old.account], instrument, at), view)
        quantity = floor_to(units, instrument.grid.lot)
    grows = instrument.notional(quantity, at) - instrument.notional(old.quantity, old.price or at)
    increase = view.markets.value(instrument.quote, max(grows, ZERO))
    return Leg(
        Act.AMEND,
        old.account,
        old.instrument,
        request=old,
        target=order.ref,
        quantity=quantity,
        price=price,
        notional=instrument.notional(quantity, at),
        reference_price=reference or at,
        problem=legs.standing_problem(view.accounts[old.account], view)
        or _amend_problem(order, instrument, quantity, price, view),
        note="; ".join(notes),
        typed_price=typed,
        increase=max(grows, ZERO) if increase is None else increase,
        basis=basis_of(view.accounts[old.account], instrument),
    )


def _amend_problem(
    order: Order, instrument: Instrument, quantity: Decimal, price: Decimal | None, view: View
) -> str:
    old, grid = order.request, instrument.grid
    if old.type.triggered:
        return "a waiting stop cannot be amended; cancel it and send another"
    if old.type is OrderType.MARKET or price is None:
        return "a market order cannot be amended"
    if order.status not in _AMENDABLE:
        return f"it is {order.status}: wait until that is settled"
    if order.cancel_asked or order.amend_asked or old.client_order_id in view.state.restraints.amends:
        return "a cancel or an amendment of it is on its way"
    if quantity <= order.filled:
        return f"{quantity:f} is not above the {order.filled:f} that is filled already"
    if quantity < grid.min_quantity:
        return f"quantity {quantity:f} is below the smallest {grid.min_quantity:f}"
    if grid.max_quantity and quantity > grid.max_quantity:
        return f"quantity {quantity:f} is above the largest {grid.max_quantity:f}"
    notional = instrument.notional(quantity, price)
    if notional < grid.min_notional and not old.only_reduces:
        return f"notional {notional:.2f} is below the smallest {grid.min_notional:f} {instrument.quote}"
    if (quantity, price) == (old.quantity, old.price):
        return "nothing would change"
    return ""
