"""One world: an engine, its venues, a trader, and whatever a seed lets go wrong; judged at every step."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from faults.world.comparison import Broken
from faults.world.ledger_watch import WatchedJournal
from faults.world.line import Line
from faults.world.oracle import Oracle
from faults.world.outside import Outside
from faults.world.scenario import Scenario, Step, draw
from faults.world.trader import Trader
from faults.world.venues import Venues
from faults.world.weather import Fault, Weather
from simulated_desk import EPOCH_NS, SimulatedData, SimulatedLoop, simulate

from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from hedge_tui.config.settings import RiskSettings, Settings
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.instrument import Instrument
from hedge_tui.domain.market import Quote
from hedge_tui.engine import checkpoint
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.engine import Engine

SETTLED_OR_UNKNOWN_S = 10.0
SETTLED_S = 40.0
UNNOTICED_S = 960.0
"""What nobody could notice is found when accounts are compared whole, executions every 15 minutes."""
LOOK_AGAIN_S = 60.0
UNNOTICED = (
    Fault.STREAM_GAP,
    Fault.NO_FILLS,
    Fault.NO_OPEN_ORDERS,
    Fault.FEW_OPEN_ORDERS,
    Fault.LOOKUP_LAGS,
    Fault.NO_HOLDINGS,
)
MAX_ORDER = Decimal(50_000)


@dataclass
class DeskClock:
    """The desk machine's clock: it may be set, and it sleeps with the machine."""

    loop: SimulatedLoop
    slept_s: float = 0.0
    skew_s: float = 0.0

    def now_ns(self) -> int:
        return EPOCH_NS + round((self.loop.now + self.slept_s + self.skew_s) * 1e9)

    def monotonic(self) -> float:
        return self.loop.now


class VenueData(SimulatedData):
    """Public data of one of the two venues."""

    def __init__(self, venue: str, instruments: list[Instrument]) -> None:
        super().__init__(instruments)
        self.venue = venue


@dataclass
class Figures:
    """What came of one world."""

    seed: int
    orders: int
    steps: int
    lines: int
    refused: int
    broken: list[Broken]
    counts: dict[Fault, int]
    hash: str


class World:
    """Built from a scenario; `run` lets it turn until everything should be settled."""

    def __init__(
        self,
        loop: SimulatedLoop,
        scenario: Scenario,
        plant: Callable[[Engine], None],
        story: list[str] | None = None,
    ) -> None:
        self.loop = loop
        self.scenario = scenario
        self.plant = plant
        self.rng = random.Random(f"world {scenario.seed}")
        self.clock = DeskClock(loop)
        with_spot = any(a.venue == "binance" for a in scenario.accounts)
        self.venues = Venues(loop.time, with_spot=with_spot)
        self.outside = Outside(self.venues, random.Random(f"outside {scenario.seed}"))
        for spec in scenario.accounts:
            self.venues.open(spec.name, spec.venue, Decimal(spec.funds))
            if spec.hedge:
                self.venues.home[spec.name].venue.set_hedge_mode(spec.name, enabled=True)
        self.weather = Weather(scenario.spells, random.Random(f"weather {scenario.seed}"), loop.time)
        self.oracle = Oracle(self.venues, loop.time, MAX_ORDER)
        if story is not None:
            self.oracle.story = lambda words: story.append(f"{loop.now:7.3f}  {words}")
        self.journal = WatchedJournal(self._disk_s)
        self.lines: dict[str, Line] = {}
        trading = random.Random(f"trader {scenario.seed}")
        self.trader = Trader(lambda: self.engine, self.venues, self.oracle, trading)
        self._boots = 0
        self.engine = self._boot()

    # the engine's connector

    locked = False
    has_vault = False

    def data(self, venue: str) -> VenueData:
        return VenueData(venue, list(self.venues.hubs[venue].venue.instruments.values()))

    def execution(self, account: Account) -> Line:
        name = account.name
        line = self.lines[name] = Line(
            self.venues.home[name],
            name,
            account.venue,
            weather=self.weather,
            rng=random.Random(f"line {self.scenario.seed} {name} {self._boots}"),
            clock=self.clock,
            oracle=self.oracle,
            pacer=self.balancer.pacer(Home(account.venue)),
        )
        for other in self.lines.values():
            if other is not line:
                other.stream.others.append(line.stream)
                line.stream.others.append(other.stream)
        return line

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> str:
        return passphrase

    # life

    async def run(self) -> Figures:
        await self.engine.start()
        ticking = self.loop.create_task(self._tick())
        for step in self.scenario.steps:
            await asyncio.sleep(max(step.at_s - self.loop.now, 0))
            await self._do(step)
        await self._until(self.scenario.end_s)
        ticking.cancel()
        await self._settled()
        await self._replayed()
        return Figures(
            self.scenario.seed,
            len(self.oracle.sent),
            self.oracle.steps,
            self.trader.typed,
            self.trader.refused,
            self.oracle.broken,
            self.weather.counts,
            self._hash(self.engine.desk),
        )

    async def _settled(self) -> None:
        """Wait out the last fault, and hold the books against the venues' when they must be right."""
        oracle, counts = self.oracle, self.weather.counts
        deaf = bool(counts.get(Fault.STREAM_GAP))
        unnoticed = deaf or self.outside.mode_moved or any(counts.get(fault) for fault in UNNOTICED)
        await self._quiet(SETTLED_OR_UNKNOWN_S)
        if not deaf:
            oracle.own_orders(unknown_counts=False)
        await self._quiet(SETTLED_S)
        if not deaf:
            oracle.own_orders(unknown_counts=True)
        after_s = SETTLED_S
        while (found := oracle.everything()) and unnoticed and after_s < UNNOTICED_S:
            after_s += LOOK_AGAIN_S
            await self._quiet(after_s)
        oracle.broken += found

    async def _quiet(self, after_s: float) -> None:
        while (due := max(self.weather.last_s, self.scenario.end_s) + after_s) > self.loop.now:
            await asyncio.sleep(due - self.loop.now + 0.01)
            self.quote()

    async def _until(self, at_s: float) -> None:
        if at_s > self.loop.now:
            await asyncio.sleep(at_s - self.loop.now)

    def _boot(self) -> Engine:
        self._boots += 1
        self.balancer = Balancer(lambda _system: (), self.clock)
        risk = RiskSettings(
            max_order_notional=MAX_ORDER,
            max_bulk_notional=Decimal(10**7),
            max_day_notional=Decimal(10**8),
            max_order_count=100,
            max_open_orders=100,
            price_collar_pct=Decimal(20),
        )
        engine = Engine(
            settings=Settings(risk=risk),
            accounts=[Account(a.name, a.venue, Mode.SANDBOX) for a in self.scenario.accounts],
            journal=self.journal,
            history=None,
            connector=self,
            clock=self.clock,
            rng=random.Random(f"engine {self.scenario.seed} {self._boots}"),
        )
        self.plant(engine)
        self.oracle.born(engine, self.journal)
        return engine

    async def crash(self, down_s: float, *, reached: bool) -> None:
        """The engine dies; later another one starts on what was durable."""
        self.journal = self.journal.crashed(commit_reached_disk=reached)
        self.oracle.died()
        self.trader.lose()
        for line in self.lines.values():
            line.die()
        self.lines.clear()
        await self.engine._supervisor.stop(0.0)
        await asyncio.sleep(down_s)
        self.engine = self._boot()
        await self.engine.start()
        self.weather.felt(self.loop.now + 1.0)

    def _disk_s(self) -> float:
        if self.weather.strikes(Fault.DISK_SLOW):
            return self.rng.random() * 2.0
        return self.rng.random() * 0.004

    def quote(self) -> None:
        """Tell the desk the venues' best bids and asks."""
        now, quotes = self.clock.now_ns(), []
        for hub in self.venues.hubs.values():
            for instrument in hub.venue.instruments:
                bids, asks = hub.venue.book(instrument, 1)
                if bids and asks:
                    (bid, bq), (ask, aq) = bids[0], asks[0]
                    texts = (f"{bid:f}", f"{ask:f}")
                    quotes.append(
                        Quote(instrument, float(bid), float(bq), float(ask), float(aq), now, now, *texts)
                    )
        self.engine.feeds.take(quotes)

    async def _tick(self) -> None:
        while True:
            if not self.weather.runs(Fault.MARKET_STALE):
                self.quote()
            self.venues.advance()
            await asyncio.sleep(1.0)
            coin = self.rng.choice(("BTC", "ETH"))
            self.venues.move(coin, Decimal(self.rng.randrange(-15, 16)) / 100)

    # what happens

    async def _do(self, step: Step) -> None:
        words = step.text.split()
        self.oracle.story(f"{step.what:7} {step.text}")
        match step.what:
            case "type" | "second":
                self.trader.begin(step.text, step.what)
            case "crash":
                await self.crash(float(words[1]), reached=words[0] == "reached")
            case "sleep":
                self.clock.slept_s += float(step.text)
                self.venues.clock.slept_s += float(step.text)
                self.venues.advance()
                for line in self.lines.values():
                    line.stream.lose()
            case "freeze":
                self.loop.now += float(step.text)
            case "clock":
                self.clock.skew_s += float(step.text)
            case "disk full":
                self.journal.fail_commit("No space left on device")
            case _:
                self.outside.act(step.what, words)
        self.weather.felt(self.loop.now)

    # the journal

    async def _replayed(self) -> None:
        """What is on disk makes the same state again."""
        while not self.journal.dead and self.journal.durable_seq < self.journal.last_seq:
            await self.journal.append(())
        if self.journal.dead:
            return
        desk = Desk(self.journal, self.clock, random.Random(0), self.engine.desk.reporting)
        desk.state.calendar = self.engine.desk.state.calendar
        desk.markets = self.engine.desk.markets
        desk.state.instruments = self.engine.desk.state.instruments
        desk.replay()
        if self._hash(desk) != self._hash(self.engine.desk):
            self.oracle.broken.append(Broken("replay", "the journal makes another state"))

    def _hash(self, desk: Desk) -> str:
        return hashlib.sha256(checkpoint.dump(desk.state)).hexdigest()[:16]


def nothing_planted(engine: Engine) -> None:
    """The engine as it is."""


def turn(
    seed: int, plant: Callable[[Any], None] = nothing_planted, story: list[str] | None = None
) -> Figures:
    """Let the world of one seed turn; what happens in it is written into `story`."""

    async def main(loop: SimulatedLoop) -> Figures:
        return await World(loop, draw(seed), plant, story).run()

    return simulate(main)
