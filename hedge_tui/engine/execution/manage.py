"""Plans the commands on what exists: cancel, amend, close, flatten, lev."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import OnAll, PriceRef
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import OrderStatus, OrderType, PositionSide, Side
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution import legs, prices
from hedge_tui.engine.execution.sizes import Target, held_quantity, money_to_units
from hedge_tui.engine.execution.standing import Standing
from hedge_tui.engine.execution.targets import instrument_of, orders_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hedge_tui.command.ast import Amend, Cancel, Close, Cmd, Flatten, Lev
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.orders import Standings
    from hedge_tui.engine.execution.view import View


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


def plan_close(cmd: Cmd, body: Close, view: View, standings: Standings, origin: str) -> list[Leg]:
    """One reduce-only market order for each position (spot: a sale of the free balance)."""
    if body.algo is not None:
        raise CommandError(f"{body.algo.kind} is not in this release", body.algo.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    fraction = (body.fraction or Decimal(100)) / 100
    rows = []
    for account in accounts:
        for instrument, held in _held(account, body.symbols, view):
            if body.position is PositionSide.LONG and held < 0:
                continue
            if body.position is PositionSide.SHORT and held > 0:
                continue
            standing = standings.setdefault(account.name, Standing(account))
            rows.append(
                _close_leg(account, instrument, held * fraction, view, standing=standing, origin=origin)
            )
    if not rows:
        raise CommandError("no position fits", body.span, hint="see Portfolio")
    return rows


def plan_flatten(
    cmd: Cmd, body: Flatten, view: View, standings: Standings, origin: str
) -> tuple[list[Leg], list[Leg]]:
    """(cancels, closing orders); the second may go only after the first."""
    from hedge_tui.command.ast import Close, OnSymbols

    target = OnSymbols(body.symbols, span=body.span) if body.symbols else OnAll(span=body.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    cancels = [cancel_leg(order) for order in orders_of(target, accounts, view)]
    try:
        closes = plan_close(cmd, Close(body.symbols, span=body.span), view, standings, origin)
    except CommandError:
        closes = []
    if not cancels and not closes:
        raise CommandError("nothing to flatten: no live order and no position fits", body.span)
    return cancels, closes


def plan_lev(cmd: Cmd, body: Lev, view: View) -> list[Leg]:
    """One leg for each (account, instrument) whose leverage changes."""
    if body.margin_mode is not None:
        raise CommandError("iso and cross are not in this release", body.span)
    assert body.leverage is not None
    rows = []
    for account in view.accounts_of(cmd.scope, cmd.verb_span):
        for symbol in body.symbols:
            instrument = instrument_of(symbol, account, view)
            old = account.leverage.get(instrument.id)
            held = held_quantity(account, instrument)
            problem = legs.standing_problem(account, view)
            if instrument.kind is InstrumentKind.SPOT:
                problem = "spot has no leverage"
            elif instrument.max_leverage and body.leverage > instrument.max_leverage:
                problem = f"{body.leverage:f}x is above the highest {instrument.max_leverage:f}x"
            note = f"from {old:f}x" if old else ""
            if held:
                note += f"{'; ' if note else ''}changes the open position of {held:f}"
            rows.append(
                Leg(
                    Act.LEVERAGE,
                    account.name,
                    instrument.id,
                    quantity=body.leverage,
                    problem=problem,
                    note=note,
                )
            )
    return rows


def _accounts(cmd: Cmd, target: object, view: View) -> Sequence[AccountState]:
    """Rows and ids name their account themselves; everything else needs a scope."""
    from hedge_tui.command.ast import OnIds, OnRows, OnRun

    if cmd.scope is None and isinstance(target, OnIds | OnRows | OnRun):
        return list(view.accounts.values())
    return view.accounts_of(cmd.scope, cmd.verb_span)


def _amend_leg(order: Order, body: Amend, view: View) -> Leg:
    old = order.request
    account, instrument = view.accounts[old.account], view.markets.instruments[old.instrument]
    price, typed, reference = old.price, "", None
    if body.price is not None:
        resolved = prices.resolve(body.price, instrument, old.side, view, old.account)
        price, typed, reference = resolved.price, prices.typed(body.price), resolved.reference
        if body.price.reference is PriceRef.NUMBER:
            typed = ""
    quantity = old.quantity
    at = price or old.trigger_price or prices.working_price(instrument, old.side, view) or prices.ZERO
    if body.size is not None:
        units = money_to_units(body.size.value, body.size.unit, Target(account, instrument, at), view)
        quantity = floor_to(units, instrument.grid.lot)
    problem = legs.standing_problem(account, view)
    if not problem and old.type.triggered:
        problem = "a waiting stop cannot be amended; cancel it and send another"
    if not problem and old.type is OrderType.MARKET:
        problem = "a market order cannot be amended"
    if not problem and quantity <= order.filled:
        problem = f"{quantity:f} is not above the {order.filled:f} that is filled already"
    if not problem and quantity < instrument.grid.min_quantity:
        problem = f"quantity {quantity:f} is below the smallest {instrument.grid.min_quantity:f}"
    if not problem and (quantity, price) == (old.quantity, old.price):
        problem = "nothing would change"
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
        problem=problem,
        note=f"from {old.quantity:f} at {old.price:f}" if old.price is not None else "",
        typed_price=typed,
    )


def _close_leg(
    account: AccountState,
    instrument: Instrument,
    held: Decimal,
    view: View,
    *,
    standing: Standing,
    origin: str,
) -> Leg:
    side = Side.SELL if held > 0 else Side.BUY
    spot = instrument.kind is InstrumentKind.SPOT
    working = prices.working_price(instrument, side, view)
    draft = legs.Draft(
        account=account,
        instrument=instrument,
        side=side,
        type=OrderType.MARKET,
        quantity=abs(held),
        working_price=working or prices.ZERO,
        reduce_only=not spot,
        problem="" if working is not None else "no price is known",
    )
    if spot:
        free = standing.free_of(instrument.base)
        if free < draft.quantity:
            draft = replace(draft, quantity=free, notes=(f"only {free:f} is free",))
    return legs.make(draft, standing, view, origin)


def _held(account: AccountState, symbols: Iterable[object], view: View) -> list[tuple[Instrument, Decimal]]:
    """(instrument, signed quantity) of what an account holds, of these symbols or of all.

    Without symbols spot balances are left alone: "close all" means positions, not savings.
    """
    from hedge_tui.command.ast import Symbol

    wanted = [instrument_of(s, account, view) for s in symbols if isinstance(s, Symbol)]
    if wanted:
        return [(i, held_quantity(account, i)) for i in wanted if held_quantity(account, i)]
    return [
        (view.markets.instruments[p.instrument], p.quantity)
        for p in account.positions.values()
        if p.instrument in view.markets.instruments
    ]
