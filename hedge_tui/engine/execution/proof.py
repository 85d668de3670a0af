"""When an order counts as in doubt, and when as absent: the rules of proof, pure.

One complete negative answer is three: by id, in the list of open orders, and among the trades. It counts
while the private stream is healthy and no request of the order is on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

ABSENT_AFTER_S = 20.0
"""No order is called absent earlier than this after its doubt began."""
ABSENT_ANSWERS = 3
"""Complete negative answers it takes."""
ABSENT_APART_S = 2.0
"""Least time between two of them."""
MISSING_AFTER_S = 5.0
"""An order that was seen at the venue and cannot be found for so long is shown as in doubt."""

COMPLETE_FROM_S = 15.0
"""Complete answers cost much, and prove nothing while an order is young: before, ids alone are asked for."""
_SOON_S = 0.05
_EARLY_S = (0.25, 1.0, 3.0, 6.0, 10.0, COMPLETE_FROM_S)
_PROOF_ENDS_S = 30.0
LOOK_EVERY_S = 2.0
LATE_LOOK_S = 5.0

DOUBTFUL = frozenset(
    {
        OrderStatus.SENDING,
        OrderStatus.UNKNOWN,
        OrderStatus.CANCEL_UNKNOWN,
        OrderStatus.AMEND_UNKNOWN,
    }
)


@dataclass(slots=True)
class Doubt:
    """What is known of one order in doubt.

    Attributes:
        since: when it was asked for first, monotonic seconds. looks: times it was asked for since then.
        negatives: complete negative answers that count; last: when the newest came.
    """

    since: float
    looks: int = 0
    negatives: int = 0
    last: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a negative answer came.

    Attributes:
        now: monotonic seconds. age_s: since the doubt began, which is when the order was sent or later: by a
            clock that nobody sets.
        healthy: the private stream is live. in_flight: a request of the order has no answer yet.
    """

    now: float
    age_s: float
    healthy: bool
    in_flight: bool


def take_negative(doubt: Doubt, at: Circumstances) -> bool:
    """Count one complete negative answer; True when the order is proved absent by now."""
    if at.in_flight or not at.healthy:
        return False
    if at.now - doubt.last >= ABSENT_APART_S:
        doubt.negatives, doubt.last = doubt.negatives + 1, at.now
    return doubt.negatives >= ABSENT_ANSWERS and at.age_s >= ABSENT_AFTER_S


def pause(doubts: Iterable[Doubt], now: float) -> float:
    """Seconds to the next look at the doubts of one account: often enough for a proof, and no more."""
    listed = list(doubts)
    if any(0 < doubt.negatives < ABSENT_ANSWERS for doubt in listed):
        return LOOK_EVERY_S
    age = min((now - doubt.since for doubt in listed), default=0.0)
    for at in _EARLY_S:
        if age < at - _SOON_S:
            return at - age
    return LOOK_EVERY_S if age < _PROOF_ENDS_S else LATE_LOOK_S


def missing(doubt: Doubt, status: OrderStatus, now: float) -> bool:
    """Whether an order that was seen at the venue is in doubt: its answers lack it, or there are none."""
    if not status.resting:
        return False
    return bool(doubt.negatives) or (now - doubt.since >= MISSING_AFTER_S)


def settled(doubt: Doubt, status: OrderStatus) -> bool:
    """Whether nothing is left to ask."""
    answered = doubt.looks and not doubt.negatives
    return status.terminal or (bool(answered) and status not in DOUBTFUL)
