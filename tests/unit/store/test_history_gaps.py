"""Gaps: which candles are missing and which the venue never had."""

from __future__ import annotations

import numpy as np
import pytest

from hedge_tui.domain.candle import MINUTE_NS, Timeframe
from hedge_tui.domain.instrument import instrument_id
from store.history.catalog import SealedFile, SeriesState
from store.history.columns import check, holes, merge
from store.history.gaps import MISSING, explain, series_gaps

WIDTH = MINUTE_NS // 1_000


def sealed(period: str, first: int, last: int, *inside: tuple[int, int]) -> SealedFile:
    return SealedFile(period, period, first * WIDTH, last * WIDTH, 0, 0, 0, "", tuple(inside))


def state(**fields: object) -> SeriesState:
    return SeriesState(1, instrument_id("v", "A/B"), Timeframe.M1, **fields)  # type: ignore[arg-type]


def test_holes_are_first_and_last_missing_open() -> None:
    opens = np.array([0, 1, 2, 5, 6, 8], np.int64) * WIDTH
    assert holes(opens, WIDTH) == [(3 * WIDTH, 4 * WIDTH), (7 * WIDTH, 7 * WIDTH)]
    assert holes(opens[:1], WIDTH) == []
    assert holes(opens[:0], WIDTH) == []


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ([], [(10, 19, MISSING)]),
        ([(10, 19, "closed")], [(10, 19, "closed")]),
        ([(0, 99, "closed")], [(10, 19, "closed")]),
        ([(12, 13, "closed")], [(10, 11, MISSING), (12, 13, "closed"), (14, 19, MISSING)]),
        ([(5, 11, "a"), (18, 30, "b")], [(10, 11, "a"), (12, 17, MISSING), (18, 19, "b")]),
        ([(30, 40, "later")], [(10, 19, MISSING)]),
    ],
)
def test_a_hole_is_explained_by_what_the_venue_said(
    empty: list[tuple[int, int, str]], expected: list[tuple[int, int, str]]
) -> None:
    assert explain((10, 19), empty, 1) == expected


def test_gaps_inside_between_and_after_files() -> None:
    found = series_gaps(
        state(
            files=(sealed("a", 0, 10, (3 * WIDTH, 4 * WIDTH)), sealed("b", 13, 20)),
            hot_rows=2,
            hot_first_us=21 * WIDTH,
            hot_last_us=30 * WIDTH,
            empty=((11 * WIDTH, 12 * WIDTH, "outage"),),
        ),
        [(22 * WIDTH, 29 * WIDTH)],
        lambda: pytest.fail("nothing had to be read"),
    )
    minutes = [(first // WIDTH, last // WIDTH, cause) for first, last, cause in found]
    assert minutes == [(3, 4, MISSING), (11, 12, "outage"), (22, 29, MISSING)]


def test_hot_rows_inside_the_sealed_range_are_counted_exactly() -> None:
    found = series_gaps(
        state(files=(sealed("a", 0, 10, (3 * WIDTH, 5 * WIDTH)),), hot_rows=1, hot_first_us=4 * WIDTH),
        [],
        lambda: np.array([0, 1, 2, 4, 6, 7, 8, 9, 10], np.int64) * WIDTH,
    )
    assert [(first // WIDTH, last // WIDTH) for first, last, _ in found] == [(3, 3), (5, 5)]


def test_merging_keeps_the_first_of_equal_opens() -> None:
    def part(*opens: int, value: float) -> tuple[np.ndarray, ...]:
        return (np.array(opens, np.int64), *(np.full(len(opens), value) for _ in range(5)))

    merged = merge((part(3, 4, 5, value=1.0), part(1, 4, 6, value=2.0), part(value=3.0)))
    assert merged[0].tolist() == [1, 3, 4, 5, 6]
    assert merged[4].tolist() == [2.0, 1.0, 1.0, 1.0, 2.0]
    assert len(merge(())[0]) == 0


def test_what_is_no_series_is_said() -> None:
    good = (np.array([1, 2], np.int64), *(np.ones(2) for _ in range(5)))
    assert check(good) == ""
    assert "increase" in check((np.array([2, 2], np.int64), *good[1:]))
    assert "lengths" in check((*good[:5], np.ones(3)))
    assert "finite" in check((*good[:5], np.array([1.0, np.nan])))
