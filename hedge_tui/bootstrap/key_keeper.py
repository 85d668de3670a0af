"""Asks venues what the keys may do, for the running engine, and keeps the answers in the vault."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.credentials.errors import VaultConflictError, VaultError
from hedge_tui.credentials.key_standing import standing_of
from hedge_tui.domain.errors import OutcomeUnknown, Unavailable

if TYPE_CHECKING:
    from hedge_tui.bootstrap.connector import VenueConnector
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.key_rights import KeyStanding
    from hedge_tui.domain.ports.clock import Clock

log = logging.getLogger(__name__)

LIMIT_S = 20.0
TRIES = 3


class KeyKeeper:
    """The engine's `KeyChecker`.

    Args:
        connector: holds the open vault and knows how each account is reached.
        clock: of the engine.
    """

    def __init__(self, connector: VenueConnector, clock: Clock) -> None:
        self._connector = connector
        self._clock = clock
        self._room = asyncio.Semaphore(4)

    def standing(self, account: Account) -> KeyStanding:
        """What is known of an account's key."""
        return standing_of(self._connector.credential(account), account.mode)

    async def check(self, account: Account) -> KeyStanding:
        """Ask the venue, and keep what it says."""
        from adapters.via_ccxt.key_permissions import key_permissions

        credential = self._connector.credential(account)
        egress, pacer = self._connector.way_to(account, credential)
        async with self._room:
            try:
                async with asyncio.timeout(LIMIT_S):
                    rights = await key_permissions(account.venue, account.mode, credential, egress, pacer)
            except TimeoutError:
                raise Unavailable(f"{account.venue} gave no answer within {LIMIT_S:.0f} s") from None
            except OutcomeUnknown as error:
                raise Unavailable(str(error), error.code) from None
        now_ns, vault = self._clock.now_ns(), self._connector.vault
        for _ in range(TRIES):
            if vault is None or credential.name not in vault.names():
                break
            vault.note_rights(credential.name, rights, now_ns)
            try:
                async with self._connector.vault_turn:
                    await asyncio.to_thread(vault.save)
                break
            except VaultConflictError:
                # `hedge keys` saved in between: its changes stay, ours go on top.
                async with self._connector.vault_turn:
                    await asyncio.to_thread(vault.refresh)
            except VaultError as error:
                log.warning("what the key %s may do was not kept: %s", credential.name, error)
                break
        return self.standing(account)
