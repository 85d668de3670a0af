"""What an order was planned on besides prices: the venue's rules and the account's settings; pure.

When one of them is another at the confirmation, the preview says something that is not so any more: it is
refused with both values, and previewed anew. Nothing is planned again in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.plan import Act, Basis

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.plan import Leg
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View


def basis_of(account: AccountState, instrument: Instrument) -> Basis:
    """As it is now."""
    grid = instrument.grid
    return Basis(
        tick=grid.tick,
        lot=grid.lot,
        min_quantity=grid.min_quantity,
        min_notional=grid.min_notional,
        contract_size=instrument.contract_size,
        active=instrument.active,
        leverage=account.leverage.get(instrument.id),
        isolated=account.isolated.get(instrument.id),
    )


def basis_moved(leg: Leg, view: View) -> str:
    """What an order was planned on and is not so any more, with both values, or ""."""
    if leg.basis is None or leg.act not in (Act.PLACE, Act.AMEND):
        return ""
    instrument = view.markets.instruments.get(leg.instrument)
    if instrument is None:
        return "the venue does not list it any more"
    then, now = leg.basis, basis_of(view.accounts[leg.account], instrument)
    for name in ("tick", "lot", "min_quantity", "min_notional", "contract_size"):
        old, new = getattr(then, name), getattr(now, name)
        if old != new:
            return f"its {WORDS[name]} was {_digits(old)} in the preview and is {_digits(new)} now"
    if then.active and not now.active:
        return "it was trading in the preview and is not now"
    if None not in (then.leverage, now.leverage) and then.leverage != now.leverage:
        return f"its leverage was {then.leverage:f}x in the preview and is {now.leverage:f}x now"
    if None not in (then.isolated, now.isolated) and then.isolated is not now.isolated:
        return f"its margin was {_mode(then)} in the preview and is {_mode(now)} now"
    return ""


WORDS = {
    "tick": "tick",
    "lot": "lot",
    "min_quantity": "smallest quantity",
    "min_notional": "smallest notional",
    "contract_size": "contract size",
}


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _mode(basis: Basis) -> str:
    return "isolated" if basis.isolated else "cross"
