"""Recorded candles laid under a market as its past and its future, in place of the seeded history.

A recording is cut at a point: what lies before it is history, what lies after it happens from the start on,
at the recorded pace or several times faster, and begins again when it ends. Built by `replay`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.columns import (
    CLOSE,
    COUNT,
    HIGH,
    LOW,
    OPEN,
    TAKER_BUY,
    TURNOVER,
    VOLUME,
    WIDTH,
    fold,
    spread_total,
)
from adapters.sandbox.market.noise import bell, key_of
from hedge_tui.domain.candle import MINUTE_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.noise import FloatArray, IntArray
    from hedge_tui.domain.series import CandleSeries

_DOLLARS_PER_TRADE = 3000.0
_MOST_TRADES = 900
"""Of a minute."""
_PATH = np.array([key_of("recorded path")], np.uint64)
_PACE = np.array([key_of("recorded pace")], np.uint64)


@dataclass(frozen=True, slots=True)
class Track:
    """One instrument's recording, minute by minute.

    Attributes:
        rows: candle rows of `columns`, shape (n, 8), without gaps; n may be 0.
        cut: index of the row that begins at the start of the replay; rows before it are history.
        still: ticks at which the price stands where there is no row.
        goes_on: rows from `cut` on happen; False where recorded frames take their place.
    """

    rows: IntArray
    cut: int
    still: int
    goes_on: bool


def minute_rows(series: CandleSeries, listing: Listing) -> IntArray:
    """Recorded candles as rows of one minute each.

    Wider candles are divided into minutes; minutes that the recording lacks stand still without trades.

    Raises:
        ValueError: no candle, or a width that is not a whole number of minutes.
    """
    if len(series) == 0:
        raise ValueError(f"the recording of {listing.instrument.symbol} has no candle")
    width, rest = divmod(series.timeframe.width_ns, MINUTE_NS)
    if rest:
        raise ValueError(f"candles of {series.timeframe.value} cannot be divided into minutes")
    prices = np.stack([series.open, series.high, series.low, series.close], axis=1) / listing.tick
    rows = _rows(np.maximum(np.rint(prices), 1).astype(np.int64), series.volume / listing.lot, width, listing)
    if width > 1:
        rows = _divided(rows, width)
    opens = (series.open_ns // MINUTE_NS)[:, None] + np.arange(width)
    return _without_gaps(opens.ravel(), rows)


def _rows(prices: IntArray, lots: FloatArray, width: int, listing: Listing) -> IntArray:
    rows = np.empty((len(prices), WIDTH), np.int64)
    rows[:, OPEN], rows[:, CLOSE] = prices[:, 0], prices[:, 3]
    rows[:, HIGH], rows[:, LOW] = prices.max(axis=1), prices.min(axis=1)
    dollars = lots * listing.lot * prices[:, 3] * listing.tick
    least = 4 if width == 1 else 30 * width
    counts = np.clip(dollars / _DOLLARS_PER_TRADE, least, _MOST_TRADES * width).astype(np.int64)
    # A minute that hardly traded is given the few lots that its four corners need.
    rows[:, VOLUME] = np.maximum(np.rint(lots).astype(np.int64), 3 * least + 4 * width)
    rows[:, COUNT] = np.minimum(counts, (rows[:, VOLUME] - 4 * width) // 3)
    lean = np.sign(rows[:, CLOSE] - rows[:, OPEN]) * 0.08
    rows[:, TAKER_BUY] = np.floor(rows[:, VOLUME] * (0.5 + lean))
    rows[:, TURNOVER] = rows[:, VOLUME] * prices.sum(axis=1)
    return rows


def _divided(rows: IntArray, width: int) -> IntArray:
    """Each wide candle as minutes that fold to it: a wandering path that touches its high and low once."""
    count = len(rows)
    index = np.arange(count)[:, None] * width + np.arange(width)
    chance = bell(_PATH, index)
    out = np.empty((count, width, WIDTH), np.int64)
    start, end, low, high = (rows[:, column, None] for column in (OPEN, CLOSE, LOW, HIGH))
    share = np.arange(width) / width
    edges = start + (end - start) * share + 0.25 * (high - low) * np.where(share > 0, chance, 0.0)
    out[..., OPEN] = np.clip(np.rint(edges), low, high)
    out[:, :-1, CLOSE] = out[:, 1:, OPEN]
    out[:, -1, CLOSE] = rows[:, CLOSE]
    out[..., HIGH] = out[..., [OPEN, CLOSE]].max(axis=-1)
    out[..., LOW] = out[..., [OPEN, CLOSE]].min(axis=-1)
    each = np.arange(count)
    out[each, out[..., HIGH].argmax(axis=1), HIGH] = rows[:, HIGH]
    out[each, out[..., LOW].argmin(axis=1), LOW] = rows[:, LOW]
    pace = np.exp(0.4 * bell(_PACE, index))
    out[..., COUNT] = 4 + spread_total(rows[:, COUNT] - 4 * width, pace)
    least = 3 * out[..., COUNT] + 4
    out[..., VOLUME] = least + spread_total(rows[:, VOLUME] - least.sum(axis=1), pace)
    out[..., TAKER_BUY] = spread_total(rows[:, TAKER_BUY], out[..., VOLUME])
    out[..., TURNOVER] = out[..., VOLUME] * out[..., : CLOSE + 1].sum(axis=-1)
    return out.reshape(-1, WIDTH)


def _without_gaps(minutes: IntArray, rows: IntArray) -> IntArray:
    length = int(minutes[-1] - minutes[0]) + 1
    if length == len(rows):
        return rows
    place = np.maximum.accumulate(_positions(minutes - minutes[0], length))
    whole = rows[place]
    missing = np.ones(length, np.bool_)
    missing[minutes - minutes[0]] = False
    whole[missing, : CLOSE + 1] = whole[missing, CLOSE, None]
    whole[missing, VOLUME:] = 0
    return whole


def _positions(at: IntArray, length: int) -> IntArray:
    positions = np.zeros(length, np.int64)
    positions[at] = np.arange(len(at))
    return positions


class RecordedMinutes:
    """Minutes of recorded tracks; also the hours and the trade counts that follow from them.

    Args:
        start_minute: of the replay, since the epoch.
        speed: recorded minutes that pass in one.
    """

    def __init__(self, tracks: Sequence[Track], start_minute: int, speed: int) -> None:
        self._tracks = tracks
        self._start = start_minute
        self._speed = speed

    def between(self, index: int, first: int, end: int) -> IntArray:
        """Minutes [first, end) of one instrument, counted from the epoch."""
        track = self._tracks[index]
        known = len(track.rows)
        past = track.cut + np.arange(min(first, self._start), min(end, self._start)) - self._start
        out = np.zeros((end - first, WIDTH), np.int64)
        out[:, : CLOSE + 1] = int(track.rows[0, OPEN]) if known else track.still
        there = np.flatnonzero((past >= 0) & (past < known)) if first < self._start else np.empty(0, np.int64)
        out[there] = track.rows[past[there]]
        if end > self._start:
            begin = max(first, self._start)
            out[begin - first :] = self._coming(track, begin - self._start, end - self._start)
        return out

    def across(self, hour: int) -> IntArray:
        """The minutes of one hour of every instrument."""
        return np.stack([self.between(at, hour * 60, hour * 60 + 60) for at in range(len(self._tracks))])

    def candles(self, index: int, first: int, end: int) -> IntArray:
        """Hours [first, end) of one instrument."""
        rows = self.between(index, first * 60, end * 60)
        return fold(rows, np.arange(0, len(rows), 60))

    def before(self, which: IntArray, hours: IntArray) -> IntArray:
        """Trades of each instrument before the start of each hour."""
        counts = []
        for index, hour in zip(which.tolist(), hours.tolist(), strict=True):
            first = self.first_minute(index)
            rows = self.between(index, first, hour * 60) if hour * 60 > first else np.zeros((1, WIDTH))
            counts.append(int(rows[:, COUNT].sum()))
        return np.array(counts, np.int64)

    def first_minute(self, index: int) -> int:
        """Where an instrument's history begins."""
        return self._start - self._tracks[index].cut

    def _coming(self, track: Track, first: int, end: int) -> IntArray:
        """Rows of the minutes [first, end) after the start; the recording is played in a circle."""
        out = np.zeros((end - first, WIDTH), np.int64)
        out[:, : CLOSE + 1] = track.still
        if not track.goes_on or not len(track.rows):
            return out
        places = track.cut + np.arange(first * self._speed, end * self._speed)
        rows = track.rows[places % len(track.rows)]
        return rows if self._speed == 1 else fold(rows, np.arange(0, len(rows), self._speed))
