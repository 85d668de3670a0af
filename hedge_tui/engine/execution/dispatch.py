"""Sends batches of orders: SENDING durable first, then the venue; each order gets a report in any case."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.order import OrderRequest, OrderStatus
from hedge_tui.domain.ports.pacing import ahead_of_all
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.trading_state import bar, panic_words
from hedge_tui.engine.risk.protection import rival_in_doubt, rival_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hedge_tui.domain.order import ClientOrderId
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

IN_FLIGHT_PER_ACCOUNT = 4
"""Requests of one account on their way at once: a crash leaves no more than these batches UNKNOWN."""
RUSH_S = 1.0
"""How long panic waits for the disk."""

_ACKNOWLEDGED = (ReportKind.ACKED, ReportKind.LIVE, ReportKind.FILL, ReportKind.LAST_FILL)


class Dispatcher:
    """The only way of a new order to a venue; the executor and panic hand it journalled intents."""

    def __init__(self, desk: Desk, clients: Clients, reconciler: Reconciler) -> None:
        self._desk = desk
        self._clients = clients
        self._reconciler = reconciler
        self._slots: dict[str, asyncio.Semaphore] = {}

    async def place(self, account: str, ids: list[ClientOrderId], stopped: Callable[[], str]) -> bool:
        """Send these intents in batches; True when every one was acknowledged.

        Args:
            account: theirs.
            ids: of intents that are durable.
            stopped: why nothing may leave any more, or ""; asked before each batch.
        """
        client = self._clients.get(account)
        if client is None:
            self.give_up(ids, "the account is not connected")
            return False
        size = max(client.max_batch, 1)
        batches = [ids[i : i + size] for i in range(0, len(ids), size)]
        slots = self._slots.setdefault(account, asyncio.Semaphore(IN_FLIGHT_PER_ACCOUNT))

        async def send(batch: list[ClientOrderId]) -> bool:
            async with slots:
                return await self._send(account, batch, stopped)

        return all(await asyncio.gather(*(send(batch) for batch in batches)))

    async def rush(self, account: str, requests: Sequence[OrderRequest]) -> list[Report]:
        """Send panic's closing orders: the journal gets a second to take them, then they leave anyway."""
        desk, client = self._desk, self._clients.of(account)
        ids = tuple(request.client_order_id for request in requests)
        at = desk.clock.now_ns()
        durable = desk.record(acts.OrdersIntended(at, tuple(requests)), acts.OrdersSending(at, ids))
        drop(durable)
        await asyncio.wait([durable], timeout=RUSH_S)
        size = max(client.max_batch, 1)
        batches = [list(requests[i : i + size]) for i in range(0, len(requests), size)]
        answers = await asyncio.gather(*(self._rush(client, batch) for batch in batches))
        return [report for reports in answers for report in reports]

    def give_up(self, ids: Iterable[ClientOrderId], reason: str) -> None:
        """End intents that will never be sent."""
        desk = self._desk
        for id_ in ids:
            order = desk.state.orders.get(id_)
            if order is not None and order.status is OrderStatus.INTENT:
                self._report([replace(self._no_answer(order.request, reason), kind=ReportKind.DENIED)])

    def _hold_back(self, account: str, ids: Iterable[ClientOrderId]) -> None:
        """Give stops up while another of their position is in doubt: what this line did before may be so."""
        state = self._desk.state
        for id_ in ids:
            rival = rival_in_doubt(state.orders[id_].request, state.working_orders(account))
            if rival is not None:
                self.give_up([id_], rival_words(rival, state.rows.get(rival.request.client_order_id)))

    async def _rush(self, client: ExecutionClient, batch: list[OrderRequest]) -> list[Report]:
        try:
            with ahead_of_all():
                reports = await client.place(batch)
        except Exception as error:
            log.exception("closing %d positions of %s raised", len(batch), client.account)
            reports = [self._no_answer(request, str(error)) for request in batch]
        self._take(batch, reports)
        return reports

    async def _send(self, account: str, ids: list[ClientOrderId], stopped: Callable[[], str]) -> bool:
        desk, client = self._desk, self._clients.of(account)
        self._hold_back(account, ids)
        self._drop_barred(account, ids)
        orders = [desk.state.orders[id_] for id_ in ids]
        requests = [order.request for order in orders if order.status is OrderStatus.INTENT]
        if not requests:
            return False
        leaving = tuple(request.client_order_id for request in requests)
        self._reconciler.in_flight.update(leaving)
        try:
            try:
                await desk.record(acts.OrdersSending(desk.clock.now_ns(), leaving))
            except StoreError as error:
                desk.note("alarm", "journal", str(error), account)
                # SENDING was not durable, so nothing may leave; the state must not wait for an answer.
                self._report(self._not_sent(r, "the journal cannot be written") for r in requests)
                return False
            if reason := stopped() or self._halted(account, requests[0].origin):
                self._report(self._not_sent(r, reason) for r in requests)
                return False
            try:
                reports = await client.place(requests)
            except Exception as error:
                log.exception("placing %d orders of %s raised", len(requests), account)
                reports = [self._no_answer(request, str(error)) for request in requests]
        finally:
            self._reconciler.in_flight.difference_update(leaving)
        return self._take(requests, reports) and len(requests) == len(ids)

    def _drop_barred(self, account: str, ids: Iterable[ClientOrderId]) -> None:
        """What may not leave since the line was confirmed: its account, group, source or the desk is held."""
        state, spec = self._desk.state, self._desk.accounts[account].account
        if words := panic_words(self._desk.accounts[account]):
            self.give_up(ids, words)
        if not state.restraints.holds:
            return
        for id_ in ids:
            request = state.orders[id_].request
            if words := bar(state.restraints.holds, spec, request.origin, reduces=request.only_reduces):
                self.give_up([id_], words)

    def _halted(self, account: str, origin: str) -> str:
        """Halted, or under panic, while the intents were being written."""
        spec = self._desk.accounts[account].account
        return panic_words(self._desk.accounts[account]) or bar(
            self._desk.state.restraints.holds, spec, origin, reduces=True
        )

    def _take(self, requests: list[OrderRequest], reports: list[Report]) -> bool:
        answered = {report.client_order_id: report for report in reports}
        complete = [answered.get(r.client_order_id) or self._no_answer(r, "no answer") for r in requests]
        self._report(complete)
        for report in complete:
            if report.kind is ReportKind.NO_ANSWER:
                self._reconciler.resolve(report.client_order_id)
        return all(report.kind in _ACKNOWLEDGED for report in complete)

    def _report(self, reports: Iterable[Report]) -> None:
        at = self._desk.clock.now_ns()
        drop(self._desk.record(*(acts.Reported(at, report) for report in reports)))

    def _not_sent(self, request: OrderRequest, reason: str) -> Report:
        return replace(self._no_answer(request, reason), kind=ReportKind.NOT_SENT)

    def _no_answer(self, request: OrderRequest, reason: str) -> Report:
        return Report(
            ReportKind.NO_ANSWER,
            request.account,
            request.instrument,
            request.client_order_id,
            self._desk.clock.now_ns(),
            reason=reason,
        )
