"""Makes venue clients out of the configuration and the vault; the engine's `Connector`."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from adapters.traffic.balancer import Balancer
from adapters.via_ccxt.factory import make_data, make_execution
from adapters.via_ccxt.followed import Followed
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of
from hedge_tui.bootstrap.paper_desk import PaperDesk
from hedge_tui.bootstrap.venues import market_mode
from hedge_tui.bootstrap.ways import Ways, home_of
from hedge_tui.credentials.attempts import Attempts
from hedge_tui.credentials.errors import WrongPassphraseError
from hedge_tui.credentials.key_standing import standing_of
from hedge_tui.credentials.passphrase_command import passphrase_from_command
from hedge_tui.credentials.systemd_credential import passphrase_from_systemd
from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import CredentialError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.worker_client import WorkerDataClient
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings, VenueSettings
    from hedge_tui.credentials.credential import Credential
    from hedge_tui.credentials.redaction import Redactor
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import Pacer
    from hedge_tui.domain.ports.venue import DataClient, ExecutionClient


class VenueConnector:
    """Clients of real and sandbox venues.

    Attributes:
        vault: open, or None while the accounts wait for it; paper accounts never do.
        ways: by which routes the accounts reach their venues.
        balancer: every request of every client here, and of its workers, leaves by its leave.
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
        self.ways = Ways(settings.egress, lambda: self.vault)
        self.balancer = Balancer(limits_of, clock, self._planned)
        for venue in {account.venue for account in settings.accounts}:
            self.balancer.know(venue, self.ways.routes(venue))
        self._feeds: list[WorkerDataClient] = []
        self._paper = PaperDesk(settings, vault_file.parent, clock)
        self.vault: Vault | None = None
        self.vault_turn = asyncio.Lock()
        """Held while the open vault is read anew or saved in a thread."""
        self._attempts = Attempts(clock.monotonic)
        self._typing = asyncio.Lock()

    @property
    def locked(self) -> bool:
        """Whether there are keys that nobody has unlocked."""
        return self.vault is None and self.has_vault

    @property
    def has_vault(self) -> bool:
        """Whether there is a passphrase that could be asked for."""
        return self._vault_file.exists()

    def data(self, venue: str) -> DataClient:
        """Public data in a process of its own; reached the way the venue's first account is."""
        account = next(a for a in self._settings.accounts if a.venue == venue)
        client = make_data(
            venue,
            self.ways.of(account),
            pacer=self.balancer.pacer(home_of(account)),
            clock=self._clock,
            rng=self._rng,
            mode=market_mode(account),
            followed=_followed(self._settings.venue(venue)),
        )
        self._feeds.append(client)
        return self._paper.share(client)

    def execution(self, account: Account, *, emergency: bool = False) -> ExecutionClient:
        """One account's client.

        Args:
            account: of the configuration.
            emergency: a key that this desk refuses is used all the same; to cancel with, nothing else.

        Raises:
            CredentialError: the vault is locked, or has no keys of that name.
        """
        if account.mode is Mode.PAPER:
            return self._paper.execution(account)  # before any key is looked at
        credential = self.credential(account)
        if not emergency and (refusal := standing_of(credential, account.mode).refusal):
            raise CredentialError(refusal)
        egress, pacer = self.way_to(account, credential)
        return make_execution(
            account,
            credential,
            egress,
            shelf=self._shelf,
            pacer=pacer,
            clock=self._clock,
            rng=self._rng,
        )

    def credential(self, account: Account) -> Credential:
        """The keys of an account.

        Raises:
            CredentialError: the vault is locked, has none of that name, or has another venue's; or it is a
                paper account, which takes none.
        """
        if account.mode is Mode.PAPER:
            raise CredentialError(f"paper account {account.name} takes no API key")
        settings = self._settings.account(account.name)
        assert settings is not None
        if self.vault is None:
            if self._vault_file.exists():
                raise CredentialError("the vault is locked; run `hedge unlock`")
            raise CredentialError(f"no API key yet; run `hedge keys add {settings.key_name}`")
        found = self.vault.credential(settings.key_name)
        if found.venue not in (account.venue, ""):
            raise CredentialError(
                f"the keys {found.name!r} are for {found.venue}, account {account.name} is at {account.venue}"
            )
        return found

    def way_to(self, account: Account, key: Credential | None = None) -> tuple[Egress, Pacer]:
        """How an account's venue is reached with its key, and who paces what goes there."""
        settings = self._settings.account(account.name)
        assert settings is not None
        return self.ways.of(settings, key), self.balancer.pacer(home_of(settings))

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> str:
        """Open the vault, or only see whether this is its passphrase; the key derivation runs in a thread.

        Raises:
            CredentialError: it does not open; the message says why.
        """
        secret = Secret(passphrase)
        self._redactor.register(secret)
        async with self._typing:  # one at a time, so that guesses cannot go side by side
            self._attempts.check()
            try:
                if only_check:
                    await asyncio.to_thread(self._check, Passphrase(secret))
                    done = "this is the vault's passphrase"
                else:
                    done = await self._open(Passphrase(secret))
            except WrongPassphraseError:
                self._attempts.wrong()
                raise
        self._attempts.right()
        return done

    def _check(self, unlocker: Passphrase) -> None:
        Vault.open(self._vault_file, unlocker).close()

    async def unlock_unasked(self) -> str:
        """Open the vault by the desktop's keyring, the configured command or systemd's credential.

        Raises:
            CredentialError: it does not open, or somebody has to type the passphrase.
        """
        vault = self._settings.vault
        if vault.unlock == "keyring":
            return await self._open(OsKeyring(str(self._vault_file)))
        if vault.unlock == "command":
            secret = await asyncio.to_thread(passphrase_from_command, vault.command)
            self._redactor.register(secret)
            return await self._open(Passphrase(secret))
        if vault.unlock == "credential":
            secret = passphrase_from_systemd(vault.credential)
            self._redactor.register(secret)
            return await self._open(Passphrase(secret))
        raise CredentialError("the vault waits for its passphrase; run `hedge unlock`")

    async def take_over(self) -> list[str]:
        """Take over what `hedge keys` saved since; returns the accounts whose keys differ now.

        Raises:
            CredentialError: the vault is locked, or its passphrase was changed; the keys in use stay in use.
        """
        if self.vault is None:
            if self._settings.vault.unlock == "passphrase":
                raise CredentialError("there are new keys in the vault; run `hedge unlock`")
            await self.unlock_unasked()
            return [account.name for account in self._keyed()]
        before = self._keys()
        async with self.vault_turn:
            await asyncio.to_thread(self.vault.refresh)
        self._register()
        after = self._keys()
        return [name for name in after if after[name] != before[name]]

    def _keys(self) -> dict[str, str]:
        """By account, what its connection depends on; "" where the vault has nothing of that name."""
        assert self.vault is not None
        kept = set(self.vault.names())
        return {
            one.name: _print_of(self.vault.credential(one.key_name)) if one.key_name in kept else ""
            for one in self._keyed()
        }

    def _keyed(self) -> list[AccountSettings]:
        """The accounts that have keys: all but those on paper."""
        return [one for one in self._settings.accounts if one.mode is not Mode.PAPER]

    async def _open(self, unlocker: Passphrase | OsKeyring) -> str:
        self.vault = await asyncio.to_thread(Vault.open, self._vault_file, unlocker)
        self._register()
        count = len(self.vault.names())
        return f"the vault is open: {count} key{'s' if count != 1 else ''}"

    def _register(self) -> None:
        """Every secret in the vault is blanked out from now on, whether an account uses it or not."""
        assert self.vault is not None
        for name in self.vault.names():
            self._redactor.register(*self.vault.credential(name).secrets())

        for feed in self._feeds:
            feed.tell_passwords()

    def _planned(self, venue: str, route: str) -> float:
        """The part of a venue's limits that is planned with over a route."""
        return float(self._settings.venue(venue).rate_share) * self.ways.share(route)


def _followed(settings: VenueSettings) -> Followed:
    return Followed(settings.symbols, settings.quotes, settings.max_instruments)


def _print_of(credential: Credential) -> str:
    """Differs when a connection has to be made anew; what the key may do is judged apart."""
    texts = [credential.venue, *(secret.reveal() for secret in credential.secrets())]
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()
