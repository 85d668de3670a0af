"""Adds and removes `[[accounts]]` entries of the configuration file and leaves the rest of it as it is.

The file is the trader's: comments, order and spelling stay. What comes out is read back before it is
written. Used by `hedge accounts`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hedge_tui.config.file import load, parse
from hedge_tui.config.lines import key_lines
from hedge_tui.config.paths import write_private_file
from hedge_tui.config.place import nearest
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hedge_tui.config.accounts import AccountSettings


def with_account(text: str, account: AccountSettings) -> str:
    """The file's text with one more account at its end."""
    lines = ["[[accounts]]", f"name = {_text(account.name)}", f"venue = {_text(account.venue)}"]
    lines.append(f"mode = {_text(account.mode.value)}")
    for key, value in (
        ("connect", account.connect),
        ("ca_file", account.ca_file),
        ("key", account.key),
        ("egress", account.egress),
        ("balance", account.balance),
    ):
        if value:
            lines.append(f"{key} = {_text(value)}")
    for name, words in (("groups", account.groups), ("tags", account.tags)):
        if words:
            lines.append(f"{name} = [{', '.join(map(_text, words))}]")
    if account.weight != 1:
        lines.append(f"weight = {account.weight:f}")
    if account.read_only:
        lines.append("read_only = true")
    before = f"{text.rstrip()}\n\n" if text.strip() else ""
    return before + "\n".join(lines) + "\n"


def without_account(text: str, name: str, file: Path) -> str:
    """The file's text without one account.

    Raises:
        ConfigError: there is none of that name, or it is written in a way that only a person can cut.
    """
    names = [one.name for one in parse(text, file).accounts]
    if name not in names:
        raise ConfigError(f'no account is called "{name}"; {nearest(name, names)}')
    places = key_lines(text)
    header = ("accounts", names.index(name))
    if header not in places:
        raise ConfigError(f"{file}: accounts are not written as [[accounts]] there; take {name} out by hand")
    rows = text.splitlines(keepends=True)
    start = places[header] - 1
    later = [line - 1 for path, line in places.items() if line - 1 > start and path[:2] != header]
    end = min(later, default=len(rows))
    # What stands right above the next header speaks of that.
    while end < len(rows) and end - 1 > start and rows[end - 1].lstrip().startswith("#"):
        end -= 1
    return "".join([*rows[:start], *rows[end:]])


def save_account(file: Path, account: AccountSettings) -> None:
    """Write an account into the configuration file, which is made where there is none.

    Raises:
        ConfigError: the result would be wrong; nothing is written then.
    """
    save_accounts(file, [account])


def save_accounts(file: Path, accounts: Sequence[AccountSettings]) -> None:
    """Write several accounts at once, as `save_account`; all or none."""
    text = _with(file, accounts)
    target = file.resolve()  # a link stays a link
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private_file(target, text.encode())


def check_fit(file: Path, accounts: Sequence[AccountSettings]) -> None:
    """Raise ConfigError when these accounts cannot be added to the configuration."""
    _with(file, accounts)


def _with(file: Path, accounts: Sequence[AccountSettings]) -> str:
    text = _read(file)
    for account in accounts:
        text = with_account(text, account)
    names = ", ".join(f'"{account.name}"' for account in accounts)
    _checked(file, text, f"account{'s' if len(accounts) > 1 else ''} {names} would be wrong")
    return text


def drop_account(file: Path, name: str) -> None:
    """Take an account out of the configuration file. Raises ConfigError; nothing is written then."""
    _replace(file, without_account(_read(file), name, file), f'"{name}" cannot be taken out')


def _read(file: Path) -> str:
    load(file)  # a file that is wrong already is not added to
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _replace(file: Path, text: str, problem: str) -> None:
    _checked(file, text, problem)
    target = file.resolve()  # a link stays a link
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private_file(target, text.encode())


def _checked(file: Path, text: str, problem: str) -> None:
    try:
        parse(text, file)
    except ConfigError as error:
        raise ConfigError(f"{problem}: {error}; nothing was written") from None


def _text(word: str) -> str:
    """A TOML basic string: JSON's, where DEL is the one letter that has to be escaped besides."""
    return json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")


MODES = tuple(mode.value for mode in Mode)
"""What `--mode` takes."""
