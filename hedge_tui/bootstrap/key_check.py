"""Checks a key by reading the account, and nothing else."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.errors import ConfigError
from hedge_tui.engine.clock import SystemClock

if TYPE_CHECKING:
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.account import AccountSnapshot
    from hedge_tui.domain.ports.venue import PrivateEvent

LIMIT_S = 30.0


def check_key(settings: Settings, vault: Vault, name: str) -> list[str]:
    """Sign in for the account that uses the entry `name`; returns lines to print.

    Raises:
        ConfigError: no account uses the entry.
        VenueError: the venue refused, or cannot be reached.
    """
    account = next((a for a in settings.accounts if a.key_name == name), None)
    if account is None:
        raise ConfigError(
            f"no account of the configuration uses the keys {name!r}; add an [[accounts]] entry"
        )
    snapshot = asyncio.run(_read(settings, vault, account.name))
    held = [f"{b.total:f} {b.asset}" for b in snapshot.balances if b.total]
    return [
        f"{account.name}: signed in at {account.venue} ({account.mode})",
        f"balances: {', '.join(held) or 'none'}",
        f"positions: {len(snapshot.positions)}",
    ]


async def _read(settings: Settings, vault: Vault, name: str) -> AccountSnapshot:
    connector = VenueConnector(settings, vault.path, Redactor(), SystemClock(), random.Random(0))
    connector.vault = vault
    account = settings.account(name)
    assert account is not None
    client = connector.execution(account.account())
    events: list[PrivateEvent] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            await client.start(events.append)
            return await client.snapshot()
    finally:
        await client.stop()
