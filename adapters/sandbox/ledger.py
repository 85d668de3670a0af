"""The truth ledger: what really happened at the sandbox, whatever its clients were told.

Tests compare a desk's journal and screen with it. `rest` and `ws_api` record requests, `ledger_rows` orders,
fills and balance changes; the control port and `SandboxControl` read it.
"""

from __future__ import annotations

import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIMIT = 100_000
"""Rows kept of each kind; older ones fall out, newest last."""


class Ledger:
    """Append-only rows by kind, each a JSON-able dict with `seq`, `time_ns` and `real_ns`.

    `time_ns` is the venue's clock, which tests shift; `real_ns` this machine's when the row was made, so that
    what a client knew can be compared with what was true at that moment.

    Kinds: `request` (account, address, method, path, params, status, outcome), `stream` (a WebSocket that was
    opened: account, address, path), `order` (one row for every change of an order), `fill`, `balance` (one
    row for every change of a balance), `fault` (a fault that fired).
    """

    def __init__(self, real_ns: Callable[[], int] = time.time_ns) -> None:
        self._real_ns = real_ns
        self._rows: dict[str, deque[dict[str, Any]]] = {}
        self._seq = 0
        self.orders: dict[str, dict[str, Any]] = {}
        """The newest row of each order, by `venue:order id`."""

    def append(self, kind: str, time_ns: int, row: dict[str, Any]) -> dict[str, Any]:
        """Add a row; returns it, so that a request can be given its outcome later."""
        self._seq += 1
        stamped = {"seq": self._seq, "kind": kind, "time_ns": time_ns, "real_ns": self._real_ns(), **row}
        rows = self._rows.get(kind)
        if rows is None:
            rows = self._rows[kind] = deque(maxlen=LIMIT)
        rows.append(stamped)
        if kind == "order":
            self.orders[f"{row['venue']}:{row['order_id']}"] = stamped
        return stamped

    @property
    def seq(self) -> int:
        """Number of the newest row."""
        return self._seq

    def rows(self, kinds: Iterable[str], since: int = 0, limit: int = LIMIT) -> list[dict[str, Any]]:
        """Rows of the kinds with `seq` above `since`, oldest first, at most `limit`."""
        found = [row for kind in kinds for row in self._after(kind, since)]
        found.sort(key=_seq)
        return found[:limit]

    def clear(self) -> None:
        """Forget everything; sequence numbers go on."""
        self._rows.clear()
        self.orders.clear()

    def _after(self, kind: str, since: int) -> list[dict[str, Any]]:
        rows = self._rows.get(kind)
        if not rows:
            return []
        first = rows[0]["seq"]
        if since < first:
            return list(rows)
        # Rows of one kind are in order but not without holes: count back from the end.
        newer = 0
        for row in reversed(rows):
            if row["seq"] <= since:
                break
            newer += 1
        return list(islice(rows, len(rows) - newer, None))


def _seq(row: dict[str, Any]) -> int:
    seq: int = row["seq"]
    return seq
