"""Files of API keys for `hedge keys import`: read strictly, every wrong cell by its row and column."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from hedge_tui.config.accounts import AccountSettings
from hedge_tui.credentials.credential import Credential
from hedge_tui.credentials.errors import VaultEntryError
from hedge_tui.credentials.private_key import read_secret
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = ("name", "venue", "key", "secret")
FIELDS = (
    *NEEDED, "passphrase", "mode", "connect", "ca_file", "groups", "tags", "weight", "read_only",
    "egress",
)  # fmt: skip
LISTS = ("keys", "accounts")
YES, NO = ("true", "yes", "1"), ("false", "no", "0", "")


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One entry of the file; `account` is what the configuration gets if it has none of that name."""

    key: Credential
    account: AccountSettings

    @property
    def name(self) -> str:
        """Of the key and of its account."""
        return self.key.name


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that say nothing of it."""

    mode: str = "live"
    connect: str = ""
    ca_file: str = ""
    groups: tuple[str, ...] = ()
    read_only: bool = False
    egress: str = ""


def read_key_file(file: Path, defaults: Defaults | None = None, now_ns: int = 0) -> list[KeyEntry]:
    """The entries of a TOML, JSON or CSV file, told apart by its suffix.

    Raises:
        ConfigError: one line for every wrong cell, with its row and column; no message holds a secret.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {getattr(error, 'strerror', 'it is no UTF-8')}") from None
    wrong: list[str] = []
    rows = _rows(file, text, wrong)
    found: list[KeyEntry] = []
    for where, row in rows:
        reader = _Row(file, where, row, defaults or Defaults(), wrong)
        if (entry := reader.entry(now_ns)) is not None:
            found.append(entry)
    twice = {entry.name for entry in found if sum(other.name == entry.name for other in found) > 1}
    wrong += [f"{file}: {name!r} twice; names are unique" for name in sorted(twice)]
    if wrong:
        raise ConfigError("\n".join([*wrong, "nothing was taken"]))
    if not rows:
        raise ConfigError(f"{file} holds no keys; a list called `keys` is needed, or a CSV with a heading")
    return found


class _Row:
    """Reads one row; what is wrong with it goes to `wrong`."""

    def __init__(self, file: Path, where: str, row: Any, defaults: Defaults, wrong: list[str]) -> None:
        self._file, self._where, self._wrong, self._defaults = file, where, wrong, defaults
        self._row: dict[str, Any] = {}
        if not isinstance(row, dict):
            wrong.append(f"{where}: a table with {', '.join(NEEDED)} is needed")
            return
        self._row = {str(name).strip().lower(): value for name, value in row.items() if name is not None}
        if row.get(None):
            self._bad("behind the last column", "there are more cells than headings")
        for name in self._row.keys() - set(FIELDS):
            self._bad(name, f"unknown field {name!r}; known are {', '.join(FIELDS)}")

    def _bad(self, column: str, words: str) -> None:
        self._wrong.append(f"{self._where}, {column}: {words}")

    def _text(self, name: str, default: str = "") -> str:
        value = self._row.get(name)
        if value is None or value == "":
            return default
        if not isinstance(value, str):
            self._bad(name, f"a text is needed, not {type(value).__name__}")
            return default
        return value.strip() or default

    def _words(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._row.get(name)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        return tuple(self._text(name).replace(",", " ").replace(";", " ").split()) or default

    def entry(self, now_ns: int) -> KeyEntry | None:
        """The entry, or None where something is wrong."""
        before = len(self._wrong)
        texts = {name: self._text(name) for name in (*NEEDED, "passphrase")}
        for name in NEEDED:
            if not texts[name] and self._row:
                self._bad(name, "is empty" if name in self._row else "is missing")
        secret, kind = self._secret(texts["secret"])
        account = self._account(texts["name"], texts["venue"])
        if len(self._wrong) > before or not self._row or account is None:
            return None
        extra = Secret(texts["passphrase"]) if texts["passphrase"] else None
        key = Credential(
            texts["name"], texts["venue"], Secret(texts["key"]), secret, extra, now_ns, key_type=kind
        )
        return KeyEntry(key, account)

    def _secret(self, text: str) -> tuple[Secret, Any]:
        try:
            if text.startswith("file:"):
                text = (self._file.parent / text.removeprefix("file:")).read_text(encoding="utf-8")
            value, kind = read_secret(text)
        except VaultEntryError as error:
            self._bad("secret", str(error))
        except (OSError, UnicodeDecodeError) as error:
            self._bad("secret", f"its file cannot be read: {getattr(error, 'strerror', 'it is no text')}")
        else:
            return Secret(value), kind
        return Secret(""), None

    def _account(self, name: str, venue: str) -> AccountSettings | None:
        from hedge_tui.bootstrap.venues import check_venue

        mode = self._text("mode", self._defaults.mode)
        if mode not in set(Mode) or mode == Mode.PAPER:
            self._bad("mode", f"{mode!r} is not one of: live, demo, sandbox")
            mode = "live"
        if venue:
            try:
                check_venue(venue)
            except ConfigError as error:
                self._bad("venue", str(error))
        sandbox = mode == Mode.SANDBOX
        ca_file = self._text("ca_file", self._defaults.ca_file if sandbox else "")
        return AccountSettings(
            name,
            venue,
            Mode(mode),
            self._text("connect", self._defaults.connect if sandbox else ""),
            str((self._file.parent / ca_file).absolute()) if ca_file else "",
            self._words("groups", self._defaults.groups),
            self._words("tags", ()),
            self._weight(),
            read_only=self._flag("read_only", default=self._defaults.read_only),
            egress=self._text("egress", self._defaults.egress),
        )

    def _weight(self) -> Decimal:
        value = self._row.get("weight")
        try:
            found = Decimal(str(value)) if value not in (None, "") else Decimal(1)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or found <= 0:
            self._bad("weight", f"{value!r} is no number above 0")
            return Decimal(1)
        return found

    def _flag(self, name: str, *, default: bool) -> bool:
        value = self._row.get(name)
        if isinstance(value, bool):
            return value
        text = str(value or "").strip().lower()
        if text not in (*YES, *NO):
            self._bad(name, f"{text!r} is not one of: true, false")
        return text in YES if text else default


def _rows(file: Path, text: str, wrong: list[str]) -> list[tuple[str, Any]]:
    """(where, row) of each row; a CSV's rows are counted as lines of the file."""
    try:
        if file.suffix == ".csv":
            reader = csv.DictReader(io.StringIO(text), skipinitialspace=True, strict=True)
            found = [(f"{file}: line {reader.line_num}", row) for row in reader]
            heading = {str(one).strip().lower() for one in reader.fieldnames or NEEDED}
            wrong += [
                f"{file}: line 1, {name}: the heading lacks this column"
                for name in NEEDED
                if name not in heading
            ]
            # One word for a missing column is enough.
            return [] if wrong else found
        if file.suffix == ".json":
            parsed = json.loads(text)
        elif file.suffix == ".toml":
            parsed = tomllib.loads(text)
        else:
            raise ConfigError(f"{file}: write .toml, .json or .csv at the end of its name")
    except (ValueError, csv.Error):
        # The parser's words could quote a secret.
        raise ConfigError(f"{file} cannot be read as {file.suffix[1:].upper()}") from None
    if isinstance(parsed, dict):
        parsed = next((parsed[name] for name in LISTS if name in parsed), None)
    rows = parsed if isinstance(parsed, list) else []
    return [(f"{file}: entry {number}", row) for number, row in enumerate(rows, 1)]
