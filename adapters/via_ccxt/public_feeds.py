"""How each public topic is drained from ccxt.pro, and what it leaves for the next batch. Used by `data`.

State (quotes, stats, books, forming candles) is conflated: newest wins. Prints and closed candles are kept.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.parse_market import book_of, candle_of, quote_of, stats_of, trade_of
from hedge_tui.domain.instrument import instrument_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from adapters.via_ccxt.binance_quotes import BinanceQuotes
    from adapters.via_ccxt.quirks import Quirks
    from adapters.via_ccxt.topics import Topic
    from hedge_tui.domain.candle import Candle
    from hedge_tui.domain.market import Book
    from hedge_tui.domain.ports.venue import MarketEvent

_CHUNK = 100
_BOOK_LEVELS = 100
_KEPT_PRINTS = 2_000


class PublicFeeds:
    """Drains one instance.

    Args:
        instance: with markets.
        quirks: of its venue.
        symbols: unified symbols that `quotes` and `stats` cover.
        now_ns: our clock.
        fast: reads quotes and stats without ccxt, where a parser exists.
    """

    def __init__(
        self,
        instance: Any,
        quirks: Quirks,
        symbols: Sequence[str],
        now_ns: Callable[[], int],
        fast: BinanceQuotes | None,
    ) -> None:
        self._instance = instance
        self._quirks = quirks
        self._symbols = tuple(symbols)
        self._now_ns = now_ns
        self._fast = fast
        self._latest: dict[tuple[str, str], MarketEvent] = {}
        self._books: dict[str, Any] = {}
        self._kept: list[MarketEvent] = []
        self._forming: dict[str, Candle] = {}

    def take(self) -> list[MarketEvent]:
        """What came since the last call: state first, then prints and closed candles in their order."""
        batch: list[MarketEvent] = list(self._fast.take()) if self._fast else []
        latest, self._latest = self._latest, {}
        books, self._books = self._books, {}
        kept, self._kept = self._kept, []
        batch += latest.values()
        batch += [self._book(symbol, book) for symbol, book in books.items()]
        return batch + kept

    def drain(self, topic: Topic, count: Callable[[int], None]) -> Callable[[], Awaitable[None]]:
        """The coroutine that keeps `topic` flowing until its connection fails."""
        ways: dict[str, Callable[[Topic, Callable[[int], None]], Awaitable[None]]] = {
            "quotes": self._drain_quotes,
            "stats": self._drain_stats,
            "book": self._drain_book,
            "trades": self._drain_trades,
            "candles": self._drain_candles,
        }
        return lambda: ways[topic.kind](topic, count)

    def closer(self, topic: Topic) -> Callable[[], Awaitable[Any]] | None:
        """How to tell the venue that `topic` is no longer wanted; None where ccxt has no way."""
        x, has = self._instance, self._instance.has
        if topic.kind == "book" and has.get("unWatchOrderBook"):
            return lambda: x.un_watch_order_book(topic.symbol)
        if topic.kind == "trades" and has.get("unWatchTrades"):
            return lambda: x.un_watch_trades(topic.symbol)
        if topic.kind == "candles" and has.get("unWatchOHLCV"):
            return lambda: x.un_watch_ohlcv(topic.symbol, str(topic.timeframe))
        return None

    async def _drain_quotes(self, _topic: Topic, count: Callable[[int], None]) -> None:
        method = {
            "bids_asks": self._instance.watch_bids_asks,
            "tickers": self._instance.watch_tickers,
        }[self._quirks.quote_watch]
        await _first_end(self._tickers(method, part, {}, count, self._quote) for part in self._parts())

    async def _drain_stats(self, _topic: Topic, count: Callable[[int], None]) -> None:
        x, has = self._instance, self._instance.has
        ways = [(x.watch_tickers, dict(self._quirks.ticker_params))]
        if has.get("watchMarkPrices") and any(":" in symbol for symbol in self._symbols):
            ways.append((x.watch_mark_prices, {}))
        await _first_end(
            self._tickers(method, part, params, count, self._stats)
            for method, params in ways
            for part in self._parts()
        )

    async def _tickers(
        self,
        method: Callable[[list[str], Any], Awaitable[Any]],
        symbols: list[str],
        params: dict[str, Any],
        count: Callable[[int], None],
        keep: Callable[[str, Any], None],
    ) -> None:
        while True:
            answer = await method(symbols, dict(params))
            for symbol, ticker in answer.items():
                keep(symbol, ticker)
            count(len(answer))

    async def _drain_book(self, topic: Topic, count: Callable[[int], None]) -> None:
        while True:
            self._books[topic.symbol] = await self._instance.watch_order_book(topic.symbol, _BOOK_LEVELS)
            count(1)

    async def _drain_trades(self, topic: Topic, count: Callable[[int], None]) -> None:
        instrument = instrument_id(self._quirks.venue, topic.symbol)
        while True:
            rows = await self._instance.watch_trades(topic.symbol)
            count(len(rows))
            for row in rows:
                if (trade := trade_of(row, instrument)) is not None:
                    self._kept.append(trade)
            del self._kept[:-_KEPT_PRINTS]

    async def _drain_candles(self, topic: Topic, count: Callable[[int], None]) -> None:
        assert topic.timeframe is not None
        instrument = instrument_id(self._quirks.venue, topic.symbol)
        name = str(topic)
        while True:
            rows = await self._instance.watch_ohlcv(topic.symbol, str(topic.timeframe))
            count(len(rows))
            for row in rows:
                self._candle(name, candle_of(row, instrument, topic.timeframe, closed=False))

    def _candle(self, name: str, candle: Candle) -> None:
        """A candle is closed when the next one has begun."""
        from dataclasses import replace

        before = self._forming.get(name)
        if before is not None and candle.open_ns > before.open_ns:
            self._kept.append(replace(before, closed=True))
        if before is None or candle.open_ns >= before.open_ns:
            self._forming[name] = candle
            self._latest["candle", name] = candle

    def _quote(self, symbol: str, ticker: Any) -> None:
        found = quote_of(ticker, instrument_id(self._quirks.venue, symbol), self._now_ns())
        if found is not None:
            self._latest["quote", symbol] = found

    def _stats(self, symbol: str, ticker: Any) -> None:
        found = stats_of(ticker, instrument_id(self._quirks.venue, symbol), self._now_ns())
        self._latest["stats", symbol] = found

    def _book(self, symbol: str, book: Any) -> Book:
        return book_of(book, instrument_id(self._quirks.venue, symbol), self._now_ns())

    def _parts(self) -> list[list[str]]:
        return [list(self._symbols[at : at + _CHUNK]) for at in range(0, len(self._symbols), _CHUNK)]


async def _first_end(coroutines: Any) -> None:
    """Run all until the first one ends, which ends the others."""
    tasks = [asyncio.ensure_future(one) for one in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
