"""Caps of what may be held in the worst case: position, leverage of an account, leverage setting; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind, symbol_of
from hedge_tui.domain.plan import Act
from hedge_tui.engine.execution.case import of_whom
from hedge_tui.engine.execution.reach import grown_notional, reaches, with_legs, worst_notional
from hedge_tui.engine.risk.account_risk import gross_of
from hedge_tui.engine.risk.margin_book import gather
from hedge_tui.engine.risk.moves import Bent, Moves
from hedge_tui.engine.risk.stress import worth_of

if TYPE_CHECKING:
    from hedge_tui.domain.plan import Denied
    from hedge_tui.engine.execution.case import Case
    from hedge_tui.engine.execution.reach import Where
    from hedge_tui.engine.execution.view import View
    from hedge_tui.engine.risk.margin_book import Holder, MarginBook

ZERO = Decimal(0)


def position(case: Case) -> Denied | None:
    """`max_position_notional` and `max_leverage`: what a plan does not make larger is not held to them."""
    names = {leg.account for leg in case.growing}
    if not names:
        return None
    before = reaches(case.view, names)
    grown = grown_notional(before, with_legs(before, case.growing, case.view), case.view)
    for (name, instrument), value in grown.items():
        cap = case.strictest("max_position_notional", name)
        if value > cap.value:
            return case.denied(
                "position",
                f"{name}: if the worst orders fill, {symbol_of(instrument)} is {value:,.2f}, above the cap"
                f" max_position_notional {cap.value:,f} {of_whom(cap)}",
                next(leg for leg in case.growing if (leg.account, leg.instrument) == (name, instrument)),
            )
    return _leverage(case, worst_notional(before, case.view), grown)


def _leverage(case: Case, now: dict[Where, Decimal], grown: dict[Where, Decimal]) -> Denied | None:
    for name in dict.fromkeys(account for account, _ in grown):
        worst = {where: max(value, now.get(where, ZERO)) for where, value in grown.items()}
        then, equity = account_reach(name, now | worst, case.view)
        cap = case.strictest("max_leverage", name)
        if equity > 0 and then <= cap.value * equity:
            continue
        words = f"its equity is {equity:,.2f}: nothing that adds to its exposure can be sent"
        if equity > 0:
            words = (
                f"if the worst orders fill, its exposure {then:,.2f} is {then / equity:.2f} times its equity"
                f" {equity:,.2f}, above the cap max_leverage {cap.value:f} {of_whom(cap)}"
                "; what only reduces goes"
            )
        return case.denied("leverage", f"{name}: {words}")
    return None


def account_reach(name: str, worst: dict[Where, Decimal], view: View) -> tuple[Decimal, Decimal]:
    """(gross exposure in a worst case, equity) of an account, reporting currency.

    Coins that are held count as in the Risk table; coins that are cash do not, bought or held.
    """
    book = gather([view.accounts[name]], view.markets)
    holder = next(iter(book.holders), None)
    if holder is None:
        return ZERO, ZERO
    equity = worth_of(holder, Bent(book, Moves(), ZERO))
    coins = gross_of(holder, book) - sum(_held(holder, book), ZERO)
    return coins + _sum(name, worst, book, view), equity


def leverage_setting(case: Case) -> Denied | None:
    """`max_leverage_setting`: for what is set by the line, and for the instruments it adds to."""
    view, chosen = case.view, {}
    for leg in case.plan.sendable:
        if leg.act is not Act.LEVERAGE or leg.quantity is None:
            continue
        chosen[leg.account, leg.instrument] = leg.quantity
        cap = case.strictest("max_leverage_setting", leg.account)
        now = view.accounts[leg.account].leverage.get(leg.instrument)
        if leg.quantity > cap.value and (now is None or leg.quantity >= now):
            return case.denied(
                "leverage_setting",
                f"{leg.account}: {leg.quantity:f}x of {symbol_of(leg.instrument)} is above the cap"
                f" max_leverage_setting {cap.value:f} {of_whom(cap)}",
                leg,
            )
    for leg in case.growing:
        if case.instrument(leg).kind is InstrumentKind.SPOT:
            continue
        where = (leg.account, leg.instrument)
        setting = chosen.get(where) or view.accounts[leg.account].leverage.get(leg.instrument)
        cap = case.strictest("max_leverage_setting", leg.account)
        if setting is not None and setting > cap.value:
            return case.denied(
                "leverage_setting",
                f"{leg.account}: {symbol_of(leg.instrument)} is set to {setting:f}x, above the cap"
                f" max_leverage_setting {cap.value:f} {of_whom(cap)}; lower it first with `lev`",
                leg,
            )
    return None


def _held(holder: Holder, book: MarginBook) -> list[Decimal]:
    return [
        abs(leg.instrument.notional(leg.quantity, leg.mark)) * book.worth(leg.instrument.quote)
        for leg in holder.legs
    ]


def _sum(name: str, worst: dict[Where, Decimal], book: MarginBook, view: View) -> Decimal:
    """Of derivatives the worst case; of coins only what orders may add to those that are counted already."""
    total = ZERO
    for (account, id_), value in worst.items():
        instrument = view.markets.instruments.get(id_)
        if account != name or instrument is None:
            continue
        if instrument.kind is not InstrumentKind.SPOT:
            total += value
        elif not book.is_cash(instrument.base):
            balance = view.accounts[name].balances.get(instrument.base)
            held = (balance.total if balance is not None else ZERO) * book.worth(instrument.base)
            total += max(value - held, ZERO)
    return total
