"""What others did to an account, in words: foreign cancels and changes, closings by the venue. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderStatus, TimeInForce
from hedge_tui.domain.report import ReportKind

if TYPE_CHECKING:
    from hedge_tui.domain.order import Order
    from hedge_tui.domain.report import Report

AT_VENUE = (ReportKind.ACKED, ReportKind.LIVE, ReportKind.FILL, ReportKind.LAST_FILL)
_OWN_END = (TimeInForce.IOC, TimeInForce.FOK)
"""Orders that end by themselves."""


def remarks(order: Order, report: Report, at: int, row: int | None) -> list[acts.Act]:
    """What a stream's report of a known order is worth telling, seen from how the order stood before.

    Args:
        order: as it stood.
        report: what came.
        at: ns UTC.
        row: the number after # of the order.
    """
    account = order.request.account
    if order.status is OrderStatus.ABSENT and report.kind in AT_VENUE:
        words = f"#{row} was called absent and is at the venue after all: {report.kind}"
        return [acts.Noted(at, "alarm", "reconcile", words, account)]
    if not order.status.resting:
        return []
    name = f"#{row} {order.request.side} {symbol_of(order.request.instrument)}"
    if report.kind is ReportKind.CANCELLED and not order.cancel_asked and not order.external:
        if order.request.time_in_force in _OWN_END:
            return []
        words = f"{name} was cancelled at the venue, not by this desk"
        return [acts.Noted(at, "warning", "external", words, account)]
    if report.kind is ReportKind.AMENDED and not order.amend_asked and (new := _new_terms(order, report)):
        words = f"{name} was changed at the venue, not by this desk: {new}"
        return [acts.Noted(at, "warning", "external", words, account)]
    return []


def _new_terms(order: Order, report: Report) -> str:
    found = []
    for name, old, new in (
        ("quantity", order.request.quantity, report.quantity),
        ("price", order.request.price, report.price),
    ):
        if new is not None and new != old:
            found.append(f"{name} {old.normalize():f} -> {new.normalize():f}" if old else f"{name} {new:f}")
    return ", ".join(found)


def forced_words(report: Report, at: int) -> list[acts.Act]:
    """The alarm that the venue itself closed a position; none for other reports."""
    if (
        not report.forced
        or report.request is None
        or report.kind not in (ReportKind.LAST_FILL, ReportKind.FILL)
    ):
        return []
    request = report.request
    closed = "long" if request.side.value == "sell" else "short"
    price = f" at {report.average_price.normalize():f}" if report.average_price is not None else ""
    words = (
        f"{report.forced}: the venue closed {(report.filled or request.quantity).normalize():f}"
        f" {symbol_of(request.instrument)} {closed}{price}"
    )
    return [acts.Noted(at, "alarm", "liquidation", words, report.account)]
