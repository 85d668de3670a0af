"""Keys as `hedge keys list` and `hedge keys import` show them: the first letters of each, no secret."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hedge_tui.cli import formats
from hedge_tui.cli.table import text

if TYPE_CHECKING:
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.credentials.credential import Credential

PREFIX = 6
DAY_NS = 86_400_000_000_000
COLUMNS = (
    text("name"),
    text("venue"),
    text("key"),
    text("type", spare=3),
    text("permissions"),
    text("age", spare=2),
    text("addresses", spare=1),
    text("checked", spare=1),
    text("account", "used by"),
    text("remark"),
)


def key_row(key: Credential, account: AccountSettings | None, now_ns: int) -> dict[str, Any]:
    """One key of the vault for `--json`; `key_line` makes it readable."""
    from hedge_tui.bootstrap.key_check import words_of
    from hedge_tui.credentials.key_standing import standing_of
    from hedge_tui.domain.account import Mode

    standing = standing_of(key, account.mode if account is not None else Mode.LIVE)
    rights = key.rights
    remarks = [standing.refusal and f"REFUSED: {standing.refusal}", *standing.warnings]
    if standing.read_only:
        remarks.insert(0, "read-only: it may not trade")
    return {
        "name": key.name,
        "venue": key.venue,
        "key": prefix_of(key),
        "created": day_of(key.created_ns),
        "made_ns": rights.made_ns if rights is not None and rights.made_ns else None,
        "type": key.key_type.value,
        "permissions": words_of(rights),
        "ip_restricted": rights.ip_restricted if rights is not None else None,
        "ips": list(rights.ips) if rights is not None else [],
        "checked_ns": key.checked_ns or None,
        "accepted": list(key.accepted),
        "refused": bool(standing.refusal),
        "read_only": standing.read_only,
        "account": account.name if account is not None else None,
        "remark": "; ".join(one for one in remarks if one),
        "age_days": (now_ns - (rights.made_ns if rights and rights.made_ns else key.created_ns)) // DAY_NS,
    }


def key_line(row: dict[str, Any], now_ns: int) -> dict[str, Any]:
    """The row for people."""
    restricted = row["ip_restricted"]
    addresses = ", ".join(row["ips"]) or {True: "listed", False: "ANY", None: "not told"}[restricted]
    return {
        **row,
        "age": f"{row['age_days']} d",
        "addresses": addresses,
        "checked": f"{formats.ago(row['checked_ns'], now_ns)} ago" if row["checked_ns"] else "never",
    }


def prefix_of(key: Credential) -> str:
    """Enough of the public part to find the key at the venue's web page."""
    shown = key.api_key.reveal()
    return f"{shown[:PREFIX]}…" if len(shown) > 2 * PREFIX else "…"


def day_of(at_ns: int) -> str:
    """A day in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(at_ns / 1e9))
