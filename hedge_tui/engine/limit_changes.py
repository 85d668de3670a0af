"""What `limit` shows and changes; pure."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.canonical.restraint import value_text
from hedge_tui.command.grammar.restraint import DEFAULT
from hedge_tui.config.risk import GLOBS, QUANTITIES
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.trading import DESK, scope_words
from hedge_tui.engine.execution.limits import NAMES, RATE, SETTING, globs_of, is_whole, setting_name
from hedge_tui.engine.hold_changes import scope_keys
from hedge_tui.engine.limit_use import limit_uses
from hedge_tui.engine.restraint_change import RestraintChange

if TYPE_CHECKING:
    from hedge_tui.command.ast import Cmd, Limit
    from hedge_tui.engine.execution.view import View
    from hedge_tui.engine.limit_use import LimitUse


def limit_change(cmd: Cmd, body: Limit, view: View, origin: str) -> RestraintChange:
    """What one command changes.

    Raises:
        CommandError: an unknown name or scope, a value that is none, or one beyond the ceiling.
    """
    name = _named(body, view)
    changed, lines, loosens = [], [], False
    for scope in _scopes(cmd, body, view):
        if name == RATE and scope != DESK:
            raise CommandError(f"{RATE} is of the whole desk", body.span, "leave out the scope")
        if name in GLOBS:
            old, text, looser = _list_change(name, scope, body, view)
        else:
            old, text, looser = _number_change(name, scope, body, view)
        loosens |= looser
        value = "" if body.value == DEFAULT else value_text(body.value)
        changed.append(acts.SettingChanged(view.now_ns, SETTING, setting_name(name, scope), value, origin))
        lines.append(f"{name} of {scope_words(scope)}: {old} -> {text}")
    return RestraintChange(tuple(changed), "\n".join(lines), loosens)


def limit_text(cmd: Cmd, body: Limit, view: View) -> str:
    """The limits that a command asks for, a line each: value, origin, ceiling, what is used up.

    Raises:
        CommandError: an unknown name or scope.
    """
    name = _named(body, view) if body.name else ""
    scopes = set(_scopes(cmd, body, view)) if (cmd.scope or body.scope) is not None else None
    found = [
        one
        for one in limit_uses(view)
        if (not name or one.name == name or one.name.startswith(f"{name}."))
        and (scopes is None or one.scope in scopes)
    ]
    if not found:
        return "no limit of its own there; the desk's hold: limit"
    rows = [(scope_words(one.scope), one.name, _value(one), _origin(one), _used(one)) for one in found]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    lines = [
        "  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2])))
        + f"  {row[3].ljust(widths[3])}  {row[4]}".rstrip()
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def _named(body: Limit, view: View) -> str:
    if body.name not in NAMES:
        near = difflib.get_close_matches(body.name, NAMES, 3, 0.4)
        raise CommandError(f"{body.name} is no limit", body.span, f"there are: {', '.join(near or NAMES)}")
    if body.name not in QUANTITIES:
        if body.of:
            raise CommandError(f"{body.name} is of no asset", body.span, f"leave out {body.of}")
        return body.name
    if not body.of:
        if body.value is None:
            return body.name
        raise CommandError(
            f"{body.name} is of an asset or an instrument",
            body.span,
            f"write it between: limit {body.name} BTC 0.5",
        )
    listed = view.markets.instruments.values()
    for one in listed:
        if body.of.upper() == one.base.upper():
            return f"{body.name}.{one.base}"
    if any(body.of in (one.symbol, one.id) for one in listed):
        return f"{body.name}.{body.of}"
    raise CommandError(
        f"no venue of this desk lists {body.of}", body.span, "write an asset (BTC), a symbol or VENUE:SYMBOL"
    )


def _scopes(cmd: Cmd, body: Limit, view: View) -> list[str]:
    if cmd.scope is not None and body.scope is not None:
        raise CommandError("the accounts stand there twice", body.scope.span, "write them once")
    scope = body.scope or cmd.scope
    return [DESK] if scope is None else scope_keys(scope, view)


def _number_change(name: str, scope: str, body: Limit, view: View) -> tuple[str, str, bool]:
    """(old, new, whether it loosens)."""
    limits = view.limits
    now = limits.own(name, scope)
    old = "none of its own" if now is None else f"{now.value:,f}"
    if body.value == DEFAULT:
        if not limits.is_typed(name, scope):
            raise CommandError(f"{name} of {scope_words(scope)} is as configured already", body.value_span)
        then = limits.without(name, scope).own(name, scope)
        looser = now is not None and (then is None or then.value > now.value)
        return old, "none of its own" if then is None else f"{then.value:,f} (as configured)", looser
    value = body.value
    if not isinstance(value, Decimal):
        raise CommandError(f"{name} is a number", body.value_span, f"for example: limit {name} 10")
    if is_whole(name) and value != value.to_integral_value():
        raise CommandError(f"{name} is a whole number, {value:f} is none", body.value_span)
    ceiling = limits.ceiling(name, scope)
    if ceiling is not None and value > ceiling:
        hard = limits.has_hard(name)
        where = "[risk.hard]" if hard else "the config"
        raise CommandError(
            f"{name} {value:,f} is above the {'hard cap' if hard else 'cap'} {ceiling:,f} of {where}:"
            " nothing typed passes it",
            body.value_span,
            "edit [risk.hard] in the config and start the engine anew",
        )
    return old, f"{value:,f}", now is not None and value > now.value


def _list_change(name: str, scope: str, body: Limit, view: View) -> tuple[str, str, bool]:
    """(old, new, whether it loosens); a typed list narrows the file's, so the first one never loosens."""
    limits = view.limits
    typed = limits.typed.get(setting_name(name, scope))
    before = None if typed is None else set(globs_of(typed))
    old = typed or "as configured"
    if body.value == DEFAULT:
        if before is None:
            raise CommandError(f"{name} of {scope_words(scope)} is as configured already", body.value_span)
        return old, "as configured", True
    if not isinstance(body.value, tuple):
        raise CommandError(f"{name} is a list of globs", body.value_span, f"limit {name} BTC/*,ETH/*")
    now = set(body.value)
    looser = before is not None and not (now <= before if name == "allow" else now >= before)
    return old, value_text(body.value), looser


def _value(one: LimitUse) -> str:
    return one.text if one.value is None else f"{one.value:,f}"


def _origin(one: LimitUse) -> str:
    if one.origin == "typed" and one.ceiling is not None:
        return f"typed (at most {one.ceiling:,f})"
    return one.origin


def _used(one: LimitUse) -> str:
    if one.used is None:
        return ""
    places = 0 if is_whole(one.name) else 2
    share = f" = {one.share * 100:.0f} %" if one.share is not None else ""
    by = f" ({one.by})" if one.by else ""
    return f"used {one.used:,.{places}f}{share}{by}"
