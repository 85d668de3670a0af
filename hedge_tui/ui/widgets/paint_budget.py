"""How many bytes painting may send, so that a slow link keeps its room for the answer to a key.

The terminal's speed is not known beforehand: the budget is halved each time the writer is found behind and
grows back slowly, as a congestion window does. Used by `FrameClock`; pure, time comes in as an argument.
"""

from __future__ import annotations

FLOOR_BYTES_PER_S = 24_000
CEILING_BYTES_PER_S = 4_000_000
GROWTH_PER_S = 1.15
BURST_S = 0.25


class PaintBudget:
    """A token bucket of bytes whose rate follows the terminal.

    Args:
        bytes_per_s: rate at the start.

    Attributes:
        bytes_per_s: present rate, between the floor and the ceiling.
    """

    def __init__(self, bytes_per_s: float = CEILING_BYTES_PER_S) -> None:
        self.bytes_per_s = bytes_per_s
        self._credit = bytes_per_s * BURST_S
        self._at: float | None = None
        self._slowed_at = float("-inf")

    def refill(self, now: float) -> None:
        """Add what the time since the last call earned; `now` in monotonic seconds."""
        elapsed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        self.bytes_per_s = min(CEILING_BYTES_PER_S, self.bytes_per_s * GROWTH_PER_S ** min(elapsed, 1.0))
        self._credit = min(self._credit + elapsed * self.bytes_per_s, self.bytes_per_s * BURST_S)

    def spend(self, count: int) -> None:
        """Note that `count` bytes were sent. May go into debt: a frame is never cut in two."""
        self._credit -= count

    def slow_down(self, now: float) -> None:
        """The writer is behind: halve the rate, at most five times a second."""
        if now - self._slowed_at >= 0.2:
            self._slowed_at = now
            self.bytes_per_s = max(FLOOR_BYTES_PER_S, self.bytes_per_s / 2)
            self._credit = min(self._credit, 0.0)

    @property
    def exhausted(self) -> bool:
        """True while nothing but the answer to a key should be painted."""
        return self._credit <= 0
