"""Keeps real and simulated money apart in one line, by word.

An order for live accounts and others (demo, paper, sandbox) at once is sent only where the scope names each
side by an item of its own. Lines that only cancel or close are never held up by this; a leg's mode is named
in the preview whenever its plan moves more than one kind of money.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Amend, Lev, Order, Scope, ScopeItem, ScopeKind
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast import Cmd
    from hedge_tui.domain.plan import Leg
    from hedge_tui.engine.execution.view import View

_SHOWN = 4


def refuse_mixture(cmd: Cmd, view: View) -> None:
    """Refuse an order whose scope takes live and simulated accounts in one breath.

    Raises:
        CommandError: at the item of the scope; the readings are one scope for each side.
    """
    if not isinstance(cmd.body, Order | Amend | Lev):
        return
    items = cmd.scope.items if cmd.scope else (ScopeItem(ScopeKind.NAME, view.scope, cmd.verb_span),)
    for item in items:
        if not item.text:
            continue
        found = view.accounts_of(Scope((item,), item.span), item.span)
        live = [a.name for a in found if a.account.mode is Mode.LIVE]
        other = [a.name for a in found if a.account.mode is not Mode.LIVE]
        if live and other:
            sides = tuple(f"@{','.join(names[:_SHOWN])} …" for names in (live, other))
            raise CommandError(
                f"{item.text} is live money ({_some(live)}) and simulated money ({_some(other)}) at once",
                item.span,
                hint=f"name one side, or both: @{live[0]},{other[0]} …",
                readings=sides,
            )


def name_modes(rows: list[Leg], view: View) -> tuple[list[Leg], tuple[str, ...]]:
    """The legs with their mode in the note, and a warning, where they are of more than one mode."""
    modes = {leg.account: view.accounts[leg.account].account.mode for leg in rows}
    if len(set(modes.values())) < 2:
        return rows, ()
    counts = Counter(modes[leg.account] for leg in rows)
    words = ", ".join(f"{counts[mode]} {_word(mode)}" for mode in Mode if counts[mode])
    named = [
        replace(leg, note="; ".join(filter(None, (_word(modes[leg.account]), leg.note)))) for leg in rows
    ]
    return named, (f"more than one kind of money: {words}",)


def _word(mode: Mode) -> str:
    return "LIVE" if mode is Mode.LIVE else mode.value


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
