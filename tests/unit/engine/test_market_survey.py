"""What is asked of a venue in the background: in which order, how often, and what becomes of refusals."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from plan_bench import BTC, BTCS, ETH, instrument
from simulated_desk import SimulatedClock, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, Timeframe
from hedge_tui.domain.errors import Refused, Unavailable
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.market import Funding, MarketStats, OpenInterest, Quote
from hedge_tui.domain.series import CandleSeries
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.feeds import Feeds
from hedge_tui.engine.market_survey import Asks, MarketSurvey
from store.journal.memory import MemoryJournal

SOL = InstrumentId("binanceusdm:SOL/USDT:USDT")
VOLUMES = {BTC: 9e9, ETH: 3e9, SOL: 1e9}


class Venue:
    """Answers at once, and writes down what it was asked when."""

    venue = "binanceusdm"

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.asked: list[tuple[float, str, InstrumentId]] = []
        self.failing: Exception | None = None
        self.refusing = False

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        self._say("candles " + timeframe, instrument)
        opens = np.arange(since_ns, until_ns, timeframe.width_ns)
        column = np.full(len(opens), 100.0)
        return CandleSeries(instrument, timeframe, opens, column, column, column, column, column)

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        self._say("interest", instrument)
        if self.refusing:
            raise Refused("not told here")
        at = range(since_ns, self._clock.now_ns(), 5 * MINUTE_NS)
        return OpenInterest(instrument, tuple(at), (500.0,) * len(at))

    async def funding(self) -> list[Funding]:
        self._say("funding", InstrumentId(""))
        return [Funding(BTC, 4, 0.0002, 1)]

    def _say(self, what: str, instrument: InstrumentId) -> None:
        self.asked.append((self._clock.monotonic(), what, instrument))
        if self.failing is not None:
            raise self.failing


class Bench:
    def __init__(self, loop: SimulatedLoop, per_min: int = 60) -> None:
        self.clock = SimulatedClock(loop)
        self.desk = Desk(MemoryJournal(), self.clock, random.Random(1))
        self.venue = Venue(self.clock)
        feeds = Feeds(self.desk)
        feeds.add(self.venue)  # type: ignore[arg-type]
        self.survey = MarketSurvey(self.desk, feeds, lambda _: per_min)
        self.loop = loop
        self.desk.set_instruments([instrument(one) for one in (BTC, ETH, SOL, BTCS)])
        self.quote()

    def quote(self) -> None:
        at = self.clock.now_ns()
        for one in (SOL, ETH, BTC):
            self.desk.markets.quote(Quote(one, 100.0, 1.0, 100.1, 1.0, at, at))
            self.desk.markets.stat(MarketStats(one, at, last=100.0, volume_24h=VOLUMES[one]))

    async def live(self, seconds: float) -> None:
        """Let the survey run while quotes go on."""
        import asyncio

        tasks = [
            asyncio.ensure_future(self.survey.run("binanceusdm")),
            asyncio.ensure_future(self.survey.sample()),
        ]
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            await asyncio.sleep(1)
            self.quote()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def count(self, what: str) -> int:
        return sum(said == what for _, said, _ in self.venue.asked)


def test_the_most_traded_is_asked_first_and_everything_once_before_anything_twice():
    async def run(loop: SimulatedLoop) -> Bench:
        bench = Bench(loop)
        await bench.live(30)
        return bench

    asked = [(what, one) for _, what, one in simulate(run).venue.asked if what != "funding"]
    assert [one for _, one in asked[:9]] == [BTC] * 3 + [ETH] * 3 + [SOL] * 3
    assert len(set(asked)) == len(asked) == 9


def test_what_the_trader_watches_goes_before_what_others_trade():
    async def run(loop: SimulatedLoop) -> list[InstrumentId]:
        bench = Bench(loop)
        bench.desk.record(acts.SettingChanged(1, "watch", SOL, "1", "test"))
        return [one for one, _ in bench.survey.due("binanceusdm", bench.clock.now_ns())]

    assert simulate(run) == [SOL] * 3 + [BTC] * 3 + [ETH] * 3


def test_the_figures_are_known_after_a_round_and_stay_known():
    async def run(loop: SimulatedLoop) -> None:
        bench = Bench(loop)
        memory = bench.desk.markets.memory
        await bench.live(15)
        for _ in range(4):
            now = bench.clock.now_ns()
            for one in (BTC, ETH, SOL):
                assert memory.change(one, 110.0, 5, now) == pytest.approx(0.1)
                assert memory.change(one, 110.0, 60, now) == pytest.approx(0.1)
                assert memory.relative_volume(one, now) == 1.0
                assert memory.open_interest(one, now) == (500.0, 0.0, 0.0)
            assert bench.desk.markets.funding[BTC] == Funding(BTC, 4, 0.0002, 1)
            await bench.live(20 * 60)
        # An hour of own minutes: the last hour was asked once for each, volumes about every five minutes.
        assert bench.count("candles 1m") == 3
        assert 3 * 10 <= bench.count("candles 5m") <= 3 * 17
        assert 3 * 10 <= bench.count("interest") <= 3 * 17
        assert bench.count("funding") == 3

    simulate(run)


def test_it_keeps_to_its_pace():
    async def run(loop: SimulatedLoop) -> list[float]:
        bench = Bench(loop, per_min=30)
        await bench.live(60)
        return [at for at, what, _ in bench.venue.asked if what != "funding"]

    times = simulate(run)
    assert min(b - a for a, b in pairwise(times)) >= 1.999


def test_nothing_is_asked_where_nothing_may_be_asked():
    async def run(loop: SimulatedLoop) -> Any:
        bench = Bench(loop, per_min=0)
        await bench.live(60)
        return bench.venue.asked

    assert simulate(run) == []


def test_a_venue_in_trouble_is_left_alone_longer_and_longer():
    async def run(loop: SimulatedLoop) -> tuple[list[float], Bench]:
        bench = Bench(loop)
        bench.venue.failing = Unavailable("HTTP 503")
        await bench.live(600)
        failed = [at for at, what, _ in bench.venue.asked if what != "funding"]
        bench.venue.failing, bench.venue.asked = None, []
        await bench.live(150)
        return failed, bench

    failed, bench = simulate(run)
    assert len(failed) < 14
    assert bench.desk.markets.memory.relative_volume(BTC, bench.clock.now_ns()) == 1.0


def test_what_a_venue_refuses_is_not_asked_for_ever():
    async def run(loop: SimulatedLoop) -> Bench:
        bench = Bench(loop)
        bench.venue.refusing = True
        await bench.live(1_800)
        return bench

    bench = simulate(run)
    assert bench.count("interest") == 3
    assert bench.count("candles 5m") > 10


def test_a_silent_venue_is_not_asked():
    async def run(loop: SimulatedLoop) -> list[tuple[InstrumentId, Asks]]:
        bench = Bench(loop)
        return bench.survey.due("binanceusdm", bench.clock.now_ns() + HOUR_NS)

    assert simulate(run) == []
