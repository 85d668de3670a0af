"""Answers for `hedge doctor` about parts that only the composition root knows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import journal_folder

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config import Settings
    from store.journal.integrity import JournalReport

LIMIT_S = 8.0


def journal_state(data_dir: Path) -> JournalReport | None:
    """What a check of the journal found; None when there is none yet."""
    from store.journal.integrity import check_journal

    folder = journal_folder(data_dir)
    return check_journal(folder) if folder.is_dir() else None


def keyring_state() -> tuple[bool, str]:
    """Whether the desktop's keyring can hold the vault's key, and what it is or why not."""
    from hedge_tui.credentials.errors import KeyringUnavailableError
    from hedge_tui.credentials.os_keyring import KeyringDoor

    try:
        KeyringDoor().read("hedge-doctor", "probe")
    except KeyringUnavailableError as error:
        return False, str(error)
    return True, "the OS keyring answers"


def clock_offsets(settings: Settings, data_dir: Path) -> dict[str, float | str]:
    """Seconds this machine's clock is ahead of each venue's, or why that is not known."""
    del data_dir
    found: dict[str, float | str] = {}
    for venue in dict.fromkeys(account.venue for account in settings.accounts):
        account = next(a for a in settings.accounts if a.venue == venue)
        try:
            found[venue] = asyncio.run(_offset(venue, account.connect or None, account.ca_file or None))
        except Exception as error:  # noqa: BLE001 - a doctor reports whatever is wrong
            found[venue] = f"{type(error).__name__}: {error}"
    return found


async def _offset(venue: str, connect: str | None, ca_file: str | None) -> float:
    from adapters.via_ccxt.clock_offset import clock_offset_s

    from adapters.via_ccxt.egress import Egress

    async with asyncio.timeout(LIMIT_S):
        return await clock_offset_s(venue, Egress(connect, ca_file))
