"""The dead-man switch: the venue cancels an account's entries by itself when this engine is silent too long.

Opt-in per account (`dead_man_s`). The venues' switches take protective stops away as well, so an instrument
with a protective stop is never put under it, and one that gets a stop is taken out at once.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.ports.pacing import ahead_of_all
from hedge_tui.engine.execution.stops import protective

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.state import Changes

    Place = tuple[str, InstrumentId]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
REFRESHES = 3
"""Times the switch is wound up within its own time: two of them may be lost."""


class DeadMan:
    """Winds the switches up while the engine lives, and takes them off when it ends on purpose."""

    def __init__(self, desk: Desk, clients: Clients, spawn: Callable[..., object]) -> None:
        self._desk = desk
        self._clients = clients
        self._spawn = spawn
        self._due: dict[Place, float] = {}
        self._asked: set[Place] = set()
        self._known: set[str] = set()
        self._told: dict[Place, str] = {}
        self._wake = asyncio.Event()
        if self._accounts():
            desk.on_changes.append(self._changed)

    @property
    def armed(self) -> list[Place]:
        """What the venue would cancel if this engine died now."""
        return sorted(self._due)

    async def run(self) -> None:
        """Look every second, and at once when an order comes up that must not be under the switch."""
        while self._accounts():
            self._wake.clear()
            for account in self._accounts():
                self._look(account, self._desk.clock.monotonic())
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Take every switch off: the engine ends on purpose, and orders stay."""
        for place in list(self._due):
            self._asked.add(place)
        await asyncio.gather(*(self._wind(place, 0) for place in list(self._due)))

    def _accounts(self) -> list[Account]:
        return [one.account for one in self._desk.accounts.values() if one.account.dead_man_s]

    def _look(self, account: Account, now: float) -> None:
        if self._desk.accounts[account.name].state is not FeedState.LIVE:
            return
        entries, stops = self._orders(account.name)
        if account.name not in self._known:
            # A switch that the engine before wound up may still run: it counts as ours.
            self._known.add(account.name)
            self._due |= {(account.name, instrument): 0.0 for instrument in entries | stops}
        for instrument in entries & stops:
            self._say((account.name, instrument), "a protective stop rests there, and it would go too")
        for place in [place for place in self._due if place[0] == account.name]:
            if place[1] not in entries or place[1] in stops:
                self._ask(place, 0)
        for instrument in entries - stops:
            place = (account.name, instrument)
            self._told.pop(place, None)
            if self._due.get(place, 0.0) <= now:
                self._ask(place, account.dead_man_s)

    def _orders(self, account: str) -> tuple[set[InstrumentId], set[InstrumentId]]:
        """Instruments with entries, and instruments with protective stops, those meant to be sent too."""
        entries: set[InstrumentId] = set()
        stops: set[InstrumentId] = set()
        state = self._desk.state
        meant = (state.orders[id_] for id_ in tuple(state.intents))
        for order in (*state.working_orders(account), *meant):
            if order.request.account == account:
                (stops if protective(order) else entries).add(order.request.instrument)
        return entries, stops

    def _ask(self, place: Place, seconds: int) -> None:
        if place not in self._asked:
            self._asked.add(place)
            self._spawn(self._wind(place, seconds), name=f"dead man:{place[0]}")

    async def _wind(self, place: Place, seconds: int) -> None:
        account, instrument = place
        try:
            client = self._clients.of(account)
            if seconds:
                await client.dead_man(instrument, seconds)
                self._due[place] = self._desk.clock.monotonic() + seconds / REFRESHES
            else:
                with ahead_of_all():
                    await client.dead_man(instrument, 0)
                self._due.pop(place, None)
        except HedgeError as error:
            words = "cannot be wound up" if seconds else "cannot be taken off, it is tried again"
            self._say(place, f"it {words}: {error}")
            if seconds:
                self._due.setdefault(place, 0.0)  # it may have arrived
        finally:
            self._asked.discard(place)

    def _say(self, place: Place, why: str) -> None:
        if self._told.get(place) != why:
            self._told[place] = why
            words = f"the dead-man switch does not cover {symbol_of(place[1])}: {why}"
            self._desk.note("warning", "dead man", words, place[0])

    def _changed(self, changes: Changes) -> None:
        orders = self._desk.state.orders
        for id_ in changes.orders:
            order = orders.get(id_)  # type: ignore[call-overload]
            fresh = order is not None and order.status in (OrderStatus.INTENT, OrderStatus.SENDING)
            if fresh and protective(order) and (order.request.account, order.request.instrument) in self._due:
                self._wake.set()
