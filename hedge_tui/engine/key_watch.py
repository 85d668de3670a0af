"""Watches what the accounts' keys may do: before a first connection, after every unlock, and daily.

A key that became able to move money out while it was in use stays connected, since its orders have to be
seen and cancelled, but its account takes no new order.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import CredentialError, VenueError
from hedge_tui.engine.state import Changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.key_rights import KeyStanding
    from hedge_tui.engine.desk import Desk

log = logging.getLogger(__name__)

EVERY_S = 24 * 3600.0
SOON_S = 3.0
"""After a connection with a key that was checked at another time: the first picture goes first."""
RETRY_S = (5.0, 600.0)
"""First and longest pause after a venue gave no answer."""


class KeyChecker(Protocol):
    """Who knows the keys; the composition root gives it."""

    def standing(self, account: Account) -> KeyStanding:
        """What is known of an account's key. Raises CredentialError: there is none, or it is locked."""
        ...

    async def check(self, account: Account) -> KeyStanding:
        """Ask the venue, and keep what it says.

        Raises:
            CredentialError: there is no key. VenueError: no answer, or the key is not accepted.
        """
        ...


class KeyWatch:
    """Standing of every account's key, kept in the accounts' state.

    Args:
        desk: whose accounts.
        checker: asks; None where no venue has keys, as on a simulated desk.
    """

    def __init__(self, desk: Desk, checker: KeyChecker | None) -> None:
        self._desk = desk
        self._checker = checker
        self._due: dict[str, float] = {}
        self._pause: dict[str, float] = {}
        self._news = asyncio.Event()

    async def admit(self, account: Account, waiting: Callable[[str], None]) -> None:
        """Return when the account may be connected with its key; a key never checked is checked first.

        Args:
            account: about to connect.
            waiting: hears why that takes long.

        Raises:
            CredentialError: this desk does not use the key.
        """
        if self._checker is None or account.mode is Mode.PAPER:
            return
        found, pause = self._checker.standing(account), RETRY_S[0]
        fresh = not found.checked_ns
        while not found.checked_ns:
            try:
                found = await self._checker.check(account)
            except CredentialError:
                raise
            except Exception as error:
                if not isinstance(error, VenueError):
                    log.exception("the key of %s could not be checked", account.name)
                waiting(f"what its key may do is not known yet: {error}")
                await asyncio.sleep(pause)
                pause = min(pause * 2, RETRY_S[1])
        if found.refusal:
            raise CredentialError(found.refusal)
        self._take(account, found)
        self._due[account.name] = self._desk.clock.monotonic() + (EVERY_S if fresh else SOON_S)
        self._news.set()

    async def run(self) -> None:
        """Check what is due, until cancelled."""
        while True:
            due = min(self._due.items(), key=lambda one: one[1], default=None)
            if due is None:
                await self._news.wait()
            elif (wait_s := due[1] - self._desk.clock.monotonic()) > 0:
                self._news.clear()
                try:
                    async with asyncio.timeout(wait_s):
                        await self._news.wait()
                except TimeoutError:
                    pass
            else:
                await self._look(due[0])
            self._news.clear()

    def review(self) -> None:
        """Judge every watched key anew by what is known of it: it may have been accepted or replaced."""
        assert self._checker is not None
        for name in list(self._due):
            account = self._desk.accounts[name].account
            try:
                found = self._checker.standing(account)
            except CredentialError:
                del self._due[name]  # its key was removed
                continue
            if found.checked_ns:
                self._take(account, found)
            else:
                self._due[name] = self._desk.clock.monotonic()  # a new key
        self._news.set()

    async def _look(self, name: str) -> None:
        assert self._checker is not None
        account = self._desk.accounts[name].account
        pause = EVERY_S
        try:
            self._take(account, await self._checker.check(account))
            self._pause.pop(name, None)
        except CredentialError:
            self._due.pop(name, None)
            return
        except Exception as error:
            if not isinstance(error, VenueError):
                log.exception("the key of %s could not be checked", name)
            pause = self._pause.get(name, RETRY_S[0])
            self._pause[name] = min(pause * 2, RETRY_S[1])
            if pause >= RETRY_S[1]:
                self._desk.note("warning", "keys", f"what the key may do could not be checked: {error}", name)
                pause = 3600.0
        if name in self._due:
            self._due[name] = self._desk.clock.monotonic() + pause

    def _take(self, account: Account, found: KeyStanding) -> None:
        """Keep the standing of an account's key, and say what is new about it."""
        state = self._desk.accounts[account.name]
        old, state.key = state.key, found
        if found.refusal and not old.refusal:
            words = f"{found.refusal}. No new order is taken; cancels and closing orders go through"
            self._desk.note("alarm", "keys", words, account.name)
        elif old.refusal and not found.refusal:
            self._desk.note("info", "keys", "orders are taken again", account.name)
        if found.read_only != old.read_only:
            words = (
                "the key may not trade: the account is read-only" if found.read_only else "the key may trade"
            )
            self._desk.note("warning" if found.read_only else "info", "keys", words, account.name)
        for warning in found.warnings:
            if warning not in old.warnings:
                self._desk.note("warning", "keys", warning, account.name)
        if found != old:
            self._desk.tell(Changes(accounts={account.name}))
