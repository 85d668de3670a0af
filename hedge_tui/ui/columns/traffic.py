"""Rate budgets, lanes, egress routes and bans."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hedge_tui.domain.traffic import BANNED, name_of
from hedge_tui.ui.columns.shared import clock, count, nonzero, text, word
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.live_table import Column, Kind, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.ui.columns.spec import Row
    from hedge_tui.ui.widgets.live_table.column import Tint

BAR_CELLS = 16
TIGHT = 0.8
"""From this part of what is planned on, a budget is called tight."""
_ROOM: Mapping[str, Tint] = {"free": "up", "tight": "warning", "full": "warning", "banned": "down"}
_ROUTE_WORDS: Mapping[str, Tint] = {
    "up": "up",
    "down": "down",
    "banned": "down",
    "trial": "warning",
    "untried": "muted",
}
_TRUST: Mapping[str, Tint] = {"keys": "accent", "public only": "muted"}
_STOPS: Mapping[str, Tint] = {"banned": "down", "paused": "warning"}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def bar(row: Row) -> str:
    """What is used of a limit, what the venue counted beyond that, and how far is planned.

    >>> bar({"spent": 25.0, "others": 25.0, "planned": 75.0, "limit": 100.0}).count("·")
    7
    """
    limit = row["limit"]
    if not limit > 0:
        return ""
    plain = terminal_glyphs().ascii_only
    own, other, mark, rest = "#+|." if plain else "█▒┃·"

    def cells(part: float) -> int:
        # What is not nothing shows, and nothing shows as full that is not.
        found = part / limit * BAR_CELLS
        return min(BAR_CELLS, math.ceil(found) if found < 1 else int(found))

    mine = cells(row["spent"])
    used = max(mine, cells(row["spent"] + row["others"]))
    drawn = own * mine + other * (used - mine) + rest * (BAR_CELLS - used)
    place = min(BAR_CELLS - 1, cells(row["planned"]))
    return drawn if place < used else drawn[:place] + mark + drawn[place + 1 :]


def window(row: Row) -> str:
    """The length of a window: 1 min, 10 s, 1 d."""
    seconds = row["window_s"]
    unit, name = next((one for one in _UNITS if seconds >= one[0] and not seconds % one[0]), _UNITS[-1])
    return f"{seconds / unit:g} {name}"


def room(row: Row) -> str:
    """One word for a budget."""
    if row["ban_left_s"] > 0:
        return "banned"
    if row["free_in_s"] > 0:
        return "full"
    return "tight" if row["spent"] + row["others"] >= TIGHT * row["planned"] else "free"


def _next(row: Row) -> float:
    return float(row["ban_left_s"] or row["free_in_s"] or math.nan)


def place_of(system: str) -> str:
    """Where a venue's system stands: "" for the live one, "demo", "at 127.0.0.1:18443"."""
    return system.partition(" ")[2]


def _route(row: Row) -> str:
    return str(row["route"] or ("" if row["account"] else "direct"))


BUDGETS = TableSpec(
    topic="budgets",
    title="Budgets",
    columns=(
        text("venue", "Venue", 11),
        text("of", "Of", 9),
        text("name", "Budget", 11),
        word("room", "Room", 6, dict(_ROOM)),
        text("bar", "Used, planned", BAR_CELLS),
        Column(key="used_pct", label="Used", width=6, decimals=1),
        Column(key="next", label="Next s", width=6, decimals=1, blank="now"),
        Column(key="spent", label="Ours", width=7, decimals=0),
        count("others_seen", "Others"),
        Column(key="planned", label="Planned", width=8, decimals=0),
        Column(key="limit", label="Limit", width=8, decimals=0),
        text("window", "In", 6),
        text("counts", "Counts", 8),
        text("place", "At", 18),
        text("key", "", 1, visible=False),
    ),
    derived={
        "venue": lambda row: name_of(row["system"]),
        "place": lambda row: place_of(row["system"]),
        "of": lambda row: row["account"] or _route(row),
        "room": room,
        "bar": bar,
        "next": _next,
        "others_seen": nonzero("others"),
        "window": window,
    },
    sort=Sort("used_pct", descending=True),
    empty="Nothing was sent yet: a budget is there from its first request on. In a shell: hedge traffic",
    meanings={
        "of": "whose it is: an egress route's address, or an account",
        "bar": "what this desk spent, what the venue counted beyond that, and how far is planned",
        "used_pct": "percent of what the venue allows",
        "next": "seconds until there is room for an order; now: at once",
        "others_seen": "what the venue counted and this desk did not send: other programs of yours",
        "planned": "at most so much is sent in a window; a part of it is kept for cancels",
        "window": "the length of the window",
    },
)
LANES = TableSpec(
    topic="lanes",
    title="Lanes",
    columns=(
        text("lane", "Lane", 9),
        count("waiting_seen", "Waiting", tint="warning"),
        Column(key="longest", label="Longest s", width=9, decimals=1, blank=""),
        Column(key="sent_1m", label="Sent/min", width=8, decimals=0),
        Column(key="worst_1m_s", label="Worst s", width=7, decimals=2),
        Column(key="order", label="", width=1, visible=False),
    ),
    derived={
        "waiting_seen": nonzero("waiting"),
        "longest": lambda row: row["longest_s"] if row["waiting"] else math.nan,
    },
    sort=Sort("order"),
    empty="Nothing was sent yet",
    meanings={
        "lane": "who goes first when a budget is short: cancels before orders, orders before all else",
        "longest": "how long the first of those that wait has waited",
        "worst_1m_s": "the longest wait of those sent in the last minute",
    },
)
ROUTES = TableSpec(
    topic="routes",
    title="Egress routes",
    columns=(
        text("route", "Route", 10),
        text("venue_name", "Venue", 12),
        word("state", "State", 7, dict(_ROUTE_WORDS)),
        Column(key="latency_ms", label="ms", width=7, decimals=1),
        Column(key="sent_1m", label="Sent/min", width=8, decimals=0),
        text("address", "Leaves from", 21),
        word("trust", "For", 11, dict(_TRUST)),
        text("kind", "Kind", 6),
        Column(key="again", label="Again s", width=7, decimals=1, blank=""),
        Column(key="problem", label="Last error", width=24, kind=Kind.TEXT, stretch=True),
        clock("problem_at", "At"),
        text("place", "Where", 18, visible=False),
        text("key", "", 1, visible=False),
    ),
    derived={
        "venue_name": lambda row: name_of(row["venue"]),
        "place": lambda row: place_of(row["venue"]),
        "trust": lambda row: "keys" if row["trusted"] else "public only",
        "again": nonzero("retry_in_s"),
        "problem_at": nonzero("problem_ns"),
    },
    sort=Sort("route"),
    empty="No venue is configured. In a shell: hedge accounts add",
    meanings={
        "state": "down: it gave no connection and is tried again by itself; trial: one request finds out",
        "latency_ms": "mean time until an answer begins",
        "trust": "keys: API keys may go there; public only: market data alone. trusted = true in [[egress]]",
        "again": "seconds until it is tried again",
    },
)
BANS = TableSpec(
    topic="bans",
    title="Bans",
    columns=(
        text("venue", "Venue", 12),
        word("what", "What", 7, dict(_STOPS)),
        Column(key="left_s", label="Left s", width=8, decimals=0),
        clock("until_ns", "Until"),
        text("over", "Route", 10),
        text("account", "Account", 10),
        text("place", "At", 18),
        text("key", "", 1, visible=False),
    ),
    derived={
        "venue": lambda row: name_of(row["system"]),
        "place": lambda row: place_of(row["system"]),
        "what": lambda row: "banned" if row["status"] == BANNED else "paused",
        "over": _route,
    },
    sort=Sort("left_s", descending=True),
    empty="No venue has told this desk to stop",
    meanings={
        "what": "banned: the venue answers nobody at that address until then; paused: too many requests"
    },
)
