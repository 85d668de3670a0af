"""Books executions and cash: holdings, realized PnL, fees, funding, and the sums of the day; pure.

Called by `reduce` alone.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import PositionSide
from hedge_tui.engine import cost, open_part
from hedge_tui.engine.pnl.booking import MOVED, book_flow, book_pnl, book_realized, settle_of
from hedge_tui.engine.pnl.coins import Coins, covered, is_coin
from hedge_tui.engine.pnl.marks import Unsettled
from hedge_tui.engine.state import KEEP_SEEN, PastMark

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar

    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.acts import CashMoved, DayStarted, FillImported, PastRead
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.engine.state import Changes, DeskState

    K = TypeVar("K", bound=Hashable)

ZERO = Decimal(0)
EVERYTHING = "*"
"""Source under which is kept that all of an account's past was read to its end once."""


def book_fill(state: DeskState, fill: Fill, changes: Changes) -> bool:
    """Book one execution; False when it was booked before."""
    if not first_time(state.seen_fills, fill.key):
        return False
    instrument = state.listed(fill.instrument)
    key = (fill.account, fill.instrument, side_of(state, fill))
    coins, late = _coins(state, fill.account, fill.instrument), False
    if is_coin(fill.instrument):
        late = coins.late(fill)
        holding, realized = coins.add(fill, state.holdings.get(key, coins.start), instrument)
    else:
        held = state.holdings.get(key, cost.Holding())
        holding, realized = cost.trade(held, fill.side, fill.quantity, fill.price, instrument)
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
    if late:
        _count_again(state, fill.account, fill.instrument)
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
    instrument = state.listed(fill.instrument)
    coins = _coins(state, fill.account, fill.instrument)
    if is_coin(fill.instrument):
        coins.past, realized = covered(coins.past, fill, instrument)
    else:
        coins.past, realized = cost.trade(coins.past, fill.side, fill.quantity, fill.price, instrument)
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
    if act.source == EVERYTHING:
        for account, instrument in list(state.coins):
            if account == act.account and is_coin(instrument):
                state.coins[account, instrument].settled = True
                _count_again(state, account, instrument)
    if act.settles and (waiting := state.unsettled.get(act.account)) is not None:
        for flow in waiting.settle(act.until_ns):
            _count_flow(state, flow, -1, changes)


def seed_coins(state: DeskState, account: str, instrument: InstrumentId, held: cost.Holding) -> None:
    """What an account held of a coin when the desk first saw it."""
    if is_coin(instrument):
        _coins(state, account, instrument).seed = held


def _coins(state: DeskState, account: str, instrument: InstrumentId) -> Coins:
    found = state.coins.get((account, instrument))
    if found is None:
        found = state.coins[account, instrument] = Coins()
    return found


def _count_again(state: DeskState, account: str, instrument: InstrumentId) -> None:
    """The average cost is another one: what later executions realized changes with it."""
    held, changed = state.coins[account, instrument].again(state.listed(instrument))
    key = (account, instrument, PositionSide.NET)
    if held.quantity or key in state.holdings:
        state.holdings[key] = held
    for fill, before, now in changed:
        book_realized(state, fill, now - before)
        if fill.key in state.realized:
            state.realized[fill.key] = now
        if fill.venue_ns >= state.day_ns:
            today, settle = state.today_of(account, instrument), settle_of(state, instrument)
            today.realized[settle] = today.realized.get(settle, ZERO) + now - before


def _drop_flow(state: DeskState, flow: CashFlow) -> None:
    """Out of the newest flows; it came lately, so the search begins at the end."""
    for back, one in enumerate(reversed(state.cash)):
        if one.flow_id == flow.flow_id and one == flow:
            del state.cash[len(state.cash) - 1 - back]
            return


def _count_flow(state: DeskState, flow: CashFlow, sign: int, changes: Changes) -> None:
    if sign > 0:
        state.cash.append(flow)
    else:
        _drop_flow(state, flow)
    if flow.kind in MOVED:
        if sign > 0:
            state.moved.append(flow)
        elif flow in state.moved:
            state.moved.remove(flow)
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
        state.restraints.day_counts.clear()
        state.restraints.day_quantity.clear()
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
    today = state.today_of(fill.account, fill.instrument, side_of(state, fill))
    settle = settle_of(state, fill.instrument)
    today.realized[settle] = today.realized.get(settle, ZERO) + realized
    today.fees[fill.commission_asset] = today.fees.get(fill.commission_asset, ZERO) + fill.commission


def _count_funding(state: DeskState, flow: CashFlow, sign: int) -> None:
    today = state.today_of(flow.account, flow.instrument or "")
    today.funding[flow.asset] = today.funding.get(flow.asset, ZERO) + flow.quantity * sign
