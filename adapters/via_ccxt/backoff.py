"""How long to wait before trying again: doubling, jittered, and forgiven only by lasting success.

A peer that accepts and closes at once has not succeeded: only a connection that lived for a while
sets the wait back. Used by every supervisor of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_FIRST_S = 0.25
_LONGEST_S = 30.0
_LASTING_S = 20.0


class Backoff:
    """The waits of one supervisor.

    Args:
        rng: of the jitter; each wait is between half and all of its bound.
        first_s, longest_s: bound of the first and of the longest wait.
    """

    def __init__(self, rng: random.Random, first_s: float = _FIRST_S, longest_s: float = _LONGEST_S) -> None:
        self._rng = rng
        self._first = first_s
        self._longest = longest_s
        self.failures = 0

    def failed(self, lived_s: float = 0.0) -> float:
        """Seconds to wait after a connection that lived `lived_s` seconds."""
        if lived_s >= _LASTING_S:
            self.failures = 0
        bound = min(self._longest, self._first * 2.0 ** min(self.failures, 20))
        self.failures += 1
        return bound * self._rng.uniform(0.5, 1.0)
