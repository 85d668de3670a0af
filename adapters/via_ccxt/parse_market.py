"""From ccxt's public structures to the domain's market data. Pure; floats, for display."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from adapters.via_ccxt.numbers import float_of, ns_of_ms
from hedge_tui.domain.candle import Candle, Timeframe
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade
from hedge_tui.domain.order import Side
from hedge_tui.domain.series import CandleSeries

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import InstrumentId

DEPTH = 50
"""Levels of a book that are handed on."""


def quote_of(ticker: Any, instrument: InstrumentId, now_ns: int) -> Quote | None:
    """Best bid and ask of a ticker; None if it has neither."""
    bid, ask = ticker.get("bid"), ticker.get("ask")
    if bid is None and ask is None:
        return None
    return Quote(
        instrument,
        float_of(bid),
        float_of(ticker.get("bidVolume")),
        float_of(ask),
        float_of(ticker.get("askVolume")),
        ns_of_ms(ticker.get("timestamp")) or now_ns,
        now_ns,
        str(bid) if bid is not None else "",
        str(ask) if ask is not None else "",
    )


def stats_of(ticker: Any, instrument: InstrumentId, now_ns: int) -> MarketStats:
    """The slow facts of a ticker."""
    info = ticker.get("info") if isinstance(ticker.get("info"), dict) else {}
    return MarketStats(
        instrument,
        now_ns,
        last=float_of(ticker.get("last")),
        mark=float_of(ticker.get("markPrice")),
        index=float_of(ticker.get("indexPrice")),
        change_24h=float_of(ticker.get("percentage")) / 100,
        volume_24h=float_of(ticker.get("quoteVolume")),
        high_24h=float_of(ticker.get("high")),
        low_24h=float_of(ticker.get("low")),
        funding_rate=float_of(info.get("fundingRate") or info.get("r")),
        next_funding_ns=ns_of_ms(info.get("nextFundingTime") or info.get("T")),
        open_interest=float_of(info.get("openInterest")),
    )


def trade_of(trade: Any, instrument: InstrumentId) -> Trade | None:
    """A public print; None without a price."""
    price = float_of(trade.get("price"))
    if price != price:  # noqa: PLR0124 - NaN is the only value unequal to itself
        return None
    return Trade(
        instrument,
        str(trade.get("id") or ""),
        price,
        float_of(trade.get("amount")),
        Side.SELL if trade.get("side") == "sell" else Side.BUY,
        ns_of_ms(trade.get("timestamp")),
    )


def book_of(book: Any, instrument: InstrumentId, now_ns: int) -> Book:
    """Up to 50 levels a side."""
    return Book(
        instrument,
        _levels(book["bids"]),
        _levels(book["asks"]),
        ns_of_ms(book.get("timestamp")) or now_ns,
        now_ns,
    )


def candle_of(row: Any, instrument: InstrumentId, timeframe: Timeframe, *, closed: bool) -> Candle:
    """One row of ccxt's OHLCV lists."""
    at, open_, high, low, close, volume = row[:6]
    return Candle(
        instrument,
        timeframe,
        ns_of_ms(at),
        float_of(open_),
        float_of(high),
        float_of(low),
        float_of(close),
        float_of(volume or 0),
        closed,
    )


def series_of(
    rows: list[Any], instrument: InstrumentId, timeframe: Timeframe, span: tuple[int, int, int]
) -> CandleSeries:
    """Closed candles of `span` (since, until, now), oldest first, each open once; bad rows are left out."""
    since_ns, until_ns, now_ns = span
    kept: dict[int, list[float]] = {}
    for row in rows:
        if not isinstance(row, list) or len(row) < 6:
            continue
        open_ns = ns_of_ms(row[0])
        values = [float_of(value) for value in row[1:6]]
        wanted = since_ns <= open_ns < until_ns and open_ns + timeframe.width_ns <= now_ns
        if wanted and not any(map(math.isnan, values)):
            kept[open_ns] = values
    if not kept:
        return CandleSeries.empty(instrument, timeframe)
    opens = sorted(kept)
    columns = np.array([kept[at] for at in opens], dtype=np.float64).T
    return CandleSeries(instrument, timeframe, np.array(opens, dtype=np.int64), *columns)


def _levels(side: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(level[0]), float(level[1])) for level in side[:DEPTH])
