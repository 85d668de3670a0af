"""Reads a typed line and answers it: a preview to confirm, or something done at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.command.ast import Abort, Arm, Confirm, Disarm, Hold, Lev, Limit, Line, Panic, Record
from hedge_tui.command.ast.body import DeskBody
from hedge_tui.command.parser import parse_expanded
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError, StoreError
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.plan import Act, Denied, OrderPlan
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.drift import UNSENDABLE, left_behind, unsendable
from hedge_tui.engine.execution.envelope import breach
from hedge_tui.engine.execution.leverage import tell_leverage
from hedge_tui.engine.execution.planner import plan_line
from hedge_tui.engine.execution.risk import reporting_value
from hedge_tui.engine.execution.view import View
from hedge_tui.engine.previews import Previews, Waiting, as_message
from hedge_tui.engine.restraint_desk import RestraintDesk
from hedge_tui.engine.sight import look, since
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo
    from decimal import Decimal

    from hedge_tui.command.ast import Cmd
    from hedge_tui.domain.sight import Sight
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.desk_commands import DeskCommands
    from hedge_tui.engine.execution.limits import RiskLimits
    from hedge_tui.engine.execution.panic import PanicButton
    from hedge_tui.engine.execution.risk import RiskGate
    from hedge_tui.engine.journal_care import JournalCare
    from hedge_tui.engine.sending import Sending


@dataclass(frozen=True, slots=True)
class Typist:
    """Who typed a line.

    Attributes:
        name: of the session. may_trade: its previews can be confirmed.
        holds_lock: it is the console with the trading lock: it may arm, and use `!`.
    """

    name: str
    may_trade: bool
    holds_lock: bool


class Lines:
    """The trader's lines, from text to sent orders."""

    def __init__(
        self,
        desk: Desk,
        gate: RiskGate,
        sending: Sending,
        commands: DeskCommands,
        panic: PanicButton,
        *,
        journal: JournalCare,
        limits: Callable[[], RiskLimits],
        locked: Callable[[], bool],
        zone: tzinfo = UTC,
    ) -> None:
        self._desk = desk
        self._gate = gate
        self._sending = sending
        self._commands = commands
        self._panic = panic
        self._restraints = RestraintDesk(desk, self._armed_ends)
        self._journal = journal
        self._armed = sending.armed
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

    async def submit(
        self, message: m.Submit, by: str, *, may_trade: bool, holds_lock: bool = True
    ) -> m.ServerMessage:
        """Answer a line: Preview, Done, Result when it was sent at once, or Failure with the place."""
        who = Typist(by, may_trade, holds_lock)
        try:
            parsed = parse_expanded(message.text, self._aliases(), self._picked(message.selection))
        except CommandError as error:
            return failure(message.id, error)
        if parsed.expansion.note:
            # What is previewed, recorded and previewed again names what was picked.
            message = msgspec.structs.replace(message, text=parsed.expansion.text)
        try:
            return await self._answer(message, parsed.line, who)
        except CommandError as error:
            return failure(message.id, parsed.expansion.blame(error))
        except StoreError as error:
            return m.Failure(message.id, "store", str(error))

    async def confirm(self, message: m.Confirm, by: str) -> m.ServerMessage:
        """Send a previewed plan, once."""
        if (armed := self._armed.confirm(message, by)) is not None:
            return armed
        if (loosened := self._restraints.confirm(message, by)) is not None:
            return loosened
        now = self._desk.clock.now_ns()
        waiting = self._previews.take(message.hash, by, now)
        if isinstance(waiting, str):
            return m.Failure(message.id, "stale", waiting)
        view = self.view()
        judged = self._judge(waiting.plan, waiting.sight, view)
        if (held := self._gate.held(waiting.plan, view)) is not None:
            self._keep(replace(judged, verdict="denied", reason=held.reason, message=held.message))
            return m.Failure(message.id, "denied", held.message, hint=held.reason)
        if moved := left_behind(waiting.plan, view):
            self._keep(replace(judged, verdict="stale", message=moved))
            return m.Failure(message.id, "stale", moved, hint="preview the line again")
        approved = self._gate.review(waiting.plan, view)
        if isinstance(approved, Denied):
            self._keep(replace(judged, verdict="denied", reason=approved.reason, message=approved.message))
            return m.Failure(message.id, "denied", approved.message, hint=approved.reason)
        return await self._sending.send(
            message.id, approved, waiting.values, wait=message.wait, judged=judged
        )

    async def _answer(self, message: m.Submit, line: Line, who: Typist) -> m.ServerMessage:
        if any(isinstance(cmd.body, Panic | Record) for cmd in line.cmds):
            return await self._press(message, line.cmds)
        if isinstance(line.cmds[0].body, Abort):
            words = await self._sending.abort(message.origin)
            if len(line.cmds) == 1:
                return m.Done(message.id, words)
            line = Line(line.cmds[1:], line.joiners[1:], line.span)
        if any(isinstance(cmd.body, Abort) for cmd in line.cmds):
            raise CommandError("abort stands alone, or first in its line", line.cmds[0].span)
        view = self.view(message.scope, message.symbol, message.selection)
        first = line.cmds[0]
        if isinstance(first.body, Disarm):
            words = self._armed.end("disarm was typed", told=False) or "not armed"
            if len(line.cmds) == 1:
                return m.Done(message.id, words)
            line = Line(line.cmds[1:], line.joiners[1:], line.span)
        if (aside := self._aside(message, line, view, who)) is not None:
            return aside
        if any(isinstance(cmd.body, Arm | Disarm) for cmd in line.cmds):
            return self._arm(message, line, view, who)
        return await self._plan(message, line, view, who)

    def _aside(self, message: m.Submit, line: Line, view: View, who: Typist) -> m.ServerMessage | None:
        """The answer to a line that sends nothing to a venue; None when it may."""
        first = line.cmds[0]
        if any(isinstance(cmd.body, Hold | Limit) for cmd in line.cmds):
            return self._restraints.answer(message, line, view, who.name, may_trade=who.may_trade)
        if all(isinstance(cmd.body, DeskBody) for cmd in line.cmds):
            return self._commands.run(message, line, view)
        if isinstance(first.body, Lev) and first.body.leverage is None and len(line.cmds) == 1:
            return m.Done(message.id, tell_leverage(first, first.body, view))
        return None

    def _armed_ends(self, accounts: list[str], words: str) -> None:
        """What was halted is armed no more."""
        armed = self._armed.in_force
        if armed is not None and set(accounts) & set(armed.accounts):
            self._armed.end(words)

    def _arm(self, message: m.Submit, line: Line, view: View, who: Typist) -> m.ServerMessage:
        first = line.cmds[0]
        if not isinstance(first.body, Arm) or len(line.cmds) > 1:
            raise CommandError("arm stands on a line of its own, disarm at its beginning", first.verb_span)
        if not who.holds_lock:
            return m.Failure(
                message.id, "read_only", "armed mode is for the console that holds the trading lock"
            )
        return self._armed.ask(message, first, first.body, view, who.name)

    async def _plan(self, message: m.Submit, line: Line, view: View, who: Typist) -> m.ServerMessage:
        plan = plan_line(message.text, line, view, message.origin)
        if any(cmd.confirm is Confirm.PREVIEW for cmd in line.cmds):
            return as_message(message.id, plan, view, preview_only=True)
        sight = look(plan, self._desk, view)
        approved = self._gate.review(plan, view)
        if isinstance(approved, Denied):
            return self._deny(message, plan, approved, sight)
        values = tuple(
            reporting_value(leg, view) for leg in plan.legs if leg.act is Act.PLACE and not leg.problem
        )
        asked = ""
        if plan.sendable and any(cmd.confirm is Confirm.SKIP for cmd in line.cmds):
            asked = _why_asked(line, plan, values, view, who)
            if not asked:
                return await self._sending.at_once(message.id, approved, values, self._judge(plan, sight))
        if words := unsendable(plan):
            self._keep(replace(self._judge(plan, sight), verdict="denied", reason=UNSENDABLE, message=words))
        if plan.sendable and who.may_trade:
            self._previews.put(Waiting(plan, values, who.name, sight))
        return as_message(message.id, plan, view, preview_only=False, asked=asked)

    async def _press(self, message: m.Submit, cmds: tuple[Cmd, ...]) -> m.ServerMessage:
        if len(cmds) == 1 and isinstance(cmds[0].body, Record):
            return m.Done(message.id, await self._journal.command(reopen=cmds[0].body.reopen))
        if len(cmds) > 1 or not isinstance(cmds[0].body, Panic):
            raise CommandError("panic and journal stand on a line of their own", cmds[0].span)
        if cmds[0].body.stop:
            return m.Done(message.id, self._panic.stop(), {"panic": True})
        if cmds[0].confirm is Confirm.PREVIEW:
            return m.Done(message.id, self._panic.describe(flat=cmds[0].body.flat))
        self._armed.end("panic was pressed")
        text = await self._panic.press(flat=cmds[0].body.flat, origin=message.origin)
        return m.Done(message.id, text, {"panic": True})

    def _deny(self, message: m.Submit, plan: OrderPlan, denied: Denied, sight: Sight) -> m.ServerMessage:
        """The gate's words, so that the trader sees the numbers."""
        text = f"denied ({denied.reason}): {denied.message}"
        judged = replace(
            self._judge(plan, sight), verdict="denied", reason=denied.reason, message=denied.message
        )
        self._keep(judged, acts.Noted(self._desk.clock.now_ns(), "warning", "risk", f"{plan.text}: {text}"))
        return m.Failure(message.id, "denied", denied.message, hint=denied.reason)

    def _judge(self, plan: OrderPlan, planned: Sight, view: View | None = None) -> acts.LineJudged:
        """The record of an approval, made of what was seen when the line was planned and is seen now."""
        now = None if view is None else since(planned, look(plan, self._desk, view))
        at = self._desk.clock.now_ns()
        return acts.LineJudged(at, plan.text, plan.origin, plan.hash, "allowed", planned, judged=now)

    def _keep(self, *batch: acts.Act) -> None:
        drop(self._desk.record(*batch))

    def _picked(self, selection: tuple[str, ...]) -> list[str]:
        """Keys of picked rows as a trader would type them: instruments, and orders by id."""
        listed, orders = self._desk.markets.instruments, self._desk.state.orders
        return [key if key in listed else f"id:{key}" for key in selection if key in listed or key in orders]

    def _aliases(self) -> Mapping[str, str]:
        return {name: text for (scope, name), text in self._desk.state.settings.items() if scope == "alias"}


def _why_asked(line: Line, plan: OrderPlan, values: tuple[Decimal, ...], view: View, who: Typist) -> str:
    """Why a line with a ! is previewed all the same, "" when it may leave."""
    marked = sum(cmd.confirm is Confirm.SKIP for cmd in line.cmds)
    if marked < len(line.cmds):
        return f"{marked} of {len(line.cmds)} commands carry the !"
    if not who.holds_lock:
        return "! is for the console that holds the trading lock"
    return breach(plan, values, view.state, view.now_ns, who.name)


def failure(id_: int, error: CommandError) -> m.Failure:
    """A command error as an answer."""
    return m.Failure(id_, "command", error.message, error.span, error.hint, error.readings)
