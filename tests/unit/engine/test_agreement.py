"""When a snapshot is believed against the books: pure rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hedge_tui.engine.agreement import Dispute, again, named, proved

D = Decimal


def after(ours: str, *answers: tuple[float, str], asked: bool = True) -> Dispute | None:
    """The dispute after snapshots at (second, what they say)."""
    dispute: Dispute | None = None
    for now, theirs in answers:
        dispute = again(dispute, D(ours), D(theirs), now)
        if dispute is not None:
            dispute.asked = asked
    return dispute


@pytest.mark.parametrize(
    ("name", "answers", "asked", "right"),
    [
        ("the same twice, apart", [(0, "2"), (2, "2")], True, True),
        ("once", [(0, "2")], True, False),
        ("twice at once", [(0, "2"), (1.9, "2")], True, False),
        ("nobody asked for the trades", [(0, "2"), (2, "2"), (9, "2")], False, False),
        ("nothing held, twice", [(0, "0"), (2, "0")], True, False),
        ("nothing held, three times", [(0, "0"), (2, "0"), (4, "0")], True, True),
        ("another answer each time", [(0, "2"), (2, "3"), (4, "2")], True, False),
        ("empty between", [(0, "2"), (2, "0"), (4, "2"), (6, "2")], True, True),
    ],
)
def test_proof(name: str, answers: list[tuple[float, str]], asked: bool, right: bool) -> None:
    dispute = after("1", *answers, asked=asked)
    assert dispute is not None, name
    assert proved(dispute) is right, name


def test_an_answer_that_agrees_ends_it() -> None:
    assert after("1", (0, "2"), (2, "1")) is None


def test_a_doubt_that_is_shown_stays_shown_while_it_moves() -> None:
    first = again(None, D(1), D(0), 0.0)
    assert first is not None
    first.shown = True
    second = again(first, D(2), D(0), 1.0)
    assert second is not None
    assert (second.shown, second.since, second.answers) == (True, 0.0, 1)
    assert str(second) == "2 here, 0 at the venue"


def test_the_worst_case_is_the_larger() -> None:
    assert Dispute(D(1), D(-3), 0, 0).larger == -3
    assert Dispute(D("-0.5"), D(0), 0, 0).larger == D("-0.5")


def test_names() -> None:
    assert named(("position", "binanceusdm:BTC/USDT:USDT", "net")) == "position BTC/USDT:USDT"
    assert named(("position", "binanceusdm:BTC/USDT:USDT", "long")) == "position BTC/USDT:USDT long"
    assert named(("balance", "USDT")) == "balance USDT"
