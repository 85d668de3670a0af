"""Makes venue clients out of the configuration and the vault; the engine's `Connector`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.traffic.pacer import WindowPacer
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.factory import make_data, make_execution
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import quirks_of
from hedge_tui.credentials.errors import VaultError
from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError, CredentialError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.redaction import Redactor
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import DataClient, ExecutionClient

FEED_SHARE = 1.0
"""Share of a venue's request limits that its feed worker plans with. The venue's own count comes back with
every answer and holds for all processes of this address; market data and history stop well below it."""


class VenueConnector:
    """Clients of real and sandbox venues.

    Attributes:
        vault: open, or None while the accounts wait for it.
    """

    def __init__(
        self, settings: Settings, vault_file: Path, redactor: Redactor, clock: Clock, rng: random.Random
    ) -> None:
        self._settings = settings
        self._vault_file = vault_file
        self._redactor = redactor
        self._clock = clock
        self._rng = rng
        self._shelf = MarketShelf()
        self._pacers: dict[tuple[str, Egress], WindowPacer] = {}
        self.vault: Vault | None = None

    @property
    def locked(self) -> bool:
        """Whether there are keys that nobody has unlocked."""
        return self.vault is None

    def data(self, venue: str) -> DataClient:
        """Public data in a process of its own; reached the way the venue's first account is."""
        account = next(a for a in self._settings.accounts if a.venue == venue)
        return make_data(
            venue,
            _egress(account),
            clock=self._clock,
            rng=self._rng,
            mode=account.mode,
            budget=FEED_SHARE,
        )

    def execution(self, account: Account) -> ExecutionClient:
        """One account's client.

        Raises:
            CredentialError: the vault is locked, or has no keys of that name.
        """
        settings = self._settings.account(account.name)
        assert settings is not None
        if self.vault is None:
            raise CredentialError("the vault is locked; run `hedge unlock`")
        if account.mode is Mode.PAPER:
            raise CredentialError("paper accounts are not in this release")
        credential = self.vault.credential(settings.key_name)
        if credential.venue not in (account.venue, ""):
            raise CredentialError(
                f"the keys {credential.name!r} are for {credential.venue}, account {account.name} is at"
                f" {account.venue}"
            )
        self._redactor.register(*credential.secrets())
        egress = _egress(settings)
        return make_execution(
            account,
            credential,
            egress,
            shelf=self._shelf,
            pacer=self._pacer(account.venue, egress),
            clock=self._clock,
            rng=self._rng,
        )

    async def unlock(self, passphrase: str) -> str:
        """Open the vault; the key derivation runs in a thread.

        Raises:
            CredentialError: it does not open; the message says why.
        """
        secret = Secret(passphrase)
        self._redactor.register(secret)
        return await self._open(Passphrase(secret))

    async def unlock_by_keyring(self) -> str:
        """Open the vault by the desktop's keyring; same errors."""
        return await self._open(OsKeyring(str(self._vault_file)))

    async def _open(self, unlocker: Passphrase | OsKeyring) -> str:
        try:
            self.vault = await asyncio.to_thread(Vault.open, self._vault_file, unlocker)
        except VaultError as error:
            raise CredentialError(str(error)) from error
        count = len(self.vault.names())
        return f"the vault is open: {count} key{'s' if count != 1 else ''}"

    def _pacer(self, venue: str, egress: Egress) -> WindowPacer:
        """One pacer per venue and address: its accounts share the limits counted by address."""
        key = (venue, egress)
        if key not in self._pacers:
            self._pacers[key] = WindowPacer(quirks_of(venue).limits, self._clock)
        return self._pacers[key]


def _egress(account: AccountSettings) -> Egress:
    return Egress(account.connect or None, account.ca_file or None)


def check_venues(settings: Settings) -> None:
    """Refuse venues that no adapter knows, before anything is started.

    Raises:
        ConfigError: names the venue and the nearest known ones.
    """
    for account in settings.accounts:
        try:
            quirks_of(account.venue)
        except (KeyError, LookupError, ConfigError) as error:
            raise ConfigError(f"account {account.name}: venue {account.venue!r}: {error}") from error
