"""What the engine asks of its composition root: venue clients, and the key to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.ports.venue import DataClient, ExecutionClient


class Connector(Protocol):
    """Makes the clients of venues; knows the vault."""

    @property
    def locked(self) -> bool:
        """Whether accounts wait for the vault."""
        ...

    @property
    def has_vault(self) -> bool:
        """Whether there is a vault, and so a passphrase that `unlock` can tell from a wrong one."""
        ...

    def data(self, venue: str) -> DataClient:
        """A client for public data of one venue."""
        ...

    def execution(self, account: Account) -> ExecutionClient:
        """A client for one account.

        Raises:
            CredentialError: its key is not in the vault, or the vault is locked.
        """
        ...

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> str:
        """Open the vault, or only see whether the passphrase is its own; returns what to tell the trader.

        Raises:
            CredentialError: it does not open.
        """
        ...
