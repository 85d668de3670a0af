"""When and how long: durations and points in time as typed."""

from __future__ import annotations

from dataclasses import dataclass, field

from hedge_tui.command.ast.line import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in nanoseconds, above 0, a whole number of milliseconds."""

    ns: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """The next time a clock shows this: in UTC when `utc`, else in the trader's time zone."""

    hour: int
    minute: int
    second: int = 0
    utc: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and time: in UTC when `utc`, else in the trader's time zone. A real calendar date."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int = 0
    utc: bool = False
    span: Span = field(default=NOWHERE, compare=False)


Moment = Duration | ClockTime | DateTime
"""A point in time as typed; a Duration counts from now."""
