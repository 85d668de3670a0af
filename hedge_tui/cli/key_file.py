"""Files of API keys for `hedge keys import`, and how one is destroyed afterwards."""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = ("name", "venue", "key", "secret", "passphrase")
NEEDED = FIELDS[:4]
LISTS = ("keys", "accounts")


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One entry of the file."""

    name: str
    venue: str
    key: Secret
    secret: Secret
    passphrase: Secret | None


def read_key_file(file: Path) -> list[KeyEntry]:
    """The entries of a TOML, JSON or CSV file, told apart by its suffix.

    Raises:
        ConfigError: names the entry and the field; no message holds a secret.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {getattr(error, 'strerror', 'it is no UTF-8')}") from None
    rows = _rows(file, text)
    if not rows:
        raise ConfigError(f"{file} holds no keys; a list called `keys` is needed, or a CSV with a heading")
    found = [_entry(row, f"{file}: entry {number}") for number, row in enumerate(rows, 1)]
    if twice := {entry.name for entry in found if [e.name for e in found].count(entry.name) > 1}:
        raise ConfigError(f"{file} has {min(twice)!r} twice")
    return found


def shred(file: Path) -> None:
    """Overwrite a file once and delete it. Disks and file systems that copy on write keep the old bytes.

    Raises:
        OSError: it cannot be written.
    """
    handle = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        os.write(handle, secrets.token_bytes(max(os.fstat(handle).st_size, 1)))
        os.fsync(handle)
    finally:
        os.close(handle)
    file.unlink()


def _rows(file: Path, text: str) -> list[Any]:
    try:
        if file.suffix == ".csv":
            return list(csv.DictReader(io.StringIO(text), skipinitialspace=True))
        if file.suffix == ".json":
            found = json.loads(text)
        elif file.suffix == ".toml":
            found = tomllib.loads(text)
        else:
            raise ConfigError(f"{file}: write .toml, .json or .csv at the end of its name")
    except (ValueError, csv.Error):
        # The parser's words could quote a secret.
        raise ConfigError(f"{file} cannot be read as {file.suffix[1:].upper()}") from None
    if isinstance(found, dict):
        found = next((found[name] for name in LISTS if name in found), None)
    return found if isinstance(found, list) else []


def _entry(row: Any, where: str) -> KeyEntry:
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: a table with {', '.join(FIELDS)} is needed")
    row = {str(name).strip().lower(): value for name, value in row.items()}
    if unknown := set(row) - set(FIELDS):
        raise ConfigError(f"{where}: unknown field {min(unknown)!r}; known are {', '.join(FIELDS)}")
    texts = {name: str(row.get(name) or "").strip() for name in FIELDS}
    if missing := [name for name in NEEDED if not texts[name]]:
        raise ConfigError(f"{where} lacks {' and '.join(missing)}")
    extra = Secret(texts["passphrase"]) if texts["passphrase"] else None
    return KeyEntry(texts["name"], texts["venue"], Secret(texts["key"]), Secret(texts["secret"]), extra)
