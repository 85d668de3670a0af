"""Folds the record: the state at any act, the hashes on the way, and every decision made again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import LedgerError, StoreError
from hedge_tui.engine import checkpoint
from hedge_tui.engine.decide_again import judge_again, plan_again
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hedge_tui.engine.decide_again import Planned
    from hedge_tui.engine.pnl.calendar import Calendar


@dataclass(slots=True)
class Decisions:
    """How many judgements of lines came out the same again.

    Attributes:
        unlike: (act, why) of those that did not.
    """

    same: int = 0
    unlike: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Compared:
    """A state that an engine saved, beside the fold of the acts up to it.

    Attributes:
        engine: the engine's state hash; fold: ours, "" where it was saved in another form.
    """

    seq: int
    engine: str
    fold: str

    @property
    def same(self) -> bool:
        """Whether they are equal; one of another form cannot be compared and is passed over."""
        return self.fold in ("", self.engine)


@dataclass(slots=True)
class Replay:
    """What a fold of the whole record gave.

    Attributes:
        first, last: acts read. hash: state hash after the last. faults: acts that contradicted the ledger.
        from_checkpoint: (act, state hash at the end) when folded from the oldest saved state; None without.
    """

    state: DeskState
    first: int = 0
    last: int = 0
    first_ns: int = 0
    last_ns: int = 0
    hash: str = ""
    faults: int = 0
    compared: list[Compared] = field(default_factory=list)
    from_checkpoint: tuple[int, str] | None = None
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def sound(self) -> bool:
        """Everything that can be compared is the same."""
        ends = self.from_checkpoint is None or self.from_checkpoint[1] == self.hash
        return ends and all(one.same for one in self.compared) and not self.decisions.unlike


def empty_state(calendar: Calendar | None = None) -> DeskState:
    """What a fold begins with; the calendar is the configuration's."""
    state = DeskState()
    if calendar is not None:
        state.calendar = calendar
    return state


def replay(
    record: Iterable[tuple[int, acts.Act]],
    saved: Mapping[int, bytes],
    judged: Sequence[acts.LineJudged] = (),
    calendar: Calendar | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Replay:
    """Fold the record from its first act on.

    Args:
        record: all acts with their numbers, oldest first.
        saved: states that the engine kept, by the act they stand for.
        judged: the judgements in the record, for the plans that are made again on the way.
        calendar: the trader's days.
        progress: told each act's number.
    """
    found = Replay(empty_state(calendar))
    again = _Again(judged, found.decisions)
    state = found.state
    for seq, act in record:
        found.first, found.first_ns = found.first or seq, found.first_ns or act.at_ns
        again.before(seq, act, state)
        found.faults += not step(state, act)
        again.after(seq, state)
        found.last, found.last_ns = seq, act.at_ns
        if (bytes_ := saved.get(seq)) is not None:
            found.compared.append(_compare(seq, bytes_, state))
        progress(seq)
    found.hash = checkpoint.state_hash(state)
    return found


def step(state: DeskState, act: acts.Act) -> bool:
    """Fold one act as the engine does: one that contradicts the ledger changes nothing and gives False."""
    try:
        apply(state, act)
    except LedgerError:
        return False
    return True


def loaded(saved: bytes, calendar: Calendar | None = None) -> DeskState | None:
    """A saved state; None where it is of another form, or of other trading days."""
    state = empty_state(calendar)
    try:
        checkpoint.load(state, saved)
    except StoreError:
        return None
    return state


def fold_from(
    saved: bytes, record: Iterable[tuple[int, acts.Act]], calendar: Calendar | None = None
) -> DeskState:
    """The state after `record`, whose first act follows the saved state.

    Raises:
        StoreError: the saved state cannot be read by this version.
    """
    state = empty_state(calendar)
    checkpoint.load(state, saved)
    for _, act in record:
        step(state, act)
    return state


def _compare(seq: int, saved: bytes, state: DeskState) -> Compared:
    readable = loaded(saved, state.calendar) is not None
    return Compared(seq, checkpoint.hash_of(saved), checkpoint.state_hash(state) if readable else "")


class _Again:
    """Makes plans when the fold stands where they were made, and asks the gate where it was asked."""

    def __init__(self, judged: Sequence[acts.LineJudged], found: Decisions) -> None:
        self._waiting: dict[int, list[acts.LineJudged]] = {}
        for one in judged:
            self._waiting.setdefault(one.planned.after, []).append(one)
        self._plans: dict[str, Planned] = {}
        self._found = found

    def after(self, seq: int, state: DeskState) -> None:
        for one in self._waiting.pop(seq, ()):
            self._plans[one.plan_hash] = plan_again(one, state)

    def before(self, seq: int, act: acts.Act, state: DeskState) -> None:
        if not isinstance(act, acts.LineJudged) or act.plan_hash not in self._plans:
            return
        planned = self._plans.pop(act.plan_hash)
        if planned.plan is None or not planned.same:
            why = planned.problem or "this version plans other orders from the same figures"
            self._found.unlike.append((seq, f"{act.text}: {why}"))
            return
        verdict = judge_again(act, planned.plan, state)
        if verdict.same:
            self._found.same += 1
        else:
            was, now = act.message or act.verdict, verdict.message or verdict.verdict
            self._found.unlike.append((seq, f"{act.text}: it was {was!r} and is {now!r}"))
