"""Whether a plan may leave without a preview: the bounds of armed mode, and cancels. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderType
from hedge_tui.domain.plan import Act, Leg, OrderPlan
from hedge_tui.engine.execution.stops import protective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.domain.acts import Armed
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)
NOT_ARMED = "! sends without a preview in armed mode only; arm first, for example: arm 5m cap 5kusd"


def breach(plan: OrderPlan, values: Sequence[Decimal], state: DeskState, now_ns: int, by: str) -> str:
    """Which bound keeps this plan from leaving without a preview, with both values; "" if none does.

    Args:
        plan: as the planner made it from the same state.
        values: reporting value of each leg that places, in leg order.
        state: the desk's, with the envelope in force.
        now_ns: engine time.
        by: the session that typed the line; it holds the trading lock.
    """
    if problems := len(plan.legs) - len(plan.sendable):
        return f"{problems} of {len(plan.legs)} legs cannot be sent"
    if words := _stops_among(plan, state):
        return words
    if all(leg.act is Act.CANCEL for leg in plan.legs):
        return ""
    armed = state.armed
    if armed is None or now_ns >= armed.until_ns:
        return NOT_ARMED
    if by != armed.holder:
        return f"armed mode is {armed.holder}'s, this line is {by}'s"
    for leg in plan.legs:
        if words := _outside(leg, armed):
            return words
    total, left = sum(values, ZERO), armed.cap - state.armed_spent
    if total > left:
        return (
            f"notional {total:,.2f} is above the {left:,.2f} {armed.currency} left of the armed cap"
            f" {armed.cap:,.2f}"
        )
    return ""


def _outside(leg: Leg, armed: Armed) -> str:
    if leg.account not in armed.accounts:
        return f"{leg.account} is not armed; armed: {', '.join(armed.accounts)}"
    if leg.act is Act.CANCEL:
        return ""
    if armed.instruments and leg.instrument not in armed.instruments:
        names = ", ".join(symbol_of(one) for one in armed.instruments)
        return f"{symbol_of(leg.instrument)} is not armed; armed: {names}"
    if leg.act is not Act.PLACE or leg.request is None:
        word = "leverage changes" if leg.act is Act.LEVERAGE else f"{leg.act.value}ments"
        return f"{word} are not armed; armed: limit and market orders"
    if leg.request.type not in (OrderType.LIMIT, OrderType.MARKET):
        return (
            f"{leg.request.type.value.replace('_', ' ')} orders are not armed; armed: limit and market orders"
        )
    return ""


def _stops_among(plan: OrderPlan, state: DeskState) -> str:
    """Armed or not, what protects a position is not taken away by one key."""
    stops = 0
    for leg in plan.legs:
        if leg.act is Act.CANCEL and leg.target is not None:
            order = state.orders.get(leg.target.client_order_id)
            stops += order is not None and protective(order)
    if not stops:
        return ""
    return f"{stops} of {len(plan.legs)} are protective stops"
