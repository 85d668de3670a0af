"""What the desk showed all along, and what was true at the venue: two records to be compared."""

from __future__ import annotations

import time
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from hedge_tui.wire.client import EngineClient

QUESTIONS = frozenset({"intent", "sending", "unknown", "cancel_unknown", "amend_unknown"})
"""Statuses that claim nothing."""
NEVER = frozenset({"denied", "rejected", "absent"})
"""Statuses that say: the venue does not have it."""
WORKING = frozenset({"acked", "live", "partial"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What the desk showed of one order from `at_ns` on; its own clock."""

    at_ns: int
    status: str
    filled: float
    account: str
    external: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What an order was at the venue from `at_ns` on; this machine's clock. It came there at `first_ns`."""

    at_ns: int
    first_ns: int
    status: str
    executed: float
    order_id: str

    @property
    def works(self) -> bool:
        """Whether it may still trade."""
        return self.status in ("NEW", "PARTIALLY_FILLED")


@dataclass
class Watch:
    """Follows the orders of a desk as a console does, and keeps every change with its time.

    Attributes:
        orders: client order id -> what was shown of it, oldest first.
    """

    client: EngineClient
    orders: dict[str, list[Seen]] = field(default_factory=dict)

    def begin(self) -> None:
        self.client.on_frame = self._frame
        self.client.follow("orders", "accounts", "log")

    def log(self, account: str, since_ns: int) -> list[tuple[int, str]]:
        """What the desk said about an account: (when, words)."""
        table = self.client.replica.table("log")
        rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows.values())
        return [
            (row["at_ns"], row["text"])
            for row in rows
            if row["account"] == account and row["at_ns"] >= since_ns
        ]

    def state(self, account: str) -> str:
        """How the account's private feed stands."""
        return str(self.client.replica.table("accounts").get(account, "state"))

    def of(self, account: str, since_ns: int = 0) -> dict[str, list[Seen]]:
        """The orders of one account that were first shown after `since_ns`."""
        return {
            id_: rows
            for id_, rows in self.orders.items()
            if rows[0].account == account and rows[0].at_ns >= since_ns
        }

    def _frame(self, topics: list[str]) -> None:
        if "orders" not in topics:
            return
        table = self.client.replica.table("orders")
        changed, _ = table.take_changes()
        at_ns = self.client.replica.at_ns
        for id_ in table.rows if changed is None else changed:
            if id_ not in table.rows:
                continue
            row = dict(zip(table.columns, table.rows[id_], strict=True))
            seen = Seen(at_ns, row["status"], row["filled"], row["account"], "external" in row["flags"])
            rows = self.orders.setdefault(id_, [])
            if not rows or (rows[-1].status, rows[-1].filled) != (seen.status, seen.filled):
                rows.append(seen)


def shown_id(row: dict[str, Any], shown: Container[str]) -> str:
    """What the desk calls a venue's order: an id used before is told apart by the venue's own."""
    apart = f"{row['client_order_id']}~{row['order_id']}"
    return apart if apart in shown else str(row["client_order_id"])


def truth_of(rows: Iterable[dict[str, Any]], shown: Container[str]) -> dict[str, list[Fact]]:
    """The ledger's order rows by what the desk calls the order, oldest first."""
    found: dict[str, list[Fact]] = {}
    for row in rows:
        if row["kind"] == "order":
            before = found.setdefault(shown_id(row, shown), [])
            at_ns = row["real_ns"]
            first_ns = before[0].at_ns if before else at_ns
            executed = float(row["executed"])
            before.append(Fact(at_ns, first_ns, row["status"], executed, str(row["order_id"])))
    return found


def now_ns() -> int:
    """This machine's clock, as the engine's and the ledger's."""
    return time.time_ns()
