"""Bodies of the commands that restrain trading: halt, reducing, resume, limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from hedge_tui.command.ast.line import NOWHERE, Raw, Scope, Span

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Hold:
    """Halt, restrict to reducing, or resume; the verb says which.

    Attributes:
        scope: written after the verb; None where none was: the whole desk.
        sources: origins of orders such as "cli", after `source:`.
        because: why, or None.
    """

    kind: ClassVar[str] = "hold"
    scope: Scope | None = None
    sources: tuple[str, ...] = ()
    because: Raw | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """Show limits, change one, or take it back to what the config says.

    Attributes:
        name: of the limit; "" shows all.
        of: asset or instrument, for limits of quantity.
        value: a number, "default", or a list of globs (() for "none"); None shows it.
        scope: accounts and groups it is for; None is the whole desk.
    """

    kind: ClassVar[str] = "limit"
    name: str = ""
    of: str = ""
    value: Decimal | str | tuple[str, ...] | None = None
    scope: Scope | None = None
    value_span: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)
