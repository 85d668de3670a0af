"""The one way from a line to the executor, previewed or armed; and what became of its legs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.plan import Act, Approved, OrderPlan
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.acts import LineJudged
    from hedge_tui.engine.armed_mode import ArmedMode
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.executor import Executor, Run

WAIT_S = 15.0
"""Longest a confirmation waits for the answers of its legs."""
RECALL_S = 0.3
"""Longest an abort waits for what was taken back to say so."""
_NOT_THERE = (OrderStatus.INTENT, OrderStatus.DENIED, OrderStatus.REJECTED)


class Sending:
    """Hands approved plans to the executor.

    Attributes:
        armed: the envelope in which lines go without a preview.
    """

    def __init__(self, desk: Desk, executor: Executor, armed: ArmedMode) -> None:
        self._desk = desk
        self._executor = executor
        self.armed = armed

    async def send(
        self,
        id_: int,
        approved: Approved[OrderPlan],
        values: tuple[Decimal, ...],
        *,
        wait: bool = False,
        envelope: str = "",
        judged: LineJudged | None = None,
    ) -> m.ServerMessage:
        """Send, and answer request `id_`.

        Args:
            id_: of the request.
            approved: by the gate, just now.
            values: reporting value of each leg that places, in leg order.
            wait: answer when every leg has an answer, or after 15 s.
            envelope: id of the armed envelope it leaves in, "" when it was previewed.
            judged: what the approval was made on, for the journal.
        """
        plan = approved.plan
        if self._desk.journal.dead and any(leg.act is not Act.CANCEL for leg in plan.sendable):
            return m.Failure(
                id_,
                "store",
                f"{self._desk.journal.dead}; only cancels and panic go through",
            )
        try:
            run = await self._executor.start(approved, values, envelope, judged)
        except StoreError as error:
            return m.Failure(id_, "store", f"nothing was sent: {error}")
        legs: tuple[m.LegResult, ...] = ()
        if wait:
            try:
                async with asyncio.timeout(WAIT_S):
                    await run.finished.wait()
            except TimeoutError:
                pass
            legs = self._results(run)
        return m.Result(id_, run.name, len(plan.sendable), legs)

    async def at_once(
        self,
        id_: int,
        approved: Approved[OrderPlan],
        values: tuple[Decimal, ...],
        judged: LineJudged | None = None,
    ) -> m.ServerMessage:
        """Send without a preview what `envelope.breach` found inside the bounds.

        Nothing is awaited between that look at the cap and its count, made as the intents are recorded.
        """
        armed = self._desk.state.armed
        placing = any(leg.act is not Act.CANCEL for leg in approved.plan.legs)
        orders = self._desk.state.orders
        on_their_way = [
            leg.target.client_order_id
            for leg in approved.plan.sendable
            if leg.act is Act.CANCEL
            and leg.target is not None
            and orders[leg.target.client_order_id].status is OrderStatus.SENDING
        ]
        answer = await self.send(
            id_,
            approved,
            values,
            envelope=armed.envelope if armed is not None and placing else "",
            judged=judged,
        )
        # A quick hand cancels what is not acknowledged yet; such a cancel may overtake its order.
        self._executor.pursue(on_their_way)
        self.armed.sent()
        return answer

    async def abort(self, origin: str) -> str:
        """Let nothing leave any more of what is being sent; says what stays."""
        runs = self._executor.runs
        self._executor.stop_runs(f"aborted ({origin})")
        if not runs:
            return "nothing is being sent"
        # What was taken back from the wire's edge says so in a moment; nothing leaves meanwhile.
        await asyncio.wait([asyncio.ensure_future(run.finished.wait()) for run in runs], timeout=RECALL_S)
        state = self._desk.state
        orders = [state.orders[id_] for run in runs for id_ in run.ids.values() if id_ in state.orders]
        left = sum(order.status not in _NOT_THERE for order in orders)
        text = f"aborted: {left} of {len(orders)} orders had left and stay; nothing more leaves"
        self._desk.note("warning", "run", f"{text} (run {', '.join(run.name for run in runs)})")
        return text

    def _results(self, run: Run) -> tuple[m.LegResult, ...]:
        state = self._desk.state
        results = []
        for index, leg in enumerate(run.plan.legs):
            id_ = run.ids.get(index) or (leg.target.client_order_id if leg.target else None)
            order = state.orders.get(id_) if id_ is not None else None
            if leg.problem:
                results.append(
                    m.LegResult(leg.account, leg.instrument, "", "", "not sent", "", "", leg.problem)
                )
                continue
            status = run.outcomes.get(index) or (order.status.value if order else "unknown")
            reason = order.reason if order and order.status is not OrderStatus.FILLED else ""
            if status.startswith("failed: "):
                status, _, reason = status.partition(": ")
            if leg.act is Act.CANCEL and order is not None and order.status.terminal:
                status = order.status.value
            results.append(
                m.LegResult(
                    leg.account,
                    leg.instrument,
                    id_ or "",
                    (order.venue_order_id or "") if order else "",
                    status,
                    f"{order.filled:f}" if order else "",
                    f"{order.average_price:f}" if order and order.average_price is not None else "",
                    reason,
                )
            )
        return tuple(results)
