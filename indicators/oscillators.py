"""Oscillators, in TradingView's published form."""

from __future__ import annotations

import numpy as np
import talib
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def rsi(close: FloatArray, length: int = 14) -> FloatArray:
    """Relative strength index with Wilder's smoothing.

    Args:
        close: closing prices, oldest first, shape (n,), any price unit.
        length: candles in the smoothing window; at least 2.

    Returns:
        Shape (n,), on the scale 0 to 100. The first `length` values are NaN: the warm-up.
        A window without losses gives 100.

    Raises:
        ValueError: `length` < 2.

    Source:
        J. W. Wilder, New Concepts in Technical Trading Systems, 1978, section VI; computed by TA-Lib.

    >>> rsi(np.array([1.0, 2.0, 3.0, 2.0]), 2).round(1).tolist()
    [nan, nan, 100.0, 50.0]
    """
    if length < 2:
        raise ValueError(f"length {length} is below 2")
    if len(close) <= length or np.isnan(close).any():
        return np.full(len(close), np.nan)
    out: FloatArray = talib.RSI(np.ascontiguousarray(close, np.float64), timeperiod=length)
    return out
