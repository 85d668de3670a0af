"""Checks a key by reading what it may do and what its account holds, and nothing else."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.traffic.pacer import WindowPacer
from adapters.via_ccxt.factory import make_execution
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import quirks_of
from hedge_tui.bootstrap.connector import egress_of
from hedge_tui.bootstrap.key_permissions import noted, refusal_of, words_of
from hedge_tui.bootstrap.logs import keep_libraries_quiet
from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import ConfigError, OutcomeUnknown, Unavailable
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.engine.clock import SystemClock

if TYPE_CHECKING:
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.credential import Credential
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.ports.venue import PrivateEvent

LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a check found.

    Attributes:
        lines: to print. refusal: why this desk does not use the key, or "".
    """

    lines: tuple[str, ...]
    refusal: str


def check_key(settings: Settings, vault: Vault, name: str, *, allow_withdraw: bool = False) -> KeyCheck:
    """Sign in for the account that uses the entry `name`; what the venue says of the key is noted.

    Args:
        settings: of the desk.
        vault: open; saved when there is something to note.
        name: of the entry.
        allow_withdraw: accept a key that can move money out.

    Raises:
        ConfigError: no account uses the entry. CredentialError: the vault has none of that name.
        VenueError: the venue refused, or cannot be reached.
    """
    account = next((a for a in settings.accounts if a.key_name == name), None)
    credential = vault.credential(name)
    if account is None:
        raise ConfigError(
            f"no account uses the keys {name!r}; hedge accounts add {name} --venue {credential.venue}"
        )
    if credential.venue != account.venue:
        raise ConfigError(
            f"the keys {name!r} are for {credential.venue}, account {account.name} is at {account.venue}"
        )
    keep_libraries_quiet()
    permissions, snapshot = asyncio.run(_read(account, credential))
    if permissions is not None:
        text = noted(permissions, allowed=allow_withdraw)
        if text != credential.permissions:
            vault.note_permissions(name, text)
            vault.save()
    return KeyCheck(_lines(account, permissions, snapshot), refusal_of(vault.credential(name)))


async def _read(account: AccountSettings, credential: Credential) -> tuple[list[str] | None, AccountSnapshot]:
    from adapters.via_ccxt.key_permissions import key_permissions

    try:
        async with asyncio.timeout(LIMIT_S):
            permissions = await key_permissions(account.venue, account.mode, credential, egress_of(account))
            return permissions, await _first_picture(account, credential)
    except TimeoutError:
        raise Unavailable(f"{account.venue} gave no answer within {LIMIT_S:.0f} s") from None
    except OutcomeUnknown as error:
        raise Unavailable(str(error), error.code) from None


async def _first_picture(account: AccountSettings, credential: Credential) -> AccountSnapshot:
    """What the account holds, as its client says when it connects; the way that the engine goes."""
    found: asyncio.Future[AccountSnapshot] = asyncio.get_running_loop().create_future()

    def sink(event: PrivateEvent) -> None:
        if found.done():
            return
        if isinstance(event, AccountSnapshot):
            found.set_result(event)
        elif isinstance(event, FeedHealth) and event.state is FeedState.RECONNECTING:
            found.set_exception(Unavailable(event.detail))

    clock = SystemClock()
    pacer = WindowPacer(quirks_of(account.venue).limits, clock)
    client = make_execution(
        account.account(),
        credential,
        egress_of(account),
        shelf=MarketShelf(),
        pacer=pacer,
        clock=clock,
        rng=random.Random(0),
    )
    try:
        await client.start(sink)
        return await found
    finally:
        await client.stop()


def _lines(
    account: AccountSettings, permissions: list[str] | None, snapshot: AccountSnapshot
) -> tuple[str, ...]:
    held = [f"{balance.total:f} {balance.asset}" for balance in snapshot.balances if balance.total]
    if permissions is None:
        may = "not told by this venue: look at its web page that it can neither withdraw nor transfer"
    else:
        may = ", ".join(words_of(noted(permissions))) or "nothing"
    return (
        f"{account.name}: signed in at {account.venue} ({account.mode})",
        f"the key may: {may}",
        f"balances: {', '.join(held) or 'none'}",
        f"positions: {len(snapshot.positions)}",
    )
