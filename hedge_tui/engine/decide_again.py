"""Decides once more what the journal says was decided: the same line, on the same figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Abort, Disarm, Line
from hedge_tui.command.parser import parse_expanded
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.plan import Denied, OrderPlan
from hedge_tui.engine.execution.drift import UNSENDABLE, left_behind, unsendable
from hedge_tui.engine.execution.planner import plan_line
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.previews import row_of
from hedge_tui.engine.sight import over, view_of

if TYPE_CHECKING:
    from hedge_tui.domain.acts import LineJudged
    from hedge_tui.engine.state import DeskState
    from hedge_tui.wire.messages import LegRow


@dataclass(frozen=True, slots=True)
class Planned:
    """A line planned again.

    Attributes:
        plan: None where it cannot be planned any more; `problem` says why.
        rows: of its preview. same: it is the plan of then, every leg and digit of it.
    """

    plan: OrderPlan | None
    rows: tuple[LegRow, ...] = ()
    same: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of it again; `same`: it is what was said then, word by word."""

    verdict: str
    reason: str = ""
    message: str = ""
    same: bool = False


def plan_again(judged: LineJudged, state: DeskState) -> Planned:
    """Make the preview of a judged line again; `state` is the fold up to act `judged.planned.after`."""
    try:
        view = view_of(judged.planned, state)
        aliases = {name: text for (scope, name), text in state.settings.items() if scope == "alias"}
        line = parse_expanded(judged.text, aliases).line
        while isinstance(line.cmds[0].body, Abort | Disarm):  # they took effect before the rest was planned
            line = Line(line.cmds[1:], line.joiners[1:], line.span)
        plan = plan_line(judged.text, line, view, judged.origin)
    except (CommandError, ValueError, KeyError) as error:
        return Planned(None, problem=str(error))
    rows = tuple(row_of(leg, view) for leg in plan.legs)
    return Planned(plan, rows, plan.hash == judged.plan_hash)


def judge_again(judged: LineJudged, plan: OrderPlan, state: DeskState) -> Verdict:
    """Ask the gate again; `state` is the fold of all acts before the judgement."""
    sight = judged.planned if judged.judged is None else over(judged.planned, judged.judged)
    view = view_of(sight, state)
    found, gate = Verdict("allowed"), RiskGate()
    if judged.judged is not None and (held := gate.held(plan, view)) is not None:
        found = Verdict("denied", held.reason, held.message)
    elif judged.judged is not None and (moved := left_behind(plan, view)):
        found = Verdict("stale", message=moved)
    elif isinstance(approved := gate.review(plan, view), Denied):
        found = Verdict("denied", approved.reason, approved.message)
    elif words := unsendable(plan):
        found = Verdict("denied", UNSENDABLE, words)
    then = (judged.verdict, judged.reason, judged.message)
    now = (found.verdict, found.reason, found.message)
    return Verdict(*now, same=now == then)
