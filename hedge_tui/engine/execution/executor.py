"""Carries an approved plan out: intents on disk, then SENDING on disk, then the venue."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Joiner
from hedge_tui.domain import acts
from hedge_tui.domain.errors import HedgeError, StoreError, VenueError
from hedge_tui.domain.order import OrderRef, OrderRequest, OrderStatus
from hedge_tui.domain.plan import Act, Approved, Leg, OrderPlan
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.risk import RiskGate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from hedge_tui.domain.order import ClientOrderId
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

IN_FLIGHT_PER_ACCOUNT = 4
"""Requests of one account on their way at once: a crash leaves no more than these batches UNKNOWN."""


@dataclass(slots=True)
class Run:
    """One confirmed line on its way.

    Attributes:
        ids: client order ids by leg index, for legs that place. outcomes: by leg index, for the others.
        finished: set when every leg has an answer or was given up.
    """

    name: str
    plan: OrderPlan
    ids: dict[int, ClientOrderId] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)
    finished: asyncio.Event = field(default_factory=asyncio.Event)


class Executor:
    """Sends what the gate approved; nothing else can reach a venue with a new order."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        reconciler: Reconciler,
        spawn: Callable[..., object],
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._reconciler = reconciler
        self._spawn = spawn
        self._slots: dict[str, asyncio.Semaphore] = {}

    async def start(self, approved: Approved[OrderPlan], values: Sequence[Decimal]) -> Run:
        """Journal the intents, then send in the background.

        Args:
            approved: made by the gate.
            values: reporting value of each leg that places, in leg order.

        Returns:
            The run, once its intents are durable.

        Raises:
            StoreError: the journal did not take them; nothing was sent.
        """
        if not RiskGate.minted(approved):
            raise HedgeError("a plan that the risk gate did not approve is never sent")
        plan, desk = approved.plan, self._desk
        now = desk.clock.now_ns()
        run = Run(desk.new_order_id()[:12], plan)
        requests = []
        for index, leg in enumerate(plan.legs):
            if leg.act is Act.PLACE and not leg.problem and leg.request is not None:
                run.ids[index] = desk.new_order_id()
                requests.append(replace(leg.request, client_order_id=run.ids[index], run=run.name))
        confirmed = acts.LineConfirmed(now, run.name, plan.text, plan.hash, plan.origin)
        intended = acts.OrdersIntended(now, tuple(requests), tuple(values))
        try:
            await desk.record(confirmed, intended)
        except StoreError:
            self._give_up(run.ids.values(), "the journal cannot be written")
            raise
        self._spawn(self._carry_out(run), name=f"run:{run.name}")
        return run

    async def cancel(self, refs: Iterable[OrderRef]) -> list[Report]:
        """Cancel these orders, accounts side by side; never waits for the journal."""
        by_account: dict[str, list[OrderRef]] = {}
        for ref in refs:
            by_account.setdefault(ref.account, []).append(ref)
        results = await asyncio.gather(*(self._cancel(name, own) for name, own in by_account.items()))
        return [report for reports in results for report in reports]

    async def _carry_out(self, run: Run) -> None:
        plan = run.plan
        try:
            waiting: list[asyncio.Task[bool]] = []
            for group, joiner in enumerate(plan.joiners):
                if joiner != Joiner.PARALLEL.value:
                    answers = [await task for task in waiting]
                    waiting = []
                    if joiner == Joiner.IF_ACKED.value and not all(answers):
                        self._drop_rest(run, group)
                        break
                indexes = [i for i, g in enumerate(plan.groups) if g == group and not plan.legs[i].problem]
                waiting.append(asyncio.create_task(self._group(run, indexes)))
            await asyncio.gather(*waiting)
        finally:
            run.finished.set()

    async def _group(self, run: Run, indexes: list[int]) -> bool:
        """Send one group, accounts side by side; True when every leg was acknowledged."""
        by_account: dict[str, list[int]] = {}
        for index in indexes:
            by_account.setdefault(run.plan.legs[index].account, []).append(index)
        results = await asyncio.gather(
            *(self._account(run, name, own) for name, own in by_account.items()), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                log.error("a part of run %s failed", run.name, exc_info=result)
                self._desk.note("alarm", "run", f"run {run.name}: {result}")
        return all(result is True for result in results)

    async def _account(self, run: Run, account: str, indexes: list[int]) -> bool:
        legs = run.plan.legs
        others = [i for i in indexes if legs[i].act is not Act.PLACE]
        places = [i for i in indexes if legs[i].act is Act.PLACE]
        fine = True
        cancels = [i for i in others if legs[i].act is Act.CANCEL]
        if cancels:
            refs = [target for i in cancels if (target := legs[i].target) is not None]
            reports = await self._cancel(account, refs)
            for index, report in zip(cancels, reports, strict=True):
                run.outcomes[index] = report.kind.value
                fine &= report.kind is ReportKind.CANCELLED
        for index in others:
            if legs[index].act is Act.AMEND:
                fine &= await self._amend(run, index, legs[index])
            elif legs[index].act is Act.LEVERAGE:
                fine &= await self._leverage(run, index, legs[index])
        if places:
            fine &= await self._place(account, [run.ids[i] for i in places])
        return fine

    async def _place(self, account: str, ids: list[ClientOrderId]) -> bool:
        client = self._clients.get(account)
        if client is None:
            self._give_up(ids, "the account is not connected")
            return False
        size = max(client.max_batch, 1)
        batches = [ids[i : i + size] for i in range(0, len(ids), size)]
        slots = self._slots.setdefault(account, asyncio.Semaphore(IN_FLIGHT_PER_ACCOUNT))

        async def send(batch: list[ClientOrderId]) -> bool:
            async with slots:
                return await self._send(account, batch)

        return all(await asyncio.gather(*(send(batch) for batch in batches)))

    async def _send(self, account: str, ids: list[ClientOrderId]) -> bool:
        """One batch: SENDING durable, then out; whatever happens, each order gets a report."""
        desk, client = self._desk, self._clients.of(account)
        requests = [desk.state.orders[id_].request for id_ in ids]
        try:
            await desk.record(acts.OrdersSending(desk.clock.now_ns(), tuple(ids)))
        except StoreError as error:
            desk.note("alarm", "journal", str(error), account)
            # SENDING was not durable, so nothing may leave; the state must not wait for an answer.
            self._report(
                Report(
                    ReportKind.NOT_SENT,
                    account,
                    r.instrument,
                    r.client_order_id,
                    desk.clock.now_ns(),
                    reason="the journal cannot be written",
                )
                for r in requests
            )
            return False
        try:
            reports = await client.place(requests)
        except Exception as error:
            log.exception("placing %d orders of %s raised", len(ids), account)
            reports = [self._no_answer(request, str(error)) for request in requests]
        return self._take(requests, reports)

    def _take(self, requests: list[OrderRequest], reports: list[Report]) -> bool:
        answered = {report.client_order_id: report for report in reports}
        complete = [answered.get(r.client_order_id) or self._no_answer(r, "no answer") for r in requests]
        self._report(complete)
        for report in complete:
            if report.kind is ReportKind.NO_ANSWER:
                self._reconciler.resolve(report.client_order_id)
        return all(
            report.kind in (ReportKind.ACKED, ReportKind.LIVE, ReportKind.FILL, ReportKind.LAST_FILL)
            for report in complete
        )

    async def _cancel(self, account: str, refs: list[OrderRef]) -> list[Report]:
        desk = self._desk
        at = desk.clock.now_ns()
        if not desk.journal.dead:
            drop(desk.record(acts.CancelsSending(at, tuple(ref.client_order_id for ref in refs))))
        client = self._clients.get(account)
        if client is None:
            return [self._cancel_report(ref, ReportKind.CANCEL_REFUSED, "not connected") for ref in refs]
        current = [self._ref_now(ref) for ref in refs]
        try:
            reports = await client.cancel(current)
        except Exception as error:
            log.exception("cancelling %d orders of %s raised", len(refs), account)
            reports = [self._cancel_report(ref, ReportKind.CANCEL_NO_ANSWER, str(error)) for ref in refs]
        self._report(reports)
        for report in reports:
            if report.kind in (ReportKind.CANCEL_NO_ANSWER, ReportKind.CANCEL_REFUSED):
                self._reconciler.resolve(report.client_order_id)
        return reports

    async def _amend(self, run: Run, index: int, leg: Leg) -> bool:
        desk = self._desk
        assert leg.target is not None
        order = desk.state.orders.get(leg.target.client_order_id)
        if order is None or order.status.terminal:
            run.outcomes[index] = "gone"
            return False
        wanted = replace(order.request, quantity=leg.quantity or order.request.quantity, price=leg.price)
        try:
            await desk.record(
                acts.AmendSending(
                    desk.clock.now_ns(), leg.target.client_order_id, str(leg.quantity), str(leg.price)
                )
            )
            report = await self._clients.of(leg.account).amend(self._ref_now(leg.target), wanted)
        except StoreError as error:
            run.outcomes[index] = str(error)
            return False
        except Exception as error:
            log.exception("amending %s raised", leg.target.client_order_id)
            report = self._cancel_report(leg.target, ReportKind.AMEND_NO_ANSWER, str(error))
        self._report([report])
        if report.kind is ReportKind.AMEND_NO_ANSWER:
            self._reconciler.resolve(report.client_order_id)
        run.outcomes[index] = report.kind.value
        return report.kind is ReportKind.AMENDED

    async def _leverage(self, run: Run, index: int, leg: Leg) -> bool:
        assert leg.quantity is not None
        try:
            await self._clients.of(leg.account).set_leverage(leg.instrument, leg.quantity)
        except VenueError as error:
            run.outcomes[index] = f"failed: {error}"
            self._desk.note("warning", "leverage", f"{leg.instrument}: {error}", leg.account)
            return False
        run.outcomes[index] = "done"
        self._desk.accounts[leg.account].leverage[leg.instrument] = leg.quantity
        self._reconciler.refresh(leg.account)
        return True

    def _report(self, reports: Iterable[Report]) -> None:
        at = self._desk.clock.now_ns()
        drop(self._desk.record(*(acts.Reported(at, report) for report in reports)))

    def _no_answer(self, request: OrderRequest, reason: str) -> Report:
        return Report(
            ReportKind.NO_ANSWER,
            request.account,
            request.instrument,
            request.client_order_id,
            self._desk.clock.now_ns(),
            reason=reason,
        )

    def _cancel_report(self, ref: OrderRef, kind: ReportKind, reason: str) -> Report:
        return Report(
            kind, ref.account, ref.instrument, ref.client_order_id, self._desk.clock.now_ns(), reason=reason
        )

    def _ref_now(self, ref: OrderRef) -> OrderRef:
        """The venue's id may have come since the preview was made."""
        order = self._desk.state.orders.get(ref.client_order_id)
        return order.ref if order is not None else ref

    def _drop_rest(self, run: Run, group: int) -> None:
        late = [id_ for i, id_ in run.ids.items() if run.plan.groups[i] >= group]
        self._give_up(late, "the command before was not acknowledged")

    def _give_up(self, ids: Iterable[ClientOrderId], reason: str) -> None:
        """End intents that will never be sent."""
        desk = self._desk
        for id_ in ids:
            order = desk.state.orders.get(id_)
            if order is not None and order.status is OrderStatus.INTENT:
                report = Report(
                    ReportKind.DENIED,
                    order.request.account,
                    order.request.instrument,
                    id_,
                    desk.clock.now_ns(),
                    reason=reason,
                )
                drop(desk.record(acts.Reported(report.local_ns, report)))
