"""Folds what restrains trading: holds, identical rejects of a source, and what each source and account sent.

Called by `reduce`; times are those of the acts, so that a replay after a crash restrains just the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import venue_of
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.trading import Hold, TradingState, source_scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain import acts
    from hedge_tui.domain.order import Order, OrderRequest
    from hedge_tui.domain.report import Report
    from hedge_tui.engine.state import Changes, DeskState

IDENTICAL = 5
"""So many rejects of one kind halt their source."""
WITHIN_NS = 60 * 10**9
"""Within this time."""
GATE = "gate"
"""Who holds a source that was refused too often."""
LONGEST_RATE_NS = 600 * 10**9
"""The longest window in which orders of a source are counted."""
_NUMBER = re.compile(r"\d[\d.,]*")


def hold(state: DeskState, act: acts.TradingHeld, changes: Changes) -> None:
    """A scope was held or set free."""
    wanted = TradingState(act.state)
    if wanted is TradingState.ACTIVE:
        state.restraints.holds.pop(act.scope, None)
        state.restraints.rejects.pop(act.scope.removeprefix("source:"), None)
    else:
        state.restraints.holds[act.scope] = Hold(wanted, act.at_ns, act.by, act.reason)
    changes.holds.add(act.scope)


def count_reject(state: DeskState, order: Order, report: Report, at_ns: int, changes: Changes) -> None:
    """A venue refused an order: the fifth alike within a minute halts where they come from.

    What was turned away unread (rate limit, ban, overload) says nothing about its source.
    """
    origin = order.request.origin
    if order.external or not origin or report.turned_away:
        return
    kind = reject_kind(report)
    recent = [one for one in state.restraints.rejects.get(origin, ()) if at_ns - one[0] < WITHIN_NS]
    recent.append((at_ns, kind))
    state.restraints.rejects[origin] = recent[-10 * IDENTICAL :]
    alike = sum(one[1] == kind for one in recent)
    scope = source_scope(origin)
    if alike >= IDENTICAL and scope not in state.restraints.holds:
        reason = f"{alike} identical rejects in 60 s: {kind}"
        state.restraints.holds[scope] = Hold(TradingState.HALTED, at_ns, GATE, reason)
        changes.holds.add(scope)


def reject_kind(report: Report) -> str:
    """What makes two rejects identical: the venue with its code, or with its words without the numbers."""
    words = " ".join(report.reason.split())[:80]
    if report.code:
        return f"{venue_of(report.instrument)} {report.code} {_NUMBER.sub('#', words)}".rstrip()
    return f"{venue_of(report.instrument)} {_NUMBER.sub('#', words)}".rstrip()


def count_intended(state: DeskState, requests: Iterable[OrderRequest], at_ns: int) -> None:
    """Orders of a line are meant to be sent: what only reduces counts as an order of the day alone."""
    by_origin: dict[str, int] = {}
    for request in requests:
        account = request.account
        state.restraints.day_counts[account] = state.restraints.day_counts.get(account, 0) + 1
        if request.only_reduces:
            continue
        by_origin[request.origin] = by_origin.get(request.origin, 0) + 1
        key = (account, request.instrument)
        state.restraints.day_quantity[key] = (
            state.restraints.day_quantity.get(key, request.quantity * 0) + request.quantity
        )
    for origin, count in by_origin.items():
        _count_sent(state, origin, count, at_ns)


def intend_amends(state: DeskState, act: acts.AmendsIntended, changes: Changes) -> None:
    """Amendments are meant: their orders count with the larger quantity from now on."""
    for id_, quantity, added, value in zip(
        act.client_order_ids, act.quantities, act.added, act.values, strict=True
    ):
        order = state.orders.get(id_)
        if order is None or order.status.terminal:
            continue
        state.restraints.amends[id_] = max(quantity, state.restraints.amends.get(id_, quantity))
        account = order.request.account
        if not order.request.only_reduces:
            key = (account, order.request.instrument)
            state.restraints.day_quantity[key] = state.restraints.day_quantity.get(key, added * 0) + added
            state.day_notional[account] = state.day_notional.get(account, value * 0) + value
        changes.orders.add(id_)
    if act.client_order_ids:
        _count_sent(state, act.origin, len(act.client_order_ids), act.at_ns)


def amending(order: Order) -> bool:
    """Whether the venue may hold it with another quantity than ours."""
    return order.amend_asked or order.status is OrderStatus.AMEND_UNKNOWN


def settle_amend(state: DeskState, order: Order) -> None:
    """An order over, or with an answer to its amendment, counts as it is."""
    state.restraints.amends.pop(order.request.client_order_id, None)


def forget_unsent_amends(state: DeskState) -> None:
    """After a restart: what had not left by then never will."""
    for id_ in list(state.restraints.amends):
        order = state.orders.get(id_)
        if order is None or not amending(order):
            del state.restraints.amends[id_]


def _count_sent(state: DeskState, origin: str, count: int, at_ns: int) -> None:
    kept = [one for one in state.restraints.sent.get(origin, ()) if at_ns - one[0] < LONGEST_RATE_NS]
    if kept and kept[-1][0] // 10**9 == at_ns // 10**9:
        count += kept.pop()[1]  # one figure a second is enough
    state.restraints.sent[origin] = [*kept, (at_ns, count)]
