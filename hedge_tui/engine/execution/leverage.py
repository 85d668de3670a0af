"""Plans and tells the leverage of instruments: `lev`, and the `lev:` flag of an order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.margin import Term, TermChange, bracket_at, largest_notional
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution import legs
from hedge_tui.engine.execution.margin_mode import mode_leg
from hedge_tui.engine.execution.reserve import standing_of
from hedge_tui.engine.execution.standing import DEFAULT_LEVERAGE
from hedge_tui.engine.execution.targets import named
from hedge_tui.engine.portfolio import mark_of

if TYPE_CHECKING:
    from hedge_tui.command.ast import Cmd, Lev
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.orders import Standings
    from hedge_tui.engine.execution.standing import Standing
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


def plan_lev(cmd: Cmd, body: Lev, view: View, standings: Standings) -> list[Leg]:
    """One leg for each (account, instrument) whose leverage changes, and one before it for the margin mode.

    Raises:
        CommandError: no account of the scope has the instrument, or nothing is to be changed.
    """
    if body.leverage is None:
        raise CommandError("`lev` without a number changes nothing: put it on a line of its own", body.span)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    found = named(body.symbols, accounts, view)
    rows = []
    for account in accounts:
        standing = standing_of(standings, account, view)
        for instrument in found[account.name]:
            if body.margin_mode is not None:
                rows += mode_leg(account, instrument, body.margin_mode, view)
            rows.append(leverage_leg(standing, instrument, body.leverage, view))
    return rows


def tell_leverage(cmd: Cmd, body: Lev, view: View) -> str:
    """What the leverage is now, a line for each account and instrument."""
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    found = named(body.symbols, accounts, view)
    lines = []
    for account in accounts:
        for instrument in found[account.name]:
            now = account.leverage.get(instrument.id)
            words = f"{now:f}x" if now is not None else "not told by the venue yet"
            if (isolated := account.isolated.get(instrument.id)) is not None:
                words += " isolated" if isolated else " cross"
            if instrument.kind is InstrumentKind.SPOT:
                words = "spot has no leverage"
            top = highest(account, instrument)
            lines.append(
                f"{account.name} {instrument.symbol}: {words}" + (f", at most {top:f}x" if top else "")
            )
    return "\n".join(lines)


def highest(account: AccountState, instrument: Instrument) -> Decimal | None:
    """The highest leverage of the smallest position."""
    brackets = account.brackets.get(instrument.id)
    return brackets[0].max_leverage if brackets else instrument.max_leverage


def leverage_leg(standing: Standing, instrument: Instrument, leverage: Decimal, view: View) -> Leg:
    """The preview row of one change; the legs after it reckon with the new leverage."""
    account = standing.account
    old = account.leverage.get(instrument.id)
    effect = _Effect(account, instrument, old, leverage, view)
    problem = legs.standing_problem(account, view) or _problem(account, instrument, leverage, effect)
    free = standing.free_of(instrument.settle)
    if not problem and effect.more > max(free, ZERO):
        problem = (
            f"{leverage:f}x needs {effect.more:,.2f} {instrument.settle} more margin, free is {free:,.2f}"
        )
    if not problem:
        standing.leverage[instrument.id] = leverage
        if effect.more:
            standing.free[instrument.settle] = free - effect.more
    return Leg(
        Act.LEVERAGE,
        account.name,
        instrument.id,
        quantity=leverage,
        margin_after=None if problem else standing.free_of(instrument.settle),
        problem=problem,
        note="; ".join(effect.notes()),
        change=TermChange(
            account.name, instrument.id, Term.LEVERAGE, f"{leverage:f}", f"{old:f}" if old else ""
        ),
    )


class _Effect:
    """What a new leverage does to what is open.

    Attributes:
        notional: the largest side with its orders, quote.
        before, after: initial margin of positions and opening orders, settle; `more` the difference.
        cap: the largest position at the new leverage, quote; None when the venue has not told.
    """

    def __init__(
        self, account: AccountState, instrument: Instrument, old: Decimal | None, new: Decimal, view: View
    ) -> None:
        self._instrument, self._old, self._new = instrument, old, new
        self._positions = [p for p in account.positions.values() if p.instrument == instrument.id]
        sides = {1: ZERO, -1: ZERO}
        for position in self._positions:
            mark = mark_of(position, view.markets) or position.entry_price
            sides[1 if position.quantity > 0 else -1] += instrument.notional(abs(position.quantity), mark)
        margined = sides[1] + sides[-1]
        for order in view.state.working_orders(account.name):
            request = order.request
            at = request.price or request.trigger_price
            if request.instrument == instrument.id and at and not request.only_reduces:
                worth = instrument.notional(order.remaining, at)
                sides[request.side.sign] += worth
                margined += worth
        if instrument.inverse and (mark_price := view.markets.mark(instrument.id)) > 0:
            margined /= Decimal(repr(mark_price))
        self.notional = max(sides.values())
        self.before, self.after = margined / (old or DEFAULT_LEVERAGE), margined / new
        self.more = self.after - self.before if old is not None else ZERO
        self.brackets = account.brackets.get(instrument.id, ())
        self.cap = largest_notional(self.brackets, new)

    def notes(self) -> list[str]:
        """What a trader should know before it is changed."""
        found, settle = [], self._instrument.settle
        if self._positions:
            words = " and ".join(
                f"{'long' if p.quantity > 0 else 'short'} {abs(p.quantity).normalize():f}"
                for p in self._positions
            )
            found.append(f"changes the open {words}")
        if self._old is None:
            found.append("the venue has not told what it is now")
        elif self.before:
            found.append(f"margin {self.before:,.2f} -> {self.after:,.2f} {settle}")
        prices = (p.liquidation_price for p in self._positions if p.liquidation_price)
        tick = self._instrument.grid.tick
        found += [f"liquidation stays {floor_to(price, tick).normalize():f}" for price in prices]
        if any(p.isolated for p in self._positions) and self._old is not None and self._new < self._old:
            found.append("Binance refuses to lower it under an isolated position")
        if self.cap:
            found.append(f"positions up to {self.cap:,.0f} {self._instrument.quote}")
        return found


def _problem(account: AccountState, instrument: Instrument, leverage: Decimal, effect: _Effect) -> str:
    if instrument.kind is InstrumentKind.SPOT:
        return "spot has no leverage"
    if leverage != leverage.to_integral_value():
        return f"leverage {leverage:f} is not a whole number"
    top = highest(account, instrument)
    if top and leverage > top:
        return f"{leverage:f}x is above the highest {top:f}x"
    if effect.cap is not None and effect.notional > effect.cap:
        bracket = bracket_at(effect.brackets, effect.notional)
        most = f"; at that size at most {bracket.max_leverage:f}x" if bracket is not None else ""
        return (
            f"positions and orders of {effect.notional:,.0f} {instrument.quote} are above the"
            f" {effect.cap:,.0f} of {leverage:f}x{most}"
        )
    return ""
