"""One account's connection to its venue in a simulated world: requests that arrive or not, answers too.

What is on its way to the venue arrives even if the engine that sent it is gone by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from faults.world.asking_line import AskingLine
from faults.world.fate import Fate
from faults.world.fate import fate as draw_fate
from faults.world.stream import Stream, stamped
from faults.world.weather import Fault

from adapters.paper.client import PaperExecution
from adapters.paper.refusal import RefusalCode
from hedge_tui.domain.errors import OutcomeUnknown, Refused, Unavailable
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest, PositionSide
from hedge_tui.domain.ports.pacing import Lane, Spend, lane_now
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from hedge_tui.domain.ports.venue import PrivateEvent

PATIENCE_S = 5.0
OVERLAP_NS = 60_000_000_000

_REJECT = {ReportKind.NO_ANSWER: ReportKind.REJECTED, ReportKind.CANCEL_NO_ANSWER: ReportKind.CANCEL_REFUSED}
_REJECT[ReportKind.AMEND_NO_ANSWER] = ReportKind.AMEND_REFUSED


class Line(AskingLine):
    """An `ExecutionClient` whose every call draws its fate from the weather."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._recallable: set[asyncio.Timeout] = set()
        self._fills_from_ns = self._hub.clock.now_ns() - OVERLAP_NS
        self.stream = Stream(
            self._watched,
            self.account,
            self.venue,
            weather=self._weather,
            rng=self._rng,
            clock=self._clock,
            repair=self._repair,
            snapshot=self.snapshot,
        )

    # life

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        self._sink = sink
        self.stream.open(sink)

    async def stop(self) -> None:
        self.stream.die()

    def die(self) -> None:
        """The process is gone; what is under way to the venue arrives."""
        self.dead = True
        self.stream.die()

    async def _repair(self) -> list[PrivateEvent]:
        """What is true, asked over REST; it may be answered badly, too."""
        found: list[PrivateEvent] = [await self.snapshot(), *await self.open_orders()]
        fills = await self.fills(self._fills_from_ns, list(self._hub.venue.instruments))
        self._fills_from_ns = self._hub.clock.now_ns() - OVERLAP_NS
        return [*found, *fills]

    # requests that change something

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        self._oracle.orders_leave(self.account, requests)
        refused = [r for r in requests if len(requests) > 1 and self._strikes(Fault.PARTLY)]
        taken = [r for r in requests if r not in refused]

        def arrive() -> list[Report]:
            self._oracle.orders_arrive(self.account, taken)
            return [self._placed(request) for request in taken]

        def arrive_again() -> None:
            # A venue compares ids of open orders alone: what has filled would be bought twice, and nobody
            # but whoever repeated the request could help it.
            taken[:] = [r for r in taken if self._rests(r)]
            arrive()

        silent = [self._about(r, ReportKind.NO_ANSWER) for r in requests]
        reports = await self._carry(Lane.ORDER, arrive, silent, arrive_again, orders=len(requests))
        reports += [
            replace(self._about(r, ReportKind.REJECTED), reason="refused by chance", code="-2019")
            for r in refused
            if r.client_order_id not in {done.client_order_id for done in reports}
        ]
        return self._bent(reports) if len(requests) > 1 else reports

    def recall(self) -> None:
        now = asyncio.get_running_loop().time()
        for waiting in self._recallable:
            waiting.reschedule(now)

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        self._oracle.others_leave(self.account, "cancel", [ref.client_order_id for ref in refs])
        silent = [self._about(ref, ReportKind.CANCEL_NO_ANSWER) for ref in refs]
        reports = await self._carry(Lane.CANCEL, lambda: [self._cancel(ref) for ref in refs], silent)
        return self._bent(reports) if len(refs) > 1 else reports

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        self._oracle.others_leave(self.account, "cancel all", [])
        await self._carry(Lane.CANCEL, lambda: self._all_cancelled(instrument), [])
        return True

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        self._oracle.others_leave(self.account, "amend", [ref.client_order_id])
        silent = [self._about(ref, ReportKind.AMEND_NO_ANSWER)]
        (report,) = await self._carry(Lane.ORDER, lambda: [self._amended(ref, request)], silent, orders=1)
        return report

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        await self._setting(lambda: PaperExecution.set_leverage(self, instrument, leverage))

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        await self._setting(lambda: PaperExecution.set_margin_mode(self, instrument, isolated=isolated))

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        await self._setting(lambda: PaperExecution.change_isolated_margin(self, instrument, side, change))

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        await self._setting(lambda: PaperExecution.set_hedge_mode(self, enabled=enabled))

    # how requests fare

    async def _carry(
        self,
        lane: Lane,
        arrive: Callable[[], list[Report]],
        silent: list[Report],
        arrive_again: Callable[[], None] | None = None,
        *,
        orders: int = 0,
    ) -> list[Report]:
        """Let a request leave; returns the answer, or `silent` when none came."""
        lane = lane_now(lane)
        try:
            await self._leave(Spend(lane, 1.0, orders, self.account, PATIENCE_S if orders else None))
        except Unavailable as error:
            return [replace(r, kind=self._unsent(r.kind), reason=str(error)) for r in silent]
        await self.alive()
        self._oracle.leaves_now(self.account, self.venue, lane, silent)
        if refusal := self._turned_away():
            await self._travel()
            code, words = refusal
            return [replace(r, kind=_REJECT[r.kind], reason=words, code=code) for r in silent]
        fate = draw_fate(self._strikes, self._rng)
        self._oracle.story(
            f"{lane.name:7} of {self.account} {[r.client_order_id[:8] for r in silent]} {fate}"
        )
        answer: asyncio.Future[list[Report]] = asyncio.get_running_loop().create_future()
        if fate.arrives_s is not None:
            self._sent(fate, arrive, answer, arrive_again)
        if fate.answered_s is None:
            await asyncio.sleep(fate.gives_up_s)
            return [replace(r, reason=fate.words, local_ns=self._clock.now_ns()) for r in silent]
        reports = await answer
        await asyncio.sleep(fate.answered_s)
        return [stamped(report, self._clock.now_ns()) for report in reports]

    async def _leave(self, spend: Spend) -> None:
        """Wait for the budget; orders and amendments may be recalled while they wait.

        Raises:
            Unavailable: it does not leave.
        """
        if not spend.orders:
            await self._pacer.acquire(spend)
            return
        waiting = asyncio.timeout(None)
        try:
            async with waiting:
                self._recallable.add(waiting)
                await self._pacer.acquire(spend)
        except TimeoutError:
            raise Unavailable("it was recalled before it left") from None
        finally:
            self._recallable.discard(waiting)

    def _sent(
        self,
        fate: Fate,
        arrive: Callable[[], list[Report]],
        answer: asyncio.Future[list[Report]],
        arrive_again: Callable[[], None] | None,
    ) -> None:
        """It is on its way, whatever becomes of whoever sent it."""
        assert fate.arrives_s is not None
        loop = asyncio.get_running_loop()

        def there() -> None:
            reports = arrive()
            if not answer.done():
                answer.set_result(reports)

        loop.call_later(fate.arrives_s, there)
        if fate.arrives_s > 1.0:
            self._weather.felt(loop.time() + fate.arrives_s)
        if fate.again and arrive_again is not None:
            loop.call_later(fate.arrives_s + 0.2, arrive_again)

    async def _setting(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A change of leverage and the like: done at once, later, or not; heard of or not."""
        self._oracle.others_leave(self.account, "setting", [])
        failures: list[Refused] = []

        def arrive() -> list[Report]:
            try:
                at_once(call())
            except Refused as error:
                failures.append(error)
            return []

        silent = [Report(ReportKind.NO_ANSWER, self.account, InstrumentId(""), ClientOrderId(""), 0)]
        said = await self._carry(Lane.ORDER, arrive, silent)
        if not said:
            if failures:
                raise failures[0]
            return
        if said[0].kind is ReportKind.NOT_SENT or said[0].code in ("418", "429"):
            raise Unavailable(said[0].reason, said[0].code)
        if said[0].kind is ReportKind.REJECTED:
            raise Refused(said[0].reason, said[0].code)
        raise OutcomeUnknown(said[0].reason)

    def _rests(self, request: OrderRequest) -> bool:
        past = self._watched.past.get((self.account, request.client_order_id))
        return bool(past) and past[-1][1].status.open

    def _placed(self, request: OrderRequest) -> Report:
        report = self._place(request)
        if report.code == RefusalCode.DUPLICATE_CLIENT_ID.value:
            # Somebody has it already: that is no refusal of this order.
            return replace(report, kind=ReportKind.NO_ANSWER)
        return report

    def _all_cancelled(self, instrument: InstrumentId) -> list[Report]:
        self._hub.publish(self._hub.venue.cancel_all(self.account, instrument, self._hub.clock.now_ns()))
        return []

    def _amended(self, ref: OrderRef, request: OrderRequest) -> Report:
        report: Report = at_once(PaperExecution.amend(self, ref, request))
        return report

    def _bent(self, reports: list[Report]) -> list[Report]:
        """A batch's answer: in another order, with rows missing or too many."""
        rows = list(reports)
        if self._strikes(Fault.SHUFFLED):
            self._rng.shuffle(rows)
        if rows and self._strikes(Fault.SHORT):
            del rows[self._rng.randrange(len(rows))]
        if rows and self._strikes(Fault.LONG):
            rows.append(replace(self._rng.choice(rows), client_order_id=ClientOrderId("f" * 32)))
            rows.append(rows[0])
        return rows

    def _about(self, what: OrderRequest | OrderRef, kind: ReportKind) -> Report:
        now = self._clock.now_ns()
        return Report(kind, self.account, what.instrument, what.client_order_id, now, reason="time-out")

    def _unsent(self, kind: ReportKind) -> ReportKind:
        return ReportKind.NOT_SENT if kind is ReportKind.NO_ANSWER else _REJECT[kind]


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the paper venue does not wait")
