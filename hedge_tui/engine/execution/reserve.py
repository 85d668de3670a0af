"""What orders without an answer may have taken already, counted before anything is planned; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import Side
from hedge_tui.engine.execution.standing import DEFAULT_LEVERAGE, Standing

if TYPE_CHECKING:
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


def standing_of(standings: dict[str, Standing], account: AccountState, view: View) -> Standing:
    """The account's standing in this line, made on first use without what is in doubt."""
    if account.name not in standings:
        standing = standings[account.name] = Standing(account)
        for asset, quantity in in_doubt(account, view).items():
            standing.free[asset] = standing.free_of(asset) - quantity
    return standings[account.name]


def in_doubt(account: AccountState, view: View) -> dict[str, Decimal]:
    """Margin (spot: the asset paid with) of the account's unanswered orders, by asset."""
    found: dict[str, Decimal] = {}
    for order in view.unanswered(account.name):
        if not order.request.only_reduces:
            asset, need = _need(order, account, view)
            found[asset] = found.get(asset, ZERO) + need
    found.pop("", None)
    return found


def _need(order: Order, account: AccountState, view: View) -> tuple[str, Decimal]:
    request = order.request
    instrument = view.markets.instruments.get(request.instrument)
    mark = view.markets.mark(request.instrument)
    price = request.price or request.trigger_price or (Decimal(repr(mark)) if mark > 0 else None)
    if instrument is None or price is None:
        return "", ZERO
    if instrument.kind is InstrumentKind.SPOT:
        if request.side is Side.SELL:
            return instrument.base, order.at_most
        return instrument.quote, instrument.notional(order.at_most, price)
    leverage = account.leverage.get(instrument.id) or DEFAULT_LEVERAGE
    margin = instrument.notional(order.at_most, price) / leverage
    return instrument.settle, margin / price if instrument.inverse else margin
