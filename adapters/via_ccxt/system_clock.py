"""The machine's clock, for processes that have no engine to give them one (the feed worker, tests)."""

from __future__ import annotations

import time


class SystemClock:
    """See `Clock`."""

    def now_ns(self) -> int:
        """UTC nanoseconds."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Seconds that never go back; asyncio's loops use the same source."""
        return time.monotonic()
