"""The price history by minute: drawn inside the hours so that sixty minutes fold to their hour exactly.

Read by `candles` (history), `tape` (trades) and `simulation` (the present).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.bend import bend
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
    spread_total,
)
from adapters.sandbox.market.hours import HourBlock, Hours, extremes
from adapters.sandbox.market.noise import FloatArray, IntArray, KeyArray, bell, drift_run, key_of, uniform

if TYPE_CHECKING:
    from adapters.sandbox.market.listing import Listing

_KEPT_DAYS = 192
_KEPT_HOURS = 4
_STILL = 1e-30
"""Variance that a market which does not move counts as, so that nothing is divided by zero."""
_EDGES: FloatArray = np.arange(61, dtype=np.float64)
_MIDDLES: FloatArray = np.arange(60, dtype=np.float64) + 0.5


class Minutes:
    """Minute candles of all instruments of one venue kind, as rows of `columns`."""

    def __init__(self, seed: int, listings: list[Listing], hours: Hours) -> None:
        self._hours = hours
        self._log_tick = np.array([np.log(10.0**-listing.tick_decimals) for listing in listings])
        self._asset_keys: KeyArray = np.array(
            [key_of(seed, "minute", item.asset) for item in listings], np.uint64
        )
        self._own_keys: KeyArray = np.array(
            [key_of(seed, "volume", item.instrument.id) for item in listings], np.uint64
        )
        self._days: OrderedDict[tuple[int, int], IntArray] = OrderedDict()
        self._across: OrderedDict[int, IntArray] = OrderedDict()

    def between(self, index: int, first: int, end: int) -> IntArray:
        """Minutes [first, end) of one instrument, counted from the epoch, shape (end - first, 8)."""
        days = range(first // 1440, (end - 1) // 1440 + 1)
        self._fill(index, [day for day in days if (index, day) not in self._days])
        rows = [self._days[index, day] for day in days]
        for day in days:
            self._days.move_to_end((index, day))
        while len(self._days) > max(_KEPT_DAYS, len(days)):
            self._days.popitem(last=False)
        low = first - days[0] * 1440
        joined = rows[0] if len(rows) == 1 else np.concatenate(rows)
        return joined[low : low + end - first]

    def across(self, hour: int) -> IntArray:
        """The minutes of one hour of every instrument, shape (instruments, 60, 8)."""
        if hour not in self._across:
            block = self._hours.across(hour)
            which = np.arange(len(self._log_tick))
            self._across[hour] = self._draw(which, np.full(len(which), hour), block)
        self._across.move_to_end(hour)
        while len(self._across) > _KEPT_HOURS:
            self._across.popitem(last=False)
        return self._across[hour]

    def _fill(self, index: int, days: list[int]) -> None:
        if not days:
            return
        hours = np.concatenate([day * 24 + np.arange(24) for day in days])
        blocks = [self._hours.between(index, day * 24, day * 24 + 24) for day in days]
        block = HourBlock(
            np.concatenate([np.stack([part.path[:-1], part.path[1:]], axis=1) for part in blocks]),
            np.concatenate([part.variance for part in blocks]),
            np.concatenate([part.rows for part in blocks]),
        )
        drawn = self._draw(np.full(len(hours), index), hours, block).reshape(len(days), 1440, WIDTH)
        for day, rows in zip(days, drawn, strict=True):
            self._days[index, day] = rows

    def _draw(self, which: IntArray, hours: IntArray, block: HourBlock) -> IntArray:
        """Sixty minutes of each (instrument, hour); `block.path` has both ends of each hour, shape (r, 2)."""
        keys = self._asset_keys[which][:, None]
        minutes = hours[:, None] * 60 + np.arange(60)[None, :]
        path, variance = self._walk(which, hours, block)
        high, low = extremes(
            path[:, :-1], path[:, 1:], variance, uniform(keys, minutes), uniform(keys ^ np.uint64(1), minutes)
        )
        rows = np.empty((*minutes.shape, WIDTH), np.int64)
        self._prices(rows, which, block.rows, path, (high, low))
        self._amounts(rows, which, minutes, block.rows, (high - low) / np.sqrt(np.maximum(variance, _STILL)))
        return rows

    def _walk(self, which: IntArray, hours: IntArray, block: HourBlock) -> tuple[FloatArray, FloatArray]:
        """Log price at 61 edges, and the variance of each minute."""
        minutes = hours[:, None] * 60 + np.arange(60)[None, :]
        keys = self._asset_keys[which][:, None]
        share = np.exp(0.7 * drift_run(keys ^ np.uint64(2), hours * 60, 60, 5))
        variance = share / share.sum(axis=1)[:, None] * block.variance[:, None]
        shock = np.zeros(minutes.shape)
        for factor, weight in self._hours.exposures.weights(which):
            factor_keys = self._hours.exposures.paths.keys[factor][:, None] ^ np.uint64(32)
            shock += weight[:, None] * bell(factor_keys, minutes)
        walk = np.cumsum(shock * np.sqrt(variance), axis=1)
        used = np.cumsum(variance, axis=1)
        start, end = block.path[:, :1], block.path[:, 1:]
        path = np.empty((len(which), 61))
        path[:, :1] = start
        whole = np.maximum(used[:, -1:], _STILL)
        path[:, 1:] = start + walk - used * ((walk[:, -1:] - (end - start)) / whole)
        path[:, -1:] = end
        return path, variance

    def _prices(
        self,
        rows: IntArray,
        which: IntArray,
        hour: IntArray,
        path: FloatArray,
        extreme: tuple[FloatArray, FloatArray],
    ) -> None:
        high, low = extreme
        each = np.arange(len(which))
        top = np.log(hour[:, HIGH]) + self._log_tick[which]
        bottom = np.log(hour[:, LOW]) + self._log_tick[which]
        peak = _place(high, top - high.max(axis=1))
        trough = _place(-low, low.min(axis=1) - bottom)
        bent = {
            "peak": peak + 0.5,
            "lift": top - high[each, peak],
            "trough": trough + 0.5,
            "drop": bottom - low[each, trough],
        }
        at_edges, at_middles = bend(_EDGES, 60.0, **bent), bend(_MIDDLES, 60.0, **bent)
        path, high, low = _within(path + at_edges, high + at_middles, low + at_middles, top, bottom)
        floor, ceiling = hour[:, LOW, None], hour[:, HIGH, None]
        edges = np.clip(self._hours.ticks(which[:, None], path), floor, ceiling)
        edges[:, 0], edges[:, -1] = hour[:, OPEN], hour[:, CLOSE]
        rows[..., OPEN], rows[..., CLOSE] = edges[:, :-1], edges[:, 1:]
        upper = np.clip(self._hours.ticks(which[:, None], high), floor, ceiling)
        lower = np.clip(self._hours.ticks(which[:, None], low), floor, ceiling)
        rows[..., HIGH] = np.maximum(upper, np.maximum(rows[..., OPEN], rows[..., CLOSE]))
        rows[..., LOW] = np.minimum(lower, np.minimum(rows[..., OPEN], rows[..., CLOSE]))
        rows[each, peak, HIGH] = hour[:, HIGH]
        rows[each, trough, LOW] = hour[:, LOW]

    def _amounts(
        self, rows: IntArray, which: IntArray, minutes: IntArray, hour: IntArray, stretch: FloatArray
    ) -> None:
        own = self._own_keys[which][:, None]
        pace = np.exp(0.4 * bell(own, minutes)) * (0.5 + 0.35 * stretch)
        # At least four trades: a first, a last, a highest and a lowest; and lots for both sides of all.
        rows[..., COUNT] = 4 + spread_total(hour[:, COUNT] - 240, pace)
        floor = 3 * rows[..., COUNT] + 4
        spare = hour[:, VOLUME] - floor.sum(axis=1)
        price = rows[..., [OPEN, HIGH, LOW, CLOSE]].sum(axis=-1)
        wanted = (hour[:, TURNOVER] - (floor * price).sum(axis=1)) / np.maximum(spare, 1)
        weights = _tilted(pace * np.exp(0.5 * bell(own ^ np.uint64(1), minutes)), price, wanted)
        rows[..., VOLUME] = floor + spread_total(spare, weights)
        rows[..., TAKER_BUY] = spread_total(hour[:, TAKER_BUY], rows[..., VOLUME])
        rows[..., TURNOVER] = _settled(rows, rows[..., VOLUME] * price, hour[:, TURNOVER])


def _tilted(weights: FloatArray, price: IntArray, wanted: FloatArray) -> FloatArray:
    """Weights leaning towards dear or cheap minutes until their mean price is the one wanted."""
    low, high = price.min(axis=1), price.max(axis=1)
    room = (high - low).astype(np.float64)
    scale = np.maximum(room, 1.0)[:, None]
    place = (price - low[:, None]) / scale
    target = np.clip((wanted - low) / scale[:, 0], 0.03, 0.97)
    lean = np.zeros(len(price))
    for _ in range(4):
        leaning = weights * np.exp(lean[:, None] * place)
        leaning /= leaning.sum(axis=1)[:, None]
        mean = (leaning * place).sum(axis=1)
        spread = (leaning * (place - mean[:, None]) ** 2).sum(axis=1)
        lean += np.clip((target - mean) / np.maximum(spread, 1e-6), -4.0, 4.0)
        lean = np.clip(lean, -12.0, 12.0)
    tilted: FloatArray = weights * np.exp(lean[:, None] * place)
    return tilted


def _settled(rows: IntArray, turnover: IntArray, total: IntArray) -> IntArray:
    """Turnovers that add up to the hour's; what is missing goes where a minute's prices leave room."""
    missing = total - turnover.sum(axis=1)
    above = 4 * rows[..., VOLUME] * rows[..., HIGH] - turnover
    below = turnover - 4 * rows[..., VOLUME] * rows[..., LOW]
    room = np.where(missing[:, None] > 0, above, below) + 1e-9
    settled: IntArray = turnover + np.sign(missing)[:, None] * spread_total(np.abs(missing), room)
    return settled


def _place(height: FloatArray, missing: FloatArray) -> IntArray:
    """The minute that shall hold an extreme: the highest, or nearer to the middle the more is missing."""
    rise = np.maximum(missing, 0.0)[:, None] * (4.0 * _MIDDLES / 60.0 * (1.0 - _MIDDLES / 60.0))
    place: IntArray = (height + rise).argmax(axis=1)
    return place


def _within(
    path: FloatArray, high: FloatArray, low: FloatArray, top: FloatArray, bottom: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Press what lies beyond the hour's extremes towards its ends: a cut would leave flat tops."""
    upper, lower = np.maximum(path[:, 0], path[:, -1]), np.minimum(path[:, 0], path[:, -1])
    for sign, edge, extreme, reached in (
        (1.0, upper, top, np.maximum(high.max(axis=1), path.max(axis=1))),
        (-1.0, lower, bottom, np.minimum(low.min(axis=1), path.min(axis=1))),
    ):
        # An extreme is a whole tick, and may lie a fraction of one short of the end that it includes.
        reach = np.where(sign * (extreme - edge) > 0, extreme, edge)
        over = sign * (reached - reach) > 0
        share = np.where(over, (reach - edge) / np.where(over, reached - edge, 1.0), 1.0)[:, None]
        base = edge[:, None]
        path, high, low = (
            np.where(sign * (points - base) > 0, base + (points - base) * share, points)
            for points in (path, high, low)
        )
    return path, high, low
