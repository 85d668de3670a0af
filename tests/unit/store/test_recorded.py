from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hedge_tui.domain.candle import MINUTE_NS, Timeframe
from hedge_tui.domain.errors import StoreError
from store.recorded import read_recorded

NAME = "binanceusdm:BTC/USDT:USDT"


@pytest.mark.realdata
def test_recorded_candles_are_read_whole(realdata: Path) -> None:
    path = realdata / "binance_usdm_candles" / "BTC_USDT_USDT-1m-futures.feather"
    series = read_recorded(path, NAME, Timeframe.M1)
    assert len(series) == 43_199
    assert (np.diff(series.open_ns) % MINUTE_NS == 0).all()
    assert (series.low <= series.high).all()


def test_something_else_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.feather"
    path.write_text("no candles")
    with pytest.raises(StoreError, match=r"x\.feather is no recorded candle file"):
        read_recorded(path, NAME, Timeframe.M1)
