"""How each act changes the state: one pure step, the same live and on replay."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain import acts
from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.order import Order, OrderStatus
from hedge_tui.domain.panic import PanicMoved
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine import cost, open_part, restraints
from hedge_tui.engine.bookings import book_cash, book_fill, book_imported, seed_coins, settle_past, start_day
from hedge_tui.engine.order_step import reduce_order
from hedge_tui.engine.pnl.booking import TAG, retag
from hedge_tui.engine.state import (
    KEEP_FINISHED,
    KEEP_RUNS,
    KEEP_STRAYS,
    Changes,
    DeskState,
    FillSum,
    Outage,
    Restart,
)

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
    state.last_ns = max(state.last_ns, act.at_ns)
    return changes


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
    if order.status is OrderStatus.INTENT:
        state.intents[id_] = None
    else:
        state.intents.pop(id_, None)
    if order.status.working:
        state.working[id_] = None
        state.finished.pop(id_, None)  # one that was called absent or rejected, and is at the venue after all
    else:
        state.working.pop(id_, None)
        if order.status.terminal and id_ not in state.finished:
            state.finished[id_] = None
            if len(state.finished) > KEEP_FINISHED:
                _forget(state, next(iter(state.finished)), changes)
    if order.status.terminal:
        restraints.settle_amend(state, order)
    changes.orders.add(id_)
    changes.accounts.add(order.request.account)
    if order.request.run:
        changes.runs.add(order.request.run)
    _claim_strays(state, order, changes)


def _claim_strays(state: DeskState, order: Order, changes: Changes) -> None:
    """Count the fills that came before anybody knew whose they are."""
    if not state.strays or not order.venue_order_id:
        return
    for fill in state.strays.pop((order.request.account, order.venue_order_id), ()):
        _fill_order(state, state.orders[order.request.client_order_id], fill, changes)


def _forget(state: DeskState, id_: ClientOrderId, changes: Changes) -> None:
    """Drop a finished order from memory; the journal keeps it."""
    del state.finished[id_]
    order = state.orders.pop(id_)
    state.by_row.pop(state.rows.pop(id_), None)
    state.fill_sums.pop(id_, None)
    if order.venue_order_id:
        state.by_venue_id.pop((order.request.account, order.venue_order_id), None)
    changes.orders.add(id_)
    run = order.request.run
    if (ids := state.run_orders.get(run)) is not None:
        ids.remove(id_)
        if not ids:
            del state.run_orders[run]
            state.runs.pop(run, None)
            changes.runs.add(run)


_AMEND_SETTLED = (ReportKind.AMENDED, ReportKind.AMEND_REFUSED)


def _reported(state: DeskState, report: Report, changes: Changes, at_ns: int) -> None:
    order = state.order_of(report.account, report.client_order_id, report.venue_order_id)
    if order is None:
        return  # an order from before this journal; adopted by reconciling, not here
    after = reduce_order(order, report)
    if report.kind in _AMEND_SETTLED or (restraints.amending(order) and not restraints.amending(after)):
        restraints.settle_amend(state, after)
    _put(state, after, changes)
    refused = report.kind is ReportKind.REJECTED and after.status is OrderStatus.REJECTED
    if refused and order.status is not OrderStatus.REJECTED:
        restraints.count_reject(state, order, report, at_ns, changes)


def _filled(state: DeskState, fill: Fill, changes: Changes) -> None:
    if fill.key in state.seen_fills:
        return
    order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
    if order is not None:
        reduce_order(order, _fill_report(state, order, fill))  # raises before anything is booked
    book_fill(state, fill, changes)
    if order is not None:
        _fill_order(state, order, fill, changes)
    elif fill.venue_order_id:
        # It overtook the acknowledgement: it counts as soon as the order's venue id is known.
        state.strays.setdefault((fill.account, fill.venue_order_id), []).append(fill)
        if len(state.strays) > KEEP_STRAYS:
            del state.strays[next(iter(state.strays))]


def _fill_order(state: DeskState, order: Order, fill: Fill, changes: Changes) -> None:
    after = reduce_order(order, _fill_report(state, order, fill))
    total = state.fill_sums.setdefault(order.request.client_order_id, FillSum())
    total.quantity += fill.quantity
    total.cost += fill.quantity * fill.price
    _put(state, after, changes)


def _fill_report(state: DeskState, order: Order, fill: Fill) -> Report:
    """An execution is proof that the order is at the venue, whatever else was said of it."""
    id_ = order.request.client_order_id
    before = state.fill_sums.get(id_) or FillSum()
    quantity = before.quantity + fill.quantity
    # Its quantity may be another one at the venue already: our sum does not tell then when it is done.
    done = quantity >= order.request.quantity and not restraints.amending(order)
    return Report(
        ReportKind.LAST_FILL if done else ReportKind.FILL,
        fill.account,
        fill.instrument,
        id_,
        fill.local_ns,
        fill.venue_order_id or None,
        filled=quantity,
        average_price=(before.cost + fill.quantity * fill.price) / quantity,
    )


def _intended(state: DeskState, act: acts.OrdersIntended, changes: Changes) -> None:
    ids = [request.client_order_id for request in act.requests]
    if len(set(ids)) < len(ids) or not state.orders.keys().isdisjoint(ids):
        raise LedgerError(f"an order of {len(ids)} is intended twice")
    for request in act.requests:
        _add_order(state, Order(request, OrderStatus.INTENT, act.at_ns, act.at_ns), changes)
    # The day's caps count what was meant to be sent, whatever became of it.
    state.day_orders += len(act.requests)
    if act.values:  # not what replaces an order, and not panic's
        restraints.count_intended(state, act.requests, act.at_ns)
    for request, value in zip(act.requests, act.values, strict=False):
        if not request.only_reduces:
            _count_notional(state, request.account, value)
    _count_armed(state, act, changes)


def _count_armed(state: DeskState, act: acts.OrdersIntended, changes: Changes) -> None:
    """What was meant to be sent counts against the envelope's cap, filled, rejected or never answered."""
    line = state.runs.get(act.requests[0].run) if act.requests else None
    if state.armed is not None and line is not None and line.envelope == state.armed.envelope:
        state.armed_spent += sum(act.values, ZERO)
        changes.armed = True


def _panic_moved(state: DeskState, act: PanicMoved, changes: Changes) -> None:
    del changes
    state.panic = act if act.step == "pressed" else None


def _armed(state: DeskState, act: acts.Armed, changes: Changes) -> None:
    state.armed, state.armed_spent, state.armed_lines = act, ZERO, 0
    changes.armed = True


def _disarmed(state: DeskState, act: acts.Disarmed, changes: Changes) -> None:
    if state.armed is not None and state.armed.envelope == act.envelope:
        _forget_envelope(state, changes)


def _forget_envelope(state: DeskState, changes: Changes) -> None:
    state.armed, state.armed_spent, state.armed_lines = None, ZERO, 0
    changes.armed = True


def _count_notional(state: DeskState, account: str, value: Decimal) -> None:
    state.day_notional[account] = state.day_notional.get(account, ZERO) + value


def _sending(state: DeskState, act: acts.OrdersSending, changes: Changes) -> None:
    sent = []
    for id_ in act.client_order_ids:
        if (order := state.orders.get(id_)) is None:
            raise LedgerError(f"order {id_} is sent and was never intended")
        report = Report(ReportKind.SENT, order.request.account, order.request.instrument, id_, act.at_ns)
        sent.append(reduce_order(order, report))
    for order in sent:
        _put(state, order, changes)


def _cancelling(state: DeskState, act: acts.CancelsSending, changes: Changes) -> None:
    for id_ in act.client_order_ids:
        if (order := state.orders.get(id_)) is not None and order.status.working:
            _put(state, replace(order, cancel_asked=True, updated_ns=act.at_ns), changes)


def _adopted(state: DeskState, act: acts.OrderAdopted, changes: Changes) -> None:
    if act.order.request.client_order_id not in state.orders:
        _add_order(state, act.order, changes)


def _confirmed(state: DeskState, act: acts.LineConfirmed, changes: Changes) -> None:
    state.runs[act.run] = act
    changes.runs.add(act.run)
    if act.envelope and state.armed is not None and act.envelope == state.armed.envelope:
        state.armed_lines += 1
    if len(state.runs) > KEEP_RUNS:
        oldest = next(iter(state.runs))
        del state.runs[oldest]
        changes.runs.add(oldest)


def _seeded(state: DeskState, act: acts.LedgerSeeded, changes: Changes) -> None:
    key = (act.account, act.instrument, act.position_side)
    state.holdings[key] = cost.Holding(act.quantity, act.entry_price)
    open_part.seed(state, key, act.quantity)
    seed_coins(state, act.account, act.instrument, state.holdings[key])
    changes.positions.add((act.account, act.instrument))


def _differed(state: DeskState, act: acts.Differed, changes: Changes) -> None:
    state.differences[act.account] = state.differences.get(act.account, 0) + 1
    changes.accounts.add(act.account)


def _term_sending(state: DeskState, act: acts.TermSending, changes: Changes) -> None:
    state.terms[act.change.key] = act
    changes.accounts.add(act.change.account)


def _term_settled(state: DeskState, act: acts.TermSettled, changes: Changes) -> None:
    if act.outcome != "unknown":
        state.terms.pop(act.change.key, None)
    changes.accounts.add(act.change.account)


def _setting(state: DeskState, act: acts.SettingChanged, changes: Changes) -> None:
    if act.scope == TAG:
        retag(state, act.name, act.value)
        changes.pnl = True
    elif act.value:
        state.settings[act.scope, act.name] = act.value
    else:
        state.settings.pop((act.scope, act.name), None)
    changes.settings = True


def _noted(state: DeskState, act: acts.Noted, changes: Changes) -> None:
    state.log_seq += 1
    state.log.append((state.log_seq, act))
    changes.notes.append(act)


def _started(state: DeskState, act: acts.EngineStarted, changes: Changes) -> None:
    if state.last_ns:
        down_ns = state.last_stop_ns if state.clean_stop else state.last_ns
        state.restarts.append(Restart(down_ns, act.at_ns, state.clean_stop))
        if state.console_here:  # it lost the engine, and with it its place
            state.console_here, state.left_ns = False, down_ns
    state.clean_stop = False
    restraints.forget_unsent_amends(state)
    _forget_envelope(state, changes)  # whoever armed the desk sat before another engine


def _console(state: DeskState, act: acts.ConsoleCame, _changes: Changes) -> None:
    if act.here and not state.console_here:
        if state.left_ns:
            state.absence = (state.left_ns, act.at_ns)
        state.left_ns = 0
    elif not act.here:
        state.left_ns = act.at_ns
    state.console_here = act.here


def _stream_back(state: DeskState, act: acts.StreamWasAway, _changes: Changes) -> None:
    state.outages.append(Outage(act.account, act.since_ns, act.at_ns, act.why))


def _session(state: DeskState, act: acts.SessionStarted, changes: Changes) -> None:
    state.book.start_session(act.at_ns, act.name)
    changes.pnl = True


def _stopped(state: DeskState, act: acts.EngineStopped, _changes: Changes) -> None:
    state.clean_stop, state.last_stop_ns = True, act.at_ns


def _amending_now(state: DeskState, act: acts.AmendSending, changes: Changes) -> None:
    order = state.orders.get(act.client_order_id)
    if order is not None and order.status.working:
        asked = Decimal(act.quantity) if act.quantity is not None else None
        _put(state, replace(order, amend_asked=True, asked_quantity=asked, updated_ns=act.at_ns), changes)
        _count_notional(state, order.request.account, act.value)


def _told(state: DeskState, act: acts.InstrumentTold, _changes: Changes) -> None:
    state.told[act.instrument.id] = act.instrument


def _judged(_state: DeskState, _act: acts.LineJudged, _changes: Changes) -> None:
    """Kept to explain what was decided; what follows from it are acts of their own."""


_STEPS: dict[str, Callable[[DeskState, Any, Changes], None]] = {
    acts.Reported.kind: lambda state, act, changes: _reported(state, act.report, changes, act.at_ns),
    acts.Filled.kind: lambda state, act, changes: _filled(state, act.fill, changes),
    acts.OrdersIntended.kind: _intended,
    acts.OrdersSending.kind: _sending,
    acts.CancelsSending.kind: _cancelling,
    acts.OrderAdopted.kind: _adopted,
    acts.InstrumentTold.kind: _told,
    acts.LineJudged.kind: _judged,
    acts.LineConfirmed.kind: _confirmed,
    acts.CashMoved.kind: book_cash,
    acts.FillImported.kind: book_imported,
    acts.PastRead.kind: settle_past,
    acts.SessionStarted.kind: _session,
    acts.ConsoleCame.kind: _console,
    acts.StreamWasAway.kind: _stream_back,
    acts.LedgerSeeded.kind: _seeded,
    acts.Differed.kind: _differed,
    acts.TermSending.kind: _term_sending,
    acts.TermSettled.kind: _term_settled,
    acts.DayStarted.kind: start_day,
    acts.SettingChanged.kind: _setting,
    acts.TradingHeld.kind: restraints.hold,
    acts.Armed.kind: _armed,
    acts.Disarmed.kind: _disarmed,
    PanicMoved.kind: _panic_moved,
    acts.Noted.kind: _noted,
    acts.EngineStarted.kind: _started,
    acts.EngineStopped.kind: _stopped,
    acts.AmendsIntended.kind: restraints.intend_amends,
    acts.AmendSending.kind: _amending_now,
}
"""One function per kind of act; a new act without one fails the test that compares the two."""
