"""The questions of one account to its venue in a simulated world: lagging, unanswered, or falsely empty."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from faults.world.fate import GIVES_UP_S
from faults.world.stream import stamped
from faults.world.venues import WatchedHub
from faults.world.weather import Fault, Weather

from adapters.paper.client import PaperExecution
from adapters.paper.reports import order_report
from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import OutcomeUnknown, Refused, Unavailable
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.margin import LeverageBracket, MarginTerms
from hedge_tui.domain.order import OrderRef
from hedge_tui.domain.past import PastPage
from hedge_tui.domain.ports.pacing import Heard, Lane, Pacer, Spend
from hedge_tui.domain.report import Report

if TYPE_CHECKING:
    from faults.world.oracle import Oracle

    from hedge_tui.domain.ports.clock import Clock

LAG_NS = 8_000_000_000


class AskingLine(PaperExecution):
    """Every question draws its fate from the weather.

    Attributes:
        dead: the process that holds the line is gone.
    """

    dead = False

    def __init__(
        self,
        hub: WatchedHub,
        account: str,
        venue: str,
        *,
        weather: Weather,
        rng: random.Random,
        clock: Clock,
        oracle: Oracle,
        pacer: Pacer,
    ) -> None:
        super().__init__(hub, account, venue)
        self._watched = hub
        self._weather = weather
        self._rng = rng
        self._clock = clock
        self._oracle = oracle
        self._pacer = pacer

    async def find_order(self, ref: OrderRef) -> Report | None:
        lags = await self._asked(Lane.RECONCILE)
        hub, now = self._watched, self._hub.clock.now_ns()
        if lags:
            order = hub.as_of(self.account, ref.client_order_id, now - LAG_NS)
        else:
            order = hub.venue.order(self.account, ref.instrument, client_order_id=ref.client_order_id)
        await self._travel()
        if order is None:
            self._oracle.denied(self.account, ref.client_order_id)
            return None
        return order_report(order, self._clock.now_ns())

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        lags = await self._asked(Lane.RECONCILE)
        hub, now = self._watched, self._hub.clock.now_ns()
        if lags:
            known = {id_ for name, id_ in hub.past if name == self.account}
            then = (hub.as_of(self.account, id_, now - LAG_NS) for id_ in sorted(known))
            orders = [order for order in then if order is not None and order.status.open]
        else:
            orders = hub.venue.open_orders(self.account)
        if self._strikes(Fault.NO_OPEN_ORDERS):
            orders = []
        elif self._strikes(Fault.FEW_OPEN_ORDERS):
            orders = [order for order in orders if self._rng.random() < 0.5]
        await self._travel()
        now = self._clock.now_ns()
        return [order_report(o, now) for o in orders if not instruments or o.instrument in instruments]

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        lags = await self._asked(Lane.RECONCILE)
        now = self._hub.clock.now_ns()
        found = await super().fills(since_ns, instruments)
        if lags:
            found = [fill for fill in found if fill.venue_ns <= now - LAG_NS]
        if self._strikes(Fault.NO_FILLS):
            found = []
        await self._travel()
        return [stamped(fill, self._clock.now_ns()) for fill in found]

    async def snapshot(self) -> AccountSnapshot:
        await self._asked(Lane.ACCOUNT)
        found = await super().snapshot()
        if self._strikes(Fault.NO_HOLDINGS):
            found = replace(found, balances=(), positions=())
        await self._travel()
        return replace(found, at_ns=self._clock.now_ns())

    async def margin_terms(self) -> list[MarginTerms]:
        await self._asked(Lane.ACCOUNT)
        return await super().margin_terms()

    async def hedge_mode(self) -> bool | None:
        await self._asked(Lane.ACCOUNT)
        return await super().hedge_mode()

    async def leverage_brackets(self) -> dict[InstrumentId, tuple[LeverageBracket, ...]]:
        await self._asked(Lane.ACCOUNT)
        return await super().leverage_brackets()

    async def read_past(
        self, source: str, mark: str, known: Callable[[tuple[str, str, str]], bool]
    ) -> PastPage:
        await self._asked(Lane.HISTORY)
        return await super().read_past(source, mark, known)

    async def alive(self) -> None:
        """Returns, unless the process is gone: then nothing of it goes on."""
        if self.dead:
            await asyncio.get_running_loop().create_future()

    async def _asked(self, lane: Lane) -> bool:
        """A question arrives at the venue; True when a lagging replica will answer it.

        Raises:
            Unavailable, Refused, OutcomeUnknown: no usable answer comes.
        """
        await self._pacer.acquire(Spend(lane, 1.0, 0, self.account))
        await self.alive()
        self._oracle.leaves_now(self.account, self.venue, lane, [])
        await self._travel()
        if refusal := self._turned_away():
            code, words = refusal
            raise Refused(words, code) if code.startswith("-") else Unavailable(words, code, 1.0)
        if self._strikes(Fault.LOOKUP_FAILS):
            await asyncio.sleep(self._rng.random() * GIVES_UP_S)
            raise OutcomeUnknown("no answer")
        return self._strikes(Fault.LOOKUP_LAGS)

    def _turned_away(self) -> tuple[str, str] | None:
        """The venue's gate refuses the request: (code, words)."""
        if self._strikes(Fault.BUSY):
            wait = self._rng.choice((1.0, 2.0, 5.0))
            status = 418 if wait > 2 else 429
            self._pacer.heard(Heard(status, self.account, wait))
            self._oracle.banned(self.venue, asyncio.get_running_loop().time() + wait)
            self._weather.felt(asyncio.get_running_loop().time() + wait)
            return str(status), "too many requests"
        if self._weather.runs(Fault.REVOKED, self.account):
            return "-2015", "Invalid API-key, IP, or permissions for action"
        return None

    def _strikes(self, fault: Fault) -> bool:
        return self._weather.strikes(fault, self.account)

    async def _travel(self) -> None:
        await asyncio.sleep(0.005 + self._rng.random() * 0.05)
