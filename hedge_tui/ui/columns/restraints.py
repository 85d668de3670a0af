"""Limits with what is used of them, and what is held."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hedge_tui.config.risk import WHOLE
from hedge_tui.ui.columns.shared import clock, digits, text, word
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.live_table import Column, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.ui.columns.spec import Row
    from hedge_tui.ui.widgets.live_table.column import Tint

BAR_CELLS = 12
TIGHT = 0.8
"""From this part on a limit is called tight."""
TRADING: dict[str, Tint] = {"active": "muted", "reducing": "warning", "halted": "down"}
"""How the states of trading are coloured."""
_ROOM: Mapping[str, Tint] = {"free": "up", "tight": "warning", "full": "down", "over": "down", "shut": "down"}
_ORIGINS: Mapping[str, Tint] = {"config": "muted", "typed": "accent", "hard": "warning"}


def bar(row: Row) -> str:
    """What is used of a limit; "" where nothing is used up.

    >>> bar({"share": 0.5, "value": 10.0, "used": 5.0}).count("·")
    6
    """
    share = row["share"]
    if math.isnan(share):
        return ""
    used, rest = ("#", ".") if terminal_glyphs().ascii_only else ("█", "·")
    # What is not nothing shows, and nothing shows as full that is not.
    cells = share * BAR_CELLS
    done = min(BAR_CELLS, math.ceil(cells) if cells < 1 else int(cells))
    return str(used * done + rest * (BAR_CELLS - done))


def room(row: Row) -> str:
    """One word for a limit."""
    share = row["share"]
    if row["value"] == 0:
        return "shut"
    if math.isnan(share):
        return ""
    if share > 1:
        return "over"
    return "full" if share == 1 else "tight" if share >= TIGHT else "free"


def value(row: Row) -> str:
    """A cap as text, right-aligned: some are lists, and few need decimals."""
    number = row["value"]
    if math.isnan(number):
        return str(row["text"])
    return f"{number:,.8f}".rstrip("0").rstrip(".")


def places(row: Row) -> int:
    """Decimals of its numbers: orders are counted whole."""
    return 0 if row["name"] in WHOLE else 2


LIMITS = TableSpec(
    topic="limits",
    title="Limits",
    columns=(
        text("of", "Of", 11),
        text("name", "Limit", 25),
        Column(key="shown", label="Value", width=13, kind=text("", "", 1).kind, align="right"),
        text("bar", "Used", BAR_CELLS),
        Column(key="share", label="Used %", width=7, percent=True, decimals=0, blank=""),
        word("room", "Room", 5, dict(_ROOM)),
        Column(key="used", label="Used so far", width=13, decimals="places", blank=""),
        Column(key="left", label="Left", width=13, decimals="places", blank=""),
        text("by", "Most by", 22),
        word("origin", "From", 6, dict(_ORIGINS)),
        Column(key="ceiling", label="At most", width=13, decimals="places", blank=""),
        digits("places"),
    ),
    derived={"bar": bar, "room": room, "shown": value, "places": places},
    sort=Sort("share", descending=True),
    fixed=2,
    empty="The engine has told no limits yet",
    meanings={
        "of": "the desk, a group or an account; all that an order is in hold, the strictest decides",
        "share": "of the day, or of what is open if the worst orders fill; empty for caps of one line",
        "room": "free, tight from 80 %, full, over (it was lowered), shut (0 lets nothing through)",
        "by": "the account, instrument or source that uses most",
        "origin": "config: the file; typed: changed by `limit` since; hard: [risk.hard] itself",
        "ceiling": "the most that `limit` can set; edit the config to go beyond",
    },
)
HOLDS = TableSpec(
    topic="holds",
    title="Held",
    columns=(
        text("of", "Of", 16),
        word("state", "State", 9, TRADING),
        clock("since_ns", "Since"),
        text("by", "By", 9),
        text("lift", "To lift it", 24),
        Column(key="reason", label="Why", width=30, kind=text("", "", 1).kind, stretch=True),
    ),
    sort=Sort("state"),
    empty="Nothing is held. halt stops everything but cancels, reducing all that adds: help halt",
    meanings={
        "of": "the desk, a group, an account, or a source of orders (keyboard, cli, a rule)",
        "state": "halted: only cancels and panic; reducing: also what only reduces a position",
        "by": "who did it; gate: five identical rejects within a minute",
        "lift": "type it; the word is asked for once more",
    },
)
