"""Average true range of hourly candles, for instruments with positions, from the candles that are known.

Nothing is asked of a venue for it: where neither a chart nor the history holds enough, it is unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.domain.candle import HOUR_NS, Timeframe
from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.history import History
    from hedge_tui.domain.series import CandleSeries, FloatArray
    from hedge_tui.engine.candles import CandleDesk
    from hedge_tui.engine.desk import Desk

LENGTH = 14
HOURS = 48
"""Hours that are looked at: the average forgets what is older."""
OLD_AFTER_NS = 3 * HOUR_NS
"""A series that ends so long ago says nothing of today."""
SOURCES = (Timeframe.H1, Timeframe.M15, Timeframe.M5, Timeframe.M1)
"""Where hours are taken from, the first that has enough of them."""
LOOK_S = 20.0
AGAIN_S = 600.0


def average_true_range(high: FloatArray, low: FloatArray, close: FloatArray, length: int = LENGTH) -> float:
    """Wilder's average true range at the newest candle.

    Args:
        high: oldest first, shape (n,).
        low: same shape.
        close: same shape.
        length: candles in the average; the first average is a plain mean.

    Returns:
        In price units; NaN with fewer than `length` + 1 candles.

    Source:
        J. W. Wilder, New Concepts in Technical Trading Systems, 1978, section III.

    >>> average_true_range(np.array([3.0, 5.0, 6.0]), np.array([1.0, 2.0, 4.0]), np.array([2.0, 4.0, 5.0]), 2)
    2.5
    """
    if len(close) < length + 1:
        return math.nan
    before = close[:-1]
    ranges = np.maximum(high[1:], before) - np.minimum(low[1:], before)
    average = float(ranges[:length].mean())
    for true_range in ranges[length:].tolist():
        average = (average * (length - 1) + true_range) / length
    return average


def hourly(series: CandleSeries, now_ns: int) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """High, low and close of the newest whole hours without a gap between them; None where there are too few.

    Args:
        series: candles that divide an hour; the hour that is not over is left out.
        now_ns: UTC nanoseconds.
    """
    width = series.timeframe.width_ns
    closed = (series.open_ns // HOUR_NS + 1) * HOUR_NS <= now_ns  # of an hour that is over
    hours = series.open_ns[closed] // HOUR_NS
    if not len(hours):
        return None
    starts = np.flatnonzero(np.diff(hours, prepend=hours[0] - 1))
    whole = np.diff(starts, append=len(hours)) == HOUR_NS // width
    names = hours[starts]
    gaps = np.flatnonzero(~whole | (np.diff(names, prepend=names[0] - 1) != 1))
    first = int(gaps[-1]) + int(not whole[gaps[-1]]) if len(gaps) else 0
    if first >= len(starts) or now_ns - (int(names[-1]) + 1) * HOUR_NS > OLD_AFTER_NS:
        return None
    cuts = starts[first:]
    end = len(hours)
    high = np.maximum.reduceat(series.high[closed], cuts)
    low = np.minimum.reduceat(series.low[closed], cuts)
    close = series.close[closed][np.append(cuts[1:], end) - 1]
    return high, low, close


class AtrBook:
    """Keeps the average true range of every instrument that is held.

    Args:
        desk: positions and the clock. candles: what charts look at. history: None without one.
    """

    def __init__(self, desk: Desk, candles: CandleDesk, history: History | None) -> None:
        self._desk = desk
        self._candles = candles
        self._history = history
        self._known: dict[InstrumentId, tuple[float, float]] = {}

    def of(self, instrument: InstrumentId) -> float:
        """In price units; NaN where it is not known."""
        found = self._known.get(instrument)
        return math.nan if found is None else found[0]

    async def run(self) -> None:
        """Look after new positions, and at all of them now and then."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Work out what is missing or old."""
        held = {i for a in self._desk.accounts.values() for i, _ in a.positions}
        for gone in self._known.keys() - held:
            del self._known[gone]
        now = self._desk.clock.monotonic()
        for instrument in held:
            known = self._known.get(instrument)
            if known is None or now - known[1] >= AGAIN_S:
                self._known[instrument] = (await self._work_out(instrument), now)

    async def _work_out(self, instrument: InstrumentId) -> float:
        now_ns = self._desk.clock.now_ns()
        for timeframe in SOURCES:
            for series in await self._series(instrument, timeframe):
                hours = hourly(series, now_ns)
                if hours is not None and not math.isnan(found := average_true_range(*hours)):
                    return found
        return math.nan

    async def _series(self, instrument: InstrumentId, timeframe: Timeframe) -> list[CandleSeries]:
        """What a chart holds, then what is recorded."""
        live = self._candles.live.get((instrument, timeframe))
        found = [live.series] if live is not None and len(live.series) else []
        if self._history is not None:
            count = HOURS * HOUR_NS // timeframe.width_ns
            with contextlib.suppress(StoreError):  # said elsewhere; unknown until the history is back
                found.append(await self._history.last(instrument, timeframe, count))
        return found
