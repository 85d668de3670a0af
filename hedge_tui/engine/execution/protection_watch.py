"""Raises an alarm when a position has lost its stop, or nobody knows whether it has one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import ClientOrderId, OrderStatus
from hedge_tui.engine.risk.protection import DOUBTFUL, guards, unprotected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

LOOK_AFTER_S = 1.0
"""A stop that ended may have closed the position: its news comes after that of the order."""
ANSWER_S = 1.5
"""A stop on its way for longer is in doubt, though its request has not been given up."""

_ENDS = {
    OrderStatus.CANCELLED: "was cancelled, not by this desk",
    OrderStatus.REJECTED: "was rejected",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.ABSENT: "is not at the venue",
    OrderStatus.FILLED: "is filled and a part of the position is left",
    OrderStatus.DENIED: "was not sent",
}


class ProtectionWatch:
    """Watches the stops of open positions.

    Attributes:
        alarmed: positions by key that are without a stop since an alarm, until they have one again.
    """

    def __init__(self, desk: Desk, spawn: Callable[..., object]) -> None:
        self._desk = desk
        self._spawn = spawn
        self._told: dict[ClientOrderId, OrderStatus] = {}
        self.alarmed: set[tuple[str, str, str]] = set()
        desk.on_changes.append(self._changed)

    def _changed(self, changes: Changes) -> None:
        touched = set(changes.positions)
        for id_ in changes.orders:
            order = self._desk.state.orders.get(ClientOrderId(id_))
            if order is not None and order.request.type.triggered:
                touched.add((order.request.account, order.request.instrument))
                self._stop_changed(order)
        self._ended({key for key in self.alarmed if key[:2] in touched})

    def _stop_changed(self, order: Order) -> None:
        id_, status = order.request.client_order_id, order.status
        if self._told.get(id_) is status:
            return
        if status in DOUBTFUL:
            self._told[id_] = status
            self._alarm(order, f"the outcome of its stop {{row}} is not known ({status})")
        elif status is OrderStatus.SENDING:
            self._told[id_] = status
            self._spawn(self._wait_for_answer(id_), name=f"stop:{id_[:8]}")
        elif status.terminal and not order.cancel_asked:
            self._told[id_] = status
            self._spawn(self._look_later(id_), name=f"stop:{id_[:8]}")

    async def _wait_for_answer(self, id_: ClientOrderId) -> None:
        await asyncio.sleep(ANSWER_S)
        order = self._desk.state.orders.get(id_)
        if order is not None and order.status is OrderStatus.SENDING:
            self._alarm(order, f"no answer about its stop {{row}} for {ANSWER_S:.1f} s")

    async def _look_later(self, id_: ClientOrderId) -> None:
        await asyncio.sleep(LOOK_AFTER_S)
        order = self._desk.state.orders.get(id_)
        if order is not None and order.status in _ENDS:
            why = f": {order.reason}" if order.reason else ""
            self._alarm(order, f"its stop {{row}} {_ENDS[order.status]}{why}")
        elif order is not None:
            self._told.pop(id_, None)

    def _alarm(self, order: Order, why: str) -> None:
        row = self._desk.state.rows.get(order.request.client_order_id)
        for position in self._guarded(order):
            orders = self._desk.state.working_orders(position.account)
            if unprotected(position, orders):
                self.alarmed.add(position.key)
                words = f"UNPROTECTED: {_named(position)}: {why.format(row=f'#{row}')}"
                self._desk.note("alarm", "protection", words, position.account)

    def _ended(self, keys: set[tuple[str, str, str]]) -> None:
        """Say which positions have a stop again; those that are flat need none."""
        for key in keys:
            account, instrument, side = key
            position = self._desk.accounts[account].positions.get((instrument, side))  # type: ignore[arg-type]
            if position is None:
                self.alarmed.discard(key)
            elif not unprotected(position, self._desk.state.working_orders(account)):
                self.alarmed.discard(key)
                self._desk.note("info", "protection", f"protected again: {_named(position)}", account)

    def _guarded(self, order: Order) -> Iterator[Position]:
        account = self._desk.accounts.get(order.request.account)
        for position in tuple(account.positions.values()) if account is not None else ():
            if position.quantity and guards(order.request, position):
                yield position


def _named(position: Position) -> str:
    side = "long" if position.quantity > 0 else "short"
    return f"{symbol_of(position.instrument)} {side} {abs(position.quantity).normalize():f}"
