"""What may become of one request on a bad line."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from faults.world.weather import Fault

GIVES_UP_S = 5.0
"""How long an answer is waited for."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request.

    Attributes:
        arrives_s: how long it travels; None: it never arrives. again: it arrives a second time.
        answered_s: how long after it left the answer is there; None: there is none before `gives_up_s`.
        words: why no answer counts.
    """

    arrives_s: float | None
    answered_s: float | None
    gives_up_s: float = GIVES_UP_S
    again: bool = False
    words: str = "time-out"


def fate(strikes: Callable[[Fault], bool], rng: random.Random) -> Fate:
    """Draw what becomes of one request."""
    random_ = rng.random
    quick = 0.01 + random_() * 0.05
    if strikes(Fault.LOST_REQUEST):
        return Fate(None, None)
    if strikes(Fault.LATE_REQUEST):
        return Fate(1 + random_() * 10, None)
    if strikes(Fault.GHOST_REQUEST):
        return Fate(24 + random_() * 15, None)
    if strikes(Fault.LOST_ANSWER):
        return Fate(quick, None, gives_up_s=random_() * GIVES_UP_S)
    if strikes(Fault.SERVER_ERROR):
        return Fate(quick if random_() < 0.5 else None, None, 0.2, words="HTTP 503")
    if strikes(Fault.NO_ID):
        return Fate(quick, None, 0.2, words="a success without an order id")
    if strikes(Fault.TIMEOUT_CODE):
        return Fate(quick if random_() < 0.5 else None, None, 0.2, words="-1007: unknown outcome")
    if strikes(Fault.REPEATED):
        return Fate(quick, None, 0.4, again=True, words="-4116: duplicate client id")
    if strikes(Fault.SLOW_ANSWER):
        return Fate(quick, random_() * GIVES_UP_S)
    return Fate(quick, 0.01 + random_() * 0.05)
