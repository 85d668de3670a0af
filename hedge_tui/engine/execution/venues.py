"""The execution clients in use, by account; adapters put themselves here through the bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.errors import Unavailable

if TYPE_CHECKING:
    from hedge_tui.domain.ports.venue import ExecutionClient


class Clients:
    """Execution clients by account name."""

    def __init__(self) -> None:
        self._clients: dict[str, ExecutionClient] = {}

    def add(self, client: ExecutionClient) -> None:
        """Use this client for its account."""
        self._clients[client.account] = client

    def drop(self, account: str) -> ExecutionClient | None:
        """Use it no more: its key was changed or removed. The caller stops it."""
        return self._clients.pop(account, None)

    def get(self, account: str) -> ExecutionClient | None:
        """The client of one account, or None while the vault is locked."""
        return self._clients.get(account)

    def of(self, account: str) -> ExecutionClient:
        """The client of one account.

        Raises:
            Unavailable: the account has none yet.
        """
        client = self._clients.get(account)
        if client is None:
            raise Unavailable(f"{account} is not connected: unlock the vault with `hedge unlock`")
        return client

    def all(self) -> list[ExecutionClient]:
        """Every client."""
        return list(self._clients.values())
