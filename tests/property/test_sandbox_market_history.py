"""Laws of the seeded history that hold for every seed, instrument, time and span."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox.market import tape
from adapters.sandbox.market.candles import TIMEFRAMES, Candles, next_open
from adapters.sandbox.market.columns import (
    CLOSE,
    COUNT,
    HIGH,
    LOW,
    OPEN,
    TAKER_BUY,
    VOLUME,
    fold,
    spread_total,
)
from adapters.sandbox.market.hours import Hours
from adapters.sandbox.market.listing import list_instruments
from adapters.sandbox.market.minutes import Minutes
from adapters.sandbox.market.noise import bell, drift, drift_run, normal, uniform
from adapters.sandbox.market.schedule import Scheduler
from adapters.sandbox.market.simulation import MarketSimulation
from hedge_tui.domain.candle import DAY_NS, MINUTE_NS

FIRST, LAST = 19_000, 22_000
COUNT_OF = 20
days = st.integers(FIRST, LAST)
seeds = st.integers(0, 3)
places = st.integers(0, COUNT_OF - 1)


@cache
def parts(seed: int, kind: str = "usdm") -> tuple[Hours, Minutes, Scheduler]:
    listings = list_instruments(kind, COUNT_OF)
    hours = Hours(seed, listings)
    minutes = Minutes(seed, listings, hours)
    return hours, minutes, Scheduler(seed, listings, minutes)


@cache
def simulation() -> MarketSimulation:
    return MarketSimulation("spot", seed=3, start_ns=LAST * DAY_NS + 12_345_678_901_234, count=COUNT_OF)


@settings(max_examples=40, deadline=None)
@given(seeds, places, days)
def test_a_day_folds_from_its_minutes(seed: int, index: int, day: int) -> None:
    hours, minutes, _ = parts(seed)
    inside = minutes.between(index, day * 1440, day * 1440 + 1440)
    assert (fold(inside, np.arange(0, 1440, 60)) == hours.between(index, day * 24, day * 24 + 24).rows).all()
    assert (inside[:, LOW] >= 1).all()
    assert (inside[:, LOW] <= inside[:, [OPEN, CLOSE]].min(axis=1)).all()
    assert (inside[:, HIGH] >= inside[:, [OPEN, CLOSE]].max(axis=1)).all()


@settings(max_examples=40, deadline=None)
@given(seeds, places, st.integers(FIRST * 24, LAST * 24), st.integers(1, 800))
def test_any_span_of_hours_is_a_part_of_a_wider_one(seed: int, index: int, first: int, length: int) -> None:
    hours, _, _ = parts(seed)
    part = hours.between(index, first, first + length)
    wide = hours.between(index, first - 500, first + length + 10)
    assert (part.rows == wide.rows[500:-10]).all()
    assert (part.rows[1:, OPEN] == part.rows[:-1, CLOSE]).all()


@settings(max_examples=60, deadline=None)
@given(seeds, places, st.integers(FIRST * 1440, LAST * 1440))
def test_any_minute_folds_from_its_trades(seed: int, index: int, minute: int) -> None:
    _, minutes, scheduler = parts(seed)
    row = minutes.between(index, minute, minute + 1)[0]
    trades = scheduler.past(index, minute)
    assert (trades.ticks[0], trades.ticks.max(), trades.ticks.min(), trades.ticks[-1]) == (
        row[OPEN],
        row[HIGH],
        row[LOW],
        row[CLOSE],
    )
    assert (trades.lots.sum(), len(trades.lots)) == (row[VOLUME], row[COUNT])
    assert trades.lots[trades.buy].sum() == row[TAKER_BUY]
    assert trades.lots.min() >= 1
    assert ((trades.time_ms >= 0) & (trades.time_ms < 60_000)).all()


@settings(max_examples=60, deadline=None)
@given(places, st.sampled_from(TIMEFRAMES), st.integers(FIRST * DAY_NS, LAST * DAY_NS), st.integers(0, 20))
def test_candles_of_any_timeframe_fold_from_minutes(
    index: int, timeframe: str, first_ns: int, width: int
) -> None:
    candles: Candles = simulation().candles
    last_ns = min(first_ns + width * (next_open(timeframe, first_ns) - first_ns), first_ns + 40 * DAY_NS)
    edges, rows = candles.series(index, timeframe, first_ns, last_ns)
    at = width % len(edges)
    end = next_open(timeframe, edges[at])
    inside = candles.minutes(
        index, edges[at] // MINUTE_NS, min(end // MINUTE_NS, simulation().states[index].minute + 1)
    )
    assert (rows[at] == fold(inside, np.zeros(1, np.int64))[0]).all()


@given(
    st.lists(st.integers(0, 10**15), min_size=1, max_size=5),
    st.integers(1, 60),
    st.randoms(use_true_random=False),
)
def test_parts_add_up_to_their_total(totals: list[int], width: int, rng) -> None:
    weights = np.array([[rng.random() + 1e-9 for _ in range(width)] for _ in totals])
    split = spread_total(np.array(totals, np.int64), weights)
    assert split.sum(axis=1).tolist() == totals
    assert (split >= 0).all()


@given(st.integers(0, 2**64 - 1), st.integers(-(10**7), 10**7), st.integers(1, 70), st.integers(1, 70))
def test_a_run_of_the_curve_equals_its_points(key: int, start: int, length: int, period: int) -> None:
    keys = np.array([[key]], np.uint64)
    index = start + np.arange(length)[None, :]
    assert (drift_run(keys, np.array([start]), length, period) == drift(keys, index, period)).all()


@given(st.integers(0, 2**64 - 1))
def test_chance_is_evenly_spread(key: int) -> None:
    keys, index = np.array([key], np.uint64), np.arange(4000)
    assert abs(uniform(keys, index).mean() - 0.5) < 0.04
    for draws in (normal(keys, index), bell(keys, index)):
        assert abs(draws.mean()) < 0.12
        assert abs(draws.std() - 1.0) < 0.09
        assert np.isfinite(draws).all()


@given(
    st.integers(0, 10**9), st.integers(1, 50), st.integers(0, 200), st.integers(4, 300), st.integers(0, 100)
)
def test_trades_of_any_candle_fold_to_it(minute: int, low: int, reach: int, count: int, share: int) -> None:
    high = low + reach
    opened, closed = low + reach * (minute % 7) // 6, low + reach * (minute % 5) // 4
    volume = 3 * count + 4 + minute % 1000
    bought = round(volume * (0.15 + 0.7 * share / 100))
    row = np.array([opened, high, low, closed, volume, count, bought, 0])
    path = tape.middle(row, tape.excursion(np.array([minute], np.uint64), minute)[0])
    trades = tape.draw(row, path, 1 + minute % 9, minute, minute)
    assert (trades.ticks[0], trades.ticks[-1]) == (opened, closed)
    assert (trades.ticks.max(), trades.ticks.min()) == (high, low)
    assert (trades.lots.sum(), trades.lots[trades.buy].sum(), trades.lots.min() >= 1) == (
        volume,
        bought,
        True,
    )
