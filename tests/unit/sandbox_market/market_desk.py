"""A small seeded market joined with its rows and streams, for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sandbox.market.book_ledger import BookLedger
from adapters.sandbox.market.market_rows import MarketRows
from adapters.sandbox.market.simulation import MarketSimulation
from adapters.sandbox.market.streams import StreamHub

if TYPE_CHECKING:
    from adapters.sandbox.market.listing import VenueKind

START_NS = 1_795_168_217_300_000_000
"""2026-11-20 09:50:17.3 UTC: inside a minute and an hour."""
TICK_NS = 100_000_000


class Desk:
    """A market with its rows and streams, as the server joins them."""

    def __init__(self, kind: VenueKind, count: int = 12, seed: int = 7, start_ns: int = START_NS) -> None:
        self.market = MarketSimulation(kind, seed=seed, start_ns=start_ns, count=count)
        self.books = BookLedger(count, self._book_of, start_ns // 1_000_000)
        self.rows = MarketRows(self.market, self.books)
        self.hub = StreamHub(self.market, self.books)
        self.resting: dict[int, tuple[list, list]] = {}

    def _book_of(self, index: int, depth: int):
        quote = self.market.quote(index)
        bids, asks = list(quote.bids), list(quote.asks)
        own_bids, own_asks = self.resting.get(index, ([], []))
        bids = sorted([*bids, *own_bids], reverse=True)
        asks = sorted([*asks, *own_asks])
        return bids[:depth], asks[:depth]

    def run(self, steps: int, every_ns: int = TICK_NS) -> list:
        """Step and publish; returns all updates."""
        seen = []
        for _ in range(steps):
            updates = self.market.step(self.market.now_ns + every_ns)
            self.hub.publish(updates)
            seen += updates
        return seen
