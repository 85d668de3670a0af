"""Own orders and position in the market in focus as a ladder shows them, with a guess of the queue."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hedge_tui.ui.columns.orders import FINISHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

PENDING = frozenset({"intent", "sending", "unknown", "cancel_unknown", "amend_unknown"})
"""Orders whose place at the venue is not known now."""
QUIET = ("cancelling",)


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """One working order with a price.

    Attributes:
        side: buy or sell. price: quote. quantity: open, venue units.
        pending: on its way, unknown, or with a cancel on its way. row: the order's row in Orders.
    """

    id: str
    side: str
    price: float
    quantity: float
    pending: bool
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwnPosition:
    """Net of the accounts in scope: quantity signed, venue units; entry: average price, quote."""

    quantity: float
    entry: float
    unrealized: float


def own_orders(rows: Iterable[Mapping[str, Any]]) -> list[OwnOrder]:
    """Working limit orders; those that wait for a trigger are in no queue."""
    found = []
    for row in rows:
        price = float(row["price"])
        if row["status"] in FINISHED or math.isnan(price) or str(row["type"]) != "limit":
            continue
        pending = str(row["status"]) in PENDING or any(word in str(row["flags"]) for word in QUIET)
        quantity = float(row["quantity"]) - float(row["filled"])
        found.append(OwnOrder(str(row["client_order_id"]), str(row["side"]), price, quantity, pending, row))
    return found


def own_position(rows: Iterable[Mapping[str, Any]], accounts: Collection[str]) -> OwnPosition | None:
    """The net position of these accounts, None without any."""
    mine = [row for row in rows if row["account"] in accounts]
    signed = [(1 if row["side"] == "long" else -1) * float(row["quantity"]) for row in mine]
    if not any(signed):
        return None
    weight = sum(abs(quantity) for quantity in signed)
    entry = sum(abs(q) * float(row["entry_price"]) for q, row in zip(signed, mine, strict=True)) / weight
    pnl = sum(float(row["unrealized"]) for row in mine)
    return OwnPosition(sum(signed), entry, pnl)


class QueueGuess:
    """At most how much of others' quantity stands before our orders.

    When an order is first seen in the book, all that lies there besides ours may be before it; from then on
    only less can be. It is an upper bound: nobody tells who cancelled.
    """

    def __init__(self) -> None:
        self._ahead: dict[str, float] = {}

    def look(self, orders: Sequence[OwnOrder], bids: Iterable[Any], asks: Iterable[Any]) -> None:
        """A new book, or other orders."""
        depth = {"buy": dict(_pairs(bids)), "sell": dict(_pairs(asks))}
        ours: dict[tuple[str, float], float] = {}
        for order in orders:
            if not order.pending:
                key = (order.side, order.price)
                ours[key] = ours.get(key, 0.0) + order.quantity
        known = {order.id for order in orders}
        self._ahead = {id_: ahead for id_, ahead in self._ahead.items() if id_ in known}
        for order in orders:
            there = depth[order.side].get(order.price)
            if there is None or order.pending:
                continue
            others = max(0.0, there - ours[order.side, order.price])
            self._ahead[order.id] = min(self._ahead.get(order.id, math.inf), others)

    def ahead(self, id_: str) -> float | None:
        """Venue units at most, None where its level was never seen."""
        return self._ahead.get(id_)


def _pairs(levels: Iterable[Any]) -> Iterable[tuple[float, float]]:
    return ((float(price), float(quantity)) for price, quantity in levels)
