"""Keeps the venues' rules as they are now: tick, lot, contract size, what is traded; and says what changed.

A venue tells such changes in no stream that all of them have. So its instruments are read anew every few
minutes, and soon after an order was rejected: that is how a rule that is not known any more shows itself.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.instrument import venue_of
from hedge_tui.domain.order import OrderStatus
from hedge_tui.engine.rule_changes import rule_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.feeds import Feeds
    from hedge_tui.engine.state import Changes

log = logging.getLogger(__name__)

TICK_S = 5.0
AFTER_REJECT_S = 60.0
"""Rejected orders make a venue be read no more often than this."""
TOLD_SINGLY = 5


class VenueRules:
    """Reads instruments anew.

    Args:
        desk, feeds, clients: of the engine.
        every_s: between two readings of one venue; 0 for never.
        spawn: for what need not be waited for.
    """

    def __init__(
        self, desk: Desk, feeds: Feeds, clients: Clients, every_s: float, spawn: Callable[..., object]
    ) -> None:
        self._desk = desk
        self._feeds = feeds
        self._clients = clients
        self._every_s = every_s
        self._spawn = spawn
        self._read: dict[str, float] = {}
        self._doubted: set[str] = set()
        desk.on_changes.append(self._changed)

    async def run(self) -> None:
        """Read what is due."""
        while True:
            await asyncio.sleep(TICK_S)
            now = self._desk.clock.monotonic()
            for venue in self._feeds.venues:
                age = now - self._read.setdefault(venue, now)
                due = bool(self._every_s) and age >= self._every_s
                if due or (venue in self._doubted and age >= AFTER_REJECT_S):
                    await self.renew(venue)

    async def renew(self, venue: str) -> None:
        """Read one venue's instruments now; an answer that cannot be had changes nothing."""
        self._read[venue] = self._desk.clock.monotonic()
        self._doubted.discard(venue)
        client = self._feeds.client(venue)
        if client is None:
            return
        try:
            listed = await client.instruments(anew=True)
        except VenueError as error:
            log.info("the instruments of %s cannot be read anew: %s", venue, error)
            return
        if listed:  # an empty list is no venue without instruments
            self._take(venue, listed)

    def _changed(self, changes: Changes) -> None:
        orders = self._desk.state.orders
        for id_ in changes.orders:
            order = orders.get(id_)  # type: ignore[call-overload]
            if order is not None and order.status is OrderStatus.REJECTED:
                self._doubted.add(venue_of(order.request.instrument))

    def _take(self, venue: str, listed: Iterable[Instrument]) -> None:
        known = {i.id: i for i in self._desk.markets.instruments.values() if i.venue == venue}
        now = {one.id: one for one in listed}
        gone = [replace(known[id_], active=False) for id_ in known.keys() - now.keys()]
        changed = [one for one in (*now.values(), *gone) if known.get(one.id) != one]
        if not changed:
            return
        self._tell(known, changed)
        self._desk.set_instruments(changed)
        for client in self._clients.all():
            if client.venue == venue:
                self._spawn(client.renew_rules(), name=f"rules:{client.account}")

    def _tell(self, known: Mapping[InstrumentId, Instrument], changed: list[Instrument]) -> None:
        """What concerns open orders and positions raises an alarm; of the rest a few words."""
        desk = self._desk
        used = {order.request.instrument for order in desk.state.working_orders()}
        used |= {p.instrument for account in desk.accounts.values() for p in account.positions.values()}
        words = [(one, said) for one in changed if (said := rule_changes(known.get(one.id), one))]
        quiet = [(one, said) for one, said in words if one.id not in used]
        for one, said in words:
            if one.id in used:
                desk.note(
                    "alarm", "rules", f"{one.symbol} of {one.venue}, with open orders or positions: {said}"
                )
        for one, said in quiet[:TOLD_SINGLY]:
            desk.note("info", "rules", f"{one.symbol} of {one.venue}: {said}")
        if len(quiet) > TOLD_SINGLY:
            desk.note("info", "rules", f"the rules of {len(quiet) - TOLD_SINGLY} more instruments changed")
