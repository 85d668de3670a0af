"""`DataClient` over ccxt.pro: the public data of one venue. Hosted by `worker`, or by tests directly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.backoff import Backoff
from adapters.via_ccxt.binance_quotes import BinanceQuotes
from adapters.via_ccxt.caller import VenueCaller
from adapters.via_ccxt.derivatives import ask_funding, ask_open_interest, funding_of, open_interest_of
from adapters.via_ccxt.followed import EVERYTHING, Followed, choose
from adapters.via_ccxt.health import HealthKeeper
from adapters.via_ccxt.instance import build_instance, close_instance, connections, drop_streams
from adapters.via_ccxt.parse_market import series_of
from adapters.via_ccxt.public_feeds import PublicFeeds
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.subscription import Subscription
from adapters.via_ccxt.supervisor import supervise
from adapters.via_ccxt.topics import Topic, parse_topic
from adapters.via_ccxt.wiring import Wiring
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import HedgeError, OutcomeUnknown, Unavailable
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentKind, symbol_of
from hedge_tui.domain.ports.pacing import Lane, lane_now

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Sequence

    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.markets import Markets
    from adapters.via_ccxt.quirks import Quirks
    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.market import Funding, OpenInterest
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import Pacer
    from hedge_tui.domain.ports.venue import MarketEvent
    from hedge_tui.domain.series import CandleSeries

_log = logging.getLogger(__name__)
_PING_S = 5.0
_DEAD_S = 16.0
_PAGE = 1_000
_AT_ONCE = 6
"""Questions of a crawl under way at once: a venue that is slow is not buried in them."""
_ASK_S = 55.0
_STALE = {"quotes": 5.0, "stats": 5.0, "book": 5.0}
_LOST = {"quotes": 30.0, "stats": 60.0, "book": 600.0, "trades": 3600.0, "candles": 3600.0}
"""Seconds of silence after which a topic is subscribed anew; dead connections are noticed by their pongs."""


@dataclass(frozen=True, slots=True)
class DataParts:
    """What a client is made of.

    Attributes:
        symbols: unified symbols that `quotes` and `stats` cover; empty for those that `followed` chooses.
        batches_per_s: how often events are handed over at most.
        followed: the choice where `symbols` is empty.
        markets: gives the venue's markets, loading them if need be. renewed: loads them anew.
    """

    quirks: Quirks
    egress: Egress
    pacer: Pacer
    clock: Clock
    rng: random.Random
    markets: Callable[[], Awaitable[Markets]]
    renewed: Callable[[], Awaitable[Markets]]
    mode: Mode = Mode.LIVE
    symbols: tuple[str, ...] = ()
    batches_per_s: float = 25.0
    followed: Followed = EVERYTHING


class CcxtDataClient:
    """Public data of one venue; see `DataClient`."""

    def __init__(self, parts: DataParts) -> None:
        self.venue = parts.quirks.venue
        self._parts = parts
        self._wiring = Wiring(parts.quirks, parts.pacer, Redactor(), monotonic=parts.clock.monotonic)
        self._caller = VenueCaller(self._wiring, f"market data of {self.venue}")
        self._sink: Callable[[Sequence[MarketEvent]], None] = _nowhere
        self._markets: Markets | None = None
        self._instance: Any = None
        self._feeds: PublicFeeds | None = None
        self._fast: BinanceQuotes | None = None
        self._counted: dict[str, HealthKeeper] = {}
        self._covered: list[str] = []
        self._wanted: set[Topic] = set()
        self._running: dict[Topic, Subscription] = {}
        self._healths: dict[str, FeedHealth] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._matching = asyncio.Lock()
        self._asking = asyncio.Semaphore(_AT_ONCE)
        self._health = self._keeper("")

    async def start(self, sink: Callable[[Sequence[MarketEvent]], None]) -> None:
        """Begin to connect and return; health tells how it goes."""
        if self._tasks:
            return
        self._sink = sink
        self._tasks = [
            asyncio.create_task(
                supervise(
                    self._open, self._health, Backoff(self._parts.rng, first_s=0.5), self._wiring.redact
                ),
                name=f"{self.venue}:open",
            ),
            asyncio.create_task(self._flush(), name=f"{self.venue}:flush"),
        ]

    async def stop(self) -> None:
        """Close every stream and the session; safe to call twice."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._caller.stop()
        self._sink = _nowhere

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        """See `DataClient.instruments`."""
        if anew:
            return list((await self._parts.renewed()).instruments)
        if self._markets is None:
            self._markets = await self._parts.markets()
        return list(self._markets.instruments)

    async def watch(self, topics: Sequence[str]) -> None:
        """See `DataClient.watch`; unknown topics raise ValueError and change nothing."""
        self._wanted = {parse_topic(text) for text in topics}
        if self._ready.is_set():
            await self._match()

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        """See `DataClient.candles`."""
        width = timeframe.width_ns
        limit = max(1, min(_PAGE, -(-(until_ns - since_ns) // width)))
        rows = await self._ask(
            lambda x: x.fetch_ohlcv(symbol_of(instrument), str(timeframe), since_ns // 1_000_000, limit)
        )
        if not isinstance(rows, list):
            raise Unavailable("the candles are not a list")
        return series_of(rows, instrument, timeframe, (since_ns, until_ns, self._parts.clock.now_ns()))

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        """See `DataClient.open_interest`."""
        now_ns = self._parts.clock.now_ns()
        rows = await self._ask(lambda x: ask_open_interest(x, instrument, since_ns, now_ns))
        return open_interest_of(rows, instrument, now_ns)

    async def funding(self) -> list[Funding]:
        """See `DataClient.funding`."""
        perpetuals = [i.symbol for i in await self.instruments() if i.kind is InstrumentKind.PERPETUAL]
        if not perpetuals:
            return []
        intervals, paid = await self._ask(ask_funding)
        return funding_of(self.venue, perpetuals, intervals, paid)

    async def _ask(self, function: Callable[[Any], Awaitable[Any]]) -> Any:
        """Ask, where an unknown outcome only means "ask again"."""
        try:
            async with asyncio.timeout(_ASK_S):
                if lane_now(Lane.HISTORY) is not Lane.HISTORY:
                    return await self._caller.ask(Lane.HISTORY, function)
                async with self._asking:
                    return await self._caller.ask(Lane.HISTORY, function)
        except TimeoutError:
            # Whoever asked gives up soon; what is asked for nobody would still be paid for.
            raise Unavailable(f"{self.venue}: the rate budget left no room within {_ASK_S:g} s") from None
        except OutcomeUnknown as error:
            raise Unavailable(str(error), error.code) from None

    async def _open(self) -> None:
        """Load markets, open the instance, start what is wanted, then watch its connections."""
        parts, wiring = self._parts, self._wiring
        if self._markets is None:
            try:
                self._markets = await parts.markets()
            except HedgeError as error:
                raise Unavailable(f"markets: {error}") from None
        markets = self._markets
        instance = await build_instance(wiring, parts.egress, parts.mode, ping_s=_PING_S)
        try:
            markets.hand_to(instance)
            self._instance = instance
            self._caller.attach(instance)
            chosen = await choose(markets.instruments, parts.symbols, parts.followed, self._tickers)
            if parts.quirks.private_tap == "binance":
                names = {i.venue_symbol: i.symbol for i in chosen}
                self._fast = BinanceQuotes(self.venue, names, parts.clock.now_ns)
                wiring.raw = self._fast.raw
            symbols = self._covered = [i.symbol for i in chosen]
            self._feeds = PublicFeeds(instance, parts.quirks, symbols, parts.clock.now_ns, self._fast)
            self._ready.set()
            self._health.become(FeedState.LIVE, "")
            await self._match()
            await self._watch_connections(instance)
        finally:
            self._ready.clear()
            self._caller.attach(None)
            running, self._running = self._running, {}
            await asyncio.gather(*(one.stop() for one in running.values()), return_exceptions=True)
            await close_instance(instance)

    async def _tickers(self) -> Any:
        return await self._ask(lambda x: x.fetch_tickers())

    async def _watch_connections(self, instance: Any) -> None:
        """Give up connections that send neither frames nor pongs; their subscriptions open new ones."""
        while True:
            await asyncio.sleep(1.0)
            self._health.beat()
            silent = self._wiring.silent_s(
                client.url for client in connections(instance) if client.isConnected
            )
            if silent > _DEAD_S:
                self._health.become(FeedState.RECONNECTING, f"neither frame nor pong for {silent:.0f} s")
                await self._give_up()
                self._health.become(FeedState.LIVE)

    async def _give_up(self) -> None:
        with contextlib.suppress(Exception):  # the connections are given up whatever closing them says
            await drop_streams(self._instance)

    async def _match(self) -> None:
        """Open and close subscriptions to match what is wanted."""
        async with self._matching:
            for topic in [topic for topic in self._running if topic not in self._wanted]:
                await self._running.pop(topic).stop(tell=True)
                self._healths.pop(f"{self.venue}:{topic}", None)
            for topic in self._wanted - set(self._running):
                if not topic.symbol and not self._covered:
                    self._keeper(str(topic)).become(FeedState.FAILED, "no instrument fits the configuration")
                    continue
                subscription = self._subscription(topic)
                self._running[topic] = subscription
                subscription.start()

    def _subscription(self, topic: Topic) -> Subscription:
        assert self._feeds is not None
        keeper = self._keeper(str(topic))
        if self._fast is not None and topic.kind in ("quotes", "stats"):
            self._counted[topic.kind] = keeper
        return Subscription(
            self._wiring,
            health=keeper,
            backoff=Backoff(self._parts.rng),
            drain=self._feeds.drain(topic, keeper.message),
            close=self._feeds.closer(topic),
            stale_s=_STALE.get(topic.kind),
            lost_s=_LOST[topic.kind],
            give_up=self._give_up,
        )

    def _keeper(self, topic: str) -> HealthKeeper:
        feed = f"{self.venue}:{topic}" if topic else f"{self.venue}:public"
        return HealthKeeper(feed, "", self.venue, self._parts.clock, self._say)

    def _say(self, health: FeedHealth) -> None:
        self._healths[health.feed] = health

    async def _flush(self) -> None:
        """Hand over what came, in batches."""
        pause = 1.0 / self._parts.batches_per_s
        while True:
            await asyncio.sleep(pause)
            self._count_fast()
            batch: list[MarketEvent] = []
            if self._feeds is not None:
                batch += self._feeds.take()
            if self._healths:
                batch += self._healths.values()
                self._healths = {}
            if batch:
                self._sink(batch)

    def _count_fast(self) -> None:
        """The fast path bypasses the drains: its frames are counted here."""
        fast = self._fast
        if fast is None:
            return
        for kind, frames in (("quotes", fast.quote_frames), ("stats", fast.stats_frames)):
            keeper = self._counted.get(kind)
            if keeper is not None and frames:
                keeper.message(frames)
        fast.quote_frames = fast.stats_frames = 0


def _nowhere(_events: Sequence[MarketEvent]) -> None:
    """Where events go before the start and after the stop."""
