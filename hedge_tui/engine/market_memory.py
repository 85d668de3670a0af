"""What markets did lately: closes of the last hour, volumes and open interest of the last day.

Sampled by the desk itself every minute, and filled in by `market_survey` with what venues tell of the past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS
from hedge_tui.engine.market_figures import NAN, change
from hedge_tui.engine.rings import Ring

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.market import OpenInterest
    from hedge_tui.domain.series import CandleSeries
    from hedge_tui.engine.markets import Markets

HOUR_MINUTES = 60
SHORT_NS = 5 * MINUTE_NS
"""Between two samples of volume and of open interest."""
HOUR_SLOTS = HOUR_NS // SHORT_NS
DAY_SLOTS = 24 * HOUR_SLOTS
LATE_SLOTS = 6
"""Volumes and open interest older than half an hour are not known any more."""
LEAST_SLOTS = DAY_SLOTS // 2
"""The usual hour is known from half a day on."""

UNKNOWN_INTEREST = (NAN, NAN, NAN)


class MarketMemory:
    """Three rings over the same instruments.

    Attributes:
        closes: prices at full minutes. volumes: venue units traded in each 5 minutes, by their begin.
        interest: open interest in venue units at each 5 minutes.
    """

    def __init__(self) -> None:
        self.closes = Ring(MINUTE_NS, HOUR_MINUTES + 4)
        self.volumes = Ring(SHORT_NS, DAY_SLOTS + HOUR_SLOTS)
        self.interest = Ring(SHORT_NS, DAY_SLOTS + HOUR_SLOTS)
        # Worked out when samples come, every few minutes, not when a row is made, every other second.
        self._relative: dict[InstrumentId, float] = {}
        self._held: dict[InstrumentId, tuple[float, float, float]] = {}

    # -- in

    def take_minute(self, markets: Markets, minute: int) -> None:
        """Remember the last prices as those of a full minute; of a silent venue nothing is known."""
        now_ns = minute * MINUTE_NS
        for instrument in markets.quotes:
            if markets.stale(instrument, now_ns) is None:
                price = markets.last(instrument)
                if price > 0:
                    self.closes.put(instrument, minute, price)

    def take_closes(self, series: CandleSeries) -> None:
        """Closed 1m candles: each close is the price at the end of its minute."""
        for open_ns, close in zip(series.open_ns.tolist(), series.close.tolist(), strict=True):
            self.closes.put(series.instrument, open_ns // MINUTE_NS + 1, close)

    def take_volumes(self, series: CandleSeries) -> None:
        """Closed 5m candles."""
        for open_ns, volume in zip(series.open_ns.tolist(), series.volume.tolist(), strict=True):
            self.volumes.put(series.instrument, open_ns // SHORT_NS, volume)
        self._relative[series.instrument] = self._against_the_day(series.instrument)

    def take_interest(self, samples: OpenInterest) -> None:
        """Samples of open interest; each counts for the 5 minutes that it is in."""
        for at_ns, quantity in zip(samples.at_ns, samples.quantities, strict=True):
            self.interest.put(samples.instrument, at_ns // SHORT_NS, quantity)
        self._held[samples.instrument] = self._held_now(samples.instrument)

    # -- out

    def change(self, instrument: InstrumentId, last: float, minutes: int, now_ns: int) -> float:
        """Of `last` against the price at the full minute `minutes` to `minutes` + 1 minutes ago, fraction."""
        return change(last, self.closes.at(instrument, now_ns // MINUTE_NS - minutes))

    def complete(self, now_ns: int) -> set[InstrumentId]:
        """Instruments of which every full minute of the last hour is known, the newest apart."""
        return self.closes.complete(now_ns // MINUTE_NS - HOUR_MINUTES, HOUR_MINUTES)

    def relative_volume(self, instrument: InstrumentId, now_ns: int) -> float:
        """The volume of the newest known hour over that of the mean hour of the day before its end.

        1 is as usual, 3 three times as much. NaN while the newest 5 minutes are more than half an hour old, a
        part of the hour is unknown, or less than half of the day is known.
        """
        newest = self.volumes.newest(instrument)
        if newest < 0 or now_ns // SHORT_NS - 1 - newest > LATE_SLOTS:
            return NAN
        return self._relative[instrument]

    def open_interest(self, instrument: InstrumentId, now_ns: int) -> tuple[float, float, float]:
        """(venue units now, change over 1 h, change over 24 h as fractions), NaN each where not known.

        The moments compared may be 5 minutes (1 h) or half an hour (24 h) off.
        """
        newest = self.interest.newest(instrument)
        if newest < 0 or now_ns // SHORT_NS - newest > LATE_SLOTS:
            return UNKNOWN_INTEREST
        return self._held[instrument]

    def _against_the_day(self, instrument: InstrumentId) -> float:
        newest = self.volumes.newest(instrument)
        day = self.volumes.span(instrument, newest - DAY_SLOTS + 1, DAY_SLOTS)
        hour, known = day[-HOUR_SLOTS:], day[~np.isnan(day)]
        if np.isnan(hour).any() or len(known) < LEAST_SLOTS:
            return NAN
        usual = float(known.mean()) * HOUR_SLOTS
        return round(float(hour.sum()) / usual, 2) if usual > 0 else NAN

    def _held_now(self, instrument: InstrumentId) -> tuple[float, float, float]:
        newest = self.interest.newest(instrument)
        now = self.interest.at(instrument, newest)
        hour = self.interest.near(instrument, newest - HOUR_SLOTS, 1)
        day = self.interest.near(instrument, newest - DAY_SLOTS, LATE_SLOTS)
        return now, change(now, hour), change(now, day)
