"""Makes clients for bootstrap: one place that turns an account and its key into an `ExecutionClient`.

Importing it is light; ccxt is loaded when the first instance is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from adapters.via_ccxt.quirk_tables import quirks_of
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.errors import ConfigError, CredentialError

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from adapters.via_ccxt.data import CcxtDataClient
    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.execution import CcxtExecutionClient
    from adapters.via_ccxt.followed import Followed
    from adapters.via_ccxt.markets import Markets, MarketShelf
    from adapters.via_ccxt.quirks import Quirks
    from adapters.via_ccxt.worker_client import WorkerDataClient
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import Pacer
    from hedge_tui.domain.secret import Secret


class KeyPair(Protocol):
    """What an account signs with; `credentials.Credential` is one."""

    @property
    def api_key(self) -> Secret:
        """Names the key; secret all the same."""
        ...

    @property
    def secret(self) -> Secret:
        """Signs."""
        ...

    @property
    def passphrase(self) -> Secret | None:
        """The passphrase, where the venue has one."""
        ...


def make_execution(
    account: Account,
    key: KeyPair,
    egress: Egress,
    *,
    shelf: MarketShelf,
    pacer: Pacer,
    clock: Clock,
    rng: random.Random,
) -> CcxtExecutionClient:
    """A client for one account; nothing is opened before its `start`.

    Args:
        account: its venue is a ccxt id; its mode decides between live and the venue's demo system.
        key: ccxt instances must hold it as plain text; it is kept out of every text from here.
        egress: where connections go (a sandbox account names its own address and CA).
        shelf: shares markets between the accounts of one venue.
        pacer: one per venue and address, shared by all its accounts.
        clock: of the engine.
        rng: of back-off jitter.

    Raises:
        CredentialError: the venue needs a passphrase and the key has none.
        ConfigError: a paper account is no business of a venue.
    """
    from adapters.via_ccxt.execution import CcxtExecutionClient
    from adapters.via_ccxt.execution_parts import ExecutionParts

    if account.mode is Mode.PAPER:
        raise ConfigError(f"paper account {account.name} takes no key and sends nothing to {account.venue}")
    quirks = quirks_of(account.venue)
    keys = {"apiKey": key.api_key.reveal(), "secret": key.secret.reveal()}
    passphrase = key.passphrase
    if passphrase is not None and passphrase.reveal():
        keys["password"] = passphrase.reveal()
    elif quirks.password:
        raise CredentialError(f"{account.venue} needs a passphrase, and the key of {account.name} has none")

    async def markets() -> Markets:
        return await shelf.get(quirks, account.mode, egress, pacer)

    async def renewed() -> Markets:
        return await shelf.renew(quirks, account.mode, egress, pacer)

    return CcxtExecutionClient(
        ExecutionParts(account, quirks, egress, pacer, clock, rng, keys, markets, renewed)
    )


def make_data(
    venue: str,
    egress: Egress,
    *,
    pacer: Pacer,
    clock: Clock,
    rng: random.Random,
    mode: Mode = Mode.LIVE,
    symbols: Sequence[str] = (),
    batches_per_s: float = 25.0,
    followed: Followed | None = None,
) -> WorkerDataClient:
    """Public data of a venue from a worker process of its own.

    Args:
        venue: a ccxt id.
        egress: where connections go.
        pacer: gives the worker leave to send.
        clock: of the engine.
        rng: of back-off jitter.
        mode: DEMO uses the venue's own test system.
        symbols: unified symbols that `quotes` and `stats` cover; empty for those that `followed` chooses.
        batches_per_s: how often the worker hands over events at most.
        followed: which instruments are covered where `symbols` is empty; None for every active one.
    """
    from adapters.via_ccxt.followed import Followed
    from adapters.via_ccxt.worker_client import WorkerDataClient
    from adapters.via_ccxt.worker_messages import WorkerSettings

    settings = WorkerSettings(
        venue=venue,
        mode=str(mode),
        connect=egress.connect,
        ca_file=egress.ca_file,
        symbols=tuple(symbols),
        batches_per_s=batches_per_s,
        seed=rng.getrandbits(63),
        followed=followed or Followed(),
        routes=egress.routes,
    )
    return WorkerDataClient(settings, clock, rng, pacer, passwords=egress.passwords)


def make_local_data(
    venue: str,
    egress: Egress,
    *,
    shelf: MarketShelf,
    pacer: Pacer,
    clock: Clock,
    rng: random.Random,
    mode: Mode = Mode.LIVE,
    symbols: Sequence[str] = (),
) -> CcxtDataClient:
    """The same data without a process between: for quiet venues, tools and tests."""
    from adapters.via_ccxt.data import CcxtDataClient, DataParts

    quirks: Quirks = quirks_of(venue)

    async def markets() -> Markets:
        return await shelf.get(quirks, mode, egress, pacer)

    async def renewed() -> Markets:
        return await shelf.renew(quirks, mode, egress, pacer)

    return CcxtDataClient(
        DataParts(quirks, egress, pacer, clock, rng, markets, renewed, mode, tuple(symbols))
    )
