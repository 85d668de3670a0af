"""Compares the whole of one account now: orders, fills, positions and balances, desk against ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from faults.sockets.record import QUESTIONS, shown_id
from faults.sockets.verdict import ours

if TYPE_CHECKING:
    from faults.sockets.scene import Scene

EQUAL = {
    "NEW": {"live"},
    "PARTIALLY_FILLED": {"partial"},
    "FILLED": {"filled"},
    "CANCELED": {"cancelled"},
    "EXPIRED": {"expired", "cancelled", "rejected"},
    "EXPIRED_IN_MATCH": {"expired", "cancelled"},
    "REJECTED": {"rejected"},
}
"""What the desk may call an order that the venue calls so, when all is settled."""


async def differences(scene: Scene) -> list[str]:
    """What desk and venue do not agree on, in words; empty when all is settled and equal."""
    doubts = [f"order {id_} is {status}" for id_, status in scene.now().items() if status in QUESTIONS]
    money = await scene.control.balances(scene.account)
    money = [row for row in money if row["venue"] == scene.venue]
    return (
        doubts
        + await _orders(scene)
        + await _fills(scene)
        + await _wallets(scene, money)
        + (await _positions(scene, money))
    )


async def _orders(scene: Scene) -> list[str]:
    asked = await scene.client.query("orders", working=False, count=1_000)
    shown = {row["client_order_id"]: row for row in asked if row["account"] == scene.account}
    found = []
    for there in await scene.truth():
        id_, executed = shown_id(there, shown), Decimal(there["executed"])
        row = shown.get(id_)
        if row is None and not ours(id_) and there["status"] not in ("NEW", "PARTIALLY_FILLED"):
            continue  # a stranger's order that came and went unseen: its fills tell of it
        if row is None or row["status"] not in EQUAL[there["status"]] or Decimal(row["filled"]) != executed:
            here = "is not there" if row is None else f"shows {row['status']} {row['filled']}"
            found.append(f"order {id_}: the venue has {there['status']} {executed}, the desk {here}")
    return found


async def _fills(scene: Scene) -> list[str]:
    there = {_execution(row) for row in await scene.rows("fill")}
    asked = await scene.client.query("fills", count=2_000)
    here = [_execution(row) for row in asked if row["account"] == scene.account]
    found = [f"fill {fill} is not on the desk" for fill in sorted(there - set(here))]
    return found + [f"fill {fill} is counted twice" for fill in sorted(there) if here.count(fill) > 1]


def _execution(row: dict[str, Any]) -> tuple[str, Decimal, Decimal]:
    # Forced closes happen between ticks; the venue tells their price rounded.
    return str(row["trade_id"]), Decimal(row["quantity"]), round(Decimal(row["price"]), 1)


async def _wallets(scene: Scene, money: list[dict[str, Any]]) -> list[str]:
    there = {
        row["asset"]: Decimal(row["total"])
        for row in money
        if row["what"] == "balance" and Decimal(row["total"])
    }
    here = {
        row["asset"]: Decimal(row["total"])
        for row in await scene.client.query("balances")
        if row["account"] == scene.account and Decimal(row["total"])
    }
    return [] if there == here else [f"the venue holds {there}, the desk shows {here}"]


async def _positions(scene: Scene, money: list[dict[str, Any]]) -> list[str]:
    there = {
        row["symbol"]: Decimal(row["quantity"])
        for row in money
        if row["what"] == "position" and Decimal(row["quantity"])
    }
    here = {
        row["symbol"].partition(":")[0].replace("/", ""): _signed(row)
        for row in await scene.client.query("positions")
        if row["account"] == scene.account
    }
    return [] if there == here else [f"the venue has positions {there}, the desk shows {here}"]


def _signed(row: dict[str, Any]) -> Decimal:
    quantity = Decimal(row["quantity"])
    return quantity if row["side"] == "long" else -quantity
