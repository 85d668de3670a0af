"""The risk gate: the only maker of `Approved`. Checks are pure, cheapest first, the first denial wins.

What truly only reduces passes the caps of notional, quantity, count of a day, open orders, position, leverage
and rate, and the lists of instruments, so that no cap traps a trader: reduce-only orders, orders that close a
leg in hedge mode, and `close` of a coin. A limit price of theirs is still held to the collar, what rests to
the count of a line, and HALTED stops them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.plan import Act, Approved, Denied, OrderPlan
from hedge_tui.engine.execution import caps
from hedge_tui.engine.execution.case import Case, reporting_value
from hedge_tui.engine.execution.collar import collar
from hedge_tui.engine.execution.exposure_caps import leverage_setting, position
from hedge_tui.engine.execution.trading_state import leg_barrier, panic_words, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.engine.execution.view import View

__all__ = ["RiskGate", "reporting_value"]

_MINT = object()


class RiskGate:
    """Reviews every plan twice: when it is previewed, and again when it is confirmed."""

    def review(self, plan: OrderPlan, view: View) -> Approved[OrderPlan] | Denied:
        """Run every check; cancels are never denied."""
        case = Case(plan, view)
        if (held := self.held(plan, view)) is not None:
            return held
        for check in _CHECKS:
            if (denied := check(case)) is not None:
                return denied
        return Approved(plan, _MINT)

    def held(self, plan: OrderPlan, view: View) -> Denied | None:
        """Whether the desk, an account, a group or the line's source is REDUCING or HALTED against it.

        So is what panic works on.
        """
        for leg in plan.sendable or plan.legs:
            if leg.act is not Act.CANCEL and (words := panic_words(view.accounts[leg.account])):
                return Case(plan, view).denied("panic", words, leg)
        if not view.state.restraints.holds:
            return None
        # Of a line with legs that can be sent those are judged; where none is left, what it was refused for.
        for leg in plan.sendable or plan.legs:
            if (found := leg_barrier(leg, view, plan.origin)) is not None:
                words = words_of(*found)
                named = leg.account in words or not found[0]
                return Case(plan, view).denied(
                    found[1].state.value, words if named else f"{leg.account}: {words}", leg
                )
        return None

    @staticmethod
    def minted(approved: Approved[OrderPlan]) -> bool:
        """Whether this gate made the approval."""
        return approved.mint is _MINT


def _worth(case: Case) -> Denied | None:
    """Caps are counted in money: what no market values cannot be held to them."""
    markets = case.view.markets
    for leg in case.adding:
        instrument = case.instrument(leg)
        if markets.asset_price(instrument.quote) is None:
            return case.denied(
                "no_value",
                f"{leg.account}: no market tells what {instrument.quote} is in {markets.reporting},"
                " so that the caps cannot be counted",
                leg,
            )
    return None


def _instruments(case: Case) -> Denied | None:
    """`allow` and `deny`."""
    for leg in case.growing:
        words = case.view.limits.forbids(case.instrument(leg), case.accounts[leg.account])
        if words:
            return case.denied("instrument", f"{leg.account}: {words}", leg)
    return None


def _twice(case: Case) -> Denied | None:
    """Two lines that change one order at once: neither counts what the other makes of it."""
    for leg in case.entries:
        if leg.act is Act.AMEND and leg.target is not None:
            id_ = leg.target.client_order_id
            if id_ in case.view.state.restraints.amends:
                row = case.view.state.rows.get(id_, 0)
                return case.denied("amending", f"{leg.account}: another change of #{row} is on its way", leg)
    return None


_CHECKS: tuple[Callable[[Case], Denied | None], ...] = (
    _worth,
    _instruments,
    _twice,
    caps.bulk_count,
    caps.day_count,
    caps.order_rate,
    caps.open_orders,
    caps.order_notional,
    caps.order_quantity,
    caps.bulk_notional,
    caps.bulk_quantity,
    caps.day_notional,
    caps.day_quantity,
    leverage_setting,
    collar,
    position,
)
