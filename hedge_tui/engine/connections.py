"""Connects venues and accounts, again and again until they are there, and keeps accounts compared."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CredentialError, HedgeError
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.engine.instrument_cache import instruments_file, read_instruments, write_instruments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hedge_tui.domain.account import Account
    from hedge_tui.engine.connector import Connector
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.feeds import Feeds
    from hedge_tui.engine.key_watch import KeyWatch
    from hedge_tui.engine.private import PrivateIntake

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Connections:
    """The outside of one desk.

    Args:
        specs: accounts of the desk.
        data_dir: where instruments are kept between two runs; None keeps none.
    """

    def __init__(
        self,
        desk: Desk,
        specs: Sequence[Account],
        connector: Connector,
        *,
        feeds: Feeds,
        clients: Clients,
        intake: PrivateIntake,
        reconciler: Reconciler,
        keys: KeyWatch,
        spawn: Callable[..., object],
        data_dir: Path | None,
    ) -> None:
        self._desk = desk
        self._specs = specs
        self._connector = connector
        self._feeds = feeds
        self._clients = clients
        self._intake = intake
        self._reconciler = reconciler
        self._keys = keys
        self._spawn = spawn
        self._data_dir = data_dir

    def recall_instruments(self) -> None:
        """Instruments as they were, before any venue has answered."""
        if self._data_dir is not None:
            self._desk.set_instruments(read_instruments(instruments_file(self._data_dir)))

    def keep_instruments(self) -> None:
        """Keep the instruments for the next start."""
        if self._data_dir is not None:
            instruments = self._desk.markets.instruments.values()
            write_instruments(instruments_file(self._data_dir), instruments)

    def begin(self) -> None:
        """Connect every venue of the accounts."""
        for venue in dict.fromkeys(a.venue for a in self._specs):
            self._feeds.add(self._connector.data(venue))
            self._spawn(self._start_venue(venue), name=f"venue:{venue}")

    def unlocked(self) -> None:
        """The vault is open: connect what waited for it."""
        for venue in self._feeds.venues:
            self._spawn(self.connect_accounts(venue), name=f"unlock:{venue}")

    async def close(self, grace_s: float) -> None:
        """Close accounts and feeds; what takes longer than `grace_s` is left."""
        closing = [client.stop() for client in self._clients.all()]
        closing += [client.stop() for venue in self._feeds.venues if (client := self._feeds.client(venue))]
        if closing:
            tasks = [asyncio.ensure_future(each) for each in closing]
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()

    async def connect_accounts(self, venue: str) -> None:
        """Start the private side of a venue's accounts that have none yet."""
        specs = [a for a in self._specs if a.venue == venue and self._clients.get(a.name) is None]
        for account in specs:
            try:
                client = self._connector.execution(account)
            except CredentialError as error:
                self._set_health(account, FeedState.LOCKED, str(error))
                continue
            self._clients.add(client)
            self._spawn(self._start_account(account), name=f"account:{account.name}")

    async def _start_venue(self, venue: str) -> None:
        delay = FIRST_PAUSE_S
        while True:
            try:
                await self._feeds.start_venue(venue)
                break
            except (HedgeError, OSError) as error:
                self._desk.note("warning", "feed", f"{venue} cannot be reached: {error}; trying again")
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_PAUSE_S)
        self.keep_instruments()
        await self.connect_accounts(venue)

    async def _start_account(self, account: Account) -> None:
        client = self._clients.of(account.name)
        self._set_health(account, FeedState.STARTING, "")
        try:
            await self._keys.admit(
                account, lambda why: self._set_health(account, FeedState.RECONNECTING, why)
            )
        except CredentialError as error:
            refused = self._clients.drop(account.name)
            if refused is not None:
                await refused.stop()
            self._set_health(account, FeedState.LOCKED, str(error))
            return
        delay = FIRST_PAUSE_S
        while True:
            try:
                await client.start(self._intake.put)
            except (HedgeError, OSError) as error:
                self._set_health(account, FeedState.RECONNECTING, str(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_PAUSE_S)
            else:
                return

    def _set_health(self, account: Account, state: FeedState, detail: str) -> None:
        feed = f"{account.name}:private"
        old = self._intake.health.get(feed)
        health = FeedHealth(
            feed, account.name, account.venue, state, self._desk.clock.now_ns(), detail=detail
        )
        if old is not None:
            health = replace(health, last_ns=old.last_ns, messages=old.messages, reconnects=old.reconnects)
        self._intake.put(health)
