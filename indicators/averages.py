"""Moving averages, in TradingView's published form."""

from __future__ import annotations

import numpy as np
import talib
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def sma(close: FloatArray, length: int = 20) -> FloatArray:
    """Simple moving average.

    Args:
        close: values, oldest first, shape (n,).
        length: window in candles; at least 1.

    Returns:
        Shape (n,); the first `length` - 1 values are NaN: the warm-up.

    Raises:
        ValueError: `length` < 1.

    Source:
        TA-Lib's SMA.

    >>> sma(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [nan, 1.5, 2.5, 3.5]
    """
    _check(length)
    if length == 1:
        return close.astype(np.float64)
    return _guarded(talib.SMA, close, length)


def ema(close: FloatArray, length: int = 20) -> FloatArray:
    """Exponential moving average with alpha 2 / (length + 1), seeded with the SMA of the first window.

    Args:
        close: values, oldest first, shape (n,).
        length: window in candles; at least 1.

    Returns:
        Shape (n,); the first `length` - 1 values are NaN: the warm-up.

    Raises:
        ValueError: `length` < 1.

    Source:
        TA-Lib's EMA, which seeds as TradingView documents it.

    >>> ema(np.array([1.0, 2.0, 3.0, 5.0]), 3).tolist()
    [nan, nan, 2.0, 3.5]
    """
    _check(length)
    if length == 1:
        return close.astype(np.float64)
    return _guarded(talib.EMA, close, length)


def _check(length: int) -> None:
    if length < 1:
        raise ValueError(f"length {length} is below 1")


def _guarded(function: object, close: FloatArray, length: int) -> FloatArray:
    """TA-Lib needs at least one whole window, and lets one NaN spoil everything after it."""
    out = np.full(len(close), np.nan)
    first = int(np.argmax(~np.isnan(close))) if len(close) else 0
    body = np.ascontiguousarray(close[first:], np.float64)
    if len(body) >= length and not np.isnan(body).any():
        assert callable(function)
        out[first:] = function(body, timeperiod=length)
    return out
