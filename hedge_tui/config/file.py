"""Reads the configuration file. Called by the composition root, the CLI and the console."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hedge_tui.config.accounts import check_accounts
from hedge_tui.config.egress import check_account_egress, check_egress
from hedge_tui.config.lines import key_lines
from hedge_tui.config.place import Place, nearest
from hedge_tui.config.reading import read_table
from hedge_tui.config.risk import beyond_hard
from hedge_tui.config.settings import Settings
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from hedge_tui.config.accounts import AccountSettings

_DAY_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def load(file: Path) -> Settings:
    """The settings in `file`; all defaults when it does not exist.

    Raises:
        ConfigError: it cannot be read, others may write it, or something in it is wrong.
    """
    try:
        found = file.stat()
        text = file.read_bytes().decode()
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: byte {error.start} is no UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    # Whoever can write this file can lift the caps.
    if mode := stat.S_IMODE(found.st_mode) & 0o022:
        raise ConfigError(f"{file} can be written by others (mode bits {mode:03o}); run: chmod go-w {file}")
    return parse(text, file)


def parse(text: str, file: Path) -> Settings:
    """The settings that a TOML text holds.

    Args:
        text: the whole file.
        file: its name for messages, and the place that `ca_file` is relative to.

    Raises:
        ConfigError: naming file, line, the values, and for an unknown key the nearest known one.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_syntax_message(file, text, str(error))) from error
    place = Place(file, key_lines(text))
    settings = read_table(Settings, table, place)
    check_accounts(settings.accounts, place.at("accounts"))
    check_egress(settings.egress, place.at("egress"))
    check_account_egress(settings.accounts, settings.egress, place.at("accounts"))
    _check_rest(settings, place)
    return settings.with_accounts(tuple(_absolute(one, file) for one in settings.accounts))


def zone(settings: Settings) -> tzinfo:
    """The desk's time zone."""
    return UTC if settings.desk.timezone == "UTC" else ZoneInfo(settings.desk.timezone)


def _syntax_message(file: Path, text: str, error: str) -> str:
    """`tomllib` says "... (at line 3, column 7)" or "... (at end of document)"; ours start with both."""
    message, _, where = error.rpartition(" (at ")
    found = re.match(r"line (\d+)", where)
    line = int(found[1]) if found else len(text.splitlines())
    return f"{file}:{line}: {message or error}"


def _check_rest(settings: Settings, place: Place) -> None:
    _check_risk(settings, place)
    if settings.vault.unlock == "command" and not settings.vault.command:
        raise place.at("vault", "unlock").error(
            'unlock is "command", and [vault] lacks the key "command"; such as ["pass", "show", "hedge"]'
        )
    desk = place.at("desk")
    try:
        zone(settings)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise desk.at("timezone").error(
            f'timezone "{settings.desk.timezone}" is not known here; '
            'write a name such as "Europe/Berlin" or "UTC"'
        ) from None
    if not _DAY_TIME.fullmatch(settings.desk.day_start):
        raise desk.at("day_start").error(
            f'day_start is "{settings.desk.day_start}"; write hours and minutes such as "17:00"'
        )
    if not settings.desk.reporting_currency.strip():
        raise desk.at("reporting_currency").error(
            'reporting_currency is empty; write an asset such as "USDT"'
        )
    for index, symbol in enumerate(settings.console.watchlist):
        venue, colon, rest = symbol.partition(":")
        if not (venue and colon and rest):
            raise place.at("console", "watchlist", index).error(
                f'watchlist has "{symbol}"; write VENUE:SYMBOL such as "binanceusdm:BTC/USDT:USDT"'
            )


def _check_risk(settings: Settings, place: Place) -> None:
    names = {one.name for one in settings.accounts}
    for name in settings.risk.accounts:
        if name not in names:
            raise place.at("risk", "accounts", name).error(
                f'no account is called "{name}"; {nearest(name, names)}'
            )
    groups = {group for one in settings.accounts for group in one.groups}
    for name in settings.risk.groups:
        if name not in groups:
            raise place.at("risk", "groups", name).error(
                f'no account is in a group called "{name}"; {nearest(name, groups)}'
            )
    if (beyond := beyond_hard(settings.risk)) is not None:
        path, value, hard = beyond
        raise place.at("risk", *path).error(
            f"{path[-1]} is {value}, above the hard cap {hard} in [risk.hard]; lower it, or raise that"
        )


def _absolute(one: AccountSettings, file: Path) -> AccountSettings:
    if not one.ca_file:
        return one
    return replace(one, ca_file=os.path.normpath(file.absolute().parent / os.path.expanduser(one.ca_file)))  # noqa: PTH111 - joined to the file's folder at once
