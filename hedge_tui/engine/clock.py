"""The real clock; simulated time replaces it together with the event loop."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """Wall time of this machine and the running loop's own monotonic time."""

    def now_ns(self) -> int:
        """UTC nanoseconds since the epoch."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Seconds of the running loop."""
        return asyncio.get_running_loop().time()
