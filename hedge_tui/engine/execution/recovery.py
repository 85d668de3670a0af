"""What the engine's sudden end means for the orders of its journal; called once, after the replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.panic import PanicMoved
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop

if TYPE_CHECKING:
    from hedge_tui.engine.desk import Desk


def settle_after_crash(desk: Desk) -> None:
    """Orders that were on their way when the engine died: sent ones are in doubt, others never left."""
    now = desk.clock.now_ns()
    batch: list[acts.Act] = []
    for order in list(desk.state.orders.values()):
        request = order.request
        if order.status is OrderStatus.SENDING:
            kind, words = ReportKind.NO_ANSWER, "the engine ended before the answer"
        elif order.status is OrderStatus.INTENT:
            kind, words = ReportKind.DENIED, "the engine ended before it was sent"
        elif order.amend_asked:
            kind, words = ReportKind.AMEND_NO_ANSWER, ""
        elif order.cancel_asked and order.status.working:
            kind, words = ReportKind.CANCEL_NO_ANSWER, ""
        else:
            continue
        report = Report(kind, request.account, request.instrument, request.client_order_id, now, reason=words)
        batch.append(acts.Reported(now, report))
    if (panic := desk.state.panic) is not None:
        word = "panic flat" if panic.flat else "panic"
        text = f"{word} was at work when the engine ended, and is not proved on every account: press it again"
        batch += [PanicMoved(now, "lost", panic.flat), acts.Noted(now, "alarm", "panic", text)]
    if batch:
        drop(desk.record(*batch))
