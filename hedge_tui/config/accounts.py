"""`[[accounts]]`: the accounts of the desk and how each is reached. Keys are in the vault, not here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from hedge_tui.domain.account import Account, Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.config.place import Place

_BALANCE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,8})?) +([A-Z0-9]{1,20})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


DEAD_MAN_VENUES = ("binanceusdm",)
"""Where the switch was tried. It takes protective stops away everywhere: see `engine.execution.dead_man`."""
DEAD_MAN_S = (10, 3600)
"""Shortest and longest."""


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One `[[accounts]]` entry."""

    name: str
    """Unique on the desk, as typed after @."""
    venue: str
    """A ccxt id such as "binanceusdm"."""
    mode: Mode
    """live, demo (the venue's own test system), paper (live prices, simulated fills) or sandbox."""
    connect: str = ""
    """HOST:PORT on this machine where the sandbox venue listens; sandbox, or paper on its prices."""
    ca_file: str = ""
    """The sandbox's CA certificate, PEM; absolute once read, in the file relative to it; with `connect`."""
    groups: tuple[str, ...] = ()
    """Names usable in a scope: `@core buy …`."""
    tags: tuple[str, ...] = ()
    """Names usable in a scope behind a #: `@#hedge …`."""
    weight: Decimal = Decimal(1)
    """Share in `/split:weight`, above 0."""
    key: str = ""
    """Name of the vault entry with the API key; "" means the account's name."""
    read_only: bool = False
    """Its orders are denied."""
    egress: str = ""
    """Route of its key: a trusted `[[egress]]`, "any" for every trusted one, "" for "direct"."""
    dead_man_s: int = 0
    """Seconds without this engine after which the venue cancels its entries by itself; 0 for never."""
    balance: str = ""
    """What it begins with, such as "10000 USDT" or "10000 USDT, 0.5 BTC"; paper only."""

    @property
    def key_name(self) -> str:
        """The vault entry that holds this account's API key."""
        return self.key or self.name

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port of the sandbox, or None for a real venue."""
        if not self.connect:
            return None
        host, _, port = self.connect.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def ca_path(self) -> Path | None:
        """The sandbox's CA certificate, or None for a real venue."""
        return Path(self.ca_file) if self.ca_file else None

    @property
    def balances(self) -> dict[str, Decimal]:
        """What a paper account begins with, by asset; {} for the others."""
        return starting_balances(self.balance)

    def account(self) -> Account:
        """The account as the rest of the desk knows it."""
        return Account(
            self.name,
            self.venue,
            self.mode,
            self.groups,
            self.tags,
            self.weight,
            read_only=self.read_only,
            dead_man_s=self.dead_man_s,
        )


def starting_balances(text: str) -> dict[str, Decimal]:
    """Read "10000 USDT, 0.5 BTC".

    Raises:
        ValueError: it is not so written; the message says how.

    >>> starting_balances("10000 USDT, 0.5 BTC")
    {'USDT': Decimal('10000'), 'BTC': Decimal('0.5')}
    """
    found: dict[str, Decimal] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        fit = _BALANCE.fullmatch(part)
        if fit is None or not Decimal(fit[1]):
            raise ValueError(f'"{part}" is no balance; write a quantity above 0 and an asset: "10000 USDT"')
        if fit[2] in found:
            raise ValueError(f"{fit[2]} is there twice, as {found[fit[2]]:f} and {fit[1]}")
        found[fit[2]] = Decimal(fit[1])
    return found


def check_accounts(accounts: Sequence[AccountSettings], place: Place) -> None:
    """Everything about accounts that a type cannot say.

    Raises:
        ConfigError: at the offending key.
    """
    seen: dict[str, int] = {}
    venues = {one.venue for one in accounts}
    groups = {group for one in accounts for group in one.groups}
    for index, one in enumerate(accounts):
        here = place.at(index)
        for key, word in (("name", one.name), ("venue", one.venue), *(("groups", g) for g in one.groups)):
            check_word(word, here.at(key))
        for tag in one.tags:
            check_word(tag, here.at("tags"))
        if one.name in seen:
            raise here.at("name").error(
                f'account "{one.name}" is here twice, as entries {seen[one.name] + 1} and {index + 1}'
            )
        seen[one.name] = index
        if one.name in venues or one.name in groups or one.name == "all":
            raise here.at("name").error(
                f'account "{one.name}" is also the name of a venue, a group or "all": '
                f"@{one.name} would be ambiguous; rename it"
            )
        if one.weight <= 0:
            raise here.at("weight").error(f"weight is {one.weight}; it must be above 0")
        _check_egress(one, here)
        _check_dead_man(one, here)
        _check_balance(one, here)
    if clash := sorted(groups & (venues | {"all"})):
        raise place.error(f'group "{clash[0]}" is also the name of a venue or "all"; rename the group')


def check_word(word: str, place: Place) -> None:
    """Raise ConfigError unless `word` can be typed as a name."""
    if not _NAME.fullmatch(word):
        raise place.error(
            f'{place.key} has "{word}"; '
            'write letters, digits, ".", "_" and "-", starting with a letter or digit'
        )


def _check_egress(one: AccountSettings, here: Place) -> None:
    """The sandbox needs an address and a CA, paper may have both; anything else must have neither."""
    sandbox, paper = one.mode is Mode.SANDBOX, one.mode is Mode.PAPER
    for key, value, other in (("connect", one.connect, one.ca_file), ("ca_file", one.ca_file, one.connect)):
        if not value and (sandbox or (paper and other)):
            raise here.error(f'account "{one.name}" has mode "{one.mode}" and lacks the key "{key}"')
        if value and not (sandbox or paper):
            raise here.at(key).error(
                f'account "{one.name}" has mode "{one.mode}"; {key} belongs to mode "sandbox" only'
            )
    if one.connect and not _is_local_address(one.connect):
        raise here.at("connect").error(
            f'connect is "{one.connect}"; write this machine and a port, such as "127.0.0.1:18443"'
        )


def _check_dead_man(one: AccountSettings, here: Place) -> None:
    """Only where a switch is known to work, and long enough to be wound up in time."""
    seconds = one.dead_man_s
    if not seconds:
        return
    if one.mode is Mode.PAPER or one.venue not in DEAD_MAN_VENUES:
        raise here.at("dead_man_s").error(
            f'account "{one.name}" is at {one.venue} ({one.mode}), whose dead-man switch is not proven;'
            f" dead_man_s works at {', '.join(DEAD_MAN_VENUES)}"
        )
    if not DEAD_MAN_S[0] <= seconds <= DEAD_MAN_S[1]:
        raise here.at("dead_man_s").error(
            f"dead_man_s is {seconds}; write {DEAD_MAN_S[0]} to {DEAD_MAN_S[1]} seconds, or 0 for never"
        )


def _check_balance(one: AccountSettings, here: Place) -> None:
    """A paper account has a balance and no key; the others have no balance."""
    if one.mode is not Mode.PAPER:
        if one.balance:
            raise here.at("balance").error(
                f'account "{one.name}" has mode "{one.mode}"; balance belongs to mode "paper" only'
            )
        return
    if one.key:
        raise here.at("key").error(
            f'account "{one.name}" has mode "paper" and takes no API key; leave out key "{one.key}"'
        )
    try:
        found = one.balances
    except ValueError as error:
        raise here.at("balance").error(f"balance: {error}") from None
    if not found:
        raise here.error(
            f'account "{one.name}" has mode "paper" and lacks the key "balance", such as "10000 USDT"'
        )


def _is_local_address(text: str) -> bool:
    """Only this machine: a sandbox account's key must not reach a stranger's server by a slip."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return False
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
