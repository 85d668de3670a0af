"""What the console knows of panic: a row per account, as the engine last told it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from hedge_tui.ui.link import DeskLink

TOPIC = "panic"
NOTHING = "nothing was resting"
"""What the engine says of an account where there was nothing to do."""
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class PanicRow:
    """One account under panic.

    Attributes:
        words: what was done and what is left. settled: nothing more is asked. heard: it has answered.
        seconds: since panic was pressed, or until it was settled.
    """

    account: str
    words: str
    settled: bool
    heard: bool
    seconds: int
    resting: int


def panic_rows(link: DeskLink) -> list[PanicRow]:
    """All accounts, those that need looking at first; [] before panic was ever pressed."""
    table = link.replica.tables.get(TOPIC)
    if table is None or not table.rows:
        return []
    found = [dict(zip(table.columns, row, strict=False)) for row in table.rows.values()]
    rows = [
        PanicRow(
            str(one["account"]),
            str(one["words"]),
            bool(one["settled"]),
            bool(one["heard"]),
            int(one["seconds"]),
            int(one["resting"]),
        )
        for one in found
    ]
    return sorted(rows, key=lambda row: (row.settled, row.heard, _natural(row.account)))


def _natural(name: str) -> list[tuple[int, str]]:
    """desk-2 before desk-10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in _DIGITS.split(name)]


def panic_banner(rows: list[PanicRow]) -> str:
    """Two lines for the banner while panic is at work, else ""."""
    left = [row for row in rows if not row.settled]
    if not left:
        return ""
    first = left[0]
    resting = sum(row.resting for row in left)
    return (
        f"PANIC is at work on {len(left)} of {len(rows)} accounts ({max(row.seconds for row in left)} s),"
        f" {resting} {'entry' if resting == 1 else 'entries'} not proved gone. ctrl+k shows all\n"
        f"{inert(first.account)}: {inert(first.words)}"
    )
