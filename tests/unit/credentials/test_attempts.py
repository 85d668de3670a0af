"""Wrong passphrases: three are free, then each waits longer, up to a minute; a right one forgives."""

from __future__ import annotations

import pytest

from hedge_tui.credentials.attempts import LONGEST_S, Attempts
from hedge_tui.credentials.errors import TooManyAttemptsError


def test_guessing_slows_down() -> None:
    now = 100.0
    attempts = Attempts(lambda: now)
    waited: list[float] = []
    for _ in range(12):
        attempts.check()
        attempts.wrong()
        begun = now
        while True:
            try:
                attempts.check()
            except TooManyAttemptsError:
                now += 1
            else:
                break
        waited.append(now - begun)
    assert waited[:6] == [0, 0, 2, 4, 8, 16]
    assert max(waited) == LONGEST_S
    attempts.right()
    attempts.wrong()
    attempts.check()


def test_the_refusal_says_how_long() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(3):
        attempts.wrong()
    with pytest.raises(TooManyAttemptsError, match=r"3 wrong passphrases in a row: .* in 2 s"):
        attempts.check()
