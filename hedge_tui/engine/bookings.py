"""Books executions and cash: holdings, realized PnL, fees, funding, and the sums of the day; pure.

Called by `reduce` alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import PositionSide
from hedge_tui.engine import cost, open_part
from hedge_tui.engine.state import KEEP_SEEN

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar

    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.acts import CashMoved, DayStarted
    from hedge_tui.domain.fill import Fill
    from hedge_tui.engine.state import Changes, DeskState

    K = TypeVar("K", bound=Hashable)

ZERO = Decimal(0)
MOVED = ("deposit", "withdrawal", "transfer")
"""Flows that are no profit and no loss."""


def book_fill(state: DeskState, fill: Fill, changes: Changes) -> bool:
    """Book one execution; False when it was booked before."""
    if not first_time(state.seen_fills, fill.key):
        return False
    instrument = state.instruments.get(fill.instrument)
    key = (fill.account, fill.instrument, side_of(state, fill))
    holding, realized = cost.trade(
        state.holdings.get(key, cost.Holding()), fill.side, fill.quantity, fill.price, instrument
    )
    state.holdings[key] = holding
    open_part.book_fill(state, key, fill)
    # What the venue says it realized is the truth; our own average cost stands in for it.
    state.realized[fill.key] = realized if fill.realized_pnl is None else fill.realized_pnl
    if len(state.fills) == state.fills.maxlen:
        state.realized.pop(state.fills[0].key, None)
    state.fills.append(fill)
    if fill.venue_ns >= state.day_ns:
        _count_fill(state, fill)
    changes.fills.append(fill)
    changes.positions.add((fill.account, fill.instrument))
    changes.accounts.add(fill.account)
    return True


def side_of(state: DeskState, fill: Fill) -> PositionSide:
    """Which leg of a position an execution changed: the venue's word, else the order's."""
    if fill.position_side is not None:
        return fill.position_side
    order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
    return order.request.position_side if order is not None else PositionSide.NET


def book_cash(state: DeskState, act: CashMoved, changes: Changes) -> None:
    """Book funding, a deposit, a transfer; once."""
    flow = act.flow
    if not first_time(state.seen_flows, (flow.account, flow.kind, flow.flow_id)):
        return
    state.cash.append(flow)
    changes.accounts.add(flow.account)
    if flow.kind == "funding":
        open_part.book_funding(state, flow)
    if flow.kind == "funding" and flow.venue_ns >= state.day_ns:
        _count_funding(state, flow)
        changes.positions.add((flow.account, flow.instrument or ""))
    elif flow.kind in MOVED and flow.venue_ns >= state.day_equity_ns.get(flow.account, flow.venue_ns + 1):
        # What moved before the day's first equity was taken is part of that equity.
        flows = state.flows.setdefault(flow.account, {})
        flows[flow.asset] = flows.get(flow.asset, ZERO) + flow.quantity


def start_day(state: DeskState, act: DayStarted, changes: Changes) -> None:
    """Begin a day, or give an account that joins during the day its starting point."""
    if act.day_ns != state.day_ns:
        state.today.clear()
        state.flows.clear()
        state.day_notional.clear()
        state.day_orders = 0
        state.day_equity, state.day_equity_ns = {}, {}
        state.day_ns = act.day_ns
        _count_early(state)
    state.day_currency = act.currency
    for name, equity in act.equity:
        state.day_equity[name], state.day_equity_ns[name] = equity, act.at_ns
        state.flows.pop(name, None)
        changes.accounts.add(name)


def first_time(seen: dict[K, None], key: K) -> bool:
    """Remember a key; False when it is remembered already."""
    if key in seen:
        return False
    seen[key] = None
    if len(seen) > KEEP_SEEN:
        del seen[next(iter(seen))]
    return True


def _count_early(state: DeskState) -> None:
    """What the new day had already seen when it was begun: funding is paid on the stroke of midnight."""
    for fill in state.fills:
        if fill.venue_ns >= state.day_ns:
            _count_fill(state, fill)
    for flow in state.cash:
        if flow.kind == "funding" and flow.venue_ns >= state.day_ns:
            _count_funding(state, flow)


def _count_fill(state: DeskState, fill: Fill) -> None:
    today = state.today_of(fill.account, fill.instrument)
    instrument = state.instruments.get(fill.instrument)
    settle = instrument.settle if instrument is not None else _settle_by_name(fill.instrument)
    today.realized[settle] = today.realized.get(settle, ZERO) + state.realized[fill.key]
    today.fees[fill.commission_asset] = today.fees.get(fill.commission_asset, ZERO) + fill.commission


def _count_funding(state: DeskState, flow: CashFlow) -> None:
    today = state.today_of(flow.account, flow.instrument or "")
    today.funding[flow.asset] = today.funding.get(flow.asset, ZERO) + flow.quantity


def _settle_by_name(instrument: str) -> str:
    """Settle asset out of `venue:BASE/QUOTE[:SETTLE]`, for an instrument the venue no longer lists."""
    return instrument.rpartition("/")[2].rpartition(":")[2]
