"""The journal's newest acts."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import LEVELS, clock, text, word
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Column, Sort

BOOKKEEPING = frozenset({"past read", "instrument told"})
"""Kinds of acts that no trader did or suffered."""
JOURNAL = TableSpec(
    topic="journal",
    title="Journal",
    columns=(
        Column(key="number", label="Act", width=7, decimals=0),
        clock("at_ns", "Time"),
        text("account", "Account", 9),
        text("order", "Order", 6),
        Column(key="text", label="What happened", width=30, kind=text("", "", 1).kind, stretch=True),
        word("level", "Level", 8, LEVELS),
        text("kind", "Kind", 16),
        text("run", "Run", 12),
    ),
    sort=Sort("number", descending=True),
    keep=lambda row: row["kind"] not in BOOKKEEPING,
    derived={"number": lambda row: float(row["seq"])},
    empty="Nothing was done yet; everything the desk does from now on stands here",
    meanings={
        "number": "its place in the record; `hedge journal replay --at 1234` shows the desk after it",
        "order": "the order it is about, as `cancel #12` calls it",
        "run": "the confirmed line it belongs to",
    },
)
