"""Writes whole lines, with scopes, joiners, marks, alarms and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Cmd, Joiner, Line
from hedge_tui.command.ast.order import Order
from hedge_tui.command.ast.watchers import Alarm, Firing, Rule, Watchers
from hedge_tui.command.canonical.desk import desk_text
from hedge_tui.command.canonical.management import manage_text
from hedge_tui.command.canonical.orders import order_text, symbols_text
from hedge_tui.command.canonical.restraint import scope_text
from hedge_tui.command.grammar.moments import moment_text
from hedge_tui.command.grammar.numbers import duration_text
from hedge_tui.command.words import VERBS

if TYPE_CHECKING:
    from hedge_tui.command.ast.body import Body, DeskBody
    from hedge_tui.command.ast.manage import ManageBody

_FIRST_DESK_VERB = VERBS.index("alarm")


def to_text(node: Line | Cmd) -> str:
    """Write a line or one of its commands in canonical spelling."""
    if isinstance(node, Cmd):
        return _cmd_text(node)
    text = _cmd_text(node.cmds[0])
    for joiner, cmd in zip(node.joiners, node.cmds[1:], strict=True):
        lead = "" if joiner is Joiner.AFTER else " "
        text += f"{lead}{joiner.value} {_cmd_text(cmd)}"
    return text


def _cmd_text(cmd: Cmd) -> str:
    scope = "" if cmd.scope is None else f"@{scope_text(cmd.scope)}"
    parts = (scope, cmd.verb, _body_text(cmd.verb, cmd.body), cmd.confirm.value)
    return " ".join(part for part in parts if part)


def _body_text(verb: str, body: Body) -> str:
    if isinstance(body, Order):
        return order_text(body)
    if isinstance(body, Alarm):
        return body.condition.text + _watch_text(body)
    if isinstance(body, Rule):
        return f"{body.name} when {body.condition.text}{_watch_text(body)}"
    if isinstance(body, Watchers):
        return f"{body.act.value} {','.join(body.names)}".rstrip()
    return _plain_text(verb, body)


def _plain_text(verb: str, body: ManageBody | DeskBody) -> str:
    if VERBS.index(verb) < _FIRST_DESK_VERB or verb in {"lev", "margin", "mode"}:
        return manage_text(body)  # type: ignore[arg-type]  # the verb tells the family
    return desk_text(body)  # type: ignore[arg-type]  # the same


def _watch_text(body: Alarm | Rule) -> str:
    on = f" on {symbols_text(body.symbols)}" if body.symbols else ""
    action = "" if body.action is None else f" do {{ {to_text(body.action)} }}"
    return on + _firing_text(body.firing) + action


def _firing_text(firing: Firing) -> str:
    text = "" if firing.repeat is None else f" {firing.repeat.value}"
    if firing.every is not None:
        text += f" every {duration_text(firing.every)}"
    if firing.hold is not None:
        text += f" for {duration_text(firing.hold)}"
    return text if firing.until is None else f"{text} until {moment_text(firing.until)}"
