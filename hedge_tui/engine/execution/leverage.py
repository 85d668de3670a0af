"""Plans and tells the leverage of instruments: `lev`, and the `lev:` flag of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.engine.execution import legs
from hedge_tui.engine.execution.sizes import held_quantity
from hedge_tui.engine.execution.targets import named

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast import Cmd, Lev
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View


def plan_lev(cmd: Cmd, body: Lev, view: View) -> list[Leg]:
    """One leg for each (account, instrument) whose leverage changes.

    Raises:
        CommandError: no account of the scope has the instrument, or nothing is to be changed.
    """
    if body.margin_mode is not None:
        raise CommandError("iso and cross are not in this release", body.span)
    if body.leverage is None:
        raise CommandError("`lev` without a number changes nothing: put it on a line of its own", body.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    found = named(body.symbols, accounts, view)
    return [leverage_leg(a, i, body.leverage, view) for a in accounts for i in found[a.name]]


def tell_leverage(cmd: Cmd, body: Lev, view: View) -> str:
    """What the leverage is now, a line for each account and instrument."""
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    found = named(body.symbols, accounts, view)
    lines = []
    for account in accounts:
        for instrument in found[account.name]:
            now = account.leverage.get(instrument.id)
            words = f"{now:f}x" if now is not None else "not told by the venue yet"
            if instrument.kind is InstrumentKind.SPOT:
                words = "spot has no leverage"
            most = f", at most {instrument.max_leverage:f}x" if instrument.max_leverage else ""
            lines.append(f"{account.name} {instrument.symbol}: {words}{most}")
    return "\n".join(lines)


def leverage_leg(account: AccountState, instrument: Instrument, leverage: Decimal, view: View) -> Leg:
    """The preview row of one change."""
    old = account.leverage.get(instrument.id)
    held = held_quantity(account, instrument)
    problem = legs.standing_problem(account, view)
    if instrument.kind is InstrumentKind.SPOT:
        problem = "spot has no leverage"
    elif instrument.max_leverage and leverage > instrument.max_leverage:
        problem = f"{leverage:f}x is above the highest {instrument.max_leverage:f}x"
    notes = [f"from {old:f}x"] if old else []
    if held and instrument.kind is not InstrumentKind.SPOT:
        notes.append(f"changes the open position of {held:f}")
    return Leg(
        Act.LEVERAGE, account.name, instrument.id, quantity=leverage, problem=problem, note="; ".join(notes)
    )
