"""Candle columns in whole ticks and lots, in which folding is exact; and the folding itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adapters.sandbox.market.noise import FloatArray, IntArray

OPEN, HIGH, LOW, CLOSE, VOLUME, COUNT, TAKER_BUY, TURNOVER = range(8)
"""Columns of a candle row: prices in ticks, VOLUME and TAKER_BUY in lots, COUNT of trades,
TURNOVER in quarters of tick times lot (volume times the sum of open, high, low and close)."""
WIDTH = 8


def fold(rows: IntArray, starts: IntArray) -> IntArray:
    """One row for each run of rows that begins at an index of `starts` (rising, the first is 0).

    Args:
        rows: shape (n, 8), oldest first.
        starts: shape (k,).

    Returns:
        Shape (k, 8).
    """
    out = np.add.reduceat(rows, starts, axis=0)
    ends = np.append(starts[1:], len(rows)) - 1
    out[:, OPEN] = rows[starts, OPEN]
    out[:, CLOSE] = rows[ends, CLOSE]
    out[:, HIGH] = np.maximum.reduceat(rows[:, HIGH], starts)
    out[:, LOW] = np.minimum.reduceat(rows[:, LOW], starts)
    return out


def spread_total(total: IntArray, weights: IntArray | FloatArray) -> IntArray:
    """Split whole totals by weights so that the parts add up exactly.

    Args:
        total: shape (r,).
        weights: shape (r, n), none negative, each row with a positive sum.

    Returns:
        Shape (r, n), whole numbers.
    """
    share = np.cumsum(weights, axis=1)
    edge = np.rint(total[:, None] * (share / share[:, -1:])).astype(np.int64)
    edge[:, -1] = total
    parts: IntArray = np.diff(edge, axis=1, prepend=0)
    return parts
