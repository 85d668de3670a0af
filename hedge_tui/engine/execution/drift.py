"""Whether a preview still holds when it is confirmed: the desk and the market may have left it behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderType
from hedge_tui.domain.plan import Act, Leg, OrderPlan
from hedge_tui.engine.execution import prices
from hedge_tui.engine.execution.basis import basis_moved
from hedge_tui.engine.execution.legs import mode_moved, second_stop, standing_problem

if TYPE_CHECKING:
    from hedge_tui.engine.execution.view import View

BASIS_POINTS = 10_000
UNSENDABLE = "unsendable"
"""Reason of a line that came to nothing before the gate was asked for more."""


def left_behind(plan: OrderPlan, view: View) -> str:
    """Why the desk or the market has left the preview behind, or ""."""
    for leg in plan.sendable:
        if leg.act is Act.CANCEL:
            continue
        reducing = leg.request is not None and leg.request.only_reduces
        if words := mode_moved(leg, view):
            return f"{leg.account}: {words}"
        if words := standing_problem(view.accounts[leg.account], view, reducing=reducing):
            return f"{leg.account}: {words}"
        if words := basis_moved(leg, view):
            return f"{leg.account}: {symbol_of(leg.instrument)}: {words}"
        if leg.request is not None and leg.act is Act.PLACE and (words := second_stop(leg.request, view)):
            return f"{leg.account}: {words}"
        if not leg.typed_price and not _at_market(leg):
            continue  # a plain number is what it is
        symbol = view.markets.instruments[leg.instrument].symbol
        silent = view.markets.stale(leg.instrument, view.now_ns)
        now = prices.reference_now(leg, view)
        if now is None or not leg.reference_price or (silent is not None and not reducing):
            return f"the quotes of {symbol} are stale: its price is not known now"
        moved = abs(now / leg.reference_price - 1) * BASIS_POINTS
        if moved > view.limits.drift_bp:
            return (
                f"{symbol} moved {moved:.0f} bp since the preview ({leg.reference_price:f} to {now:f});"
                f" the limit is {view.limits.drift_bp:f} bp"
            )
    return ""


def unsendable(plan: OrderPlan) -> str:
    """Why a plan comes to nothing: the first problem where every leg has one, else ""."""
    return plan.legs[0].problem if plan.legs and not plan.sendable else ""


def _at_market(leg: Leg) -> bool:
    return leg.act is Act.PLACE and leg.request is not None and leg.request.type is OrderType.MARKET
