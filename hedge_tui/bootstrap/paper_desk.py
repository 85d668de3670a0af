"""Wires paper accounts: to the public data of their venue and to a file, never to a key.

The connector asks here before it looks at the vault; nothing in here knows the vault.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.paper_accounts.execution import LivePaperExecution
from adapters.paper_accounts.live_paper import LivePaper
from adapters.paper_accounts.reset import reset_account
from adapters.paper_accounts.shared_data import SharedData
from adapters.paper_accounts.state_file import DiskFile
from hedge_tui.bootstrap.places import paper_file
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import DataClient


class PaperDesk:
    """The paper accounts of the desk, by venue."""

    def __init__(self, settings: Settings, data_dir: Path, clock: Clock) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._clock = clock
        self._venues: dict[str, LivePaper] = {}

    def share(self, data: DataClient) -> DataClient:
        """The venue's data client, heard by its paper accounts too where it has any."""
        accounts = [a for a in self._settings.accounts if a.mode is Mode.PAPER and a.venue == data.venue]
        if not accounts:
            return data
        shared = SharedData(data)
        file = DiskFile(paper_file(self._data_dir, data.venue))
        balances = {account.name: account.balances for account in accounts}
        self._venues[data.venue] = LivePaper(shared, file, self._clock, balances)
        return shared

    def execution(self, account: Account) -> LivePaperExecution:
        """A paper account's client.

        Raises:
            ConfigError: it is no paper account, or nothing feeds it: it lives in a running engine only.
        """
        paper = self._venues.get(account.venue)
        if paper is None:
            raise ConfigError(f"paper account {account.name} trades inside a running engine only")
        return LivePaperExecution(paper, account)


def reset_paper_account(account: AccountSettings, data_dir: Path) -> str:
    """Begin a paper account anew in its file; what became of it, in words. No engine may run on the file.

    Raises:
        ConfigError: it is no paper account.
        StoreError: the file cannot be read.
    """
    if account.mode is not Mode.PAPER:
        raise ConfigError(f"{account.name} is a {account.mode} account; only paper accounts can begin anew")
    file = DiskFile(paper_file(data_dir, account.venue))
    image = file.load()
    old = next((one for one in image.accounts if one.name == account.name), None) if image else None
    if image is None or old is None:
        return f"{account.name}: nothing to reset, it has not traded yet"
    file.write(reset_account(image, account.name, account.balances, time.time_ns()))
    positions = sum(bool(leg.quantity) for leg in old.legs)
    return (
        f"{account.name} begins anew with {account.balance}: {len(old.orders)} orders cancelled,"
        f" {positions} positions closed at the last mark"
    )


def paper_state(account: AccountSettings, data_dir: Path) -> str:
    """What the file keeps of a paper account, in words.

    Raises:
        StoreError: the file cannot be read.
    """
    image = DiskFile(paper_file(data_dir, account.venue)).load()
    found = next((one for one in image.accounts if one.name == account.name), None) if image else None
    if image is None or found is None:
        return f"not used yet; it begins with {account.balance}"
    held = image.ledger.get(account.name, {})
    parts = [f"{one:,.8f}".rstrip("0").rstrip(".") + f" {asset}" for asset, one in held.items()]
    money = ", ".join(parts)
    positions = sum(bool(leg.quantity) for leg in found.legs)
    return f"{money or 'no money'}, {positions} positions, {len(found.orders)} open orders"
