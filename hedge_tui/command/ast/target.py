"""Which orders a management command works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from hedge_tui.command.ast.line import NOWHERE, Span, Symbol, Word

if TYPE_CHECKING:
    from hedge_tui.domain.order import Side


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table on screen, counted from 1; pinned while the line is open."""

    number: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OnSymbols:
    """Orders in these instruments; of one side when `side` is set."""

    kind: ClassVar[str] = "symbols"
    symbols: tuple[Symbol, ...]
    side: Side | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OnSide:
    """All orders of one side."""

    kind: ClassVar[str] = "side"
    side: Side
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OnRows:
    """Rows of the table, as typed, ranges written out."""

    kind: ClassVar[str] = "rows"
    rows: tuple[Row, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OnIds:
    """Orders by client or venue order id, or by a prefix that names one alone."""

    kind: ClassVar[str] = "ids"
    ids: tuple[Word, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OnRun:
    """All orders of one run: a bulk, an algo, a rule's action."""

    kind: ClassVar[str] = "run"
    run: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OnAll:
    """Everything in the scope."""

    kind: ClassVar[str] = "all"
    span: Span = field(default=NOWHERE, compare=False)


OrderTarget = OnSymbols | OnSide | OnRows | OnIds | OnRun | OnAll
"""What `cancel` may name."""
RowTarget = OnRows | OnIds
"""What `amend` may name."""
Subject = OnSymbols | OnRows | OnIds | OnRun
"""What a note or a tag may be pinned to."""
