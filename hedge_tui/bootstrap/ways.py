"""By which egress routes accounts reach their venues; passwords of proxies come from the vault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from adapters.traffic.home import Home
from adapters.via_ccxt.egress import Egress
from hedge_tui.bootstrap.venues import market_mode
from hedge_tui.config.egress import VAULT_PREFIX, routes_of
from hedge_tui.domain.account import Mode
from hedge_tui.domain.route import routes_for_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.egress import EgressSettings
    from hedge_tui.credentials.credential import Credential
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.route import Route
    from hedge_tui.domain.secret import Secret


class Ways:
    """The routes of one desk.

    Args:
        egress: as configured.
        vault: gives the open vault; None while it is locked.
    """

    def __init__(
        self, egress: Sequence[EgressSettings] = (), vault: Callable[[], Vault | None] = lambda: None
    ) -> None:
        self._egress = tuple(egress)
        self.passwords: Mapping[str, Secret] = _VaultPasswords(vault)

    def routes(self, venue: str) -> tuple[Route, ...]:
        """Those that serve a venue."""
        return routes_of(self._egress, venue)

    def share(self, route: str) -> float:
        """How much of its own budget a route may use."""
        return next((float(one.share) for one in self._egress if one.name == route), 1.0)

    def of(self, account: AccountSettings, key: Credential | None = None) -> Egress:
        """How an account's venue is reached: its key by its own route alone.

        Args:
            account: of the configuration.
            key: what its venue said of it counts, where it is known.
        """
        routes = self.routes(account.venue)
        listed = key.rights.ips if key is not None and key.rights is not None else ()
        return Egress(
            account.connect or None,
            account.ca_file or None,
            routes,
            routes_for_key(account.egress, routes, listed),
            self.passwords,
        )


class _VaultPasswords(Mapping[str, "Secret"]):
    """Route name -> password, looked up in the vault whenever one is asked for."""

    def __init__(self, vault: Callable[[], Vault | None]) -> None:
        self._vault = vault

    def __getitem__(self, route: str) -> Secret:
        vault = self._vault()
        if vault is None or VAULT_PREFIX + route not in vault.names():
            raise KeyError(route)
        return vault.credential(VAULT_PREFIX + route).secret

    def __iter__(self) -> Iterator[str]:
        vault = self._vault()
        names = vault.names() if vault is not None else ()
        return (name.removeprefix(VAULT_PREFIX) for name in names if name.startswith(VAULT_PREFIX))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def home_of(account: AccountSettings) -> Home:
    """Who counts an account's requests; public data of its venue are counted with them."""
    mode = market_mode(account)
    if account.connect:
        return Home(account.venue, f"at {account.connect}")
    return Home(account.venue, "" if mode is Mode.LIVE else str(mode))
