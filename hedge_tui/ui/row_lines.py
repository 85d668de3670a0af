"""Lines of the command language for rows that the trader picked: what a key does, a line says. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _scope(rows: Sequence[Mapping[str, Any]]) -> str:
    return "@" + ",".join(dict.fromkeys(str(row["account"]) for row in rows))


def cancel_line(rows: Sequence[Mapping[str, Any]]) -> str:
    """Cancels these orders by their rows, whatever the active scope is; "" without any.

    >>> cancel_line([{"account": "a", "row": 3}, {"account": "b", "row": 5}])
    '@a,b cancel #3,#5'
    """
    if not rows:
        return ""
    if all(row["row"] for row in rows):
        names = [f"#{row['row']}" for row in rows]
    else:
        names = [f"id:{row['client_order_id']}" for row in rows]
    return f"{_scope(rows)} cancel {','.join(names)}"


def amend_line(rows: Sequence[Mapping[str, Any]]) -> str:
    """The beginning of an amendment of the first of these orders, up to the new price."""
    if not rows:
        return ""
    row = rows[0]
    which = f"#{row['row']}" if row["row"] else f"id:{row['client_order_id']}"
    return f"@{row['account']} amend {which} at "


def close_line(rows: Sequence[Mapping[str, Any]]) -> str:
    """Closes these positions, commands in parallel; "" without any.

    A leg of a hedged position is closed alone.

    >>> close_line([{"account": "a", "symbol": "X", "key": "a|v:X|net"}])
    '@a close X'
    >>> close_line([{"account": "a", "symbol": "X", "key": "a|v:X|short"}])
    '@a close X short'
    """
    symbols: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        leg = str(row.get("key", "")).rpartition("|")[2]
        side = f" {leg}" if leg in {"long", "short"} else ""
        symbols.setdefault((str(row["account"]), side), []).append(str(row["symbol"]))
    lines = (f"@{account} close {','.join(names)}{side}" for (account, side), names in symbols.items())
    return " & ".join(lines)
