"""Which reader belongs to which verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.grammar import desk, management, restraint
from hedge_tui.command.grammar.orders import read_order
from hedge_tui.command.grammar.stress import read_stress
from hedge_tui.command.grammar.watchers import read_alarm, read_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.command.ast.body import Body
    from hedge_tui.command.grammar.cursor import Cursor
    from hedge_tui.command.grammar.watchers import Nested

_READERS: dict[str, Callable[[Cursor], Body]] = {
    "buy": lambda cur: read_order(cur, "buy"),
    "sell": lambda cur: read_order(cur, "sell"),
    "cancel": management.read_cancel,
    "amend": management.read_amend,
    "close": management.read_close,
    "flatten": management.read_flatten,
    "hedge": management.read_hedge,
    "equalise": management.read_equalise,
    "panic": management.read_panic,
    "abort": management.read_abort,
    "arm": management.read_arm,
    "disarm": management.read_disarm,
    "lev": management.read_lev,
    "margin": management.read_margin,
    "mode": management.read_mode,
    "note": desk.read_note,
    "tag": desk.read_tag,
    "draw": desk.read_draw,
    "ind": desk.read_ind,
    "chart": desk.read_chart,
    "watch": desk.read_watch,
    "account": desk.read_account,
    "session": desk.read_session,
    "stress": read_stress,
    "set": desk.read_set,
    "alias": desk.read_alias,
    "view": desk.read_view,
    "layout": desk.read_layout,
    "away": desk.read_away,
    "tour": desk.read_tour,
    "journal": desk.read_journal,
    "lock": desk.read_lock,
    "help": desk.read_help,
    "halt": restraint.read_hold,
    "reducing": restraint.read_hold,
    "resume": restraint.read_resume,
    "limit": restraint.read_limit,
}


def read_body(verb: str, cur: Cursor, nested: Nested) -> Body:
    """Read what follows `verb`.

    Args:
        verb: one of `words.VERBS`.
        cur: just after the verb.
        nested: reads the line inside `do { }`.
    """
    if verb == "alarm":
        return read_alarm(cur, nested)
    if verb == "rule":
        return read_rule(cur, nested)
    return _READERS[verb](cur)
