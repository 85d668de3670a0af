"""Answers for `hedge doctor` about parts that only the composition root knows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import journal_folder
from hedge_tui.domain.errors import HedgeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.via_ccxt.egress import Egress
    from hedge_tui.config import AccountSettings, Settings
    from store.journal.integrity import JournalReport

LIMIT_S = 8.0


def journal_state(data_dir: Path, progress: Callable[[int], None] = lambda _: None) -> JournalReport | None:
    """What a check of the journal found; None when there is none yet. `progress` hears each good act."""
    from store.journal.integrity import check_journal

    folder = journal_folder(data_dir)
    return check_journal(folder, progress) if folder.is_dir() else None


def keyring_state() -> tuple[bool, str]:
    """Whether the desktop's keyring can hold the vault's key, and what it is or why not."""
    from hedge_tui.credentials.errors import KeyringUnavailableError
    from hedge_tui.credentials.os_keyring import KeyringDoor

    try:
        KeyringDoor().read("hedge-doctor", "probe")
    except KeyringUnavailableError as error:
        return False, str(error)
    return True, "the OS keyring answers"


def clock_offsets(settings: Settings) -> dict[str, float | str]:
    """Seconds this machine's clock is ahead of each venue's, or why that is not known."""
    from hedge_tui.bootstrap.ways import Ways

    found: dict[str, float | str] = {}
    for venue in dict.fromkeys(account.venue for account in settings.accounts):
        account = next(a for a in settings.accounts if a.venue == venue)
        try:
            found[venue] = asyncio.run(_offset(account, Ways(settings.egress).of(account)))
        except TimeoutError:
            found[venue] = f"the venue did not answer within {LIMIT_S:.0f} s"
        except (HedgeError, LookupError, OSError) as error:
            found[venue] = str(error) or type(error).__name__
    return found


async def _offset(account: AccountSettings, egress: Egress) -> float:
    from adapters.via_ccxt.clock_offset import clock_offset_s

    async with asyncio.timeout(LIMIT_S):
        return await clock_offset_s(account.venue, egress, account.mode)


def route_findings(settings: Settings) -> dict[str, tuple[bool, str]]:
    """By configured route and venue: whether it was reached, and how fast or why not.

    Routes with a password are left to `hedge traffic test`, which opens the vault.
    """
    if not settings.egress:
        return {}
    from hedge_tui.bootstrap.route_checks import try_routes

    locked = {one.name for one in settings.egress if one.user}
    found: dict[str, tuple[bool, str]] = {}
    for one in try_routes(settings):
        seen = f", seen as {one.seen_as}" if one.seen_as else ""
        words = f"answers in {one.answer_ms:.0f} ms{seen}" if one.reached else one.problem
        if one.route in locked:
            found[f"{one.route} {one.venue}"] = True, "its password is in the vault: hedge traffic test"
        else:
            found[f"{one.route} {one.venue}"] = one.reached, words
    return found


def paper_accounts(settings: Settings, data_dir: Path) -> dict[str, tuple[bool, str]]:
    """By paper account: whether its file is whole, and what it holds or what is wrong."""
    from hedge_tui.bootstrap.paper_desk import paper_state
    from hedge_tui.domain.account import Mode

    found: dict[str, tuple[bool, str]] = {}
    for account in settings.accounts:
        if account.mode is Mode.PAPER:
            try:
                found[account.name] = True, paper_state(account, data_dir)
            except HedgeError as error:
                found[account.name] = False, str(error)
    return found


def accept_journal(data_dir: Path) -> tuple[str, ...]:
    """Go on with what is left of a damaged journal; what was lost, one sentence each, () when it was whole.

    The damaged files are kept in its folder `damaged/`.

    Raises:
        StoreError: an engine runs, or the journal cannot be opened at all.
    """
    from store.journal.sqlite_journal import SqliteJournal

    async def accept() -> tuple[str, ...]:
        journal = SqliteJournal.open(journal_folder(data_dir), accept_loss=True)
        notices = journal.notices
        await journal.close()
        return notices

    return asyncio.run(accept())
