"""Reads a typed line and answers it: a preview to confirm, or something done at once."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Arm, Confirm, Lev, Panic
from hedge_tui.command.ast.body import DeskBody
from hedge_tui.command.parser import parse_expanded
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError, StoreError
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import OrderStatus, OrderType
from hedge_tui.domain.plan import Act, Denied, Leg, OrderPlan
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution import prices
from hedge_tui.engine.execution.legs import standing_problem
from hedge_tui.engine.execution.leverage import tell_leverage
from hedge_tui.engine.execution.planner import plan_line
from hedge_tui.engine.execution.risk import reporting_value
from hedge_tui.engine.execution.view import View
from hedge_tui.engine.previews import Previews, Waiting, as_message
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from hedge_tui.command.ast import Cmd, Line
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.desk_commands import DeskCommands
    from hedge_tui.engine.execution.executor import Executor, Run
    from hedge_tui.engine.execution.limits import RiskLimits
    from hedge_tui.engine.execution.panic import PanicButton
    from hedge_tui.engine.execution.risk import RiskGate

WAIT_S = 15.0
"""Longest a confirmation waits for the answers of its legs."""
BASIS_POINTS = 10_000


class Lines:
    """The trader's lines, from text to sent orders."""

    def __init__(
        self,
        desk: Desk,
        gate: RiskGate,
        executor: Executor,
        commands: DeskCommands,
        panic: PanicButton,
        *,
        limits: Callable[[], RiskLimits],
        locked: Callable[[], bool],
        zone: tzinfo = UTC,
    ) -> None:
        self._desk = desk
        self._gate = gate
        self._executor = executor
        self._commands = commands
        self._panic = panic
        self._limits = limits
        self._locked = locked
        self._zone = zone
        self._previews = Previews()

    def view(self, scope: str = "", symbol: str = "", selection: tuple[str, ...] = ()) -> View:
        """The desk as a plan sees it now."""
        return View(
            state=self._desk.state,
            accounts=self._desk.accounts,
            markets=self._desk.markets,
            limits=self._limits(),
            now_ns=self._desk.clock.now_ns(),
            scope=scope,
            focus=InstrumentId(symbol) if symbol else None,
            selection=selection,
            locked=self._locked(),
            zone=self._zone,
        )

    async def submit(self, message: m.Submit, by: str, *, may_trade: bool) -> m.ServerMessage:
        """Answer a line: Preview, Done, or Failure with the place of the mistake."""
        try:
            parsed = parse_expanded(message.text, self._aliases())
        except CommandError as error:
            return failure(message.id, error)
        try:
            return await self._answer(message, parsed.line, by, may_trade=may_trade)
        except CommandError as error:
            return failure(message.id, parsed.expansion.blame(error))
        except StoreError as error:
            return m.Failure(message.id, "store", str(error))

    async def confirm(self, message: m.Confirm, by: str) -> m.ServerMessage:
        """Send a previewed plan, once."""
        now = self._desk.clock.now_ns()
        waiting = self._previews.take(message.hash, by, now)
        if isinstance(waiting, str):
            return m.Failure(message.id, "stale", waiting)
        view = self.view()
        if moved := self._moved(waiting.plan, view):
            return m.Failure(message.id, "stale", moved, hint="preview the line again")
        approved = self._gate.review(waiting.plan, view)
        if isinstance(approved, Denied):
            return m.Failure(message.id, "denied", approved.message, hint=approved.reason)
        if self._desk.journal.dead and any(leg.act is not Act.CANCEL for leg in waiting.plan.sendable):
            return m.Failure(
                message.id,
                "store",
                f"the journal cannot be written: {self._desk.journal.dead}; only cancels go through",
            )
        try:
            run = await self._executor.start(approved, waiting.values)
        except StoreError as error:
            return m.Failure(message.id, "store", f"nothing was sent: {error}")
        legs: tuple[m.LegResult, ...] = ()
        if message.wait:
            try:
                async with asyncio.timeout(WAIT_S):
                    await run.finished.wait()
            except TimeoutError:
                pass
            legs = self._results(run)
        return m.Result(message.id, run.name, len(waiting.plan.sendable), legs)

    async def _answer(self, message: m.Submit, line: Line, by: str, *, may_trade: bool) -> m.ServerMessage:
        bodies = [cmd.body for cmd in line.cmds]
        if any(isinstance(body, Panic) for body in bodies):
            return await self._press(message, line.cmds)
        if all(isinstance(body, DeskBody) for body in bodies):
            return self._commands.run(
                message, line, self.view(message.scope, message.symbol, message.selection)
            )
        if isinstance(bodies[0], Lev) and bodies[0].leverage is None and len(bodies) == 1:
            view = self.view(message.scope, message.symbol, message.selection)
            return m.Done(message.id, tell_leverage(line.cmds[0], bodies[0], view))
        if isinstance(bodies[0], Arm):
            raise CommandError("armed mode is not in this release", line.cmds[0].verb_span)
        view = self.view(message.scope, message.symbol, message.selection)
        plan = plan_line(message.text, line, view, message.origin)
        preview_only = any(cmd.confirm is Confirm.PREVIEW for cmd in line.cmds)
        if not preview_only:
            denied = self._gate.review(plan, view)
            if isinstance(denied, Denied):
                return self._deny(message, plan, denied, view)
        if any(cmd.confirm is Confirm.SKIP for cmd in line.cmds):
            raise CommandError(
                "! needs armed mode, which is not in this release", line.cmds[0].span, "leave out the !"
            )
        if plan.sendable and not preview_only and may_trade:
            values = tuple(
                reporting_value(leg, view) for leg in plan.legs if leg.act is Act.PLACE and not leg.problem
            )
            self._previews.put(Waiting(plan, values, by))
        return as_message(message.id, plan, view, preview_only=preview_only)

    async def _press(self, message: m.Submit, cmds: tuple[Cmd, ...]) -> m.ServerMessage:
        if len(cmds) > 1 or not isinstance(cmds[0].body, Panic):
            raise CommandError("panic stands on a line of its own", cmds[0].span)
        if cmds[0].confirm is Confirm.PREVIEW:
            return m.Done(message.id, self._panic.describe(flat=cmds[0].body.flat))
        text = await self._panic.press(flat=cmds[0].body.flat, origin=message.origin)
        return m.Done(message.id, text, {"panic": True})

    def _deny(self, message: m.Submit, plan: OrderPlan, denied: Denied, view: View) -> m.ServerMessage:
        """The preview with the gate's words on the leg, so that the trader sees the numbers."""
        del view
        text = f"denied ({denied.reason}): {denied.message}"
        drop(
            self._desk.record(
                acts.Noted(self._desk.clock.now_ns(), "warning", "risk", f"{plan.text}: {text}")
            )
        )
        return m.Failure(message.id, "denied", denied.message, hint=denied.reason)

    def _moved(self, plan: OrderPlan, view: View) -> str:
        """Why the desk or the market has left the preview behind, or ""."""
        for leg in plan.sendable:
            if leg.act is Act.CANCEL:
                continue
            reducing = leg.request is not None and leg.request.reduce_only
            if words := standing_problem(view.accounts[leg.account], view, reducing=reducing):
                return f"{leg.account}: {words}"
            if not leg.typed_price and not _at_market(leg):
                continue  # a plain number is what it is
            symbol = view.markets.instruments[leg.instrument].symbol
            silent = view.markets.stale(leg.instrument, view.now_ns)
            now = prices.reference_now(leg, view)
            if now is None or not leg.reference_price or (silent is not None and not reducing):
                return f"the quotes of {symbol} are stale: its price is not known now"
            moved = abs(now / leg.reference_price - 1) * BASIS_POINTS
            if moved > view.limits.drift_bp:
                return (
                    f"{symbol} moved {moved:.0f} bp since the preview ({leg.reference_price:f} to {now:f});"
                    f" the limit is {view.limits.drift_bp:f} bp"
                )
        return ""

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
                    order.reason if order and order.status is not OrderStatus.FILLED else "",
                )
            )
        return tuple(results)

    def _aliases(self) -> Mapping[str, str]:
        return {name: text for (scope, name), text in self._desk.state.settings.items() if scope == "alias"}


def _at_market(leg: Leg) -> bool:
    return leg.act is Act.PLACE and leg.request is not None and leg.request.type is OrderType.MARKET


def failure(id_: int, error: CommandError) -> m.Failure:
    """A command error as an answer."""
    return m.Failure(id_, "command", error.message, error.span, error.hint, error.readings)
