"""When the trader's day begins: in any zone, across the days the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.engine.days import day_start_ns

HOUR_NS = 3_600_000_000_000


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("zone", "start", "now", "begun"),
    [
        ("UTC", "00:00", "2026-11-20T00:00:00", "2026-11-20T00:00:00"),
        ("UTC", "00:00", "2026-11-20T23:59:59", "2026-11-20T00:00:00"),
        ("UTC", "08:30", "2026-11-20T08:29:59", "2026-11-19T08:30:00"),
        ("Europe/Berlin", "00:00", "2026-11-20T22:59:59", "2026-11-19T23:00:00"),
        ("Europe/Berlin", "00:00", "2026-11-20T23:00:00", "2026-11-20T23:00:00"),
        ("America/New_York", "17:00", "2026-11-20T21:59:00", "2026-11-19T22:00:00"),
        ("Asia/Kolkata", "00:00", "2026-11-20T18:30:00", "2026-11-20T18:30:00"),
        # Clocks go forward on 2026-03-29 at 01:00 UTC: that day has 23 hours.
        ("Europe/Berlin", "00:00", "2026-03-29T21:59:59", "2026-03-28T23:00:00"),
        ("Europe/Berlin", "00:00", "2026-03-29T22:00:00", "2026-03-29T22:00:00"),
        # They go back on 2026-10-25 at 01:00 UTC: 02:30 comes twice, the day begins at the first.
        ("Europe/Berlin", "02:30", "2026-10-25T00:29:59", "2026-10-24T00:30:00"),
        ("Europe/Berlin", "02:30", "2026-10-25T00:30:00", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "02:30", "2026-10-25T01:15:00", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "02:30", "2026-10-25T01:45:00", "2026-10-25T00:30:00"),
        ("Pacific/Apia", "00:00", "2026-11-20T11:00:00", "2026-11-20T11:00:00"),
    ],
)
def test_day_starts(zone: str, start: str, now: str, begun: str) -> None:
    assert day_start_ns(ns(now), zone, start) == ns(begun)


@given(
    st.integers(ns("2026-01-01T00:00:00") // 10**9, ns("2027-12-31T00:00:00") // 10**9),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"]),
    st.sampled_from(["00:00", "01:30", "02:30", "17:00", "23:59"]),
)
def test_a_day_has_begun_is_not_over_and_time_does_not_leave_it(second: int, zone: str, start: str) -> None:
    now = second * 10**9
    begun = day_start_ns(now, zone, start)
    assert now - 25 * HOUR_NS < begun <= now
    assert day_start_ns(begun, zone, start) == begun
    later = day_start_ns(now + HOUR_NS // 2, zone, start)
    assert later >= begun
