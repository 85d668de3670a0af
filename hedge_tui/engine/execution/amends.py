"""Carries amendments out: in place where the venue can, else by a replacement with an id of its own."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.plan import Act
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.reach import added_quantity

if TYPE_CHECKING:
    from hedge_tui.domain.order import Order, OrderRequest
    from hedge_tui.domain.plan import Leg, OrderPlan
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.state import DeskState

log = logging.getLogger(__name__)
ZERO = Decimal(0)

_DONE = (ReportKind.AMENDED, ReportKind.ACKED, ReportKind.LIVE, ReportKind.FILL, ReportKind.LAST_FILL)


def amends_intended(plan: OrderPlan, state: DeskState, now_ns: int) -> acts.AmendsIntended | None:
    """The act by which the amendments of a confirmed plan count at once; None without any.

    They leave one after another, and another line must not be approved as if they did not exist.
    """
    legs = [leg for leg in plan.sendable if leg.act is Act.AMEND and leg.target is not None]
    if not legs:
        return None
    return acts.AmendsIntended(
        now_ns,
        tuple(leg.target.client_order_id for leg in legs if leg.target is not None),
        tuple(leg.quantity or ZERO for leg in legs),
        tuple(added_quantity(leg, state) for leg in legs),
        tuple(leg.increase for leg in legs),
        plan.origin,
    )


class Amender:
    """Changes one order at a time; the journal knows before the venue does."""

    def __init__(self, desk: Desk, clients: Clients, reconciler: Reconciler) -> None:
        self._desk = desk
        self._clients = clients
        self._reconciler = reconciler

    def leave_out(self, leg: Leg, reason: str) -> None:
        """An amendment that was meant and will not be sent: its order counts as it is again."""
        if leg.request is not None and leg.request.client_order_id in self._desk.state.restraints.amends:
            self._report(self._about(leg.request, ReportKind.AMEND_REFUSED, reason))

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
            await self._write(order, wanted)
        except StoreError as error:
            refused = self._about(order.request, ReportKind.AMEND_REFUSED, "the journal is dead")
            self._report(refused)
            return False, str(error)
        report = await self._ask(leg, order, wanted)
        self._report(report)
        if wanted.client_order_id != order.request.client_order_id:
            self._settle_replacement(report, wanted)
        if report.kind in (ReportKind.AMEND_NO_ANSWER, ReportKind.AMEND_REFUSED):
            # A refusal may be the first word of an order's end.
            self._reconciler.resolve(report.client_order_id)
        done = report.kind in _DONE
        return done, ReportKind.AMENDED.value if done else report.kind.value

    async def _write(self, order: Order, wanted: OrderRequest) -> None:
        """The amendment, and the intent of a replacement, durable before anything leaves."""
        now = self._desk.clock.now_ns()
        price = f"{wanted.price:f}" if wanted.price is not None else None
        id_ = order.request.client_order_id
        batch: list[acts.Act] = [acts.AmendSending(now, id_, f"{wanted.quantity:f}", price)]
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
