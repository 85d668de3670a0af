"""Carries amendments out: in place where the venue can, else by a replacement with an id of its own."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop

if TYPE_CHECKING:
    from hedge_tui.domain.order import Order, OrderRequest
    from hedge_tui.domain.plan import Leg
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

_DONE = (ReportKind.AMENDED, ReportKind.ACKED, ReportKind.LIVE, ReportKind.FILL, ReportKind.LAST_FILL)


class Amender:
    """Changes one order at a time; the journal knows before the venue does."""

    def __init__(self, desk: Desk, clients: Clients, reconciler: Reconciler) -> None:
        self._desk = desk
        self._clients = clients
        self._reconciler = reconciler

    async def amend(self, leg: Leg) -> tuple[bool, str]:
        """Carry one AMEND leg out.

        Returns:
            Whether the order now rests as wanted, and the outcome in a word.
        """
        assert leg.target is not None
        order = self._desk.state.orders.get(leg.target.client_order_id)
        if order is None or order.status.terminal:
            return False, "gone"
        wanted = replace(order.request, quantity=leg.quantity or order.request.quantity, price=leg.price)
        client = self._clients.get(leg.account)
        if client is not None and client.amends_by_replacing:
            # The typed quantity is that of the whole order; what is filled already is not asked for again.
            wanted = replace(
                wanted, quantity=wanted.quantity - order.filled, client_order_id=self._desk.new_order_id()
            )
        try:
            await self._write(leg, order, wanted)
        except StoreError as error:
            refused = self._about(order.request, ReportKind.AMEND_REFUSED, "the journal is dead")
            self._report(refused)
            return False, str(error)
        report = await self._ask(leg, order, wanted)
        self._report(report)
        if wanted.client_order_id != order.request.client_order_id:
            self._settle_replacement(report, wanted)
        if report.kind is ReportKind.AMEND_NO_ANSWER:
            self._reconciler.resolve(report.client_order_id)
        done = report.kind in _DONE
        return done, ReportKind.AMENDED.value if done else report.kind.value

    async def _write(self, leg: Leg, order: Order, wanted: OrderRequest) -> None:
        """The amendment, and the intent of a replacement, durable before anything leaves."""
        now = self._desk.clock.now_ns()
        price = f"{wanted.price:f}" if wanted.price is not None else None
        id_ = order.request.client_order_id
        batch: list[acts.Act] = [acts.AmendSending(now, id_, f"{wanted.quantity:f}", price, leg.increase)]
        if wanted.client_order_id != id_:
            batch += [
                acts.OrdersIntended(now, (wanted,)),
                acts.OrdersSending(now, (wanted.client_order_id,)),
            ]
        await self._desk.record(*batch)

    async def _ask(self, leg: Leg, order: Order, wanted: OrderRequest) -> Report:
        try:
            return await self._clients.of(leg.account).amend(order.ref, wanted)
        except Exception as error:
            log.exception("amending %s raised", order.request.client_order_id)
            return self._about(order.request, ReportKind.AMEND_NO_ANSWER, str(error))

    def _settle_replacement(self, report: Report, wanted: OrderRequest) -> None:
        """What the answer about the old order means for the new one."""
        if report.client_order_id == wanted.client_order_id:
            return
        if report.kind is ReportKind.AMEND_NO_ANSWER:
            self._report(self._about(wanted, ReportKind.NO_ANSWER, report.reason))
            self._reconciler.resolve(wanted.client_order_id)
        else:
            self._report(self._about(wanted, ReportKind.REJECTED, report.reason or "not replaced"))

    def _about(self, request: OrderRequest, kind: ReportKind, reason: str) -> Report:
        now = self._desk.clock.now_ns()
        return Report(kind, request.account, request.instrument, request.client_order_id, now, reason=reason)

    def _report(self, report: Report) -> None:
        drop(self._desk.record(acts.Reported(self._desk.clock.now_ns(), report)))
