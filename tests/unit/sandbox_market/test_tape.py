"""Trades of a minute fold to its candle and to nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.sandbox.market import tape
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, VOLUME

KEY = np.array([5], np.uint64)


def drawn(row: list[int], minute: int = 1000, spread: int = 3) -> tape.Tape:
    columns = np.array(row, np.int64)
    return tape.draw(columns, tape.middle(columns, tape.excursion(KEY, minute)[0]), spread, 99, minute)


@pytest.mark.parametrize(
    "row",
    [
        [1000, 1010, 990, 1005, 5000, 400, 2600, 0],
        [1000, 1000, 1000, 1000, 16, 4, 8, 0],
        [1000, 1001, 1000, 1001, 19, 5, 3, 0],
        [1000, 1200, 1000, 1200, 16, 4, 14, 0],
        [2, 3, 1, 2, 40, 8, 5, 0],
    ],
)
def test_it_folds_to_the_candle(row: list[int]) -> None:
    trades = drawn(row)
    assert len(trades.ticks) == row[COUNT]
    assert (trades.ticks[0], trades.ticks[-1]) == (row[OPEN], row[CLOSE])
    assert (trades.ticks.max(), trades.ticks.min()) == (row[HIGH], row[LOW])
    assert trades.lots.sum() == row[VOLUME]
    assert trades.lots[trades.buy].sum() == row[TAKER_BUY]
    assert (trades.lots >= 1).all()
    assert (np.diff(trades.time_ms) >= 0).all()
    assert trades.time_ms[0] >= 0
    assert trades.time_ms[-1] < 60_000


def test_it_is_the_same_twice_and_another_in_another_minute() -> None:
    row = [1000, 1010, 990, 1005, 5000, 400, 2600, 0]
    again = drawn(row)
    assert (drawn(row).ticks == again.ticks).all()
    assert (drawn(row, minute=1001).ticks != again.ticks).any()


def test_takers_of_a_wide_spread_pay_it() -> None:
    trades = drawn([100_000, 100_200, 99_800, 100_000, 50_000, 600, 25_000, 0], spread=60)
    up = trades.ticks[trades.buy].mean()
    down = trades.ticks[~trades.buy].mean()
    assert 20 < up - down < 90
