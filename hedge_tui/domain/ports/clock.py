"""Time and chance from outside, so that a whole desk can run under simulated time."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """What the engine knows of time. Timers are the event loop's, which a simulation replaces."""

    def now_ns(self) -> int:
        """UTC nanoseconds since the epoch; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; equal to the running loop's `time()`."""
        ...
