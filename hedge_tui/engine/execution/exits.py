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
from hedge_tui.engine.execution.reserve import standing_of
from hedge_tui.engine.execution.sizes import held_quantity
from hedge_tui.engine.execution.targets import named, orders_of
from hedge_tui.engine.execution.triggers import Place, Waits, trails, waits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.command.ast import Cmd, Flatten
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.orders import Standings
    from hedge_tui.engine.execution.standing import Standing
    from hedge_tui.engine.execution.view import View


def plan_close(cmd: Cmd, body: Close, view: View, standings: Standings, origin: str) -> list[Leg]:
    """One reduce-only order for each position (spot: a sale of the free balance).

    At the market at once, or waiting at the venue for `stop:`, `trig:` or `trail`.
    """
    if body.algo is not None:
        raise CommandError(f"{body.algo.kind} is not in this release", body.algo.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    if not body.symbols and (body.stop or body.trig) is not None:
        raise CommandError(
            "a price fits one instrument: name it", body.span, "for example: close BTC.p stop:60000"
        )
    rows = []
    found = named(body.symbols, accounts, view) if body.symbols else None
    for account in accounts:
        standing = standing_of(standings, account, view)
        for held in _held(account, found[account.name] if found is not None else None, view):
            if body.position is PositionSide.LONG and held.quantity < 0:
                continue
            if body.position is PositionSide.SHORT and held.quantity > 0:
                continue
            rows += _close_legs(_Way(account, body, view, standing, origin), held)
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
    standing = standing_of(standings, account, view)
    standing.free[instrument.base] = standing.free_of(instrument.base) + order.remaining


@dataclass(frozen=True, slots=True)
class _Held:
    """Something to close: `quantity` is signed venue units; `instrument` None when no venue lists it."""

    id: InstrumentId
    instrument: Instrument | None
    quantity: Decimal
    side: PositionSide = PositionSide.NET


@dataclass(frozen=True, slots=True)
class _Way:
    """How the positions of one account are closed."""

    account: AccountState
    body: Close
    view: View
    standing: Standing
    origin: str

    @property
    def fraction(self) -> Decimal:
        return (self.body.fraction or Decimal(100)) / 100

    @property
    def waiting(self) -> bool:
        return bool(self.body.stop or self.body.trig or self.body.trail)


def _close_legs(way: _Way, held: _Held) -> list[Leg]:
    """Reduce-only orders, as many as the venue's largest quantity asks for."""
    instrument, view = held.instrument, way.view
    if instrument is None:
        problem = f"the venue does not list it any more; {held.quantity:f} is held"
        return [Leg(Act.PLACE, way.account.name, held.id, problem=problem)]
    side = Side.SELL if held.quantity > 0 else Side.BUY
    spot = instrument.kind is InstrumentKind.SPOT
    working = prices.working_price(instrument, side, view)
    draft = legs.Draft(
        account=way.account,
        instrument=instrument,
        side=side,
        type=OrderType.MARKET,
        quantity=abs(held.quantity) * way.fraction,
        working_price=working or prices.ZERO,
        reduce_only=not spot,
        problem="" if working is not None else "no price is known",
        position_side=held.side,
        exit=spot,
    )
    if spot:
        free = way.standing.free_of(instrument.base)
        if free < draft.quantity:
            draft = replace(draft, quantity=free, notes=(f"only {free:f} is free",))
    if way.waiting:
        draft = _waiting(draft, way)
        if draft.close_position:
            return [legs.make(draft, way.standing, view, way.origin)]
    parts = in_parts(draft.quantity, instrument)
    return [legs.make(replace(draft, quantity=part), way.standing, view, way.origin) for part in parts]


def _waiting(draft: legs.Draft, way: _Way) -> legs.Draft:
    """The same order, waiting for its price; without a fraction it closes whatever is held then."""
    body = way.body
    place = Place(way.account.name, draft.instrument, draft.side, draft.position_side)
    if body.trail is not None:
        wait: Waits | None = trails(body.trail, body.trig, place, way.view)
    else:
        wait = waits(body.stop, body.trig, place, way.view, limit=False)
    assert wait is not None
    whole = body.fraction is None and body.trail is None and draft.instrument.kind is not InstrumentKind.SPOT
    problem = draft.problem or wait.problem or (_second_closer(draft, wait, way.view) if whole else "")
    return replace(
        draft,
        type=wait.type,
        trigger_price=wait.price,
        trigger_source=wait.source,
        trail_pct=wait.trail_pct,
        working_price=wait.price or draft.working_price,
        close_position=whole,
        problem=problem,
        notes=(*draft.notes, *wait.notes, *(("closes whatever is held then",) if whole else ())),
    )


def _second_closer(draft: legs.Draft, wait: Waits, view: View) -> str:
    """A venue keeps one order of a kind that closes the whole of a position."""
    for order in view.state.working_orders(draft.account.name):
        r = order.request
        same = (r.instrument, r.side, r.type, r.position_side)
        if r.close_position and same == (draft.instrument.id, draft.side, wait.type, draft.position_side):
            row = view.state.rows[r.client_order_id]
            return f"#{row} closes the whole position at {r.trigger_price:f} already: cancel it first"
    return ""


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
