"""How each act changes the state: one pure step, the same live and on replay."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain import acts
from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.lifecycle import NEXT
from hedge_tui.domain.order import Order, OrderStatus
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine import cost
from hedge_tui.engine.state import KEEP_FINISHED, Changes, DeskState, FillSum

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.order import ClientOrderId

ZERO = Decimal(0)


def apply(state: DeskState, act: acts.Act) -> Changes:
    """Fold one act into the state and say what it touched.

    Raises:
        LedgerError: the act contradicts the order's life so far; the state is unchanged.
    """
    changes = Changes()
    _STEPS[act.kind](state, act, changes)
    return changes


def reduce_order(order: Order, report: Report) -> Order:
    """One step of one order's life.

    Raises:
        LedgerError: `lifecycle.NEXT` has no such step.
    """
    status = NEXT[order.status].get(report.kind)
    if status is None:
        raise LedgerError(
            f"order {order.request.client_order_id} is {order.status}: a report {report.kind} cannot follow"
        )
    request = order.request
    quantity, price = request.quantity, request.price
    if report.kind in (ReportKind.AMENDED, ReportKind.LIVE, ReportKind.FILL) and not status.terminal:
        quantity, price = report.quantity or quantity, report.price or price
    if (quantity, price) != (request.quantity, request.price):
        request = replace(request, quantity=quantity, price=price)
    filled = max(order.filled, report.filled or ZERO)
    if status.working and status is not OrderStatus.SENDING and filled >= quantity > 0:
        status = OrderStatus.FILLED
    elif filled > 0 and status in (OrderStatus.LIVE, OrderStatus.ACKED):
        status = OrderStatus.PARTIAL
    return replace(
        order,
        request=request,
        status=status,
        updated_ns=max(report.local_ns, order.updated_ns),
        venue_order_id=report.venue_order_id or order.venue_order_id,
        filled=filled,
        average_price=report.average_price or order.average_price,
        reason=report.reason or order.reason,
        cancel_asked=order.cancel_asked and not _cancel_failed(order, report),
    )


def _cancel_failed(order: Order, report: Report) -> bool:
    """The venue refused the cancel, or it was lost and the venue shows the order resting."""
    if report.kind is ReportKind.CANCEL_REFUSED:
        return True
    doubtful = (OrderStatus.CANCEL_UNKNOWN, OrderStatus.UNKNOWN)
    return order.status in doubtful and report.kind in (ReportKind.LIVE, ReportKind.FILL)


def _add_order(state: DeskState, order: Order, changes: Changes) -> None:
    id_ = order.request.client_order_id
    if id_ in state.orders:
        raise LedgerError(f"order {id_} is intended twice")
    state.rows[id_], state.by_row[state.next_row] = state.next_row, id_
    state.next_row += 1
    if order.request.run:
        state.run_orders.setdefault(order.request.run, []).append(id_)
    _put(state, order, changes)


def _put(state: DeskState, order: Order, changes: Changes) -> None:
    id_ = order.request.client_order_id
    state.orders[id_] = order
    if order.venue_order_id:
        state.by_venue_id[order.request.account, order.venue_order_id] = id_
    if order.status.working:
        state.working[id_] = None
    elif state.working.pop(id_, 0) is None or order.status is OrderStatus.DENIED:
        state.finished.append(id_)
        if len(state.finished) > KEEP_FINISHED:
            _forget(state, state.finished.popleft(), changes)
    changes.orders.add(id_)
    changes.accounts.add(order.request.account)
    if order.request.run:
        changes.runs.add(order.request.run)


def _forget(state: DeskState, id_: ClientOrderId, changes: Changes) -> None:
    """Drop a finished order from memory; the journal keeps it."""
    if id_ in state.working or (order := state.orders.pop(id_, None)) is None:
        return
    state.by_row.pop(state.rows.pop(id_, 0), None)
    state.fill_sums.pop(id_, None)
    if order.venue_order_id:
        state.by_venue_id.pop((order.request.account, order.venue_order_id), None)
    changes.orders.add(id_)


def _reported(state: DeskState, report: Report, changes: Changes) -> None:
    order = state.order_of(report.account, report.client_order_id, report.venue_order_id)
    if order is None:
        return  # an order from before this journal; adopted by reconciling, not here
    _put(state, reduce_order(order, report), changes)


def _filled(state: DeskState, fill: Fill, changes: Changes) -> None:
    if fill.key in state.seen_fills:
        return
    state.seen_fills.add(fill.key)
    instrument = state.instruments.get(fill.instrument)
    key = (fill.account, fill.instrument)
    holding, realized = cost.trade(
        state.holdings.get(key, cost.Holding()), fill.side, fill.quantity, fill.price, instrument
    )
    state.holdings[key] = holding
    if fill.realized_pnl is not None:
        realized = fill.realized_pnl
    state.realized[fill.key] = realized
    settle = (
        instrument.settle if instrument is not None else fill.instrument.rpartition("/")[2].partition(":")[0]
    )
    if fill.venue_ns >= state.day_ns:
        today = state.today_of(*key)
        today.realized[settle] = today.realized.get(settle, ZERO) + realized
        today.fees[fill.commission_asset] = today.fees.get(fill.commission_asset, ZERO) + fill.commission
    if len(state.fills) == state.fills.maxlen:
        state.realized.pop(state.fills[0].key, None)
    state.fills.append(fill)
    changes.fills.append(fill)
    changes.positions.add(key)
    changes.accounts.add(fill.account)
    order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
    if order is not None:
        _fill_order(state, order, fill, changes)


def _settle_by_name(instrument: str) -> str:
    """Settle asset out of `venue:BASE/QUOTE[:SETTLE]`, for an instrument the venue no longer lists."""
    quote_settle = instrument.rpartition("/")[2]
    return quote_settle.rpartition(":")[2]


def _fill_order(state: DeskState, order: Order, fill: Fill, changes: Changes) -> None:
    """An execution is proof that the order is at the venue, whatever else was said of it."""
    id_ = order.request.client_order_id
    total = state.fill_sums.setdefault(id_, FillSum())
    total.quantity += fill.quantity
    total.cost += fill.quantity * fill.price
    done = total.quantity >= order.request.quantity
    report = Report(
        ReportKind.LAST_FILL if done else ReportKind.FILL,
        fill.account,
        fill.instrument,
        id_,
        fill.local_ns,
        fill.venue_order_id or None,
        filled=total.quantity,
        average_price=total.cost / total.quantity,
    )
    _put(state, reduce_order(order, report), changes)


def _cash(state: DeskState, act: acts.CashMoved, changes: Changes) -> None:
    flow = act.flow
    key = (flow.account, flow.kind, flow.flow_id)
    if key in state.seen_flows:
        return
    state.seen_flows.add(key)
    changes.accounts.add(flow.account)
    if flow.venue_ns < state.day_ns:
        return
    if flow.kind == "funding":
        today = state.today_of(flow.account, flow.instrument or "")
        today.funding[flow.asset] = today.funding.get(flow.asset, ZERO) + flow.quantity
        changes.positions.add((flow.account, flow.instrument or ""))
    elif flow.kind in ("deposit", "withdrawal", "transfer"):
        flows = state.flows.setdefault(flow.account, {})
        flows[flow.asset] = flows.get(flow.asset, ZERO) + flow.quantity


def _day(state: DeskState, act: acts.DayStarted, changes: Changes) -> None:
    if act.day_ns != state.day_ns:
        state.today.clear()
        state.flows.clear()
        state.day_notional.clear()
        state.day_orders = 0
        state.day_equity = {}
    state.day_ns, state.day_currency = act.day_ns, act.currency
    # An account that joins during the day gets its own starting point later.
    state.day_equity |= dict(act.equity)
    changes.accounts.update(name for name, _ in act.equity)


def _intended(state: DeskState, act: acts.OrdersIntended, changes: Changes) -> None:
    for request in act.requests:
        _add_order(state, Order(request, OrderStatus.INTENT, act.at_ns, act.at_ns), changes)
    # The day's caps count what was meant to be sent, whatever became of it.
    state.day_orders += len(act.requests)
    for request, value in zip(act.requests, act.values, strict=False):
        if not request.reduce_only:
            sent = state.day_notional.get(request.account, ZERO)
            state.day_notional[request.account] = sent + value


def _sending(state: DeskState, act: acts.OrdersSending, changes: Changes) -> None:
    for id_ in act.client_order_ids:
        order = state.orders[id_]
        report = Report(ReportKind.SENT, order.request.account, order.request.instrument, id_, act.at_ns)
        _put(state, reduce_order(order, report), changes)


def _cancelling(state: DeskState, act: acts.CancelsSending, changes: Changes) -> None:
    for id_ in act.client_order_ids:
        if (order := state.orders.get(id_)) is not None:
            _put(state, replace(order, cancel_asked=True, updated_ns=act.at_ns), changes)


def _adopted(state: DeskState, act: acts.OrderAdopted, changes: Changes) -> None:
    if act.order.request.client_order_id not in state.orders:
        _add_order(state, act.order, changes)


def _confirmed(state: DeskState, act: acts.LineConfirmed, changes: Changes) -> None:
    state.runs[act.run] = act
    changes.runs.add(act.run)


def _seeded(state: DeskState, act: acts.LedgerSeeded, changes: Changes) -> None:
    state.holdings[act.account, act.instrument] = cost.Holding(act.quantity, act.entry_price)
    changes.positions.add((act.account, act.instrument))


def _setting(state: DeskState, act: acts.SettingChanged, changes: Changes) -> None:
    if act.value:
        state.settings[act.scope, act.name] = act.value
    else:
        state.settings.pop((act.scope, act.name), None)
    changes.settings = True


def _noted(state: DeskState, act: acts.Noted, changes: Changes) -> None:
    state.log_seq += 1
    state.log.append((state.log_seq, act))
    changes.notes.append(act)


def _started(state: DeskState, _act: acts.EngineStarted, _changes: Changes) -> None:
    state.clean_stop = False


def _stopped(state: DeskState, act: acts.EngineStopped, _changes: Changes) -> None:
    state.clean_stop, state.last_stop_ns = True, act.at_ns


def _evidence(_state: DeskState, _act: acts.AmendSending, _changes: Changes) -> None:
    """For a reader of the journal; the answer is what changes the order."""


_STEPS: dict[str, Callable[[DeskState, Any, Changes], None]] = {
    acts.Reported.kind: lambda state, act, changes: _reported(state, act.report, changes),
    acts.Filled.kind: lambda state, act, changes: _filled(state, act.fill, changes),
    acts.OrdersIntended.kind: _intended,
    acts.OrdersSending.kind: _sending,
    acts.CancelsSending.kind: _cancelling,
    acts.OrderAdopted.kind: _adopted,
    acts.LineConfirmed.kind: _confirmed,
    acts.CashMoved.kind: _cash,
    acts.LedgerSeeded.kind: _seeded,
    acts.DayStarted.kind: _day,
    acts.SettingChanged.kind: _setting,
    acts.Noted.kind: _noted,
    acts.EngineStarted.kind: _started,
    acts.EngineStopped.kind: _stopped,
    acts.AmendSending.kind: _evidence,
}
"""One function per kind of act; a new act without one fails the test that compares the two."""
