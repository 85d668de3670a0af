"""Lets a running engine notice that `hedge keys` changed the vault: new keys connect, removed ones stop.

The engine keeps the vault open; the commands write a new generation of the file. Runs in the engine's loop.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from hedge_tui.bootstrap.connector import VenueConnector

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

Stamp = tuple[int, int, int]


class VaultWatch:
    """Compares the vault file with what it was, and the keys in it with those in use.

    Args:
        connector: holds the open vault.
        file: the vault.
        reconnect: called after every change with the accounts whose keys differ, if any; drops their
            connections, makes those that are missing.
        say: hears what the trader should know.
    """

    def __init__(
        self,
        connector: VenueConnector,
        file: Path,
        reconnect: Callable[[list[str]], Awaitable[None]],
        say: Callable[[str, str], None],
    ) -> None:
        self._connector = connector
        self._file = file
        self._reconnect = reconnect
        self._say = say
        self._seen = stamp(file)

    async def run(self) -> None:
        """Look once a second until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Take over what another process saved, if it did."""
        now = stamp(self._file)
        if now == self._seen:
            return
        self._seen = now
        try:
            changed = await self._connector.take_over()
        except CredentialError as error:
            self._say("warning", str(error))
            return
        if changed:
            self._say("info", f"keys changed: {', '.join(changed)}")
        await self._reconnect(changed)


def stamp(file: Path) -> Stamp | None:
    """What tells one version of a file from the next; None when there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
