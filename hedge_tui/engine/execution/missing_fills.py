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
"""Then the comparison of the whole account goes on with it, and the next connection."""
EARLIER_NS = 60_000_000_000
"""Venues file executions by clocks of their own."""
SCANNED_NS = 24 * 3_600_000_000_000
"""How old an order may be that a new engine asks for; what came before is imported with the past."""


class MissingFills:
    """One task per account, while orders of it lack executions."""

    def __init__(self, desk: Desk, clients: Clients, learner: Learner, spawn: Callable[..., object]) -> None:
        self._desk = desk
        self._clients = clients
        self._learner = learner
        self._spawn = spawn
        self._short: dict[str, dict[ClientOrderId, None]] = {}
        self._asking: set[str] = set()
        self._scanned = False
        desk.on_changes.append(self._changed)

    def look(self, account: str) -> None:
        """The account is connected (again): ask for what a crash or a lost stream left short."""
        if not self._scanned:
            self._scanned = True
            since_ns = self._desk.clock.now_ns() - SCANNED_NS
            for order in self._desk.state.orders.values():
                if not order.external and order.updated_ns >= since_ns and self._lacks(order):
                    self._of(order.request.account)[order.request.client_order_id] = None
        if self._short.get(account):
            self._start(account)

    def _changed(self, changes: Changes) -> None:
        orders = self._desk.state.orders
        for id_ in changes.orders:
            order = orders.get(ClientOrderId(id_))
            if order is not None and self._lacks(order):
                self._of(order.request.account)[order.request.client_order_id] = None
                self._start(order.request.account)

    def _of(self, account: str) -> dict[ClientOrderId, None]:
        return self._short.setdefault(account, {})

    def _start(self, account: str) -> None:
        if account not in self._asking:
            self._asking.add(account)
            self._spawn(self._ask(account), name=f"fills:{account}")

    def _lacks(self, order: Order) -> bool:
        told = self._desk.state.fill_sums.get(order.request.client_order_id) or FillSum()
        return order.filled > told.quantity

    def _lacking(self, account: str) -> list[Order]:
        """Those that are short still; the others are forgotten."""
        waiting = self._of(account)
        known = [self._desk.state.orders.get(id_) for id_ in waiting]
        short = [order for order in known if order is not None and self._lacks(order)]
        self._short[account] = {order.request.client_order_id: None for order in short}
        return short

    async def _ask(self, account: str) -> None:
        pause = FIRST_S
        try:
            for _ in range(TRIES):
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_S)
                short = self._lacking(account)
                client = self._clients.get(account)
                if not short or client is None:
                    return
                since_ns = min(_begun_ns(order) for order in short) - EARLIER_NS
                try:
                    instruments = sorted({order.request.instrument for order in short})
                    self._learner.take_fills(await client.fills(since_ns, instruments))
                except VenueError as error:
                    log.info("asking the fills of %s: %s", account, error)
        finally:
            self._asking.discard(account)


def _begun_ns(order: Order) -> int:
    """Before any execution of it, by the venue's clock too: ours may have been set since."""
    return min(order.created_ns, order.venue_ns or order.created_ns)
