"""Books, trades and charts: topics that are documents, sent whole or as a tail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.instrument import InstrumentId
from indicators.registry import IndicatorCall, parse

if TYPE_CHECKING:
    from hedge_tui.domain.series import CandleSeries
    from hedge_tui.engine.candles import CandleDesk, Key
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.feeds import Feeds

TAIL = 3
"""Candles resent while one forms: the forming one, and two that may just have been corrected."""
BOOK_LEVELS = 50


class BookDocuments:
    """`book:INSTRUMENT` and `trades:INSTRUMENT`."""

    def __init__(self, desk: Desk, feeds: Feeds) -> None:
        self._desk = desk
        self._feeds = feeds
        self._books: set[InstrumentId] = set()
        self._trades: set[InstrumentId] = set()

    def follow(self, topics: set[str]) -> None:
        """Clients follow exactly these documents now."""
        self._books = {InstrumentId(t[5:]) for t in topics if t.startswith("book:")}
        self._trades = {InstrumentId(t[7:]) for t in topics if t.startswith("trades:")}
        wanted = {(i, "book") for i in self._books} | {(i, "trades") for i in self._trades}
        self._feeds.want("board", wanted)

    def refresh(self, now_s: float) -> dict[str, Any]:
        """New documents since the last call."""
        del now_s
        books, self._feeds.changed_books = self._feeds.changed_books, set()
        trades, self._feeds.changed_trades = self._feeds.changed_trades, set()
        found: dict[str, Any] = {f"book:{i}": self._book(i) for i in books & self._books}
        found |= {f"trades:{i}": self._prints(i) for i in trades & self._trades}
        return found

    def whole(self, topic: str) -> Any:
        """The complete document, or None before the first word of the venue."""
        kind, _, name = topic.partition(":")
        instrument = InstrumentId(name)
        if kind == "book" and instrument in self._desk.markets.books:
            return self._book(instrument)
        if kind == "trades" and instrument in self._feeds.trades:
            return self._prints(instrument)
        return None

    def _book(self, instrument: InstrumentId) -> dict[str, Any]:
        book = self._desk.markets.books[instrument]
        listed = self._desk.markets.instruments.get(instrument)
        return {
            "tick": f"{listed.grid.tick:f}" if listed is not None else "",
            "bids": book.bids[:BOOK_LEVELS],
            "asks": book.asks[:BOOK_LEVELS],
            "venue_ns": book.venue_ns,
            "local_ns": book.local_ns,
        }

    def _prints(self, instrument: InstrumentId) -> list[list[Any]]:
        """[venue_ns, price, quantity, side of the taker, id], newest last."""
        trades = self._feeds.trades[instrument]
        return [[t.venue_ns, t.price, t.quantity, t.side.value, t.trade_id] for t in trades]


class ChartDocuments:
    """`chart:INSTRUMENT|TF|INDICATORS`: candles as columns of little-endian float64, with indicators."""

    def __init__(self, candles: CandleDesk) -> None:
        self._candles = candles
        self._topics: dict[str, tuple[Key, tuple[IndicatorCall, ...]]] = {}
        self._sent: dict[str, tuple[int, int, int]] = {}

    def follow(self, topics: set[str]) -> None:
        """Clients follow exactly these documents now; a topic that cannot be read is left out."""
        wanted = {}
        for topic in topics:
            if topic.startswith("chart:") and (read := read_topic(topic)) is not None:
                wanted[topic] = read
        if wanted.keys() != self._topics.keys():
            self._topics = wanted
            self._sent = {t: s for t, s in self._sent.items() if t in wanted}
            self._candles.watch({key for key, _ in wanted.values()})

    def refresh(self, now_s: float) -> dict[str, Any]:
        """Tails of charts whose last candles changed; whole charts where more did."""
        del now_s
        found = {}
        for topic, (key, calls) in self._topics.items():
            live = self._candles.live[key]
            series = live.series
            if not len(series):
                continue
            first = int(series.open_ns[0])
            sent = self._sent.get(topic)
            if sent is not None and sent[0] == live.revision:
                continue
            tail = sent is not None and live.loaded and len(series) - sent[2] in (0, 1) and first >= sent[1]
            self._sent[topic] = (live.revision, first, len(series))
            found[topic] = document(series, calls, tail=TAIL if tail else 0, loaded=live.loaded)
        return found

    def whole(self, topic: str) -> Any:
        """The complete chart, or None before its first candle."""
        if topic not in self._topics:
            return None
        key, calls = self._topics[topic]
        live = self._candles.live[key]
        if not len(live.series) and not live.loaded:
            return None
        return document(live.series, calls, tail=0, loaded=live.loaded)


def read_topic(topic: str) -> tuple[Key, tuple[IndicatorCall, ...]] | None:
    """((instrument, timeframe), indicators) of a chart topic, or None when it cannot be read."""
    parts = topic.removeprefix("chart:").split("|")
    try:
        instrument, timeframe = InstrumentId(parts[0]), Timeframe(parts[1])
        calls = tuple(parse(text) for text in parts[2].split(";") if text) if len(parts) > 2 else ()
    except (ValueError, IndexError):
        return None
    return (instrument, timeframe), calls


def document(
    series: CandleSeries, calls: tuple[IndicatorCall, ...], *, tail: int, loaded: bool
) -> dict[str, Any]:
    """Columns as bytes, and one column per indicator.

    Args:
        series: candles, the forming one last.
        calls: indicators to compute over the closes.
        tail: send only this many of the newest candles; 0 sends all.
        loaded: whether the first fill is complete.
    """
    part = slice(-tail, None) if tail else slice(None)
    return {
        "tail": bool(tail),
        "loaded": loaded,
        "open_ns": _bytes(series.open_ns[part], np.dtype("<i8")),
        "columns": [_bytes(c[part], np.dtype("<f8")) for c in series.columns()[1:]],
        "indicators": [
            {
                "name": call.text,
                "pane": call.spec.pane,
                "guides": call.spec.guides,
                "bounds": call.spec.bounds,
                "values": _bytes(call(series.close)[part], np.dtype("<f8")),
            }
            for call in calls
        ],
    }


def _bytes(column: Any, dtype: Any) -> bytes:
    return bytes(np.ascontiguousarray(column, dtype).tobytes())
