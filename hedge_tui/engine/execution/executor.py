"""Carries an approved plan out: intents on disk, then SENDING on disk, then the venue."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Joiner
from hedge_tui.domain import acts
from hedge_tui.domain.errors import HedgeError, StoreError
from hedge_tui.domain.plan import Act, Approved, Leg, OrderPlan
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.amends import Amender, amends_intended
from hedge_tui.engine.execution.cancels import Canceller
from hedge_tui.engine.execution.dispatch import Dispatcher
from hedge_tui.engine.execution.protection_watch import ProtectionWatch
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.execution.terms import WORDS
from hedge_tui.engine.execution.trading_state import bar, panic_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from hedge_tui.domain.margin import Term, TermChange
    from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.terms import TermChanger
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)


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
    """Sends what the gate approved; nothing else can reach a venue with a new order.

    Attributes:
        protection: raises an alarm when a stop is lost or in doubt.
    """

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        reconciler: Reconciler,
        spawn: Callable[..., object],
        terms: TermChanger,
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._amender = Amender(desk, clients, reconciler)
        self._spawn = spawn
        self._cancels = Canceller(desk, clients, reconciler, spawn)
        self._dispatch = Dispatcher(desk, clients, reconciler)
        self._terms = terms
        self.protection = ProtectionWatch(desk, spawn)
        self._runs: dict[str, Run] = {}

    async def start(
        self,
        approved: Approved[OrderPlan],
        values: Sequence[Decimal],
        envelope: str = "",
        judged: acts.LineJudged | None = None,
    ) -> Run:
        """Journal the intents, then send in the background.

        Args:
            approved: made by the gate.
            values: reporting value of each leg that places, in leg order.
            envelope: id of the armed envelope it leaves in, "" when it was previewed.
            judged: what the approval was made on, for the journal.

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
        amends = amends_intended(plan, desk.state, now)
        self._runs[run.name] = run
        try:
            basis = () if judged is None else (replace(judged, run=run.name),)
            meant = (*((intended,) if requests else ()), *((amends,) if amends is not None else ()))
            durable = desk.record(*basis, confirmed, *meant)
            if requests:
                await durable
            else:
                drop(durable)  # nothing but cancels: they wait for no disk
        except StoreError:
            del self._runs[run.name]
            self._dispatch.give_up(run.ids.values(), "the journal cannot be written")
            raise
        self._spawn(self._carry_out(run), name=f"run:{run.name}")
        return run

    async def cancel(self, refs: Iterable[OrderRef], *, look: bool = True) -> list[Report]:
        """Cancel these orders, accounts side by side; see `Canceller.cancel`. Never waits for the journal."""
        return await self._cancels.cancel(refs, look=look)

    def stop_runs(self, reason: str) -> int:
        """Let nothing leave any more that is not on its way yet; returns how many orders that were."""
        for run in self._runs.values():
            run.stopped = reason
        for client in self._clients.all():
            client.recall()
        left = list(self._desk.state.intents)
        self._dispatch.give_up(left, reason)
        return len(left)

    @property
    def runs(self) -> list[Run]:
        """Confirmed lines that are not answered in full yet."""
        return list(self._runs.values())

    async def rush(self, account: str, requests: Sequence[OrderRequest]) -> list[Report]:
        """Send panic's closing orders; see `Dispatcher.rush`."""
        return await self._dispatch.rush(account, requests)

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
                self._dispatch.give_up([run.ids[i] for i in own if i in run.ids], str(result))
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
        barred: dict[str, Term] = {}
        for index in others:
            if legs[index].act is not Act.CANCEL and (why := run.stopped or self._barred(run, legs[index])):
                run.outcomes[index], fine = f"not sent: {why}", False
                if legs[index].act is Act.AMEND:
                    self._amender.leave_out(legs[index], why)
            elif legs[index].act is Act.AMEND:
                fine &= await self._amend(run, index, legs[index])
            elif (change := legs[index].change) is not None and not await self._term(run, index, change):
                fine = False
                barred[change.instrument] = change.term
        for instrument, term in barred.items():
            late = [run.ids[i] for i in places if legs[i].instrument == instrument]
            self._dispatch.give_up(late, f"its {WORDS[term]} could not be set")
        if places:
            ids = [run.ids[i] for i in places]
            fine &= await self._dispatch.place(account, ids, lambda: run.stopped)
        return fine

    def _barred(self, run: Run, leg: Leg) -> str:
        """What was halted after the line was confirmed stops what has not left."""
        desk = self._desk
        account = desk.accounts[leg.account].account
        reduces = leg.request is not None and leg.request.only_reduces
        return panic_words(desk.accounts[leg.account]) or bar(
            desk.state.restraints.holds, account, run.plan.origin, reduces=reduces
        )

    async def _amend(self, run: Run, index: int, leg: Leg) -> bool:
        done, run.outcomes[index] = await self._amender.amend(leg)
        return done

    async def _term(self, run: Run, index: int, change: TermChange) -> bool:
        done, run.outcomes[index] = await self._terms.change(run.name, change)
        return done

    def _drop_rest(self, run: Run, group: int) -> None:
        late = [id_ for i, id_ in run.ids.items() if run.plan.groups[i] >= group]
        self._dispatch.give_up(late, "the command before was not acknowledged")


def _stages(plan: OrderPlan) -> list[range]:
    """Groups that start together: those joined by & are one stage, so that they share batches."""
    starts = [g for g, joiner in enumerate(plan.joiners) if not g or joiner != Joiner.PARALLEL.value]
    return [range(a, b) for a, b in zip(starts, [*starts[1:], len(plan.joiners)], strict=True)]
