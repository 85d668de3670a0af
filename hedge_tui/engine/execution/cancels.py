"""Cancels orders: at once, without waiting for the journal, and again where panic wants them gone."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hedge_tui.domain.order import ClientOrderId, OrderRef
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.state import Changes

log = logging.getLogger(__name__)

PURSUED = 10
"""Most further cancels of one order that panic wants gone."""
PURSUE_AFTER_S = 0.3

_RESTING = (OrderStatus.ACKED, OrderStatus.LIVE, OrderStatus.PARTIAL)


class Canceller:
    """Sends cancels; works with a dead journal."""

    def __init__(
        self, desk: Desk, clients: Clients, reconciler: Reconciler, spawn: Callable[..., object]
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._reconciler = reconciler
        self._spawn = spawn
        self._pursued: dict[ClientOrderId, int] = {}
        self._waiting: set[ClientOrderId] = set()
        desk.on_changes.append(self._changed)

    async def cancel(self, refs: Iterable[OrderRef], *, look: bool = True) -> list[Report]:
        """Cancel these orders, accounts side by side; one report for each, in their order.

        Args:
            refs: of the orders.
            look: look up what was not cancelled; False when the caller sees to it.
        """
        # Orders that are not ours may have one client id at several accounts, or one after another.
        wanted = {self._own_id(ref): ref for ref in refs}
        by_account: dict[str, list[OrderRef]] = {}
        for ref in wanted.values():
            by_account.setdefault(ref.account, []).append(ref)
        results = await asyncio.gather(
            *(self._account(name, own, look=look) for name, own in by_account.items())
        )
        found = {id_: report for reports in results for id_, report in reports.items()}
        return [found[id_] for id_ in wanted]

    def pursue(self, ids: Iterable[ClientOrderId]) -> None:
        """Cancel these again whenever they turn out to rest: their cancel may overtake or be lost."""
        for id_ in ids:
            self._pursued.setdefault(id_, 0)
            self._chase(id_)

    async def _account(
        self, account: str, refs: Sequence[OrderRef], *, look: bool
    ) -> dict[ClientOrderId, Report]:
        desk = self._desk
        ids = tuple(self._own_id(ref) for ref in refs)
        self._reconciler.cancelling.update(ids)
        drop(desk.record(acts.CancelsSending(desk.clock.now_ns(), ids)))
        try:
            reports = await self._ask(account, refs)
        finally:
            self._reconciler.cancelling.difference_update(ids)
        at = desk.clock.now_ns()
        drop(desk.record(*(acts.Reported(at, report) for report in reports)))
        for id_, report in zip(ids, reports, strict=True):
            if look and report.kind is not ReportKind.CANCELLED:
                self._reconciler.resolve(id_)
        return dict(zip(ids, reports, strict=True))

    async def _ask(self, account: str, refs: Sequence[OrderRef]) -> list[Report]:
        client = self._clients.get(account)
        if client is None:
            return [self._report(ref, ReportKind.CANCEL_REFUSED, "not connected") for ref in refs]
        try:
            answers = await client.cancel([self._now(ref) for ref in refs])
        except Exception as error:
            log.exception("cancelling %d orders of %s raised", len(refs), account)
            return [self._report(ref, ReportKind.CANCEL_NO_ANSWER, str(error)) for ref in refs]
        by_id = {report.client_order_id: report for report in answers}
        silence = "no answer"
        return [
            by_id.get(ref.client_order_id) or self._report(ref, ReportKind.CANCEL_NO_ANSWER, silence)
            for ref in refs
        ]

    def _changed(self, changes: Changes) -> None:
        if self._pursued:
            for id_ in [id_ for id_ in self._pursued if id_ in changes.orders]:
                self._chase(id_)

    def _chase(self, id_: ClientOrderId) -> None:
        order = self._desk.state.orders.get(id_)
        if order is None or (order.status.terminal and order.status is not OrderStatus.ABSENT):
            self._pursued.pop(id_, None)
        elif order.status in _RESTING and not order.cancel_asked and id_ not in self._waiting:
            if self._pursued[id_] >= PURSUED:
                del self._pursued[id_]
                words = f"#{self._desk.state.rows[id_]} still rests after {PURSUED} cancels"
                self._desk.note("alarm", "panic", words, order.request.account)
                return
            self._waiting.add(id_)
            self._spawn(self._again(id_), name=f"pursue:{id_[:8]}")

    async def _again(self, id_: ClientOrderId) -> None:
        try:
            tries = self._pursued.get(id_, 0)
            await asyncio.sleep(PURSUE_AFTER_S * tries)
            order = self._desk.state.orders.get(id_)
            if order is None or id_ not in self._pursued or order.status not in _RESTING:
                return
            self._pursued[id_] = tries + 1
            self._waiting.discard(id_)
            await self.cancel([order.ref])
        finally:
            self._waiting.discard(id_)

    def _now(self, ref: OrderRef) -> OrderRef:
        """The venue's id may have come since the cancel was asked."""
        order = self._desk.state.orders.get(self._own_id(ref))
        return order.ref if order is not None else ref

    def _own_id(self, ref: OrderRef) -> ClientOrderId:
        """What the books call the order: not always what its venue does."""
        order = self._desk.state.order_of(ref.account, ref.client_order_id, ref.venue_order_id)
        return order.request.client_order_id if order is not None else ref.client_order_id

    def _report(self, ref: OrderRef, kind: ReportKind, reason: str) -> Report:
        return Report(
            kind, ref.account, ref.instrument, ref.client_order_id, self._desk.clock.now_ns(), reason=reason
        )
