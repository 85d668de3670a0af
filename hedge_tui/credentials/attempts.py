"""Slows guessing down: after a few wrong passphrases the next one has to wait, longer each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.credentials.errors import TooManyAttemptsError

if TYPE_CHECKING:
    from collections.abc import Callable

FREE = 3
"""Wrong passphrases in a row that cost no waiting."""
LONGEST_S = 60.0


class Attempts:
    """Counts wrong passphrases in a row.

    Args:
        monotonic: seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._wrong = 0
        self._closed_until = 0.0

    def check(self) -> None:
        """Raise TooManyAttemptsError when it is too early for the next one."""
        left = self._closed_until - self._now()
        if left > 0:
            raise TooManyAttemptsError(
                f"{self._wrong} wrong passphrases in a row: the next one is looked at in {left:.0f} s"
            )

    def wrong(self) -> None:
        """One more was wrong."""
        self._wrong += 1
        if self._wrong >= FREE:
            self._closed_until = self._now() + min(2.0 ** (self._wrong - FREE + 1), LONGEST_S)

    def right(self) -> None:
        """It was right: counting begins anew."""
        self._wrong = 0
        self._closed_until = 0.0
