"""The price history by hour: a candle of any instrument at any hour, past or to come.

The whole history hangs on this level: days and weeks fold from hours, minutes are drawn inside them.
Read by `minutes` and `candles`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.activity import BY_HOUR, TradeClock
from adapters.sandbox.market.basis import Basis
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, TURNOVER, VOLUME, WIDTH
from adapters.sandbox.market.exposures import Exposures
from adapters.sandbox.market.noise import (
    FloatArray,
    IntArray,
    KeyArray,
    bell,
    drift_run,
    key_of,
    normal,
    uniform,
)

if TYPE_CHECKING:
    from adapters.sandbox.market.listing import Listing

CHUNK_DAYS = 16
CHUNK_HOURS = CHUNK_DAYS * 24
_KEPT_CHUNKS = 640
_JUMP_CHANCE = 0.0012
"""Per factor and hour; a jump is four to eight of the hour's deviations."""


@dataclass(frozen=True, slots=True)
class HourBlock:
    """Hours of one instrument.

    Attributes:
        path: log price at the hours' edges, shape (n + 1,).
        variance: of the log price over each hour, shape (n,).
        rows: candle rows of `columns`, shape (n, 8).
    """

    path: FloatArray
    variance: FloatArray
    rows: IntArray


class Hours:
    """Hourly candles of all instruments of one venue kind."""

    def __init__(self, seed: int, listings: list[Listing]) -> None:
        self.exposures = Exposures(seed, listings)
        self.basis = Basis(seed, listings)
        self.clock = TradeClock(listings)
        self._per_tick = np.array([10.0**listing.tick_decimals for listing in listings])
        self._lots = np.array([listing.lots_per_trade for listing in listings])
        # Extremes belong to the asset, not the instrument: spot and perpetual spike together.
        self._asset_keys: KeyArray = np.array(
            [key_of(seed, "asset", item.asset) for item in listings], np.uint64
        )
        self._own_keys: KeyArray = np.array(
            [key_of(seed, "instrument", item.instrument.id) for item in listings], np.uint64
        )
        self._kept: OrderedDict[tuple[int, int], HourBlock] = OrderedDict()

    def between(self, index: int, first: int, end: int) -> HourBlock:
        """Hours [first, end) of one instrument, counted from the epoch."""
        chunks = range(first // CHUNK_HOURS, (end - 1) // CHUNK_HOURS + 1)
        self._fill([(index, chunk) for chunk in chunks])
        blocks = [self._kept[index, chunk] for chunk in chunks]
        low = first - chunks[0] * CHUNK_HOURS
        high = low + end - first
        return HourBlock(
            np.concatenate([*(block.path[:-1] for block in blocks), blocks[-1].path[-1:]])[low : high + 1],
            np.concatenate([block.variance for block in blocks])[low:high],
            np.concatenate([block.rows for block in blocks])[low:high],
        )

    def candles(self, index: int, first: int, end: int) -> IntArray:
        """The rows of `between` alone."""
        return self.between(index, first, end).rows

    def across(self, hour: int) -> HourBlock:
        """One hour of every instrument: path (n, 2) and the rest (n,) and (n, 8)."""
        chunk, offset = divmod(hour, CHUNK_HOURS)
        count = len(self._lots)
        self._fill([(index, chunk) for index in range(count)])
        blocks = [self._kept[index, chunk] for index in range(count)]
        return HourBlock(
            np.stack([block.path[offset : offset + 2] for block in blocks]),
            np.array([block.variance[offset] for block in blocks]),
            np.stack([block.rows[offset] for block in blocks]),
        )

    def _fill(self, wanted: list[tuple[int, int]]) -> None:
        missing = [pair for pair in wanted if pair not in self._kept]
        for start in range(0, len(missing), 64):
            part = missing[start : start + 64]
            for pair, block in zip(part, self._compute(part), strict=True):
                self._kept[pair] = block
        for pair in wanted:
            self._kept.move_to_end(pair)
        while len(self._kept) > max(_KEPT_CHUNKS, len(wanted)):
            self._kept.popitem(last=False)

    def _compute(self, pairs: list[tuple[int, int]]) -> list[HourBlock]:
        which = np.repeat(np.array([index for index, _ in pairs]), CHUNK_DAYS)
        days = np.concatenate([chunk * CHUNK_DAYS + np.arange(CHUNK_DAYS) for _, chunk in pairs])
        path, variance = self._paths(which, days)
        rows = self._rows(which, days, path, variance)
        blocks = []
        for at in range(len(pairs)):
            part = slice(at * CHUNK_DAYS, (at + 1) * CHUNK_DAYS)
            edges = np.append(path[part, :-1].ravel(), path[part][-1, -1])
            blocks.append(HourBlock(edges, variance[part].ravel(), rows[part].reshape(-1, WIDTH)))
        return blocks

    def _paths(self, which: IntArray, days: IntArray) -> tuple[FloatArray, FloatArray]:
        """Log price at the 25 edges and variance of the 24 hours of each (instrument, day)."""
        hours = days[:, None] * 24 + np.arange(25)[None, :]
        inner = hours[:, :-1]
        path = self.exposures.anchor[which][:, None] + np.zeros((1, 25))
        variance = np.zeros((len(which), 24))
        for factor, load in self.exposures.of(which):
            keys = self.exposures.paths.keys[factor][:, None]
            ends = self.exposures.paths.at(factor, days)
            share = BY_HOUR * np.exp(0.8 * drift_run(keys ^ np.uint64(16), days * 24, 24, 6))
            spent = share / share.sum(axis=1)[:, None] * (ends.sigma**2)[:, None]
            shock = normal(keys ^ np.uint64(17), inner) + self._jumps(keys, inner)
            walk = np.cumsum(shock * np.sqrt(spent), axis=1)
            used = np.cumsum(spent, axis=1)
            pull = (walk[:, -1] - (ends.end - ends.start)) / used[:, -1]
            path[:, 0] += load * ends.start
            path[:, 1:-1] += load[:, None] * (ends.start[:, None] + (walk - used * pull[:, None])[:, :-1])
            path[:, -1] += load * ends.end
            variance += (load**2)[:, None] * spent
        path += self.basis.run(which, days * 24, 25)
        return path, variance

    def _jumps(self, keys: KeyArray, hours: IntArray) -> FloatArray:
        chance = uniform(keys ^ np.uint64(18), hours)
        height = 4.0 + 4.0 * np.abs(bell(keys ^ np.uint64(19), hours))
        sign = np.where(chance < _JUMP_CHANCE / 2, -1.0, 1.0)
        return np.where(chance < _JUMP_CHANCE, sign * np.minimum(height, 8.0), 0.0)

    def _rows(self, which: IntArray, days: IntArray, path: FloatArray, variance: FloatArray) -> IntArray:
        hours = days[:, None] * 24 + np.arange(24)[None, :]
        keys = self._asset_keys[which][:, None]
        rows = np.empty((*hours.shape, WIDTH), np.int64)
        edges = self.ticks(which[:, None], path)
        rows[..., OPEN], rows[..., CLOSE] = edges[:, :-1], edges[:, 1:]
        high, low = extremes(
            path[:, :-1], path[:, 1:], variance, uniform(keys, hours), uniform(keys ^ np.uint64(1), hours)
        )
        rows[..., HIGH] = self.ticks(which[:, None], high)
        rows[..., LOW] = self.ticks(which[:, None], low)
        edges_h = days[:, None] * 24 + np.arange(25)[None, :]
        told = self.clock.before(np.repeat(which, 25), edges_h.ravel()).reshape(edges_h.shape)
        rows[..., COUNT] = np.diff(told, axis=1)
        rows[..., VOLUME] = self._volume(
            which, days, hours, rows[..., COUNT], np.abs(high - low) / np.sqrt(variance)
        )
        tilt = (
            0.5
            + 0.06 * bell(keys ^ np.uint64(2), hours)
            + 0.08 * np.tanh((path[:, 1:] - path[:, :-1]) / np.sqrt(variance))
        )
        rows[..., TAKER_BUY] = np.floor(rows[..., VOLUME] * np.clip(tilt, 0.15, 0.85))
        rows[..., TURNOVER] = rows[..., VOLUME] * (
            rows[..., OPEN] + rows[..., HIGH] + rows[..., LOW] + rows[..., CLOSE]
        )
        return rows

    def _volume(
        self, which: IntArray, days: IntArray, hours: IntArray, counts: IntArray, stretch: FloatArray
    ) -> IntArray:
        own = self._own_keys[which][:, None]
        mood = 0.28 * self.exposures.paths.market_regime(days)[:, None] + 0.3 * drift_run(
            own ^ np.uint64(3), days * 24, 24, 60
        )
        size = self._lots[which][:, None] * np.exp(mood + 0.25 * bell(own ^ np.uint64(4), hours) - 0.12)
        # A minute needs room for its trades on both sides, see `minutes`.
        lots: IntArray = 3 * counts + 240 + (counts * size * (0.35 + 0.4 * stretch)).astype(np.int64)
        return lots

    def ticks(self, which: IntArray, log_price: FloatArray) -> IntArray:
        """Log prices as whole ticks, at least 1."""
        ticks: IntArray = np.maximum(np.rint(np.exp(log_price) * self._per_tick[which]), 1.0).astype(np.int64)
        return ticks


def extremes(
    start: FloatArray, end: FloatArray, variance: FloatArray, up: FloatArray, down: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Highest and lowest point of a free path between two ends, drawn from their exact laws.

    `up` and `down` are uniform draws in (0, 1); a small draw gives a far extreme.
    """
    step = (end - start) ** 2
    middle = start + end
    high = (middle + np.sqrt(step - 2.0 * variance * np.log(up))) / 2
    low = (middle - np.sqrt(step - 2.0 * variance * np.log(down))) / 2
    return high, low
