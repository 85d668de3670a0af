"""Candles: OHLCV over [open, close), and the timeframes they come in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hedge_tui.domain.instrument import InstrumentId

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS


class Timeframe(StrEnum):
    """Width of a candle; months are left out because they have no fixed width."""

    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"
    D3 = "3d"
    W1 = "1w"

    @property
    def width_ns(self) -> int:
        """Nanoseconds from open to close."""
        return int(self.value[:-1]) * _UNIT_NS[self.value[-1]]

    def open_of(self, at_ns: int) -> int:
        """Open time of the candle that holds `at_ns`; weeks begin on Monday 00:00 UTC."""
        offset = 4 * DAY_NS if self is Timeframe.W1 else 0  # the epoch was a Thursday
        return (at_ns - offset) // self.width_ns * self.width_ns + offset


_UNIT_NS = {"m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": 7 * DAY_NS}


@dataclass(frozen=True, slots=True)
class Candle:
    """One candle.

    Attributes:
        volume: venue units traded.
        closed: False while it is forming.
    """

    instrument: InstrumentId
    timeframe: Timeframe
    open_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    closed: bool = True
