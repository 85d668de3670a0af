"""Carries out halt, reducing, resume and limit: tightening at once, loosening when it was typed again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Hold, Limit
from hedge_tui.command.canonical.restraint import value_text
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.trading import TradingState
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.trading_state import words_of
from hedge_tui.engine.hold_changes import hold_change
from hedge_tui.engine.limit_changes import limit_change, limit_text
from hedge_tui.engine.restraints import GATE
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.command.ast import Cmd, Line
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.view import View
    from hedge_tui.engine.restraint_change import RestraintChange
    from hedge_tui.engine.state import Changes

TOPIC = "risk"
ASKED_S = 60.0
"""How long a loosening may be typed again: typing takes longer than pressing a key."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A loosening that waits to be typed again."""

    acts: tuple[acts.Act, ...]
    words: str
    retype: str
    by: str
    created_ns: int


class RestraintDesk:
    """The states and limits of the desk, as traders change them.

    Args:
        desk: whose.
        on_halt: called with the names of accounts that were halted, and why.
    """

    def __init__(self, desk: Desk, on_halt: Callable[[list[str], str], None]) -> None:
        self._desk = desk
        self._asked: dict[str, _Asked] = {}
        self._on_halt = on_halt
        desk.on_changes.append(self._changed)

    def answer(
        self, message: m.Submit, line: Line, view: View, by: str, *, may_trade: bool
    ) -> m.ServerMessage:
        """Do what tightens; ask for the word again where it loosens.

        Raises:
            CommandError: an unknown name, a value beyond the hard cap, or a loosening beside other commands.
        """
        texts: list[str] = []
        changes: list[RestraintChange] = []
        for cmd in line.cmds:
            if isinstance(cmd.body, Limit) and cmd.body.value is None:
                texts.append(limit_text(cmd, cmd.body, view))
                continue
            change = self._change(cmd, view, message.origin)
            if change.loosens:
                return self._ask(message, line, change, cmd, by, may_trade=may_trade)
            changes.append(change)
        for change in changes:
            drop(self._desk.record(*change.acts))
            self._tell(change.acts, change.words)
            texts.append(change.words)
        return m.Done(message.id, "\n".join(texts))

    def confirm(self, message: m.Confirm, by: str) -> m.ServerMessage | None:
        """Loosen, if the hash is that of a question and the word was typed again; None when it is not."""
        asked = self._asked.get(message.hash)
        if asked is None or asked.by != by:
            return None
        now = self._desk.clock.now_ns()
        age = (now - asked.created_ns) / 1e9
        if age > ASKED_S:
            del self._asked[message.hash]
            return m.Failure(
                message.id,
                "stale",
                f"the question is {age:.0f} s old, the limit is 60 s; type the line again",
            )
        if not _same(message.typed, asked.retype):
            typed = f'"{message.typed}" was typed' if message.typed else "nothing was typed"
            return m.Failure(message.id, "denied", f'{typed}, "{asked.retype}" is asked for', hint="retype")
        del self._asked[message.hash]
        if self._desk.journal.dead:
            return m.Failure(message.id, "store", f"the journal cannot be written: {self._desk.journal.dead}")
        drop(self._desk.record(*asked.acts))
        self._tell(asked.acts, asked.words)
        return m.Result(message.id, "", 0, (), asked.words)

    def _change(self, cmd: Cmd, view: View, origin: str) -> RestraintChange:
        if isinstance(cmd.body, Limit):
            return limit_change(cmd, cmd.body, view, origin)
        if not isinstance(cmd.body, Hold):
            raise CommandError(
                f"{cmd.verb} does not stand beside halt or limit", cmd.span, "send it by itself"
            )
        return hold_change(cmd, cmd.body, view, origin)

    def _ask(
        self, message: m.Submit, line: Line, change: RestraintChange, cmd: Cmd, by: str, *, may_trade: bool
    ) -> m.ServerMessage:
        if len(line.cmds) > 1:
            raise CommandError("what loosens stands on a line of its own", cmd.span, "send it by itself")
        if not may_trade:
            return m.Failure(
                message.id,
                "read_only",
                "loosening is for the console that holds the trading lock",
                hint="F9 takes it",
            )
        now_ns = self._desk.clock.now_ns()
        retype = value_text(cmd.body.value) if isinstance(cmd.body, Limit) else cmd.verb
        seed = f"{now_ns}\0{message.text}\0{by}".encode()
        hash_ = hashlib.blake2b(seed, digest_size=16).hexdigest()
        self._asked = {key: one for key, one in self._asked.items() if one.by != by}
        self._asked[hash_] = _Asked(change.acts, change.words, retype, by, now_ns)
        return m.Preview(
            id=message.id,
            hash=hash_,
            text=message.text,
            headline=change.words,
            rows=(),
            totals=(),
            warnings=("this loosens what holds your orders back",),
            sendable=1,
            expires_in_s=ASKED_S,
            asks="loosens it",
            retype=retype,
        )

    def _tell(self, done: tuple[acts.Act, ...], words: str) -> None:
        level = "info"
        halted: list[str] = []
        for act in done:
            if isinstance(act, acts.TradingHeld):
                level = "alarm" if act.state == TradingState.HALTED.value else "warning"
                if act.state == TradingState.HALTED.value:
                    halted += self._accounts_in(act.scope)
        self._desk.note(level, TOPIC, words.replace("\n", "; "))
        if halted:
            self._on_halt(halted, words.partition("\n")[0])

    def _changed(self, changes: Changes) -> None:
        """The fold itself holds a source that was refused too often: tell it."""
        for scope in changes.holds:
            hold = self._desk.state.restraints.holds.get(scope)
            if hold is not None and hold.by == GATE:
                self._desk.note("alarm", TOPIC, words_of(scope, hold))

    def _accounts_in(self, scope: str) -> list[str]:
        kind, _, name = scope.partition(":")
        return [
            one.name
            for one in self._desk.accounts.values()
            if not scope
            or (kind == "account" and one.name == name)
            or (kind == "group" and name in one.account.groups)
        ]


def _same(typed: str, wanted: str) -> bool:
    """Typed again: the same text, or the same number."""
    typed, wanted = typed.strip().casefold(), wanted.casefold()
    if typed == wanted:
        return True
    try:
        return Decimal(typed) == Decimal(wanted)
    except InvalidOperation:
        return False
