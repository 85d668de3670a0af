"""What can be read from a seeded market at any time, without changing it. `MarketSimulation` builds on it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.candles import Candles
from adapters.sandbox.market.day_stats import DayStats
from adapters.sandbox.market.funding import INTERVAL_H, Funding
from adapters.sandbox.market.market import Print, Valuation
from adapters.sandbox.market.market_state import MarketState
from adapters.sandbox.market.marks import Marks
from adapters.sandbox.market.past_trades import PastTrades
from adapters.sandbox.market.schedule import Scheduler
from adapters.sandbox.market.texts import Texts
from hedge_tui.domain.candle import HOUR_NS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from adapters.sandbox.market.listing import VenueKind
    from adapters.sandbox.market.noise import FloatArray, IntArray
    from adapters.sandbox.market.sources import Sources
    from adapters.sandbox.market.updates import BookUpdate
    from hedge_tui.domain.instrument import Instrument


class Readings:
    """The parts of a seeded market and the questions about them; see `market.Market` for what each answers.

    Attributes:
        instruments: what is traded, busiest first; `listings` has the traits of the same.
        now_ns: time of the last step.
    """

    def __init__(
        self, kind: VenueKind, sources: Sources, seed: int, start_ns: int, rng: random.Random
    ) -> None:
        self.kind: VenueKind = kind
        self.listings = sources.listings
        self.instruments: list[Instrument] = [listing.instrument for listing in self.listings]
        self.texts = [Texts(listing) for listing in self.listings]
        self.now_ns = start_ns
        self.minutes = sources.minutes
        self.clock = sources.clock
        self.basis = sources.basis
        self.funding = Funding(seed, self.listings, sources.basis)
        self.states = [MarketState(listing, rng) for listing in self.listings]
        self.candles = Candles(self.listings, sources.hours, sources.minutes, self.states)
        self.scheduler = Scheduler(seed, self.listings, self.minutes)
        self.marks = Marks(self.listings, sources.basis, self.funding)
        self._stats = DayStats(sources.hours, sources.minutes, self.candles, self.states)
        self._trades = PastTrades(sources.clock, sources.minutes, self.scheduler, self.states)
        self._places = {
            name: at
            for at, item in enumerate(self.instruments)
            for name in (item.symbol, item.id, item.venue_symbol)
        }

    def place(self, symbol: str) -> int:
        """Index of an instrument by unified symbol, id or the venue's own symbol.

        Raises:
            KeyError: no such instrument.
        """
        return self._places[symbol]

    def quote(self, index: int) -> BookUpdate:
        """The outside liquidity as it is kept: all levels of active instruments, the best alone of others."""
        return self.states[index].book(self.now_ns)

    def day(self, index: int) -> list[int]:
        """The last 24 hours as one row of `columns`."""
        return self._stats.row(index)

    def last_ticks(self, index: int) -> int:
        """Price of the newest trade."""
        return self.states[index].last

    def last_lots(self, index: int) -> int:
        """Quantity of the newest trade."""
        return self.states[index].last_lots

    def last_trade_id(self, index: int) -> int:
        """Id of the newest trade."""
        return self.states[index].next_trade_id - 1

    def prints(self, index: int, first_minute: int, last_minute: int) -> Iterator[Print]:
        """Public trades of whole minutes up to now, oldest first."""
        return self._trades.between(index, first_minute, last_minute, self.now_ns)

    def find_print(self, index: int, trade_id: int) -> int | None:
        """The minute that holds a trade id; None when it was never given."""
        return self._trades.find(index, trade_id, self.now_ns)

    def premium(self, index: int, hours: IntArray) -> FloatArray:
        """Log premium of price over index at the start of each hour."""
        return self.basis.run(np.full(len(hours), index), hours, 1)[:, 0]

    def valuation(self, index: int) -> Valuation:
        """Mark, index and running funding now."""
        told = self.marks.update(index, self.now_ns, self.states[index])
        return Valuation(told.mark, told.index, told.funding_rate, told.next_funding_ns)

    def funding_paid(self, index: int, due_hours: IntArray) -> FloatArray:
        """Rates paid at hours since the epoch that are multiples of eight."""
        return self.funding.paid(np.full(len(due_hours), index), due_hours)

    def funding_rate(self, symbol: str, due_ns: int) -> Decimal:
        """The rate paid at one due time, a multiple of eight hours."""
        assert due_ns % (INTERVAL_H * HOUR_NS) == 0
        return Decimal(f"{self.funding_paid(self.place(symbol), np.array([due_ns // HOUR_NS]))[0]:.8f}")

    def open_interest_lots(self, index: int, minutes: IntArray) -> IntArray:
        """Lots open at minutes since the epoch."""
        return self.funding.open_interest(np.full(len(minutes), index), minutes)
