"""Plans the way out of positions: close and flatten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Close, OnAll, OnSymbols
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import OrderType, PositionSide, Side
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.engine.execution import legs, prices
from hedge_tui.engine.execution.closing import in_parts
from hedge_tui.engine.execution.manage import cancel_leg
from hedge_tui.engine.execution.sizes import held_quantity
from hedge_tui.engine.execution.standing import Standing
from hedge_tui.engine.execution.targets import named, orders_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.command.ast import Cmd, Flatten
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.orders import Standings
    from hedge_tui.engine.execution.view import View


def plan_close(cmd: Cmd, body: Close, view: View, standings: Standings, origin: str) -> list[Leg]:
    """One reduce-only market order for each position (spot: a sale of the free balance)."""
    if body.algo is not None:
        raise CommandError(f"{body.algo.kind} is not in this release", body.algo.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    fraction = (body.fraction or Decimal(100)) / 100
    rows = []
    found = named(body.symbols, accounts, view) if body.symbols else None
    for account in accounts:
        standing = standings.setdefault(account.name, Standing(account))
        for held in _held(account, found[account.name] if found is not None else None, view):
            if body.position is PositionSide.LONG and held.quantity < 0:
                continue
            if body.position is PositionSide.SHORT and held.quantity > 0:
                continue
            rows += _close_legs(account, held, fraction, view, standing=standing, origin=origin)
    if not rows:
        raise CommandError("no position fits", body.span, hint="see Portfolio")
    return rows


def plan_flatten(
    cmd: Cmd, body: Flatten, view: View, standings: Standings, origin: str
) -> tuple[list[Leg], list[Leg]]:
    """(cancels, closing orders); the second may go only after the first."""
    target = OnSymbols(body.symbols, span=body.span) if body.symbols else OnAll(span=body.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    orders = orders_of(target, accounts, view)
    cancels = [cancel_leg(order) for order in orders]
    for order in orders:
        _free_locked(order, standings, view)
    try:
        closes = plan_close(cmd, Close(body.symbols, span=body.span), view, standings, origin)
    except CommandError:
        closes = []
    if not cancels and not closes:
        raise CommandError("nothing to flatten: no live order and no position fits", body.span)
    return cancels, closes


def _free_locked(order: Order, standings: Standings, view: View) -> None:
    """What a spot sell locks can be sold by the legs after its cancel."""
    instrument = view.markets.instruments.get(order.request.instrument)
    if instrument is None or instrument.kind is not InstrumentKind.SPOT or order.request.side is Side.BUY:
        return
    account = view.accounts[order.request.account]
    standing = standings.setdefault(account.name, Standing(account))
    standing.free[instrument.base] = standing.free_of(instrument.base) + order.remaining


@dataclass(frozen=True, slots=True)
class _Held:
    """Something to close: `quantity` is signed venue units; `instrument` None when no venue lists it."""

    id: InstrumentId
    instrument: Instrument | None
    quantity: Decimal
    side: PositionSide = PositionSide.NET


def _close_legs(
    account: AccountState, held: _Held, fraction: Decimal, view: View, *, standing: Standing, origin: str
) -> list[Leg]:
    """Reduce-only market orders, as many as the venue's largest quantity asks for."""
    instrument = held.instrument
    if instrument is None:
        problem = f"the venue does not list it any more; {held.quantity:f} is held"
        return [Leg(Act.PLACE, account.name, held.id, problem=problem)]
    side = Side.SELL if held.quantity > 0 else Side.BUY
    spot = instrument.kind is InstrumentKind.SPOT
    working = prices.working_price(instrument, side, view)
    draft = legs.Draft(
        account=account,
        instrument=instrument,
        side=side,
        type=OrderType.MARKET,
        quantity=abs(held.quantity) * fraction,
        working_price=working or prices.ZERO,
        reduce_only=not spot,
        problem="" if working is not None else "no price is known",
        position_side=held.side,
    )
    if spot:
        free = standing.free_of(instrument.base)
        if free < draft.quantity:
            draft = replace(draft, quantity=free, notes=(f"only {free:f} is free",))
    parts = in_parts(draft.quantity, instrument)
    return [legs.make(replace(draft, quantity=part), standing, view, origin) for part in parts]


def _held(account: AccountState, wanted: Sequence[Instrument] | None, view: View) -> list[_Held]:
    """What an account holds, of these instruments or (None) of all.

    Without symbols spot balances are left alone: "close all" means positions, not savings.
    """
    known = view.markets.instruments
    ids = None if wanted is None else {instrument.id for instrument in wanted}
    found = [
        _Held(p.instrument, known.get(p.instrument), p.quantity, p.position_side)
        for p in account.positions.values()
        if ids is None or p.instrument in ids
    ]
    spot = [instrument for instrument in wanted or () if instrument.kind is InstrumentKind.SPOT]
    found += [_Held(i.id, i, total) for i in spot if (total := held_quantity(account, i))]
    return found
