"""The rules of proof: what makes an order absent, in doubt, settled."""

from __future__ import annotations

import pytest

from hedge_tui.domain.order import OrderStatus as S
from hedge_tui.engine.execution.proof import Circumstances, Doubt, missing, settled, take_negative

HEALTHY, AWAY, BUSY = (True, False), (False, False), (True, True)
"""(private stream live, a request of the order on its way)."""


def answers(age: float, *given: tuple[float, tuple[bool, bool]]) -> list[bool]:
    """Negative answers as (seconds after the doubt began + age, circumstances); what each proved."""
    doubt = Doubt(0.0)
    return [
        take_negative(doubt, Circumstances(now, now + age, healthy=healthy, in_flight=busy))
        for now, (healthy, busy) in given
    ]


@pytest.mark.parametrize(
    ("name", "age", "given", "proved"),
    [
        ("apart and late enough", 0, [(16, HEALTHY), (18, HEALTHY), (20, HEALTHY)], True),
        ("too early", 0, [(2, HEALTHY), (4, HEALTHY), (19.9, HEALTHY)], False),
        ("too close", 0, [(20, HEALTHY), (21, HEALTHY), (22, HEALTHY)], False),
        ("only two", 0, [(20, HEALTHY), (30, HEALTHY)], False),
        ("the last without a stream", 0, [(20, HEALTHY), (22, HEALTHY), (24, AWAY)], False),
        ("one without a stream", 0, [(20, HEALTHY), (22, AWAY), (24, HEALTHY)], False),
        ("while its request is on its way", 0, [(30, BUSY), (32, BUSY), (34, BUSY)], False),
        ("an old order asked for today", 9e5, [(2, HEALTHY), (4, HEALTHY), (6, HEALTHY)], True),
    ],
)
def test_absent(name: str, age: float, given: list[tuple[float, tuple[bool, bool]]], proved: bool) -> None:
    said = answers(age, *given)
    assert said[-1] is proved, name
    assert not any(said[:-1]), name


@pytest.mark.parametrize("status", list(S))
def test_only_what_was_seen_can_go_missing(status: S) -> None:
    seen = status in (S.ACKED, S.LIVE, S.PARTIAL)
    assert missing(Doubt(0.0, looks=1, negatives=1), status, 0.5) is seen
    assert missing(Doubt(0.0), status, 5.0) is seen
    assert not missing(Doubt(0.0, looks=3), status, 4.9)


@pytest.mark.parametrize("status", list(S))
def test_a_doubt_ends_with_the_order_or_with_an_answer(status: S) -> None:
    unanswered = (S.SENDING, S.UNKNOWN, S.CANCEL_UNKNOWN, S.AMEND_UNKNOWN)
    assert settled(Doubt(0.0, looks=1), status) is (status.terminal or status not in unanswered)
    assert settled(Doubt(0.0), status) is status.terminal
    assert settled(Doubt(0.0, looks=2, negatives=1), status) is status.terminal
