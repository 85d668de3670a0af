"""Candles as Binance's REST rows: of trades, and of mark and index prices. Part of `MarketRows`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adapters.sandbox.market.candles import next_open, span_before
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
    start_ms: int | None,
    end_ms: int | None,
    limit: int,
    price: str = "last",
) -> list[list[Any]]:
    """Rows of GET klines, oldest first.

    With a start the first `limit` candles from it on, else the last `limit` up to the end or now.

    Args:
        price: `last`, `mark` or `index`; the latter two have no volume.
    """
    now_ns = market.now_ns
    end_ns = now_ns if end_ms is None else min(now_ns, end_ms * _MS)
    if interval == "1s":
        edges, rows = _seconds(market, index, start_ms, end_ns, limit)
    else:
        first = start_ms * _MS if start_ms is not None else span_before(interval, limit, end_ns)
        last = end_ns
        if start_ms is not None:
            # A span that holds `limit` opens; months are the widest, and the cut below is exact.
            width = next_open(interval, first) - first
            last = min(end_ns, first + width * (limit + 1))
        edges, rows = market.candles.series(index, interval, first, last)
        if start_ms is not None and edges and edges[0] < first:
            edges, rows = edges[1:], rows[1:]
    picked = slice(0, limit) if start_ms is not None else slice(-limit, None)
    return _texts(market, index, interval, edges[picked], rows[picked], price)


def _texts(
    market: Market, index: int, interval: str, edges: list[int], rows: IntArray, price: str
) -> list[list[Any]]:
    if not edges:
        return []
    texts = market.texts[index]
    if interval == "1s":
        ends = [edge + SECOND_NS for edge in edges]
    else:
        ends = [*edges[1:], next_open(interval, edges[-1])]
    if price != "last":
        scale = (
            np.exp(-market.premium(index, np.array(edges) // HOUR_NS))
            if price == "index"
            else np.ones(len(edges))
        )
        prices = texts.price_columns(rows[:, : CLOSE + 1] * scale[:, None])
        return [
            [edge // _MS, *four, "0", end // _MS - 1, "0", (end - edge) // SECOND_NS, "0", "0", "0"]
            for edge, end, four in zip(edges, ends, prices, strict=True)
        ]
    return [
        [edge // _MS, *cells[:4], cells[4], end // _MS - 1, cells[5], count, cells[6], cells[7], "0"]
        for edge, end, count, cells in zip(
            edges, ends, rows[:, COUNT].tolist(), texts.candle_columns(rows), strict=True
        )
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
