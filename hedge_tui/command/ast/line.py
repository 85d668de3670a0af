"""The outer shape of a typed line: commands, what joins them, and the accounts they work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.command.ast.body import Body

Span = tuple[int, int]
"""(start, end) character offsets into the typed text; end is exclusive."""

NOWHERE: Span = (0, 0)
"""The span of a node that was built by a program, not typed."""


class Joiner(StrEnum):
    """What must have happened to the command before, for the next one to start."""

    AFTER = ";"
    """Its orders are acknowledged or refused."""
    PARALLEL = "&"
    """Nothing: both start at once."""
    IF_ACKED = "&&"
    """All its orders are acknowledged; otherwise the rest of the line is dropped."""
    WHEN_FILLED = "then"
    """All its orders are filled."""


class Confirm(StrEnum):
    """How a command asks before it acts."""

    ASK = ""
    """Preview, then wait for a confirmation."""
    PREVIEW = "?"
    """Preview only."""
    SKIP = "!"
    """Send at once where armed mode's caps allow it; never past a limit."""


class ScopeKind(StrEnum):
    """How an item of a scope was written."""

    NAME = "name"
    """An account, a group or a venue: the engine knows which."""
    TAG = "tag"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """One entry of a scope.

    Attributes:
        text: the name without @ and #; "all" for ALL.
    """

    kind: ScopeKind
    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """The accounts a command works on, as typed: at least one item, no item twice."""

    items: tuple[ScopeItem, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Word:
    """One typed word whose meaning belongs to a later stage."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """A stretch of typed text kept as it is: an expression, the text of a note, an alias."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Symbol:
    """An instrument as typed; `symbols.resolve_symbol` says which one it is."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cmd:
    """One command.

    Attributes:
        verb: the full verb, lower case ("buy" also for "b").
        body: what the verb was given; its class tells the family, its `kind` names it.
        scope: accounts written before the verb; None leaves the console's active scope.
        verb_span: where the verb was typed.
    """

    verb: str
    body: Body
    scope: Scope | None = None
    confirm: Confirm = Confirm.ASK
    verb_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One typed line.

    Attributes:
        cmds: at least one.
        joiners: between the commands; joiners[i] stands before cmds[i + 1].
    """

    cmds: tuple[Cmd, ...]
    joiners: tuple[Joiner, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)
