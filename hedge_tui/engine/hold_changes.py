"""What `halt`, `reducing` and `resume` change; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast import Hold, ScopeKind
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.trading import (
    DESK,
    TradingState,
    account_scope,
    group_scope,
    scope_words,
    source_scope,
)
from hedge_tui.engine.execution.trading_state import lifting
from hedge_tui.engine.restraint_change import RestraintChange

if TYPE_CHECKING:
    from hedge_tui.command.ast import Cmd, Scope
    from hedge_tui.engine.execution.view import View

STATES = {
    "halt": TradingState.HALTED,
    "reducing": TradingState.REDUCING,
    "resume": TradingState.ACTIVE,
}
"""What each verb asks for."""


def hold_change(cmd: Cmd, body: Hold, view: View, origin: str) -> RestraintChange:
    """What one command changes.

    Raises:
        CommandError: an unknown name, or nothing would change.
    """
    wanted, holds = STATES[cmd.verb], view.state.restraints.holds
    scopes = _scopes(cmd, body, view, everything=wanted is TradingState.ACTIVE)
    reason = body.because.text if body.because is not None else ""
    changed, loosens, lines = [], False, []
    for scope in scopes:
        held = holds.get(scope)
        now = held.state if held is not None else TradingState.ACTIVE
        if wanted is now and (held is None or held.reason == reason):
            continue
        loosens |= wanted.rank < now.rank
        changed.append(acts.TradingHeld(view.now_ns, scope, wanted.value, origin, reason))
        lines.append(f"{scope_words(scope)} is {wanted.upper()}" + (f" ({reason})" if reason else ""))
    if not changed:
        names = ", ".join(scope_words(scope) for scope in scopes) or "nothing"
        held_now = ", ".join(f"{scope_words(one)} {hold.state.upper()}" for one, hold in holds.items())
        raise CommandError(
            f"{names} is {wanted.upper()} already" if scopes else "nothing is held",
            body.span if body.span != (0, 0) else cmd.verb_span,
            f"held: {held_now}" if held_now else "",
        )
    if wanted is TradingState.HALTED:
        lines.append(f"resting orders stay: cancel all, or panic; to lift it: {lifting(changed[0].scope)}")
    left = [one for one in holds if one not in {act.scope for act in changed}]
    if wanted is TradingState.ACTIVE and left:
        lines.append(
            "still held: " + ", ".join(f"{scope_words(one)} {holds[one].state.upper()}" for one in left)
        )
    return RestraintChange(tuple(changed), "\n".join(lines), loosens)


def _scopes(cmd: Cmd, body: Hold, view: View, *, everything: bool) -> list[str]:
    if cmd.scope is not None and body.scope is not None:
        raise CommandError("the accounts stand there twice", body.scope.span, "write them once")
    found = [source_scope(origin) for origin in body.sources]
    scope = body.scope or cmd.scope
    if scope is None:
        return found or [DESK]
    if everything and any(item.kind is ScopeKind.ALL or item.text == "all" for item in scope.items):
        return list(view.state.restraints.holds)
    return [*scope_keys(scope, view), *found]


def scope_keys(scope: Scope, view: View) -> list[str]:
    """A typed scope as the keys of what can be held or capped: groups stay groups, venues and tags do not.

    Raises:
        CommandError: a name is unknown.
    """
    groups = {group for one in view.accounts.values() for group in one.account.groups}
    found: dict[str, None] = {}
    for item in scope.items:
        if item.kind is ScopeKind.ALL or item.text == "all":
            found[DESK] = None
        elif item.kind is ScopeKind.NAME and item.text in groups and item.text not in view.accounts:
            found[group_scope(item.text)] = None
        else:
            for account in view.named(item):
                found[account_scope(account.name)] = None
    return list(found)
