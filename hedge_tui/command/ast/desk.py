"""Bodies of the commands that arrange the desk: charts, notes, watchlist, settings, help."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from hedge_tui.command.ast.line import NOWHERE, Raw, Scope, Span, Symbol, Word

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.moment import Duration
    from hedge_tui.command.ast.target import Subject


@dataclass(frozen=True, slots=True)
class Note:
    """A note; `#words` in its text are its tags. `on` None pins it to what is on screen."""

    kind: ClassVar[str] = "note"
    text: Raw
    on: Subject | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """Put tags (without #) on orders, runs or instruments; `off` takes them away."""

    kind: ClassVar[str] = "tag"
    on: Subject
    tags: tuple[str, ...]
    off: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Draw:
    """Put a drawing on the chart, or manage drawings.

    Attributes:
        tool: a drawing tool, or "list", "remove", "clear".
        anchors: prices, times or names, for the chart to read.
        name: after `as`; "" lets the chart choose.
    """

    kind: ClassVar[str] = "draw"
    tool: str
    anchors: tuple[Word, ...] = ()
    name: str = ""
    span: Span = field(default=NOWHERE, compare=False)


class IndAct(StrEnum):
    """What `ind` does."""

    ADD = "add"
    LIST = "list"
    REMOVE = "remove"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Ind:
    """Indicators of the chart.

    Attributes:
        expression: for ADD, text of the expression language, unparsed; else None.
        pane: ADD in a pane of its own.
        name: ADD: after `as`, or ""; REMOVE: which one.
    """

    kind: ClassVar[str] = "ind"
    act: IndAct
    expression: Raw | None = None
    pane: bool = False
    name: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """Show a chart; None keeps what is shown. `timeframe` in lower case, such as "5m", "1h", "1mo"."""

    kind: ClassVar[str] = "chart"
    symbol: Symbol | None = None
    timeframe: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Watch:
    """Add instruments to the watchlist, or take them off; without symbols show it."""

    kind: ClassVar[str] = "watch"
    symbols: tuple[Symbol, ...] = ()
    off: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AccountScope:
    """Set the console's active scope; None shows it."""

    kind: ClassVar[str] = "account"
    scope: Scope | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Session:
    """Start a trading session: PnL of the session counts from here. `name` may be ""."""

    kind: ClassVar[str] = "session"
    name: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Set:
    """Change a setting; `value` None shows it, `key` "" shows all."""

    kind: ClassVar[str] = "set"
    key: str = ""
    value: Raw | None = None
    span: Span = field(default=NOWHERE, compare=False)


class AliasAct(StrEnum):
    """What `alias` does."""

    DEFINE = "define"
    SHOW = "show"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Alias:
    """Aliases: a word that stands for a line.

    Attributes:
        name: lower case; "" with SHOW shows all.
        body: for DEFINE, the line with its $1 .. $9 and $*, unparsed; else None.
    """

    kind: ClassVar[str] = "alias"
    act: AliasAct
    name: str = ""
    body: Raw | None = None
    span: Span = field(default=NOWHERE, compare=False)


class ViewAct(StrEnum):
    """What `view` does."""

    SHOW = "show"
    SAVE = "save"
    REMOVE = "remove"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class TableView:
    """Save, show, list or remove a named arrangement of a table; the console keeps them.

    Attributes:
        name: lower case; "" for LIST.
    """

    kind: ClassVar[str] = "view"
    act: ViewAct
    name: str = ""
    span: Span = field(default=NOWHERE, compare=False)


class LayoutAct(StrEnum):
    """What `layout` does."""

    SHOW = "show"
    SAVE = "save"
    REMOVE = "remove"
    RESET = "reset"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class ScreenLayout:
    """Save, show, list, reset or remove how the screens are cut up; the console keeps it.

    Attributes:
        name: lower case; "" for LIST and RESET.
    """

    kind: ClassVar[str] = "layout"
    act: LayoutAct
    name: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Stress:
    """Show what a move of the market would do; sends nothing.

    Attributes:
        everything: percent that every asset moves which is not named and is no cash; None: only those named.
        by_asset: (asset in capitals, percent), each asset once.
    """

    kind: ClassVar[str] = "stress"
    everything: Decimal | None = None
    by_asset: tuple[tuple[str, Decimal], ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Away:
    """Tell what happened since nobody looked, or in the last `span_back`."""

    kind: ClassVar[str] = "away"
    span_back: Duration | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Tour:
    """Begin the console's tour, or end it."""

    kind: ClassVar[str] = "tour"
    off: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """Tell how the journal is, or write it again after its disk had failed."""

    kind: ClassVar[str] = "journal"
    reopen: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lock:
    """Hide the console's screen until the vault's passphrase is typed."""

    kind: ClassVar[str] = "lock"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Help:
    """Explain a verb or a topic; "" explains the language."""

    kind: ClassVar[str] = "help"
    topic: str = ""
    span: Span = field(default=NOWHERE, compare=False)
