"""Which trading day a moment belongs to; pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NS = 1_000_000_000
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Calendar:
    """The trader's days.

    Attributes:
        timezone: IANA name. day_start: "HH:MM" in that zone.
    """

    timezone: str = "UTC"
    day_start: str = "00:00"

    def day_of(self, at_ns: int) -> int:
        """Start of the day that holds `at_ns`, as UTC nanoseconds.

        On the day the clocks go back a wall time comes twice: the first one counts.

        >>> Calendar("Europe/Berlin", "00:00").day_of(1_750_000_000 * NS) // NS
        1749938400
        """
        at_s = at_ns // NS
        starts = _starts(self.timezone, self.day_start, at_s // DAY_S)
        return starts[bisect_right(starts, at_s) - 1] * NS

    def after(self, day_ns: int) -> int:
        """Start of the next day."""
        return self.day_of(day_ns + (DAY_S + DAY_S // 2) * NS)

    def start_of(self, day: date) -> int:
        """When the day that bears this date begins, as UTC nanoseconds."""
        return _start_s(ZoneInfo(self.timezone), self.day_start, day) * NS

    def date_of(self, day_ns: int) -> date:
        """The date that a day bears: that of its start, in the trader's zone."""
        return datetime.fromtimestamp(day_ns // NS, ZoneInfo(self.timezone)).date()


@lru_cache(maxsize=4096)
def _starts(timezone: str, day_start: str, utc_day: int) -> tuple[int, ...]:
    """Starts of all days that touch one UTC day, seconds, oldest first; zones reach 14 hours ahead."""
    zone = ZoneInfo(timezone)
    around = datetime.fromtimestamp(utc_day * DAY_S, UTC).date()
    return tuple(_start_s(zone, day_start, around + timedelta(days=d)) for d in range(-3, 3))


def _start_s(zone: ZoneInfo, day_start: str, day: date) -> int:
    hour, _, minute = day_start.partition(":")
    return int(datetime.combine(day, time(int(hour), int(minute)), zone).timestamp())
