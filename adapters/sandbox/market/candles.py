"""Candles of every timeframe, folded from hours and minutes, with what happened live in its place.

Read by `simulation` for klines, statistics of the day and the candle streams.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.columns import WIDTH, fold
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, Timeframe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.market_state import MarketState
    from adapters.sandbox.market.noise import IntArray
    from adapters.sandbox.market.sources import HourSource, MinuteSource

MONTH = "1M"
TIMEFRAMES: tuple[str, ...] = (*(frame.value for frame in Timeframe), MONTH)
"""What `Candles.series` folds; months have no fixed width and follow the calendar."""


class Candles:
    """Closed and forming candles of all instruments of one venue kind."""

    def __init__(
        self,
        listings: Sequence[Listing],
        hours: HourSource,
        minutes: MinuteSource,
        states: Sequence[MarketState],
    ) -> None:
        self._first_minute = [listing.first_minute for listing in listings]
        self._hours = hours
        self._minutes = minutes
        self._states = states

    def series(self, index: int, timeframe: str, first_ns: int, last_ns: int) -> tuple[list[int], IntArray]:
        """Candles whose open lies in [first_ns, last_ns], the forming one included.

        Returns:
            Opens in nanoseconds, and rows of `columns`, shape (n, 8); nothing before the listing.
        """
        state = self._states[index]
        edges = open_times(timeframe, max(first_ns, self._first_minute[index] * MINUTE_NS), last_ns)
        edges = [edge for edge in edges if edge <= state.minute * MINUTE_NS]
        if not edges:
            return [], np.empty((0, WIDTH), np.int64)
        end = min(next_open(timeframe, edges[-1]) // MINUTE_NS, state.minute + 1)
        first = max(edges[0] // MINUTE_NS, self._first_minute[index])
        hourly = timeframe == MONTH or Timeframe(timeframe).width_ns % HOUR_NS == 0
        rows, unit = (self._hourly(index, first, end), 60) if hourly else (self.minutes(index, first, end), 1)
        starts = np.array([max(0, (edge // MINUTE_NS - first) // unit) for edge in edges])
        return edges, fold(rows, starts)

    def minutes(self, index: int, first: int, end: int) -> IntArray:
        """Minutes [first, end); `end` is at most one past the forming minute, which is given as it is."""
        state = self._states[index]
        rows = self._minutes.between(index, first, end)
        changed = (
            [minute for minute in range(first, end) if minute in state.realised] if state.realised else []
        )
        if not changed and end <= state.minute:
            return rows
        rows = rows.copy()
        for minute in changed:
            rows[minute - first] = state.realised[minute]
        if end > state.minute:
            rows[state.minute - first] = state.forming()
        return rows

    def _hourly(self, index: int, first: int, end: int) -> IntArray:
        """Hours that begin at minute `first`; the last one may be in the making."""
        state = self._states[index]
        first_hour, end_hour = first // 60, -(-end // 60)
        rows = self._hours.candles(index, first_hour, end_hour)
        changed = {minute // 60 for minute in state.realised if first <= minute < end}
        if end > state.minute:
            changed.add(state.minute // 60)
        if not changed:
            return rows
        rows = rows.copy()
        for hour in changed:
            inside = self.minutes(index, hour * 60, min(hour * 60 + 60, state.minute + 1))
            rows[hour - first_hour] = fold(inside, np.zeros(1, np.int64))[0]
        return rows


def open_times(timeframe: str, first_ns: int, last_ns: int) -> list[int]:
    """Opens of the candles from the one that holds `first_ns` on, up to `last_ns`."""
    if timeframe == MONTH:
        months = []
        at = month_open(first_ns)
        while at <= last_ns:
            months.append(at)
            at = next_open(MONTH, at)
        return months
    frame = Timeframe(timeframe)
    return list(range(frame.open_of(first_ns), last_ns + 1, frame.width_ns))


def next_open(timeframe: str, open_ns: int) -> int:
    """Where the candle that opens at `open_ns` ends."""
    if timeframe == MONTH:
        return month_open(open_ns + 32 * DAY_NS)
    return open_ns + Timeframe(timeframe).width_ns


def month_open(at_ns: int) -> int:
    """First instant of the UTC month that holds `at_ns`."""
    moment = datetime.fromtimestamp(at_ns // SECOND_NS, UTC)
    return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()) * SECOND_NS


def span_before(timeframe: str, count: int, end_ns: int) -> int:
    """A time from which at least `count` candles open up to `end_ns`."""
    width = 31 * DAY_NS if timeframe == MONTH else Timeframe(timeframe).width_ns
    return max(0, end_ns - (count - 1) * width)


def span_after(timeframe: str, count: int, start_ns: int) -> int:
    """A time up to which at least `count` candles open from `start_ns` on."""
    width = 31 * DAY_NS if timeframe == MONTH else Timeframe(timeframe).width_ns
    return start_ns + width * (count + 1)
