"""Moves a paper venue by what a real venue's public feeds say; pure, the caller gives the time.

What is honest about it, and what is not. A resting order fills when the market trades at its price after
the quantity that stood in front of it has traded or gone, when it trades through the price, or when a new
book or quote crosses it. A taking order walks the followed book, or the best quote's quantity where no book
is followed. Our own orders are not in the real book: nobody reacts to them, and what they took is there
again in the next book.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from adapters.paper.events import Event
    from adapters.paper_accounts.practice_venue import PracticeVenue
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.venue import MarketEvent

FRESH_NS = 3_000_000_000
"""A book older than this gives way to the quote."""
HOUR_NS = 3_600_000_000_000
_BAD = (FeedState.RECONNECTING, FeedState.STALE, FeedState.FAILED)

Levels = list[tuple[Decimal, Decimal]]


class LiveMarket:
    """Newest public data of one venue, and its effect on the paper accounts.

    Attributes:
        venue: that is moved.
        funding: (when the running interval ends, its rate) by instrument, of those in `busy` so far.
        trouble: what is wrong with the venue's quotes, or "".
    """

    def __init__(self, venue: PracticeVenue) -> None:
        self.venue = venue
        self._quotes: dict[InstrumentId, Quote] = {}
        self._stats: dict[InstrumentId, MarketStats] = {}
        self._books: dict[InstrumentId, Book] = {}
        self._troubles: dict[str, str] = {}
        self.funding: dict[InstrumentId, tuple[int, Decimal]] = {}

    @property
    def trouble(self) -> str:
        """Why prices cannot be trusted now, or ""."""
        return next(iter(self._troubles.values()), "")

    def has_book(self, instrument: InstrumentId, now_ns: int) -> bool:
        """Whether more than the best quote is known of it now."""
        book = self._books.get(instrument)
        return book is not None and now_ns - book.local_ns < FRESH_NS

    def take(
        self, events: Sequence[MarketEvent], busy: AbstractSet[InstrumentId], now_ns: int
    ) -> list[Event]:
        """What a batch of public data causes; only instruments in `busy` are moved at once.

        Trades count before books, so that a queue that shrank by trading is not shortened twice.
        """
        caused: list[Event] = []
        later: list[Book | Quote] = []
        for event in events:
            match event:
                case Trade() if event.instrument in busy:
                    caused += self._trade(event, now_ns)
                case Book():
                    self._books[event.instrument] = event
                    later.append(event)
                case Quote():
                    self._quotes[event.instrument] = event
                    later.append(event)
                case MarketStats():
                    self._stats[event.instrument] = event
                    if event.instrument in busy:
                        caused += self._value(event, now_ns)
                case FeedHealth():
                    self._health(event)
        for one in later:
            if one.instrument in busy and not (
                isinstance(one, Quote) and self.has_book(one.instrument, now_ns)
            ):
                caused += self._offer(one, now_ns)
        return caused

    def catch_up(self, instrument: InstrumentId, now_ns: int) -> list[Event]:
        """Bring an instrument that was not busy up to date with what is known of it."""
        caused: list[Event] = []
        stats, quote = self._stats.get(instrument), self._quotes.get(instrument)
        if stats is not None:
            caused += self._value(stats, now_ns)
        if self.has_book(instrument, now_ns):
            return caused + self._offer(self._books[instrument], now_ns)
        return caused + (self._offer(quote, now_ns) if quote is not None else [])

    def let_time_pass(self, busy: AbstractSet[InstrumentId], now_ns: int) -> list[Event]:
        """Expire GTD orders and pay the funding that is due."""
        caused = self.venue.advance(now_ns)
        for instrument in busy & self.funding.keys():
            if 0 < self.funding[instrument][0] <= now_ns:
                caused += self._pay(instrument, now_ns)
        return caused

    def forget(self, busy: AbstractSet[InstrumentId]) -> None:
        """Drop what is kept only for instruments with orders or positions."""
        self.funding = {id_: due for id_, due in self.funding.items() if id_ in busy}

    def _trade(self, trade: Trade, now_ns: int) -> list[Event]:
        """A print; one from before the newest resting order came is no fill for it."""
        price, quantity = _decimal(trade.price), _decimal(trade.quantity)
        if price <= 0 or quantity <= 0 or trade.venue_ns < self.venue.newest_order_ns(trade.instrument):
            return []
        return self.venue.print_trade(trade.instrument, price, quantity, trade.side, now_ns)

    def _offer(self, said: Book | Quote, now_ns: int) -> list[Event]:
        if said.instrument not in self.venue.instruments:
            return []
        if isinstance(said, Book):
            bids, asks = _levels(said.bids), _levels(said.asks)
        else:
            bids = _levels([(said.bid, said.bid_quantity)])
            asks = _levels([(said.ask, said.ask_quantity)])
        return self.venue.set_book(said.instrument, bids, asks, now_ns)

    def _value(self, stats: MarketStats, now_ns: int) -> list[Event]:
        """The mark, or what stands in for it, and the funding that it is charged at."""
        instrument = self.venue.instruments.get(stats.instrument)
        if instrument is None:
            return []
        caused: list[Event] = []
        marks = (
            (stats.last,) if instrument.kind is InstrumentKind.SPOT else (stats.mark, stats.index, stats.last)
        )
        mark = next((m for m in marks if m > 0), math.nan)
        due, rate = self.funding.get(stats.instrument, (0, ZERO))
        if 0 < due <= now_ns:
            caused += self._pay(stats.instrument, now_ns)
            due = self.funding[stats.instrument][0]
        if stats.next_funding_ns > due and stats.next_funding_ns > now_ns:
            due = stats.next_funding_ns
        if due and not math.isnan(stats.funding_rate):
            rate = _decimal(stats.funding_rate)
        if due:
            self.funding[stats.instrument] = (due, rate)
        if mark > 0:
            index = stats.index if stats.index > 0 else mark
            caused += self.venue.set_mark(stats.instrument, _decimal(mark), _decimal(index), now_ns)
        return caused

    def _pay(self, instrument: InstrumentId, now_ns: int) -> list[Event]:
        """Charge every interval that has ended; all at the last rate known, which one miss makes inexact."""
        due, rate = self.funding[instrument]
        hours = self.venue.instruments[instrument].funding_interval_h or 8
        caused: list[Event] = []
        while due <= now_ns:
            caused += self.venue.pay_funding(instrument, rate, now_ns)
            due += hours * HOUR_NS
        self.funding[instrument] = (due, rate)
        return caused

    def _health(self, health: FeedHealth) -> None:
        if health.feed.rpartition(":")[2] not in ("quotes", "public"):
            return
        if health.state in _BAD:
            why = f" ({health.detail})" if health.detail else ""
            self._troubles[health.feed] = f"market data of {health.venue} is {health.state}{why}"
        else:
            self._troubles.pop(health.feed, None)


def _levels(pairs: Sequence[tuple[float, float]]) -> Levels:
    return [(_decimal(price), _decimal(size)) for price, size in pairs if price > 0 and size > 0]


def _decimal(value: float) -> Decimal:
    """The digits that the venue wrote: a float's shortest text."""
    return Decimal(repr(value))
