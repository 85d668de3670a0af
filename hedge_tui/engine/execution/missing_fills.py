"""Asks for executions that an order's filled quantity tells of and that nobody has told one by one.

A look-up, or a report whose stream event was lost, says how much of an order is filled; commission, price of
each execution and PnL are in the fills alone. Used by the reconciler.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.order import ClientOrderId
from hedge_tui.engine.state import FillSum

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.order import Order
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.learn import Learner
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.state import Changes

log = logging.getLogger(__name__)

FIRST_S = 1.0
"""An execution usually follows its order's report within this."""
LONGEST_S = 8.0
TRIES = 8
"""Then the comparison of the whole account goes on with it."""
EARLIER_NS = 60_000_000_000
"""Venues file executions by clocks of their own."""


class MissingFills:
    """One task per account, while orders of it lack executions."""

    def __init__(self, desk: Desk, clients: Clients, learner: Learner, spawn: Callable[..., object]) -> None:
        self._desk = desk
        self._clients = clients
        self._learner = learner
        self._spawn = spawn
        self._short: dict[str, dict[ClientOrderId, None]] = {}
        desk.on_changes.append(self._changed)

    def _changed(self, changes: Changes) -> None:
        orders = self._desk.state.orders
        for id_ in changes.orders:
            order = orders.get(ClientOrderId(id_))
            if order is None or not self._lacks(order):
                continue
            account = order.request.account
            waiting = self._short.setdefault(account, {})
            if not waiting:
                self._spawn(self._ask(account), name=f"fills:{account}")
            waiting[order.request.client_order_id] = None

    def _lacks(self, order: Order) -> bool:
        told = self._desk.state.fill_sums.get(order.request.client_order_id) or FillSum()
        return order.filled > told.quantity

    async def _ask(self, account: str) -> None:
        waiting, pause = self._short[account], FIRST_S
        try:
            for _ in range(TRIES):
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_S)
                known = (self._desk.state.orders.get(id_) for id_ in waiting)
                short = [order for order in known if order is not None and self._lacks(order)]
                client = self._clients.get(account)
                if not short or client is None:
                    return
                since_ns = min(order.created_ns for order in short) - EARLIER_NS
                try:
                    instruments = sorted({order.request.instrument for order in short})
                    self._learner.take_fills(await client.fills(since_ns, instruments))
                except VenueError as error:
                    log.info("asking the fills of %s: %s", account, error)
        finally:
            waiting.clear()
