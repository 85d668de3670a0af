"""Takes in what public feeds say, and tells each venue what is looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain.candle import Candle
from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import symbol_of, venue_of
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade
from hedge_tui.engine.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.venue import DataClient, MarketEvent
    from hedge_tui.engine.desk import Desk

KEEP_TRADES = 200
ALWAYS = ("quotes", "stats")


class Feeds:
    """The public feeds of all venues.

    Attributes:
        health: newest state of every public feed, by name.
        on_candle: called with each forming or closed candle.
        changed_books, changed_trades: ids since they were last taken.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clients: dict[str, DataClient] = {}
        self._wanted: dict[str, set[str]] = {}
        self._told: dict[str, tuple[str, ...]] = {}
        self._wake = asyncio.Event()
        self.health: dict[str, FeedHealth] = {}
        self.trades: dict[InstrumentId, deque[Trade]] = {}
        self.changed_books: set[InstrumentId] = set()
        self.changed_trades: set[InstrumentId] = set()
        self.on_candle: Callable[[Candle], None] = lambda _: None

    def add(self, client: DataClient) -> None:
        """Use this client for its venue."""
        self._clients[client.venue] = client
        self._wanted.setdefault(client.venue, set())

    def client(self, venue: str) -> DataClient | None:
        """The data client of a venue."""
        return self._clients.get(venue)

    @property
    def venues(self) -> list[str]:
        """Venues with a feed."""
        return list(self._clients)

    def want(self, owner: str, topics: set[tuple[InstrumentId, str]]) -> None:
        """`owner` looks at exactly these (instrument, kind) now; kind: book, trades, candles:TF."""
        for venue, wanted in self._wanted.items():
            wanted -= {t for t in wanted if t.startswith(owner + "|")}
            for instrument, kind in topics:
                if venue_of(instrument) == venue:
                    head, _, tail = kind.partition(":")
                    topic = f"{head}:{symbol_of(instrument)}" + (f":{tail}" if tail else "")
                    wanted.add(f"{owner}|{topic}")
        self._wake.set()

    async def start_venue(self, venue: str) -> None:
        """Connect one venue and load its instruments; raises until it can be reached."""
        client = self._clients[venue]
        await client.start(self.take)
        self._desk.set_instruments(await client.instruments())
        self._wake.set()

    async def run(self) -> None:
        """Keep each venue's subscriptions equal to what is wanted."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for venue, client in self._clients.items():
                topics = tuple(sorted({*ALWAYS, *(t.partition("|")[2] for t in self._wanted[venue])}))
                if self._told.get(venue) != topics:
                    try:
                        await client.watch(topics)
                        self._told[venue] = topics
                    except VenueError as error:
                        self._desk.note("warning", "feed", f"{venue}: {error}")
            await asyncio.sleep(0.1)

    def take(self, events: Sequence[MarketEvent]) -> None:
        """The sink given to data clients."""
        markets = self._desk.markets
        for event in events:
            match event:
                case Quote():
                    markets.quote(event)
                case MarketStats():
                    markets.stat(event)
                case Trade():
                    kept = self.trades.setdefault(event.instrument, deque(maxlen=KEEP_TRADES))
                    kept.append(event)
                    self.changed_trades.add(event.instrument)
                case Book():
                    markets.books[event.instrument] = event
                    self.changed_books.add(event.instrument)
                case Candle():
                    self.on_candle(event)
                case FeedHealth():
                    self._health(event)

    def _health(self, health: FeedHealth) -> None:
        before = self.health.get(health.feed)
        health = self.health[health.feed] = replace(health, detail=plain(health.detail))
        was = before.state if before is not None else FeedState.STARTING
        if health.state is FeedState.STOPPED:
            del self.health[health.feed]  # nobody looks at it any more
        elif was is FeedState.LIVE and health.state not in (FeedState.LIVE, FeedState.STARTING):
            self._desk.note("warning", "feed", f"{health.feed} is {health.state}: {health.detail}")
        elif health.state is FeedState.LIVE and was not in (FeedState.LIVE, FeedState.STARTING):
            self._desk.note("info", "feed", f"{health.feed} is live again")
