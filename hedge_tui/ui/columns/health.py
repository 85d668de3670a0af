"""Feeds and the engine's log."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import LEVELS, STATES, clock, text, word
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Column, Sort

FEEDS = TableSpec(
    topic="feeds",
    title="Feeds",
    columns=(
        text("feed", "Feed", 22),
        word("state", "State", 12, STATES),
        Column(key="age_s", label="Age s", width=7, decimals=1),
        Column(key="rate", label="Per second", width=10, decimals=1),
        Column(key="messages", label="Messages", width=10, decimals=0),
        Column(key="reconnects", label="Reopened", width=8, decimals=0),
        clock("since_ns", "Since"),
        Column(key="compared_s", label="Compared s", width=10, decimals=0),
        Column(key="differences", label="Differed", width=8, decimals=0),
        text("venue", "Venue", 12),
        text("account", "Account", 10),
        Column(key="detail", label="Remark", width=20, kind=text("", "", 1).kind, stretch=True),
    ),
    sort=Sort("feed"),
    empty="No feed has started yet",
    meanings={
        "age_s": "seconds since its last message; stale over 5 s for markets, 15 s for accounts",
        "reconnects": "how often it was opened again",
        "compared_s": "seconds since orders, fills and money of the account were compared with the venue's",
        "differences": "how often these books and the venue disagreed; each is in the log with both values",
    },
)
LOG = TableSpec(
    topic="log",
    title="Log",
    columns=(
        clock("at_ns", "Time"),
        word("level", "Level", 8, LEVELS),
        text("topic", "About", 10),
        text("account", "Account", 10),
        Column(key="text", label="What happened", width=24, kind=text("", "", 1).kind, stretch=True),
    ),
    sort=Sort("at_ns", descending=True),
    empty="Nothing worth a line has happened yet",
)
