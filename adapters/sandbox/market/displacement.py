"""How far the live price stands from the seeded path, after somebody moved it; it finds back by halves."""

from __future__ import annotations

from hedge_tui.domain.candle import MINUTE_NS, SECOND_NS

MOVE_HALF_LIFE_NS = 45 * MINUTE_NS
"""Of a move made through the control port: long enough to test with, short enough to heal."""
IMPACT_HALF_LIFE_NS = 20 * SECOND_NS
"""Of the impact of an account's own large trade."""
_NEGLIGIBLE = 2e-7


class Displacement:
    """Log offset of one instrument's price; the sum of two decaying parts."""

    __slots__ = ("_impact", "_impact_ns", "_move", "_move_ns")

    def __init__(self) -> None:
        self._move = 0.0
        self._move_ns = 0
        self._impact = 0.0
        self._impact_ns = 0

    def at(self, now_ns: int) -> float:
        """The offset at `now_ns`; exactly 0.0 once it is too small to matter."""
        if self._move == 0.0 and self._impact == 0.0:
            return 0.0
        move = self._move * 0.5 ** ((now_ns - self._move_ns) / MOVE_HALF_LIFE_NS)
        impact = self._impact * 0.5 ** ((now_ns - self._impact_ns) / IMPACT_HALF_LIFE_NS)
        if abs(move) + abs(impact) < _NEGLIGIBLE:
            self._move = self._impact = 0.0
            return 0.0
        return float(move + impact)

    def move(self, by: float, now_ns: int) -> None:
        """Add a lasting offset."""
        self._move = self._move * 0.5 ** ((now_ns - self._move_ns) / MOVE_HALF_LIFE_NS) + by
        self._move_ns = now_ns

    def push(self, by: float, now_ns: int) -> None:
        """Add a passing offset."""
        self._impact = self._impact * 0.5 ** ((now_ns - self._impact_ns) / IMPACT_HALF_LIFE_NS) + by
        self._impact_ns = now_ns
