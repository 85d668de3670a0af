"""The sandbox's clock: real time, plus a shift that the control port sets to test clock errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class SandboxClock:
    """What the venue believes the time is.

    Attributes:
        shift_ns: added to what clients are told and judged by; market data keeps real time.
        aged_ns: how much older everything with a lifetime is: connections and listen keys.
    """

    def __init__(self, source: Callable[[], int] = time.time_ns) -> None:
        self._source = source
        self.shift_ns = 0
        self.aged_ns = 0

    def market_ns(self) -> int:
        """UTC nanoseconds without the shift: what prices, trades and candles are stamped with."""
        return self._source()

    def now_ns(self) -> int:
        """UTC nanoseconds as told to clients."""
        return self._source() + self.shift_ns

    def now_ms(self) -> int:
        """UTC milliseconds as told to clients."""
        return self.now_ns() // 1_000_000

    def life_ms(self) -> int:
        """UTC milliseconds by which connections and listen keys grow old."""
        return self.now_ms() + self.aged_ns // 1_000_000
