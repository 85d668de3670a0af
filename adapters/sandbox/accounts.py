"""The accounts that a sandbox serves: read from a file, or the demo's twelve.

A file holds a list named `accounts` (TOML `[[accounts]]` or JSON), each with `name`, `key`, `secret`,
optional `permissions`, `ip_restricted` and `dual_side`, and balances by asset in `spot` and `usdm`, written
as strings.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PERMISSIONS = frozenset({"read", "spot", "futures", "margin", "withdraw", "transfer"})
"""What a key may be allowed; `read` is needed for every signed call."""
TRADING = frozenset({"read", "spot", "futures"})
"""What a desk's key should have: nothing that moves money out."""
_FIELDS = frozenset({"name", "key", "secret", "permissions", "spot", "usdm", "ip_restricted", "dual_side"})
READ_ONLY = frozenset({"read"})
"""What a key that only watches has."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account with its key, before any trading.

    Attributes:
        name: unique; the truth ledger and the control port call the account by it.
        key, secret: 64 characters each, as the venue hands them out; for Ed25519 and RSA keys the venue has
            the public half of the pair instead of a secret, in PEM form.
        permissions: a subset of `PERMISSIONS`.
        spot, usdm: starting balance by asset, in units of the asset.
        ip_restricted: what `apiRestrictions` says of the key's address list; nothing is refused for it
            until the control port gives the key a list.
        dual_side: its USD-M positions are held in hedge mode from the beginning.
    """

    name: str
    key: str
    secret: str = field(repr=False)
    permissions: frozenset[str] = TRADING
    spot: Mapping[str, Decimal] = field(default_factory=dict)
    usdm: Mapping[str, Decimal] = field(default_factory=dict)
    ip_restricted: bool = False
    dual_side: bool = False


def derived_key(name: str, purpose: str, seed: int) -> str:
    """A 64-character key or secret that depends only on the arguments.

    The sandbox holds no money, so a secret that a test can work out again is wanted.
    """
    return hashlib.sha256(f"sandbox:{seed}:{name}:{purpose}".encode()).hexdigest()


def sandbox_account(
    name: str,
    *,
    spot: Mapping[str, str] | None = None,
    usdm: Mapping[str, str] | None = None,
    permissions: frozenset[str] = TRADING,
    ip_restricted: bool = False,
    dual_side: bool = False,
    seed: int = 1,
) -> AccountSpec:
    """An account with derived key and secret and the given balances (asset to decimal text)."""
    return AccountSpec(
        name=name,
        key=derived_key(name, "key", seed),
        secret=derived_key(name, "secret", seed),
        permissions=permissions,
        spot={asset: Decimal(text) for asset, text in (spot or {}).items()},
        usdm={asset: Decimal(text) for asset, text in (usdm or {}).items()},
        ip_restricted=ip_restricted,
        dual_side=dual_side,
    )


def demo_accounts(seed: int = 1) -> tuple[AccountSpec, ...]:
    """The demo's twelve: `desk-1` to `desk-8` trade USD-M futures, `desk-9` to `desk-11` spot.

    `desk-12` trades USD-M futures in hedge mode.
    """
    futures = [
        sandbox_account(f"desk-{n}", usdm={"USDT": str(20_000 + 10_000 * n)}, ip_restricted=True, seed=seed)
        for n in range(1, 9)
    ]
    spot = [
        sandbox_account(
            f"desk-{n}",
            spot={"USDT": str(15_000 * (n - 7)), "BTC": f"0.{n:02d}", "ETH": str(n - 7), "BNB": "10"},
            ip_restricted=True,
            seed=seed,
        )
        for n in range(9, 12)
    ]
    hedged = sandbox_account("desk-12", usdm={"USDT": "80000"}, ip_restricted=True, dual_side=True, seed=seed)
    return (*futures, *spot, hedged)


def load_accounts(path: Path) -> tuple[AccountSpec, ...]:
    """Read accounts from a TOML or JSON file, by its suffix.

    Raises:
        ConfigError: the file cannot be read, or an entry is wrong; the message names the entry and the field.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    entries = raw.get("accounts") if isinstance(raw, dict) else raw
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{path}: expected a non-empty list named accounts")
    accounts = tuple(_account(entry, f"{path}: accounts[{n}]") for n, entry in enumerate(entries))
    names = [account.name for account in accounts]
    keys = [account.key for account in accounts]
    if len(set(names)) != len(names) or len(set(keys)) != len(keys):
        raise ConfigError(f"{path}: account names and keys must be unique")
    return accounts


def _account(entry: Any, where: str) -> AccountSpec:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: expected a table")
    unknown = set(entry) - _FIELDS
    if unknown:
        raise ConfigError(f"{where}: unknown field {min(unknown)}; known are {', '.join(sorted(_FIELDS))}")
    for name in ("name", "key", "secret"):
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise ConfigError(f"{where}: {name} must be a non-empty string")
    permissions = frozenset(entry.get("permissions", TRADING))
    if permissions - PERMISSIONS:
        strange = permissions - PERMISSIONS
        known = ", ".join(sorted(PERMISSIONS))
        raise ConfigError(f"{where}: unknown permission {min(strange)}; known are {known}")
    return AccountSpec(
        name=entry["name"],
        key=entry["key"],
        secret=entry["secret"],
        permissions=permissions,
        spot=_balances(entry.get("spot", {}), f"{where}.spot"),
        usdm=_balances(entry.get("usdm", {}), f"{where}.usdm"),
        ip_restricted=entry.get("ip_restricted") is True,
        dual_side=entry.get("dual_side") is True,
    )


def _balances(raw: Any, where: str) -> dict[str, Decimal]:
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: expected assets and quantities")
    balances: dict[str, Decimal] = {}
    for asset, text in raw.items():
        try:
            quantity = Decimal(str(text))
        except InvalidOperation as error:
            raise ConfigError(f"{where}.{asset}: {text!r} is no quantity") from error
        if not quantity.is_finite() or quantity < 0:
            raise ConfigError(f"{where}.{asset}: {text!r} must be 0 or more")
        balances[asset] = quantity
    return balances
