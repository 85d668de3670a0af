"""Many candles as columns: the one place of the domain that knows numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.instrument import InstrumentId

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CandleSeries:
    """Candles of one instrument and timeframe, oldest first, opens strictly increasing.

    Attributes:
        open_ns: int64, shape (n,), UTC nanoseconds; may have gaps.
        open, high, low, close: float64, shape (n,), quote.
        volume: float64, shape (n,), venue units.
    """

    instrument: InstrumentId
    timeframe: Timeframe
    open_ns: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.open_ns)

    @classmethod
    def empty(cls, instrument: InstrumentId, timeframe: Timeframe) -> CandleSeries:
        """A series without candles."""
        none = np.empty(0, np.float64)
        return cls(instrument, timeframe, np.empty(0, np.int64), none, none, none, none, none)

    def columns(self) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """(open_ns, open, high, low, close, volume)."""
        return (self.open_ns, self.open, self.high, self.low, self.close, self.volume)

    def sliced(self, index: Any) -> CandleSeries:
        """The candles that a slice, mask or index array picks."""
        return CandleSeries(self.instrument, self.timeframe, *(c[index] for c in self.columns()))
