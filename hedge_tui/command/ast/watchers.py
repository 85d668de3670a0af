"""Bodies of `alarm` and `rule`: a condition kept as text, and what happens when it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from hedge_tui.command.ast.line import NOWHERE, Line, Raw, Span, Symbol

if TYPE_CHECKING:
    from hedge_tui.command.ast.moment import Duration, Moment


class Repeat(StrEnum):
    """How often a condition may fire."""

    ONCE = "once"
    """The first time, then it is over."""
    AGAIN = "repeat"
    """Each time it becomes true."""


@dataclass(frozen=True, slots=True)
class Firing:
    """The trigger words after a condition; None where nothing was written.

    Attributes:
        every: no sooner than this after the last time ("every 5m").
        hold: the condition must have held this long ("for 30s").
        until: afterwards it is over ("until 17:30").
    """

    repeat: Repeat | None = None
    every: Duration | None = None
    hold: Duration | None = None
    until: Moment | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell, and act, when a condition holds.

    Attributes:
        condition: text of the expression language, unparsed.
        symbols: instruments it is evaluated on; empty for the one on screen.
        action: None only tells.
    """

    kind: ClassVar[str] = "alarm"
    condition: Raw
    symbols: tuple[Symbol, ...] = ()
    firing: Firing = field(default_factory=Firing)
    action: Line | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named condition that always has an action."""

    kind: ClassVar[str] = "rule"
    name: str
    condition: Raw
    action: Line
    symbols: tuple[Symbol, ...] = ()
    firing: Firing = field(default_factory=Firing)
    span: Span = field(default=NOWHERE, compare=False)


class WatcherAct(StrEnum):
    """What is done with alarms or rules that exist."""

    LIST = "list"
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Watchers:
    """List, pause, resume or remove alarms (or rules, by the command's verb).

    Attributes:
        names: of alarms or rules; ("all",) for every one; empty only for LIST.
    """

    kind: ClassVar[str] = "watchers"
    act: WatcherAct
    names: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)
