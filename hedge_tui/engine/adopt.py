"""An order another program placed, taken into the books from the venue's report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.order import Order, OrderStatus

if TYPE_CHECKING:
    from hedge_tui.domain.report import Report


def adoption(report: Report, at: int) -> list[acts.Act]:
    """The act that adopts the order of `report` at `at` (ns UTC); none when the report lacks the order."""
    if report.request is None:
        return []
    order = Order(
        report.request,
        OrderStatus.PARTIAL if report.filled else OrderStatus.LIVE,
        report.venue_ns or at,
        at,
        report.venue_order_id,
        report.filled or report.request.quantity * 0,
        report.average_price,
        external=True,
    )
    return [acts.OrderAdopted(at, order)]
