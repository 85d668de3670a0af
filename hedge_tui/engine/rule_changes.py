"""What changed in an instrument's rules or an account's settings, in words with both values. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.margin import Term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from decimal import Decimal

    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.margin import MarginTerms
    from hedge_tui.engine.accounts import AccountState

GRID = (
    ("tick", "tick"),
    ("lot", "lot"),
    ("min_quantity", "smallest quantity"),
    ("min_notional", "smallest notional"),
)


def rule_changes(old: Instrument | None, new: Instrument) -> str:
    """What an order hangs on and is another now, or ""; a new listing is no change of rules."""
    if old is None:
        return ""
    found = [
        f"{word} {_digits(was)} -> {_digits(now)}"
        for name, word in GRID
        if (was := getattr(old.grid, name)) != (now := getattr(new.grid, name))
    ]
    if old.contract_size != new.contract_size:
        found.append(f"contract size {_digits(old.contract_size)} -> {_digits(new.contract_size)}")
    if old.active and not new.active:
        found.append("not trading any more")
    elif new.active and not old.active:
        found.append("trading again")
    return ", ".join(found)


def setting_changes(
    account: AccountState, terms: Iterable[MarginTerms], pending: Collection[tuple[str, str, str, str]]
) -> list[str]:
    """What leverage and margin modes become by `terms` that this desk did not ask for.

    Args:
        account: as it is known.
        terms: what the venue says now.
        pending: keys of this desk's own changes that are under way.
    """
    ours = {(key[1], key[2]) for key in pending if key[0] == account.name}
    found = []
    for term in terms:
        was, is_ = account.leverage.get(term.instrument), account.isolated.get(term.instrument)
        name = symbol_of(term.instrument)
        leverage = (term.instrument, Term.LEVERAGE.value) not in ours
        if leverage and None not in (was, term.leverage) and was != term.leverage:
            found.append(f"{name} leverage {was:f}x -> {term.leverage:f}x")
        mode = (term.instrument, Term.MARGIN_MODE.value) not in ours
        if mode and None not in (is_, term.isolated) and is_ is not term.isolated:
            found.append(f"{name} margin mode {_mode(is_)} -> {_mode(term.isolated)}")
    return found


def mode_change(
    account: AccountState, hedge_mode: bool | None, pending: Collection[tuple[str, str, str, str]]
) -> str:
    """What the position mode becomes that this desk did not ask for, or ""."""
    ours = any(key[0] == account.name and key[2] == Term.POSITION_MODE.value for key in pending)
    if ours or None in (account.hedge_mode, hedge_mode) or account.hedge_mode is hedge_mode:
        return ""
    was, now = ("hedge" if mode else "one-way" for mode in (account.hedge_mode, hedge_mode))
    return f"position mode {was} -> {now}"


def _mode(isolated: bool | None) -> str:
    return "isolated" if isolated else "cross"


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"
