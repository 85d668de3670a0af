"""One step of one order's life: what a report makes of it; pure. Called by `reduce`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.lifecycle import NEXT
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.report import ReportKind

if TYPE_CHECKING:
    from hedge_tui.domain.order import Order
    from hedge_tui.domain.report import Report

ZERO = Decimal(0)


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
    venue_ns = report.venue_ns or order.venue_ns
    describes = report.kind in (ReportKind.AMENDED, ReportKind.LIVE, ReportKind.FILL)
    if describes and venue_ns >= order.venue_ns and not status.terminal:
        quantity, price = report.quantity or quantity, report.price or price
    if (quantity, price) != (request.quantity, request.price):
        request = replace(request, quantity=quantity, price=price)
    filled = max(order.filled, report.filled or ZERO)
    average = order.average_price
    if report.average_price and (report.filled is None or report.filled >= order.filled):
        average = report.average_price  # of all of it; a late report knows only the first part
    amend_asked = order.amend_asked and report.kind not in _AMEND_ANSWERS and not status.terminal
    sure = not amend_asked and status not in (OrderStatus.SENDING, OrderStatus.AMEND_UNKNOWN)
    if status.working and sure and filled >= quantity > 0:
        status = OrderStatus.FILLED
    elif filled > 0 and status in (OrderStatus.LIVE, OrderStatus.ACKED):
        status = OrderStatus.PARTIAL
    open_question = amend_asked or status is OrderStatus.AMEND_UNKNOWN
    return replace(
        order,
        request=request,
        status=status,
        asked_quantity=order.asked_quantity if open_question else None,
        updated_ns=max(report.local_ns, order.updated_ns),
        venue_order_id=report.venue_order_id or order.venue_order_id,
        filled=filled,
        average_price=average,
        reason=report.reason or order.reason,
        cancel_asked=order.cancel_asked and not _cancel_failed(order, report),
        amend_asked=amend_asked,
        venue_ns=max(venue_ns, order.venue_ns),
        sent_ns=report.local_ns if report.kind is ReportKind.SENT else order.sent_ns,
    )


_AMEND_ANSWERS = (ReportKind.AMENDED, ReportKind.AMEND_REFUSED, ReportKind.AMEND_NO_ANSWER)


def _cancel_failed(order: Order, report: Report) -> bool:
    """The venue refused the cancel, or it was lost and the venue shows the order resting.

    An execution proves nothing: it may have overtaken the cancel.
    """
    if report.kind is ReportKind.CANCEL_REFUSED:
        return True
    return order.status is OrderStatus.CANCEL_UNKNOWN and report.kind is ReportKind.LIVE
