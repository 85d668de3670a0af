"""Books executions and cash: holdings, realized PnL, fees, funding, and the sums of the day; pure.

Called by `reduce` alone.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import PositionSide, Side
from hedge_tui.engine import cost, open_part
from hedge_tui.engine.pnl.booking import MOVED, book_flow, book_pnl, settle_of
from hedge_tui.engine.pnl.marks import Unsettled
from hedge_tui.engine.state import KEEP_SEEN, PastMark

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar

    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.acts import CashMoved, DayStarted, FillImported, PastRead
    from hedge_tui.domain.fill import Fill
    from hedge_tui.engine.state import Changes, DeskState

    K = TypeVar("K", bound=Hashable)

ZERO = Decimal(0)


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
    book_pnl(state, fill, state.realized[fill.key])
    if fill.venue_ns >= state.day_ns:
        _count_fill(state, fill, state.realized[fill.key])
    changes.pnl = True
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


def book_imported(state: DeskState, act: FillImported, changes: Changes) -> None:
    """Book an execution from before the desk knew the account; once.

    Such executions come oldest first per instrument; coins of unknown cost realize nothing when sold.
    """
    fill = act.fill
    if not first_time(state.seen_fills, fill.key):
        return
    instrument = state.instruments.get(fill.instrument)
    key = (fill.account, fill.instrument)
    held, quantity = state.past_holdings.get(key, cost.Holding()), fill.quantity
    if ":" not in fill.instrument.partition("/")[2] and fill.side is Side.SELL:
        quantity = min(quantity, max(held.quantity, ZERO))
    realized = ZERO
    if quantity:
        held, realized = cost.trade(held, fill.side, quantity, fill.price, instrument)
        state.past_holdings[key] = held
    if fill.realized_pnl is not None:
        realized = fill.realized_pnl
    book_pnl(state, fill, realized)
    if fill.venue_ns >= state.day_ns:
        _count_fill(state, fill, realized)
    changes.pnl = True
    changes.positions.add((fill.account, fill.instrument))
    changes.accounts.add(fill.account)


def book_cash(state: DeskState, act: CashMoved, changes: Changes) -> None:
    """Book funding, a deposit, a transfer; once, whether the stream or the ledger told it first."""
    flow = act.flow
    if not first_time(state.seen_flows, (flow.account, flow.kind, flow.flow_id)):
        return
    waiting = state.unsettled.setdefault(flow.account, Unsettled())
    if flow.told or flow.flow_id.count(":") == 2:  # journals of 0.1 know it by the id alone
        if not waiting.word(flow):
            return
    elif (word := waiting.row(flow)) is not None:
        _count_flow(state, word, -1, changes)
    _count_flow(state, flow, 1, changes)


def settle_past(state: DeskState, act: PastRead, changes: Changes) -> None:
    """The venue's ledger is read up to here: what it lacks and a stream told is taken back."""
    state.past[act.account, act.source] = PastMark(act.mark, act.until_ns, act.done)
    changes.accounts.add(act.account)
    changes.pnl = True
    if act.settles and (waiting := state.unsettled.get(act.account)) is not None:
        for flow in waiting.settle(act.until_ns):
            _count_flow(state, flow, -1, changes)


def _count_flow(state: DeskState, flow: CashFlow, sign: int, changes: Changes) -> None:
    if sign > 0:
        state.cash.append(flow)
    elif flow in state.cash:
        state.cash.remove(flow)
    book_flow(state, flow, sign)
    changes.pnl = True
    changes.accounts.add(flow.account)
    if flow.kind == "funding":
        open_part.book_funding(state, replace(flow, quantity=flow.quantity * sign))
    if flow.kind == "funding" and flow.venue_ns >= state.day_ns:
        _count_funding(state, flow, sign)
        changes.positions.add((flow.account, flow.instrument or ""))
    elif flow.kind in MOVED and flow.venue_ns >= state.day_equity_ns.get(flow.account, flow.venue_ns + 1):
        # What moved before the day's first equity was taken is part of that equity.
        flows = state.flows.setdefault(flow.account, {})
        flows[flow.asset] = flows.get(flow.asset, ZERO) + flow.quantity * sign


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
            _count_fill(state, fill, state.realized[fill.key])
    for flow in state.cash:
        if flow.kind == "funding" and flow.venue_ns >= state.day_ns:
            _count_funding(state, flow, 1)


def _count_fill(state: DeskState, fill: Fill, realized: Decimal) -> None:
    today = state.today_of(fill.account, fill.instrument)
    settle = settle_of(state, fill.instrument)
    today.realized[settle] = today.realized.get(settle, ZERO) + realized
    today.fees[fill.commission_asset] = today.fees.get(fill.commission_asset, ZERO) + fill.commission


def _count_funding(state: DeskState, flow: CashFlow, sign: int) -> None:
    today = state.today_of(flow.account, flow.instrument or "")
    today.funding[flow.asset] = today.funding.get(flow.asset, ZERO) + flow.quantity * sign
