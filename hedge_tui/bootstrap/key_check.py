"""Checks keys by reading what they may do and what their accounts hold, and nothing else."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.traffic.balancer import Balancer
from adapters.via_ccxt.factory import make_execution
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of
from hedge_tui.bootstrap.logs import keep_libraries_quiet
from hedge_tui.bootstrap.ways import Ways, home_of
from hedge_tui.credentials.key_standing import standing_of
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import (
    ConfigError,
    CredentialError,
    HedgeError,
    OutcomeUnknown,
    Unavailable,
    VenueError,
)
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.engine.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.via_ccxt.egress import Egress
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.credential import Credential
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.key_rights import KeyRights, KeyStanding
    from hedge_tui.domain.ports.venue import PrivateEvent

LIMIT_S = 30.0
AT_ONCE = 6
"""Keys that are checked side by side: each is one light request at most venues."""


@dataclass(frozen=True, slots=True)
class KeyReading:
    """What one key told.

    Attributes:
        rights: what it may do; None when the venue gave no answer.
        holdings: of the account; None when it was not asked, or gave no answer.
        problem: why there was none, or "".
    """

    account: str
    rights: KeyRights | None = None
    holdings: AccountSnapshot | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a check of one key of the vault found; `lines` are to be printed."""

    lines: tuple[str, ...]
    standing: KeyStanding


def check_key(settings: Settings, vault: Vault, name: str) -> KeyCheck:
    """Sign in for the account that uses the entry `name`; what the venue says of the key is noted.

    Args:
        settings: of the desk.
        vault: open; saved when there is something to note.
        name: of the entry.

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
    ways = Ways(settings.egress, lambda: vault)
    found = asyncio.run(_read(account, credential, ways.of(account), holdings=True))
    assert found.rights is not None
    vault.note_rights(name, found.rights, time.time_ns())
    vault.save()
    return KeyCheck(lines_of(account, found), standing_of(vault.credential(name), account.mode))


def read_keys(
    keys: Sequence[tuple[AccountSettings, Credential]],
    told: Callable[[KeyReading], None] = lambda _: None,
    *,
    ways: Ways,
    holdings: bool = False,
) -> list[KeyReading]:
    """Ask the venues about several keys, some side by side; one that fails does not stop the others.

    Args:
        keys: accounts, which need not be in the configuration yet, and their keys.
        told: hears each result as it comes.
        ways: by which routes the keys may go.
        holdings: ask for balances and positions too.
    """
    keep_libraries_quiet()

    async def all_of_them() -> list[KeyReading]:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(account: AccountSettings, credential: Credential) -> KeyReading:
            async with room:
                try:
                    found = await _read(account, credential, ways.of(account), holdings=holdings)
                except HedgeError as error:
                    found = KeyReading(account.name, problem=str(error))
            told(found)
            return found

        return list(await asyncio.gather(*(one(*key) for key in keys)))

    return asyncio.run(all_of_them())


async def _read(
    account: AccountSettings, credential: Credential, egress: Egress, *, holdings: bool
) -> KeyReading:
    from adapters.via_ccxt.key_permissions import key_permissions

    try:
        async with asyncio.timeout(LIMIT_S):
            rights = await key_permissions(account.venue, account.mode, credential, egress)
            picture = await _first_picture(account, credential, egress) if holdings else None
            return KeyReading(account.name, rights, picture)
    except VenueError as error:
        # The venue's words may quote what it was sent.
        redactor = Redactor()
        redactor.register(*credential.secrets())
        words = redactor.redact(str(error))
        if isinstance(error, OutcomeUnknown):
            raise Unavailable(words, error.code) from None
        error.args = (words,)
        raise
    except TimeoutError:
        raise Unavailable(f"{account.venue} gave no answer within {LIMIT_S:.0f} s") from None
    except (LookupError, ValueError, TypeError) as error:
        # A key that ccxt cannot even sign with; its words could quote it.
        raise CredentialError(f"{account.name}: the key cannot be used ({type(error).__name__})") from None


async def _first_picture(account: AccountSettings, credential: Credential, egress: Egress) -> AccountSnapshot:
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
    pacer = Balancer(limits_of, clock).pacer(home_of(account))
    client = make_execution(
        account.account(),
        credential,
        egress,
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


def words_of(rights: KeyRights | None) -> str:
    """What a key may do, for people."""
    if rights is None:
        return "not checked"
    return ", ".join(rights.words) or "nothing" if rights.told else "not told by the venue"


def lines_of(account: AccountSettings, found: KeyReading) -> tuple[str, ...]:
    """What was read, for people."""
    lines = [f"{account.name}: signed in at {account.venue} ({account.mode})"]
    lines.append(f"the key may: {words_of(found.rights)}")
    if found.rights is not None and found.rights.told and not found.rights.may_trade:
        lines.append("the account is read-only: its key may not trade")
    if found.holdings is not None:
        held = [f"{one.total:f} {one.asset}" for one in found.holdings.balances if one.total]
        lines.append(f"balances: {', '.join(held) or 'none'}")
        lines.append(f"positions: {len(found.holdings.positions)}")
        lines += [
            f"  {one.instrument.partition(':')[2]} {one.quantity:+f} at {one.entry_price:f}"
            for one in found.holdings.positions
        ]
    return tuple(lines)
