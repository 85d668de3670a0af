"""Candles as Binance's REST rows: of trades, and of mark and index prices. Part of `MarketRows`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adapters.sandbox.market.candles import next_open, span_after, span_before
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, TURNOVER, VOLUME, WIDTH
from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, SECOND_NS

if TYPE_CHECKING:
    from adapters.sandbox.market.market import Market
    from adapters.sandbox.market.noise import IntArray

_MS = 1_000_000


def kline_rows(
    market: Market,
    index: int,
    interval: str,
    *,
    start_ms: int | None,
    end_ms: int | None,
    limit: int,
    price: str = "last",
) -> list[list[Any]]:
    """Rows of GET klines, oldest first.

    With a start the first `limit` candles from it on, else the last `limit` up to the end or now. `price` is
    `last`, `mark` or `index`; the latter two have no volume.
    """
    now_ns = market.now_ns
    end_ns = now_ns if end_ms is None else min(now_ns, end_ms * _MS)
    if interval == "1s":
        edges, rows = _seconds(market, index, start_ms, end_ns, limit)
    else:
        asked = start_ms * _MS if start_ms is not None else span_before(interval, limit, end_ns)
        first = max(asked, market.listings[index].first_minute * MINUTE_NS)
        last = end_ns
        if start_ms is not None:
            last = min(end_ns, span_after(interval, limit, first))
        edges, rows = market.candles.series(index, interval, first, last)
        if start_ms is not None and edges and edges[0] < asked:
            edges, rows = edges[1:], rows[1:]
    picked = slice(0, limit) if start_ms is not None else slice(-limit, None)
    edges, rows = edges[picked], rows[picked]
    if not edges:
        return []
    ends = _ends(interval, edges)
    if price == "last":
        return _traded(market, index, edges, ends, rows)
    scale = np.ones(len(edges))
    if price == "index":
        scale = np.exp(-market.premium(index, np.array(edges) // HOUR_NS))
    prices = market.texts[index].price_columns(rows[:, : CLOSE + 1] * scale[:, None])
    return [
        [edge // _MS, *four, "0", end // _MS - 1, "0", (end - edge) // SECOND_NS, "0", "0", "0"]
        for edge, end, four in zip(edges, ends, prices, strict=True)
    ]


def _ends(interval: str, edges: list[int]) -> list[int]:
    last = edges[-1] + SECOND_NS if interval == "1s" else next_open(interval, edges[-1])
    return [*edges[1:], last]


def _traded(market: Market, index: int, edges: list[int], ends: list[int], rows: IntArray) -> list[list[Any]]:
    counts = rows[:, COUNT].tolist()
    cells = market.texts[index].candle_columns(rows)
    return [
        [edge // _MS, *cell[:5], end // _MS - 1, cell[5], count, cell[6], cell[7], "0"]
        for edge, end, count, cell in zip(edges, ends, counts, cells, strict=True)
    ]


def _seconds(
    market: Market, index: int, start_ms: int | None, end_ns: int, limit: int
) -> tuple[list[int], IntArray]:
    """One-second candles, from the trades themselves; a second without trades repeats the last price."""
    end = end_ns // SECOND_NS
    first = end - limit + 1 if start_ms is None else -(-start_ms // 1000)
    last = min(end, first + limit - 1)
    if first > last:
        return [], np.empty((0, WIDTH), np.int64)
    rows = np.zeros((last - first + 1, WIDTH), np.int64)
    for trade in market.prints(index, first * SECOND_NS // MINUTE_NS, last * SECOND_NS // MINUTE_NS):
        at = trade.time_ms // 1000 - first
        if 0 <= at < len(rows):
            _count(rows[at], trade.ticks, trade.lots, trade.buy)
    before = int(market.candles.minutes(index, first // 60, first // 60 + 1)[0, OPEN])
    for row in rows:
        if row[COUNT] == 0:
            row[[OPEN, HIGH, LOW, CLOSE]] = before
        before = int(row[CLOSE])
    return [second * SECOND_NS for second in range(first, last + 1)], rows


def _count(row: IntArray, ticks: int, lots: int, buy: bool) -> None:
    if row[COUNT] == 0:
        row[OPEN] = row[LOW] = ticks
    row[HIGH] = max(row[HIGH], ticks)
    row[LOW] = min(row[LOW], ticks)
    row[CLOSE] = ticks
    row[VOLUME] += lots
    row[COUNT] += 1
    row[TAKER_BUY] += lots if buy else 0
    row[TURNOVER] += 4 * ticks * lots
