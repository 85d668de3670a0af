"""Reads points in time for `gtd:` and `until`, and works out when they are.

`gtd:30m`, `gtd:17:30`, `gtd:17:30z`, `gtd:2026-11-30T17:30`. Without z a clock time is in the trader's zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hedge_tui.command.ast.moment import ClockTime, DateTime, Duration, Moment
from hedge_tui.command.grammar.numbers import duration_text, read_duration
from hedge_tui.command.refusal import shown
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from datetime import tzinfo

    from hedge_tui.command.ast.line import Span

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(z|utc)?", re.IGNORECASE | re.ASCII)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:t([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(z|utc)?)?",
    re.IGNORECASE | re.ASCII,
)
_YEARS = (2000, 2199)
_BILLION = 1_000_000_000


def read_moment(text: str, span: Span, example: str) -> Moment:
    """Read a duration from now, a clock time, or a date with a time.

    Raises:
        CommandError: none of these, a date without a time, an hour or a day that does not exist.
    """
    if (clock := _CLOCK.fullmatch(text)) is not None:
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        if hour > 23 or minute > 59 or second > 59:
            raise CommandError(f"{shown(text)} is no time of day", span, f"for example: {example}")
        return ClockTime(hour, minute, second, clock[4] is not None, span)
    if (date := _DATE.fullmatch(text)) is not None:
        if date[4] is None:
            readings = (f"{text}T00:00 (as the day begins)", f"{text}T23:59 (as the day ends)")
            raise CommandError(f"{shown(text)} has no time of day", span, f"write {text}T17:30", readings)
        year, month, day, hour, minute, second = (int(part or 0) for part in date.groups()[:6])
        try:
            datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            year = 0
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise CommandError(f"{shown(text)} does not exist", span, f"for example: {example}")
        return DateTime(year, month, day, hour, minute, second, date[7] is not None, span)
    if ":" in text or re.match(r"[0-9]{4}-", text):
        raise CommandError(
            f"{shown(text)} is not a time: expected 17:30 or 2026-11-30T17:30",
            span,
            f"for example: {example}",
        )
    return read_duration(text, span, example)


def moment_text(moment: Moment) -> str:
    """Write a moment the way it is typed."""
    if isinstance(moment, Duration):
        return duration_text(moment)
    clock = f"{moment.hour:02}:{moment.minute:02}" + (f":{moment.second:02}" if moment.second else "")
    zone = "z" if moment.utc else ""
    if isinstance(moment, ClockTime):
        return clock + zone
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}T{clock}{zone}"


def moment_ns(moment: Moment, now_ns: int, zone: tzinfo) -> int:
    """Work out when a typed moment is.

    Args:
        moment: as parsed.
        now_ns: UTC nanoseconds.
        zone: the trader's, for times without z.

    Returns:
        UTC nanoseconds; a clock time is the next one after `now_ns`, today or tomorrow. A date may lie
        in the past: that is for the caller to refuse.
    """
    if isinstance(moment, Duration):
        return now_ns + moment.ns
    where = UTC if moment.utc else zone
    if isinstance(moment, DateTime):
        return _ns(
            datetime(
                moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, tzinfo=where
            )
        )
    now = datetime.fromtimestamp(now_ns // _BILLION, UTC).astimezone(where)
    due = now.replace(hour=moment.hour, minute=moment.minute, second=moment.second, microsecond=0, fold=0)
    if _ns(due) <= now_ns:
        tomorrow = due.date() + timedelta(days=1)
        due = due.replace(year=tomorrow.year, month=tomorrow.month, day=tomorrow.day)
    return _ns(due)


def _ns(when: datetime) -> int:
    return int(when.timestamp()) * _BILLION
