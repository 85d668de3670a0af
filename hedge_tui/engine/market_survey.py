"""Asks venues in the background for what their streams do not say: the last hour, volumes, open interest.

A few requests a minute in the history's lane, the most traded first and what the trader holds or watches
before them. A venue that refuses a kind of question is not asked it again.
"""

from __future__ import annotations

import asyncio
import logging
import math
from enum import StrEnum
from typing import TYPE_CHECKING

from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, SECOND_NS, Timeframe
from hedge_tui.domain.errors import Refused, VenueError
from hedge_tui.domain.instrument import InstrumentId, InstrumentKind, venue_of
from hedge_tui.engine.market_memory import DAY_SLOTS, HOUR_MINUTES, HOUR_SLOTS, SHORT_NS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.ports.venue import DataClient
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.feeds import Feeds

log = logging.getLogger(__name__)

AGAIN_NS = 5 * MINUTE_NS
"""The same question about the same instrument at most this often."""
FUNDING_NS = HOUR_NS // 2
ROUND_S = 60.0
"""After this time it is decided anew who comes first."""
IDLE_S = 5.0
LATE_NS = 5 * SECOND_NS
"""A minute that is looked at later than this was not seen."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 120.0
REFUSALS = 3
"""As many in a row, and the venue is not asked this kind of question again."""


class Asks(StrEnum):
    """Kinds of questions."""

    CLOSES = "closes"
    VOLUMES = "volumes"
    INTEREST = "interest"


Job = tuple[InstrumentId, Asks]


class MarketSurvey:
    """One per engine.

    Args:
        desk: whose markets are filled in.
        feeds: where venues are reached.
        per_min: requests a minute that a venue may be asked; 0 for none.
    """

    def __init__(self, desk: Desk, feeds: Feeds, per_min: Callable[[str], int]) -> None:
        self._desk = desk
        self._feeds = feeds
        self._per_min = per_min
        self._asked: dict[Job, int] = {}
        self._refused: dict[tuple[str, Asks], int] = {}

    async def sample(self) -> None:
        """Remember the prices of every full minute."""
        while True:
            now = self._desk.clock.now_ns()
            await asyncio.sleep((MINUTE_NS - now % MINUTE_NS) / SECOND_NS)
            now = self._desk.clock.now_ns()
            if now % MINUTE_NS < LATE_NS:
                self._desk.markets.memory.take_minute(self._desk.markets, now // MINUTE_NS)

    async def run(self, venue: str) -> None:
        """Ask one venue for ever."""
        per_min = self._per_min(venue)
        client = self._feeds.client(venue)
        if not per_min or client is None:
            await asyncio.Event().wait()
            return
        pause, trouble = 60 / per_min, 0.0
        jobs: list[Job] = []
        decided = -math.inf
        while True:
            await asyncio.sleep(trouble or pause)
            now_s = self._desk.clock.monotonic()
            if not jobs or now_s - decided > ROUND_S:
                jobs, decided = self.due(venue, self._desk.clock.now_ns())[::-1], now_s
                await self._funding(venue, client)
            if not jobs:
                trouble = IDLE_S
                continue
            job = jobs.pop()
            if job[1] in self._done_with(venue):
                continue
            trouble = await self._ask_kindly(client, job, trouble)

    def due(self, venue: str, now_ns: int) -> list[Job]:
        """What should be asked now, most wanted first.

        What was never asked goes before what only grows old; within both, own instruments go first, then
        those with the larger turnover.
        """
        markets = self._desk.markets
        if now_ns - markets.feed_ns.get(venue, 0) > ROUND_S * SECOND_NS:
            return []  # its quotes are silent: it cannot be reached, or has other worries
        ids = [one for one in markets.quotes if venue_of(one) == venue]
        own = self._own()
        rank = {one: (one not in own, -_turnover(markets.stats.get(one))) for one in ids}
        done, complete = self._done_with(venue), markets.memory.complete(now_ns)
        found = [
            (self._asked.get((one, kind), 0), *rank[one], one, kind)
            for one in ids
            for kind in Asks
            if kind not in done
            and not (kind is Asks.CLOSES and one in complete)
            and self._is_due(one, kind, now_ns)
        ]
        found.sort()
        return [(one, kind) for *_, one, kind in found]

    def _is_due(self, instrument: InstrumentId, kind: Asks, now_ns: int) -> bool:
        markets = self._desk.markets
        if now_ns - self._asked.get((instrument, kind), 0) < AGAIN_NS:
            return False
        if kind is Asks.VOLUMES:
            return markets.memory.volumes.newest(instrument) < now_ns // SHORT_NS - 1
        listed = markets.instruments.get(instrument)
        return kind is Asks.CLOSES or (listed is not None and listed.kind is not InstrumentKind.SPOT)

    def _own(self) -> set[InstrumentId]:
        """What the trader holds or watches."""
        held = {key[0] for account in self._desk.accounts.values() for key in account.positions}
        return held | {InstrumentId(name) for scope, name in self._desk.state.settings if scope == "watch"}

    def _done_with(self, venue: str) -> set[Asks]:
        return {kind for kind in Asks if self._refused.get((venue, kind), 0) >= REFUSALS}

    async def _ask_kindly(self, client: DataClient, job: Job, trouble: float) -> float:
        """Ask, and return how long to leave the venue alone; 0 for no longer than usual."""
        key = (client.venue, job[1])
        self._asked[job] = self._desk.clock.now_ns()
        try:
            await self._ask(client, *job)
        except Refused as error:
            self._refused[key] = self._refused.get(key, 0) + 1
            log.info("%s of %s: %s", job[1], job[0], error)
        except VenueError as error:
            del self._asked[job]
            log.info("%s of %s: %s; later again", job[1], job[0], error)
            return min(max(trouble * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        else:
            self._refused[key] = 0
        return 0.0

    async def _ask(self, client: DataClient, instrument: InstrumentId, kind: Asks) -> None:
        markets, now_ns = self._desk.markets, self._desk.clock.now_ns()
        memory = markets.memory
        if kind is Asks.CLOSES:
            until = Timeframe.M1.open_of(now_ns)
            since = until - (HOUR_MINUTES + 2) * MINUTE_NS
            memory.take_closes(await client.candles(instrument, Timeframe.M1, since, until))
        elif kind is Asks.VOLUMES:
            until = Timeframe.M5.open_of(now_ns)
            newest = memory.volumes.newest(instrument)
            since = max((newest + 1) * SHORT_NS, until - (DAY_SLOTS + HOUR_SLOTS // 2) * SHORT_NS)
            memory.take_volumes(await client.candles(instrument, Timeframe.M5, since, until))
        else:
            newest = memory.interest.newest(instrument)
            since = max(newest * SHORT_NS, now_ns - (DAY_SLOTS + HOUR_SLOTS // 2) * SHORT_NS)
            memory.take_interest(await client.open_interest(instrument, since))

    async def _funding(self, venue: str, client: DataClient) -> None:
        """Intervals and last payments of all its perpetuals, twice an hour."""
        job = (InstrumentId(venue + ":"), Asks.INTEREST)
        now_ns = self._desk.clock.now_ns()
        if now_ns - self._asked.get(job, 0) < FUNDING_NS:
            return
        self._asked[job] = now_ns
        try:
            for told in await client.funding():
                self._desk.markets.funding_told(told)
        except VenueError as error:
            log.info("funding of %s: %s", venue, error)
            if not isinstance(error, Refused):
                del self._asked[job]


def _turnover(stats: object) -> float:
    volume: float = getattr(stats, "volume_24h", math.nan)
    return volume if volume > 0 else 0.0
