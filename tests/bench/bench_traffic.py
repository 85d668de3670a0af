"""Orders while 20 accounts on one address crawl as much as the venue allows, beside ccxt's own throttle.

Real ccxt over real sockets against the TLS sandbox with the venue's real limits, in a process of its own. As
in the engine, one balancer serves the clients of all accounts here and the feed workers, which crawl candles
in processes of their own; half of the accounts are USD-M's. The peer is 20 unmodified ccxt.pro clients with
`enableRateLimit`, crawling the same candles, with a sandbox of their own so that they start from zero.

The venue is a process of this machine, so that a page of candles which it makes delays its answers too. What
the desk itself adds is the time to the first byte on the wire, which is told apart.

    python tests/bench/bench_traffic.py
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratio import print_ratio

from adapters.sandbox.accounts import AccountSpec, sandbox_account
from adapters.sandbox.control import SandboxControl
from adapters.sandbox.loopback import loopback_session
from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from adapters.via_ccxt.attempt import Attempt, Stage
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.factory import make_data, make_execution
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of
from adapters.via_ccxt.system_clock import SystemClock
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest, OrderType, Side
from hedge_tui.domain.ports.pacing import Lane, in_lane
from hedge_tui.domain.report import ReportKind
from hedge_tui.domain.rounding import floor_to
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument

TESTS = Path(__file__).resolve().parents[1]
SYMBOLS = {"binanceusdm": "BTC/USDT:USDT", "binance": "BTC/USDT"}
VENUES = tuple(SYMBOLS)
ACCOUNTS = 20
INSTRUMENTS = 40
MONEY = {"USDT": "1000000"}
EVERY_S = 0.08
"""Between two orders."""
TURN_S = 7.0
"""Idle and crawl take turns of this length, so that a busy machine weighs on both."""
TURNS = 3
PEER_S = 8.0
MINUTE_NS = 60_000_000_000
PAGE = 1000
"""Candles of one request."""
LATEST = 400
"""Pages end within so many minutes before now: older days would have to be drawn by the sandbox first."""


class Venue:
    """A sandbox in a process of its own."""

    def __init__(self, folder: Path, specs: list[AccountSpec]) -> None:
        folder.mkdir(mode=0o700)
        rows = [
            {"name": s.name, "key": s.key, "secret": s.secret, "usdm": MONEY, "spot": MONEY} for s in specs
        ]
        (folder / "accounts.json").write_text(json.dumps({"accounts": rows}))
        words = ["sandbox", "--data-dir", str(folder), "--instruments", str(INSTRUMENTS)]
        words += ["--accounts", str(folder / "accounts.json")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hedge_tui", *words], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.port, self.control_port, self.ca_file = ready["port"], ready["control"], ready["ca_file"]

    async def statuses(self) -> Counter[int]:
        """How many requests it answered with each HTTP status."""
        async with SandboxControl(self.control_port) as control:
            return Counter(int(row["status"]) for row in await control.requests())

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


class Wire:
    """Notes how long each order took to its first byte on the wire."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.begun: ContextVar[float] = ContextVar("begun")
        left = Attempt.left

        def noted(attempt: Attempt) -> None:
            if attempt.lane is Lane.ORDER and attempt.stage < Stage.SENT:
                self.took.append(time.perf_counter() - self.begun.get())
            left(attempt)

        Attempt.left = noted  # type: ignore[method-assign]

    def taken(self) -> list[float]:
        """What was noted since the last time."""
        taken, self.took = self.took, []
        return taken


@dataclass(frozen=True)
class Key:
    """What an account signs with."""

    api_key: Secret
    secret: Secret
    passphrase: Secret | None = None


@dataclass
class Latencies:
    """Seconds from the call to the venue's answer.

    Attributes:
        idle: while nothing else is asked for. crawl: under full crawl.
        wire_idle: to the first byte on the wire; wire_crawl: the same under full crawl.
        failed: orders without an acceptance. crawled: candle pages that came.
    """

    idle: list[float] = field(default_factory=list)
    crawl: list[float] = field(default_factory=list)
    wire_idle: list[float] = field(default_factory=list)
    wire_crawl: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    crawled: int = 0

    def told(self, name: str) -> float:
        """Print them; returns the ratio of the p99s."""
        rows = {"idle": self.idle, "under crawl": self.crawl}
        if self.wire_idle:
            rows |= {"to the wire, idle": self.wire_idle, "to the wire, under crawl": self.wire_crawl}
        for word, found in rows.items():
            p50, p99 = 1e3 * at(found, 50), 1e3 * at(found, 99)
            print(f"{name}: order {word:24} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   ({len(found)} orders)")
        ratio = at(self.crawl, 99) / at(self.idle, 99)
        print(f"{name}: p99 under crawl / idle {ratio:.2f}; {self.crawled} pages; failed {dict(self.failed)}")
        return ratio


class Desk:
    """20 accounts and a feed worker per venue behind one balancer."""

    def __init__(self, venue: Venue, specs: list[AccountSpec]) -> None:
        self.clock = SystemClock()
        self.balancer = Balancer(limits_of, self.clock)
        egress = Egress(f"127.0.0.1:{venue.port}", venue.ca_file)
        rng, shelf = random.Random(1), MarketShelf()
        pacers = {name: self.balancer.pacer(Home(name, f"at 127.0.0.1:{venue.port}")) for name in VENUES}
        self.clients = [
            make_execution(
                Account(spec.name, venue_of(number), Mode.SANDBOX),
                Key(Secret(spec.key), Secret(spec.secret)),
                egress,
                shelf=shelf,
                pacer=pacers[venue_of(number)],
                clock=self.clock,
                rng=rng,
            )
            for number, spec in enumerate(specs)
        ]
        self.data = {
            name: make_data(name, egress, pacer=pacer, clock=self.clock, rng=rng, mode=Mode.SANDBOX)
            for name, pacer in pacers.items()
        }
        self.instruments: dict[str, dict[str, Instrument]] = {}
        self.prices: dict[str, Decimal] = {}
        self.wire = Wire()
        self._live: set[str] = set()
        self._ids = random.Random(7)

    async def start(self) -> None:
        """Connect everything."""
        for name, data in self.data.items():
            await data.start(lambda _: None)
            self.instruments[name] = {i.symbol: i for i in await data.instruments()}
        await asyncio.gather(*(client.start(self._count) for client in self.clients))
        async with asyncio.timeout(40):
            while len(self._live) < ACCOUNTS:  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.05)
        for name in VENUES:
            self.prices[name] = await self._price(name)

    def _count(self, event: Any) -> None:
        if isinstance(event, FeedHealth) and event.state is FeedState.LIVE and event.feed.endswith("private"):
            self._live.add(event.feed)

    async def _price(self, venue: str) -> Decimal:
        """A price far below the market."""
        now_ns = self.clock.now_ns()
        instrument = self.instruments[venue][SYMBOLS[venue]]
        since_ns = now_ns - 10 * MINUTE_NS
        with in_lane(Lane.MARKET):  # the accounts read their past just now
            series = await self.data[venue].candles(instrument.id, Timeframe.M1, since_ns, now_ns)
        return floor_to(Decimal(str(series.close[-1])) * Decimal("0.9"), instrument.grid.tick)

    async def order(self, number: int) -> float | str:
        """Place one order, then cancel it; seconds to its acceptance, or why there was none."""
        client, venue = self.clients[number % ACCOUNTS], venue_of(number % ACCOUNTS)
        instrument, price = self.instruments[venue][SYMBOLS[venue]], self.prices[venue]
        request = OrderRequest(
            ClientOrderId(f"{self._ids.getrandbits(128):032x}"),
            client.account,
            instrument.id,
            Side.BUY,
            OrderType.LIMIT,
            floor_to(Decimal(250) / price, instrument.grid.lot),
            price,
        )
        begun = time.perf_counter()
        self.wire.begun.set(begun)
        (report,) = await client.place([request])
        took = time.perf_counter() - begun
        await client.cancel([OrderRef(request.account, request.instrument, request.client_order_id)])
        return (
            took if report.kind in (ReportKind.ACKED, ReportKind.LIVE) else f"{report.kind}: {report.reason}"
        )

    async def crawl(self, number: int, found: Latencies) -> None:
        """One account's share of the crawl: candles through the worker, as fast as it may."""
        rng, venue = random.Random(number), venue_of(number)
        ids = [one.id for one in self.instruments[venue].values()]
        while True:
            until_ns = self.clock.now_ns() - rng.randrange(1, LATEST) * MINUTE_NS
            since_ns = until_ns - PAGE * MINUTE_NS
            with contextlib.suppress(HedgeError):
                await self.data[venue].candles(rng.choice(ids), Timeframe.M1, since_ns, until_ns)
                found.crawled += 1

    async def stop(self) -> None:
        """Disconnect everything."""
        clients = [*self.clients, *self.data.values()]
        await asyncio.gather(*(client.stop() for client in clients))


async def ours(venue: Venue, specs: list[AccountSpec]) -> Latencies:
    """Measure the desk."""
    desk, found = Desk(venue, specs), Latencies()
    begun = time.perf_counter()
    await desk.start()
    print(f"ours: {ACCOUNTS} accounts live after {time.perf_counter() - begun:.1f} s")
    await asyncio.gather(*(desk.order(number) for number in range(ACCOUNTS)))  # connections are open then
    gc.collect()
    gc.freeze()
    desk.wire.taken()
    for _ in range(TURNS):
        await orders_for(TURN_S, desk.order, found.idle, found.failed)
        found.wire_idle += desk.wire.taken()
        crowd = [asyncio.create_task(desk.crawl(number, found)) for number in range(ACCOUNTS)]
        await asyncio.sleep(3.0)  # what may be sent at once has been
        await orders_for(TURN_S, desk.order, found.crawl, found.failed)
        found.wire_crawl += desk.wire.taken()
        await gone(crowd)
    state = desk.balancer.snapshot()
    for one in state.budgets:
        if not one.account and one.spent:
            used = f"{one.spent:.0f} spent, {one.others:.0f} by others"
            print(
                f"ours: {one.system} {one.name}: {used}, {one.planned:.0f} planned, {one.limit:.0f} allowed"
            )
    for lane in state.lanes:
        print(f"ours: lane {lane.name:10} {lane.sent_1m:5} in a minute, longest wait {lane.worst_1m_s:.3f} s")
    await desk.stop()
    return found


async def peer(venue: Venue, specs: list[AccountSpec]) -> Latencies:
    """Measure 20 clients of ccxt's, each with its own throttle."""
    import ccxt.pro

    sessions = [loopback_session(venue.port, Path(venue.ca_file)) for _ in specs]
    clients = []
    for number, (spec, session) in enumerate(zip(specs, sessions, strict=True)):
        keys = {"apiKey": spec.key, "secret": spec.secret, "session": session, "enableRateLimit": True}
        client = getattr(ccxt.pro, venue_of(number))({**keys, "options": {"fetchCurrencies": False}})
        client.timeout_on_exit = 0
        if number < len(VENUES):
            await client.load_markets()
        else:
            client.set_markets_from_exchange(clients[number % len(VENUES)])
        clients.append(client)
    found = Latencies()
    prices = [
        float((await clients[n].fetch_ticker(SYMBOLS[name]))["last"]) * 0.9 for n, name in enumerate(VENUES)
    ]

    async def order(number: int) -> float | str:
        client, price = clients[number % ACCOUNTS], prices[number % len(VENUES)]
        symbol = SYMBOLS[venue_of(number)]
        begun = time.perf_counter()
        try:
            quantity = client.amount_to_precision(symbol, 250 / price)
            made = await client.create_order(
                symbol, "limit", "buy", quantity, client.price_to_precision(symbol, price)
            )
            took = time.perf_counter() - begun
            await client.cancel_order(made["id"], symbol)
        except Exception as error:  # noqa: BLE001 - whatever it raises, the order has failed
            return type(error).__name__
        return took

    async def crawl(number: int) -> None:
        rng = random.Random(number)
        symbols = sorted(clients[number].markets)
        while True:
            since = int((time.time() - (PAGE + rng.randrange(1, LATEST)) * 60) * 1000)
            try:
                await clients[number].fetch_ohlcv(rng.choice(symbols), "1m", since, PAGE)
                found.crawled += 1
            except Exception:  # noqa: BLE001 - it goes on, as a crawler would
                await asyncio.sleep(0.1)

    await asyncio.gather(*(order(number) for number in range(ACCOUNTS)))
    await orders_for(PEER_S, order, found.idle, found.failed)
    crowd = [asyncio.create_task(crawl(n)) for n in range(ACCOUNTS)]
    await asyncio.sleep(1.0)
    await orders_for(PEER_S, order, found.crawl, found.failed)
    await gone(crowd)
    for client, session in zip(clients, sessions, strict=True):
        await client.close()
        await session.close()
    return found


def venue_of(number: int) -> str:
    """The venue of an account."""
    return VENUES[number % len(VENUES)]


async def orders_for(seconds: float, order: Any, into: list[float], failed: Counter[str]) -> None:
    """Send orders at an even pace, whether or not the one before was answered."""
    loop = asyncio.get_running_loop()
    sent: list[asyncio.Task[float | str]] = []
    begun = loop.time()
    while loop.time() < begun + seconds:
        sent.append(asyncio.create_task(order(len(sent))))
        await asyncio.sleep(max(0.0, begun + len(sent) * EVERY_S - loop.time()))
    for outcome in await asyncio.gather(*sent):
        if isinstance(outcome, str):
            failed[outcome] += 1
        else:
            into.append(outcome)


async def gone(crowd: list[asyncio.Task[None]]) -> None:
    """End tasks."""
    for one in crowd:
        one.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


def at(values: list[float], percent: int) -> float:
    """A percentile; endless where there are not two values."""
    if len(values) < 2:
        return float("inf")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


async def measure(folder: Path) -> None:
    """Run both and print."""
    specs = [sandbox_account(f"crawler-{number}") for number in range(ACCOUNTS)]
    results: dict[str, tuple[Latencies, Counter[int]]] = {}
    for name, run in (("ours", ours), ("ccxt", peer)):
        venue = await asyncio.to_thread(Venue, folder / name, specs)
        try:
            found = await run(venue, specs)
            results[name] = found, await venue.statuses()
        finally:
            venue.stop()
    ratios = {name: found.told(name) for name, (found, _) in results.items()}
    refused = {name: counts[429] + counts[418] for name, (_, counts) in results.items()}
    for name, (_, counts) in results.items():
        print(f"{name}: answers by status {dict(sorted(counts.items()))}; 429 and 418: {refused[name]}")
    (mine, _), (theirs, _) = results["ours"], results["ccxt"]
    print_ratio(
        "order p99 under full crawl of 20 accounts, as a multiple of idle",
        ours=ratios["ours"],
        peer=ratios["ccxt"],
        unit="x",
        peer_name="ccxt, enableRateLimit",
        bar=f"at most 1.5; zero 429 (ours {refused['ours']}, ccxt {refused['ccxt']})",
    )
    print_ratio(
        "order p99 to the first byte on the wire under full crawl of 20 accounts",
        ours=1e3 * at(mine.wire_crawl, 99),
        peer=1e3 * at(mine.wire_idle, 99),
        unit="ms",
        peer_name="the same while idle",
    )
    print_ratio(
        "order p99 under full crawl of 20 accounts",
        ours=1e3 * at(mine.crawl, 99),
        peer=1e3 * at(theirs.crawl, 99),
        unit="ms",
        peer_name="ccxt, enableRateLimit",
    )


if __name__ == "__main__":
    sys.path[:0] = [str(TESTS), str(TESTS.parent)]
    with tempfile.TemporaryDirectory(prefix="hedge-bench-") as name:
        try:
            import uvloop
        except ImportError:
            asyncio.run(measure(Path(name)))
        else:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(measure(Path(name)))
