"""The last 24 hours of every instrument, to the minute. Read by the tickers of REST and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, TURNOVER, VOLUME, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.candles import Candles
    from adapters.sandbox.market.market_state import MarketState
    from adapters.sandbox.market.noise import IntArray
    from adapters.sandbox.market.sources import HourSource, MinuteSource

WINDOW = 1440
_SUMMED = (VOLUME, COUNT, TAKER_BUY, TURNOVER)


class DayStats:
    """Rolling rows of `columns` over the last 1,440 minutes, the forming one included."""

    def __init__(
        self, hours: HourSource, minutes: MinuteSource, candles: Candles, states: Sequence[MarketState]
    ) -> None:
        self._hours = hours
        self._minutes = minutes
        self._candles = candles
        self._states = states
        self._minute = -1
        self._closed: list[list[int]] = []
        self._whole_hour = -1
        self._whole: IntArray = np.empty(0, np.int64)

    def row(self, index: int) -> list[int]:
        """Open, high, low, close, volume, trades, taker-bought volume and turnover of the window."""
        state = self._states[index]
        if state.minute != self._minute:
            self._turn(state.minute)
        row = self._closed[index].copy()
        forming = state.forming()
        row[HIGH] = max(row[HIGH], forming[HIGH])
        row[LOW] = min(row[LOW], forming[LOW])
        row[CLOSE] = forming[CLOSE]
        for column in _SUMMED:
            row[column] += forming[column]
        return row

    def _turn(self, minute: int) -> None:
        """Fold the 1,439 closed minutes before `minute`."""
        hour, within = divmod(minute, 60)
        pieces = [
            self._minutes.across(hour - 24)[:, within + 1 :],
            self._whole_hours(hour),
            self._minutes.across(hour)[:, :within],
        ]
        rows = np.concatenate(pieces, axis=1)
        folded = rows.sum(axis=1)
        folded[:, OPEN], folded[:, CLOSE] = rows[:, 0, OPEN], rows[:, -1, CLOSE]
        folded[:, HIGH], folded[:, LOW] = rows[..., HIGH].max(axis=1), rows[..., LOW].min(axis=1)
        self._closed = folded.tolist()
        first = minute - WINDOW + 1
        for index, state in enumerate(self._states):
            if state.realised and any(first <= changed < minute for changed in state.realised):
                exact = self._candles.minutes(index, first, minute)
                self._closed[index] = fold(exact, np.zeros(1, np.int64))[0].tolist()
        self._minute = minute

    def _whole_hours(self, hour: int) -> IntArray:
        if self._whole_hour != hour:
            count = len(self._states)
            self._whole = np.stack([self._hours.candles(at, hour - 23, hour) for at in range(count)])
            self._whole_hour = hour
        return self._whole
