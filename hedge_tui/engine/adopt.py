"""Orders and closings that are not from this desk, taken into the books from the venue's report of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import Order, OrderStatus, twin_id
from hedge_tui.domain.report import ReportKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.domain.report import Report
    from hedge_tui.engine.state import DeskState

TOLD_SINGLY = 3
"""Adopted orders of one answer that get a line each; more get one line together."""


def adoption(report: Report, at: int, state: DeskState) -> list[acts.Act]:
    """The acts that adopt the order of `report` at `at` (ns UTC); none when the report lacks the order."""
    request = report.request
    if request is None:
        return []
    found: list[acts.Act] = []
    if request.client_order_id in state.orders or not request.client_order_id:
        if report.venue_order_id is None:
            return []
        other = state.orders.get(request.client_order_id)
        if other is not None and other.request.account == request.account and not other.external:
            words = (
                f"a second order with the client id of #{state.rows[request.client_order_id]} is at the venue"
                f" ({report.venue_order_id} beside {other.venue_order_id}); this desk did not send it"
            )
            found.append(acts.Noted(at, "alarm", "reconcile", words, request.account))
        request = replace(request, client_order_id=twin_id(request.client_order_id, report.venue_order_id))
    order = Order(
        request,
        _status(report),
        report.venue_ns or at,
        at,
        report.venue_order_id,
        report.filled or request.quantity * 0,
        report.average_price,
        external=True,
    )
    return [acts.OrderAdopted(at, order), *found]


def _status(report: Report) -> OrderStatus:
    if report.kind is ReportKind.LAST_FILL:
        return OrderStatus.FILLED
    return OrderStatus.PARTIAL if report.filled else OrderStatus.LIVE


def told(adopted: Sequence[Order], at: int) -> list[acts.Act]:
    """What the trader is told of orders of one account that were adopted together."""
    if not adopted:
        return []
    account = adopted[0].request.account
    if len(adopted) > TOLD_SINGLY:
        words = f"{len(adopted)} orders at the venue are not from this desk: adopted as EXTERNAL"
        return [acts.Noted(at, "info", "external", words, account)]
    return [acts.Noted(at, "info", "external", _described(order), account) for order in adopted]


def _described(order: Order) -> str:
    r = order.request
    price = f" at {r.price:f}" if r.price is not None else ""
    trigger = f" trigger {r.trigger_price:f}" if r.trigger_price is not None else ""
    return (
        f"EXTERNAL {r.side} {r.quantity.normalize():f} {symbol_of(r.instrument)}{price}{trigger}"
        f" ({r.type.value.replace('_', ' ')}): not from this desk, adopted"
    )
