"""Reads recorded candles (Feather: date, open, high, low, close, volume) for the sandbox's replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import feather

from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.series import CandleSeries

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.domain.candle import Timeframe

COLUMNS = ("open", "high", "low", "close", "volume")


def read_recorded(path: Path, instrument: str, timeframe: Timeframe) -> CandleSeries:
    """The candles of one file, as recorded.

    Raises:
        StoreError: the file cannot be read, or lacks a column.
    """
    try:
        table = feather.read_table(path, columns=["date", *COLUMNS])
    except (OSError, KeyError, pa.ArrowException) as error:
        raise StoreError(f"{path} is no recorded candle file: {error}") from error
    opens = table["date"].cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64()).to_numpy()
    columns = [table[name].to_numpy().astype(np.float64) for name in COLUMNS]
    return CandleSeries(InstrumentId(instrument), timeframe, opens, *columns)
