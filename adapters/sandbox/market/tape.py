"""The trades of one minute, drawn inside its candle: folded, they give the candle's prices, volume and count.

Read by `simulation`, which reveals them as time passes, and by the REST answers for past trades.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.bend import bend
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, VOLUME
from adapters.sandbox.market.noise import bell, key_of, uniform, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adapters.sandbox.market.noise import FloatArray, IntArray

NODES = 30
"""Straight pieces of the mid price's path inside a minute, two seconds each."""
_ROOM = 1 << 14
"""Index room of a minute's draws; more trades than this in a minute would repeat chance."""


@dataclass(frozen=True, slots=True)
class Tape:
    """Trades of one instrument and minute, oldest first.

    Attributes:
        time_ms: milliseconds into the minute, rising.
        ticks, lots: price and quantity.
        buy: True where the taker bought.
    """

    time_ms: IntArray
    ticks: IntArray
    lots: IntArray
    buy: NDArray[np.bool_]


def excursion(keys: NDArray[np.uint64], minute: int) -> FloatArray:
    """Shape of the mid price inside a minute: 0 at both ends, about 1 high or deep.

    `keys` are of assets, shape (r,): all instruments of an asset share its shape. The result has shape
    (r, 31), at the edges of the two-second pieces.
    """
    walk = np.cumsum(bell(keys[:, None], minute * NODES + np.arange(NODES)[None, :]), axis=1)
    out = np.zeros((len(keys), NODES + 1))
    out[:, 1:] = (walk - walk[:, -1:] * np.arange(1, NODES + 1) / NODES) / (NODES / 4) ** 0.5
    out[:, -1] = 0.0
    return out


def middle(row: IntArray, shape: FloatArray) -> FloatArray:
    """The mid price at the edges of the two-second pieces, in ticks; broadcasts over leading axes."""
    start, end = row[..., OPEN, None], row[..., CLOSE, None]
    height = 0.42 * (row[..., HIGH, None] - row[..., LOW, None])
    path: FloatArray = start + (end - start) * (np.arange(NODES + 1) / NODES) + shape * height
    return np.clip(path, row[..., LOW, None], row[..., HIGH, None])


def draw(row: IntArray, path: FloatArray, spread: int, key: int, minute: int) -> Tape:
    """All trades of a minute.

    Args:
        row: its candle, a row of `columns` with no trade or at least four.
        path: the mid price, from `middle`, shape (31,).
        spread: in ticks.
        key: of the instrument.
        minute: since the epoch.
    """
    count = int(row[COUNT])
    if count == 0:
        none = np.empty(0, np.int64)
        return Tape(none, none, none, none.astype(np.bool_))
    index = minute * _ROOM + np.arange(count)
    keys = np.array([key], np.uint64)
    bits = words(keys, index)
    time_ms = np.sort((uniform(keys ^ np.uint64(1), index) * 60_000).astype(np.int64))
    share = int(row[TAKER_BUY]) / int(row[VOLUME])
    buy = (bits >> np.uint64(32)).astype(np.float64) * 2.0**-32 < share
    raw = (
        np.interp(time_ms, np.arange(NODES + 1) * (60_000 / NODES), path) + np.where(buy, 0.5, -0.5) * spread
    )
    ticks, peak, trough = _pinned(raw, row)
    buy[peak], buy[trough] = True, False
    _balance(buy, row)
    weights = np.exp(1.1 * bell(keys ^ np.uint64(2), index))
    lots = np.ones(count, np.int64)
    for side, total in ((buy, int(row[TAKER_BUY])), (~buy, int(row[VOLUME] - row[TAKER_BUY]))):
        edge = np.cumsum(weights[side])
        if len(edge):
            cut = np.rint((total - len(edge)) * (edge / edge[-1])).astype(np.int64)
            lots[side] += np.diff(cut, prepend=0)
    return Tape(time_ms, ticks, lots, buy)


def _pinned(raw: FloatArray, row: IntArray) -> tuple[IntArray, int, int]:
    """Whole ticks that begin at open, end at close and touch high and low once at least."""
    low, high = int(row[LOW]), int(row[HIGH])
    inner = raw[1:-1]
    peak = 1 + int(inner.argmax())
    trough = 1 + int(inner.argmin())
    if trough == peak:
        trough = peak + 1 if peak < len(raw) - 2 else peak - 1
    at = np.arange(len(raw), dtype=np.float64)
    ends = np.linspace(row[OPEN] - raw[0], row[CLOSE] - raw[-1], len(raw))
    level = raw + ends
    added = bend(
        at,
        float(len(raw) - 1),
        peak=np.array([float(peak)]),
        lift=np.array([high - level[peak]]),
        trough=np.array([float(trough)]),
        drop=np.array([low - level[trough]]),
    )[0]
    ticks = np.clip(np.rint(level + added), low, high).astype(np.int64)
    ticks[0], ticks[-1] = row[OPEN], row[CLOSE]
    ticks[peak], ticks[trough] = high, low
    return ticks, peak, trough


def _balance(buy: NDArray[np.bool_], row: IntArray) -> None:
    """Turn sides until each has a lot for each of its trades, and a trade if it has lots."""
    bought, sold = int(row[TAKER_BUY]), int(row[VOLUME] - row[TAKER_BUY])
    buys = int(buy.sum())
    target = min(max(buys, 1 if bought else 0), bought)
    target = max(min(target, len(buy) - (1 if sold else 0)), len(buy) - sold)
    if target > buys:
        buy[np.flatnonzero(~buy)[: target - buys]] = True
    elif target < buys:
        buy[np.flatnonzero(buy)[: buys - target]] = False


def instrument_key(seed: int, instrument: str) -> int:
    """The key of an instrument's trades."""
    return key_of(seed, "tape", instrument)
