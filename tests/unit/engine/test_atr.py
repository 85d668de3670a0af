"""The average true range of hourly candles, out of whatever candles are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plan_bench import BTC

from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, Timeframe
from hedge_tui.domain.series import CandleSeries
from hedge_tui.engine.atr import LENGTH, average_true_range, hourly

START_NS = 490_000 * HOUR_NS


def series(timeframe: Timeframe, count: int, missing: tuple[int, ...] = ()) -> CandleSeries:
    """A candle's high is its number plus 3, its low minus 1, its close plus 1."""
    kept = np.array([n for n in range(count) if n not in missing], np.int64)
    price = kept.astype(np.float64)
    return CandleSeries(
        BTC, timeframe, START_NS + kept * timeframe.width_ns, price, price + 3, price - 1, price + 1, price
    )


def test_average_true_range_by_hand() -> None:
    high = np.array([10.0, 12.0, 11.0, 15.0])
    low = np.array([8.0, 9.0, 7.0, 11.0])
    close = np.array([9.0, 11.0, 8.0, 14.0])
    # True ranges: 3 (12 - 9), 4 (11 - 7), 7 (15 - 8); the mean of two, then a step of Wilder's.
    assert average_true_range(high, low, close, 2) == (3.5 + 7) / 2
    assert math.isnan(average_true_range(high, low, close, 4))


@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15, Timeframe.H1])
def test_hours_are_put_together_from_finer_candles(timeframe: Timeframe) -> None:
    parts = HOUR_NS // timeframe.width_ns
    found = hourly(series(timeframe, 20 * parts + parts // 2), START_NS + 20 * HOUR_NS + 31 * MINUTE_NS)
    assert found is not None
    high, low, close = found
    assert len(close) == 20
    assert (high[1], low[1], close[1]) == (2 * parts - 1 + 3, parts - 1, 2 * parts - 1 + 1)
    assert not math.isnan(average_true_range(high, low, close))


def test_an_hour_with_a_hole_cuts_what_is_before_it_off() -> None:
    now = START_NS + 30 * HOUR_NS
    found = hourly(series(Timeframe.M15, 120, missing=(41,)), now)
    assert found is not None
    assert len(found[2]) == 30 - 11
    found = hourly(series(Timeframe.M15, 120, missing=tuple(range(40, 48))), now)
    assert found is not None
    assert len(found[2]) == 30 - 12
    assert hourly(series(Timeframe.M15, 120, missing=(119,)), now) is None


def test_old_candles_and_none_are_unknown() -> None:
    assert hourly(series(Timeframe.H1, 30), START_NS + 34 * HOUR_NS) is None
    assert hourly(series(Timeframe.H1, 30), START_NS + 33 * HOUR_NS) is not None
    assert hourly(CandleSeries.empty(BTC, Timeframe.H1), START_NS) is None
    few = hourly(series(Timeframe.H1, LENGTH), START_NS + LENGTH * HOUR_NS)
    assert few is not None
    assert math.isnan(average_true_range(*few))
