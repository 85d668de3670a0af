"""Looks after the journal while the engine runs: says when it cannot be written, and goes on when told to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from hedge_tui.engine.desk import Desk

LOOK_S = 0.25
WHAT_TO_DO = (
    "orders are refused, cancels and panic go through. Free space or mend the disk, then type"
    " `journal reopen` (or restart the engine)"
)


class JournalCare:
    """Watches `Desk.journal`, and answers the command `journal`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told = ""

    async def run(self) -> None:
        """Say at once what has happened; nothing else may notice it before the next order."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Raise the alarm when the journal has just died."""
        dead = self._desk.journal.dead
        if dead and dead != self._told:
            self._desk.note("alarm", "journal", f"{dead}: {WHAT_TO_DO}")
        self._told = dead

    async def command(self, *, reopen: bool) -> str:
        """How the journal is; with `reopen` it is written again, if it was not.

        Raises:
            StoreError: it still cannot be written.
        """
        journal = self._desk.journal
        if not journal.dead:
            return f"the journal is written, up to act {journal.last_seq:,}"
        if not reopen:
            return f"{journal.dead}: {WHAT_TO_DO}"
        try:
            count = await journal.reopen()
        except StoreError as error:
            raise StoreError(f"{error}. {WHAT_TO_DO[0].upper()}{WHAT_TO_DO[1:]}") from error
        self._told = ""
        words = f"the journal is written again: {count:,} acts that had waited are in it"
        self._desk.note("warning", "journal", words)
        return words
