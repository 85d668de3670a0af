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
from hedge_tui.engine.execution.amends import Amender
from hedge_tui.engine.execution.cancels import Canceller
from hedge_tui.engine.execution.risk import RiskGate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

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


@dataclass(slots=True)
class Run:
    """One confirmed line on its way.

    Attributes:
        ids: client order ids by leg index, for legs that place. outcomes: by leg index, for the others.
        finished: set when every leg has an answer or was given up.
        stopped: why nothing of it may leave any more, or "".
    """

    name: str
    plan: OrderPlan
    ids: dict[int, ClientOrderId] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: str = ""


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
        self._amender = Amender(desk, clients, reconciler)
        self._reconciler = reconciler
        self._spawn = spawn
        self._cancels = Canceller(desk, clients, reconciler, spawn)
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._runs: dict[str, Run] = {}

    async def start(
        self, approved: Approved[OrderPlan], values: Sequence[Decimal], envelope: str = ""
    ) -> Run:
        """Journal the intents, then send in the background.

        Args:
            approved: made by the gate.
            values: reporting value of each leg that places, in leg order.
            envelope: id of the armed envelope it leaves in, "" when it was previewed.

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
        confirmed = acts.LineConfirmed(now, run.name, plan.text, plan.hash, plan.origin, envelope)
        intended = acts.OrdersIntended(now, tuple(requests), tuple(values))
        self._runs[run.name] = run
        try:
            durable = desk.record(confirmed, *((intended,) if requests else ()))
            if requests:
                await durable
            else:
                drop(durable)  # nothing but cancels: they wait for no disk
        except StoreError:
            del self._runs[run.name]
            self._give_up(run.ids.values(), "the journal cannot be written")
            raise
        self._spawn(self._carry_out(run), name=f"run:{run.name}")
        return run

    async def cancel(self, refs: Iterable[OrderRef]) -> list[Report]:
        """Cancel these orders, accounts side by side; never waits for the journal."""
        return await self._cancels.cancel(refs)

    def stop_runs(self, reason: str) -> int:
        """Let nothing leave any more that is not on its way yet; returns how many orders that were."""
        for run in self._runs.values():
            run.stopped = reason
        left = list(self._desk.state.intents)
        self._give_up(left, reason)
        return len(left)

    async def rush(self, account: str, requests: Sequence[OrderRequest]) -> list[Report]:
        """Send panic's closing orders: the journal gets a second to take them, then they leave anyway."""
        desk = self._desk
        ids = tuple(request.client_order_id for request in requests)
        at = desk.clock.now_ns()
        durable = desk.record(acts.OrdersIntended(at, tuple(requests)), acts.OrdersSending(at, ids))
        drop(durable)
        await asyncio.wait([durable], timeout=RUSH_S)
        client = self._clients.of(account)
        size = max(client.max_batch, 1)
        batches = [list(requests[i : i + size]) for i in range(0, len(requests), size)]
        answers = await asyncio.gather(*(self._rush(client, batch) for batch in batches))
        return [report for reports in answers for report in reports]

    async def _rush(self, client: ExecutionClient, batch: list[OrderRequest]) -> list[Report]:
        try:
            reports = await client.place(batch)
        except Exception as error:
            log.exception("closing %d positions of %s raised", len(batch), client.account)
            reports = [self._no_answer(request, str(error)) for request in batch]
        self._take(batch, reports)
        return reports

    def pursue(self, ids: Iterable[ClientOrderId]) -> None:
        """Cancel these whenever they turn out to rest."""
        self._cancels.pursue(ids)

    async def _carry_out(self, run: Run) -> None:
        plan = run.plan
        try:
            fine = True
            for groups in _stages(plan):
                if plan.joiners[groups[0]] == Joiner.IF_ACKED.value and not fine:
                    self._drop_rest(run, groups[0])
                    break
                fine = await self._stage(run, [i for i, g in enumerate(plan.groups) if g in groups])
        finally:
            self._runs.pop(run.name, None)
            run.finished.set()

    async def _stage(self, run: Run, indexes: list[int]) -> bool:
        """Send what starts together, accounts side by side; True when every leg was acknowledged."""
        by_account: dict[str, list[int]] = {}
        for index in indexes:
            if not run.plan.legs[index].problem:
                by_account.setdefault(run.plan.legs[index].account, []).append(index)
        results = await asyncio.gather(
            *(self._account(run, name, own) for name, own in by_account.items()), return_exceptions=True
        )
        for own, result in zip(by_account.values(), results, strict=True):
            if isinstance(result, BaseException):
                log.error("a part of run %s failed", run.name, exc_info=result)
                self._desk.note("alarm", "run", f"run {run.name}: {result}")
                self._give_up([run.ids[i] for i in own if i in run.ids], str(result))
        # A leg that cannot be sent is never acknowledged.
        whole = sum(len(own) for own in by_account.values()) == len(indexes)
        return whole and all(result is True for result in results)

    async def _account(self, run: Run, account: str, indexes: list[int]) -> bool:
        legs = run.plan.legs
        others = [i for i in indexes if legs[i].act is not Act.PLACE]
        places = [i for i in indexes if legs[i].act is Act.PLACE]
        fine = True
        cancels = [i for i in others if legs[i].act is Act.CANCEL]
        if cancels:
            refs = [target for i in cancels if (target := legs[i].target) is not None]
            kinds = {r.client_order_id: r.kind for r in await self._cancels.cancel(refs)}
            for index, ref in zip(cancels, refs, strict=True):
                run.outcomes[index] = kinds[ref.client_order_id].value
                fine &= kinds[ref.client_order_id] is ReportKind.CANCELLED
        barred: set[str] = set()
        for index in others:
            if run.stopped and legs[index].act is not Act.CANCEL:
                run.outcomes[index], fine = f"not sent: {run.stopped}", False
            elif legs[index].act is Act.AMEND:
                fine &= await self._amend(run, index, legs[index])
            elif legs[index].act is Act.LEVERAGE and not await self._leverage(run, index, legs[index]):
                fine = False
                barred.add(legs[index].instrument)
        if barred:
            late = [run.ids[i] for i in places if legs[i].instrument in barred]
            self._give_up(late, "its leverage could not be set")
        if places:
            fine &= await self._place(run, account, [run.ids[i] for i in places])
        return fine

    async def _place(self, run: Run, account: str, ids: list[ClientOrderId]) -> bool:
        client = self._clients.get(account)
        if client is None:
            self._give_up(ids, "the account is not connected")
            return False
        size = max(client.max_batch, 1)
        batches = [ids[i : i + size] for i in range(0, len(ids), size)]
        slots = self._slots.setdefault(account, asyncio.Semaphore(IN_FLIGHT_PER_ACCOUNT))

        async def send(batch: list[ClientOrderId]) -> bool:
            async with slots:
                return await self._send(run, account, batch)

        return all(await asyncio.gather(*(send(batch) for batch in batches)))

    async def _send(self, run: Run, account: str, ids: list[ClientOrderId]) -> bool:
        """One batch: SENDING durable, then out; whatever happens, each order gets a report."""
        desk, client = self._desk, self._clients.of(account)
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
            if run.stopped:
                self._report(self._not_sent(r, run.stopped) for r in requests)
                return False
            try:
                reports = await client.place(requests)
            except Exception as error:
                log.exception("placing %d orders of %s raised", len(requests), account)
                reports = [self._no_answer(request, str(error)) for request in requests]
        finally:
            self._reconciler.in_flight.difference_update(leaving)
        return self._take(requests, reports) and len(requests) == len(ids)

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

    async def _amend(self, run: Run, index: int, leg: Leg) -> bool:
        done, run.outcomes[index] = await self._amender.amend(leg)
        return done

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


def _stages(plan: OrderPlan) -> list[range]:
    """Groups that start together: those joined by & are one stage, so that they share batches."""
    starts = [g for g, joiner in enumerate(plan.joiners) if not g or joiner != Joiner.PARALLEL.value]
    return [range(a, b) for a, b in zip(starts, [*starts[1:], len(plan.joiners)], strict=True)]
