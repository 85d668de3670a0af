"""Plans what changes at a margin account without an order: margin mode, isolated margin, position mode."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import MarginMode
from hedge_tui.command.grammar.units import UnitRole, unit_role
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentId, InstrumentKind
from hedge_tui.domain.margin import Term, TermChange, bracket_at
from hedge_tui.domain.order import PositionSide
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution import legs
from hedge_tui.engine.execution.reserve import standing_of
from hedge_tui.engine.execution.targets import named
from hedge_tui.engine.portfolio import mark_of, unrealized

if TYPE_CHECKING:
    from hedge_tui.command.ast import Cmd, Margin, PositionMode, Size
    from hedge_tui.domain.account import Position
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.orders import Standings
    from hedge_tui.engine.execution.standing import Standing
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


def plan_margin(cmd: Cmd, body: Margin, view: View, standings: Standings) -> list[Leg]:
    """One leg for each (account, instrument), or for each position whose own margin moves."""
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    found = named(body.symbols, accounts, view)
    rows: list[Leg] = []
    for account in accounts:
        standing = standing_of(standings, account, view)
        for instrument in found[account.name]:
            if body.margin_mode is not None:
                rows += mode_leg(account, instrument, body.margin_mode, view, always=True)
            elif body.change is not None:
                rows.append(_move_leg(standing, instrument, body, body.change, view))
    return rows


def plan_position_mode(cmd: Cmd, body: PositionMode, view: View) -> list[Leg]:
    """One leg for each account of the scope that can hold long and short apart."""
    accounts = [a for a in view.accounts_of(cmd.scope, cmd.verb_span) if a.hedge_mode is not None]
    if not accounts:
        raise CommandError(
            "no account of the scope has a position mode: it is a thing of perpetuals", body.span
        )
    return [_position_mode_leg(account, body, view) for account in accounts]


def mode_leg(
    account: AccountState, instrument: Instrument, mode: MarginMode, view: View, *, always: bool = False
) -> list[Leg]:
    """The row that sets the margin mode; none where it is so already, unless `always`."""
    isolated = account.isolated.get(instrument.id)
    new = "isolated" if mode is MarginMode.ISOLATED else "cross"
    old = "" if isolated is None else "isolated" if isolated else "cross"
    if old == new and not always:
        return []
    problem = legs.standing_problem(account, view)
    if instrument.kind is InstrumentKind.SPOT:
        problem = "spot has no margin"
    elif not problem and old == new:
        problem = f"margin is {new} already"
    problem = problem or _open_problem(account, view, "the margin mode", instrument)
    change = TermChange(account.name, instrument.id, Term.MARGIN_MODE, new, old)
    return [Leg(Act.MARGIN_MODE, account.name, instrument.id, problem=problem, change=change)]


def _position_mode_leg(account: AccountState, body: PositionMode, view: View) -> Leg:
    new, old = ("hedge" if body.hedge else "one-way"), ("hedge" if account.hedge_mode else "one-way")
    problem = legs.standing_problem(account, view)
    if not problem and old == new:
        problem = f"the account is in {new} mode already"
    problem = problem or _open_problem(account, view, "the position mode")
    note = "orders will need long or short" if body.hedge else "long and short of one instrument will net"
    nowhere = InstrumentId("")
    change = TermChange(account.name, nowhere, Term.POSITION_MODE, new, old)
    return Leg(Act.POSITION_MODE, account.name, nowhere, problem=problem, note=note, change=change)


def _open_problem(account: AccountState, view: View, what: str, instrument: Instrument | None = None) -> str:
    """Venues change neither mode while something is open."""
    orders = sum(
        instrument is None or order.request.instrument == instrument.id
        for order in view.state.working_orders(account.name)
    )
    positions = sum(instrument is None or p.instrument == instrument.id for p in account.positions.values())
    if not orders and not positions:
        return ""
    name = instrument.symbol if instrument is not None else "all"
    parts = [
        f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((positions, "position"), (orders, "order")) if n
    ]
    return f"{' and '.join(parts)} open: the venue changes {what} only without; flatten {name} first"


def _move_leg(standing: Standing, instrument: Instrument, body: Margin, size: Size, view: View) -> Leg:
    """The row that puts money into an isolated position, or takes it out."""
    account, settle = standing.account, instrument.settle
    role = unit_role(size, instrument.base, instrument.quote)
    wrong = role is UnitRole.BASE if settle != instrument.base else role is not UnitRole.BASE
    if wrong:
        raise CommandError(f"margin is held in {settle}", size.span, f"write {size.value:f}{settle.lower()}")
    amount = size.value if body.adding else -size.value
    position, problem = _isolated_position(account, instrument, body.position)
    problem = legs.standing_problem(account, view, reducing=amount > 0) or problem
    free, notes = standing.free_of(settle), []
    if position is not None and not problem:
        wallet = position.isolated_wallet or ZERO
        spare = max(
            wallet
            + min(unrealized(position, instrument, view.markets), ZERO)
            - (position.initial_margin or ZERO),
            ZERO,
        )
        if amount > free:
            problem = f"needs {amount:,.2f} {settle}, free is {free:,.2f}"
        elif -amount > spare:
            problem = f"the position can spare {spare:,.2f} {settle}"
        else:
            standing.free[settle] = free - amount
            notes.append(f"its margin {wallet:,.2f} -> {wallet + amount:,.2f} {settle}")
            if (now := position.liquidation_price) and (
                to := _liquidation(position, instrument, amount, view)
            ):
                now = floor_to(now, instrument.grid.tick)
                notes.append(f"liquidation {now.normalize():f} -> about {to.normalize():f}")
    side = position.position_side if position is not None else PositionSide.NET
    return Leg(
        Act.MARGIN,
        account.name,
        instrument.id,
        quantity=amount,
        margin_after=None if problem else standing.free_of(settle),
        problem=problem,
        note="; ".join(notes),
        change=TermChange(account.name, instrument.id, Term.MARGIN, f"{amount:+f}", position_side=side),
    )


def _isolated_position(
    account: AccountState, instrument: Instrument, side: PositionSide | None
) -> tuple[Position | None, str]:
    """The position that is meant, or why none is."""
    found = [
        p
        for p in account.positions.values()
        if p.instrument == instrument.id and side in (None, p.position_side)
    ]
    if not found:
        return None, f"no {side.value + ' ' if side else ''}position in {instrument.symbol}"
    if len(found) > 1:
        return None, "hedge mode: write long or short after the symbol"
    if not found[0].isolated:
        return None, "the position is in cross margin: it has no margin of its own"
    return found[0], ""


def _liquidation(position: Position, instrument: Instrument, amount: Decimal, view: View) -> Decimal | None:
    """About where the mark would liquidate with `amount` more behind the position; None if not known."""
    if instrument.inverse or position.liquidation_price is None:
        return None
    mark = mark_of(position, view.markets) or position.entry_price
    brackets = view.accounts[position.account].brackets.get(instrument.id, ())
    bracket = bracket_at(brackets, instrument.notional(abs(position.quantity), mark))
    if bracket is None:
        return None
    sign = 1 if position.quantity > 0 else -1
    base = abs(position.quantity) * instrument.contract_size
    moved = position.liquidation_price - sign * amount / (base * (1 - sign * bracket.maintenance_rate))
    return floor_to(max(moved, ZERO), instrument.grid.tick)
