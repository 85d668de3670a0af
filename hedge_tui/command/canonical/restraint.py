"""Writes the commands that restrain trading."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Scope, ScopeKind
from hedge_tui.command.grammar.numbers import number_text
from hedge_tui.command.tokens import quote

if TYPE_CHECKING:
    from hedge_tui.command.ast.restraint import Hold, Limit


def scope_text(scope: Scope) -> str:
    """Write a scope without its @."""
    return ",".join(("#" if item.kind is ScopeKind.TAG else "") + item.text for item in scope.items)


def hold_text(body: Hold) -> str:
    """Write what is held, and why."""
    what = [scope_text(body.scope)] if body.scope is not None else []
    what += [f"source:{origin}" for origin in body.sources]
    why = "" if body.because is None else f"because {quote(body.because.text)}"
    return " ".join(part for part in (",".join(what), why) if part)


def limit_text(body: Limit) -> str:
    """Write name, value and scope."""
    scope = "" if body.scope is None else f"@{scope_text(body.scope)}"
    return " ".join(part for part in (body.name, body.of, value_text(body.value), scope) if part)


def value_text(value: Decimal | str | tuple[str, ...] | None) -> str:
    """Write a value as it is typed; "" for none."""
    match value:
        case None:
            return ""
        case Decimal():
            return number_text(value)
        case str():
            return value
    return ",".join(value) or "none"
