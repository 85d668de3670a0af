"""Equity without money moved in or out: what was earned, and never more of a drawdown than there was."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.engine.equity_curve import AFTER_NS, Movement, curve_of, steps_of

D = Decimal
MINUTE = 60_000_000_000
GAINS = st.lists(st.integers(-300, 300), min_size=1, max_size=40)


def walk(gains: list[int], start: int = 10_000) -> list[tuple[int, Decimal]]:
    """A point every ten minutes."""
    found, worth = [(0, D(start))], D(start)
    for n, gain in enumerate(gains, 1):
        worth += gain
        found.append((n * 10 * MINUTE, worth))
    return found


def with_movements(
    points: list[tuple[int, Decimal]], moves: dict[int, int]
) -> tuple[list[tuple[int, Decimal]], list[Movement]]:
    """The same line with money moved five minutes after some of its points."""
    movements = [Movement(at * 10 * MINUTE + 5 * MINUTE, D(value)) for at, value in moves.items()]
    bent = [
        (at, worth + sum((m.value or D(0) for m in movements if m.at_ns <= at), D(0))) for at, worth in points
    ]
    return bent, movements


MOVES = st.dictionaries(st.integers(0, 38), st.integers(-4_000, 50_000), max_size=4)


@given(GAINS, MOVES)
def test_movements_change_nothing_of_what_was_earned(gains: list[int], moves: dict[int, int]) -> None:
    points = walk(gains, 30_000)
    inside = {at: value for at, value in moves.items() if at < len(gains)}
    bent, movements = with_movements(points, inside)
    steps = steps_of(bent, movements)
    assert [step.net for step in steps] == [worth for _, worth in points]
    curve = curve_of({"a": steps})
    assert curve.earned == sum(gains)
    assert curve.moved == sum(inside.values())
    assert curve.points[-1].net == curve.points[-1].equity


@given(GAINS)
def test_drawdown_without_movements_is_the_fall_from_the_peak(gains: list[int]) -> None:
    points = walk(gains, 30_000)
    curve = curve_of({"a": steps_of(points, ())})
    peak, deepest = points[0][1], D(0)
    for _, worth in points:
        peak = max(peak, worth)
        deepest = min(deepest, worth / peak - 1)
    assert abs(curve.max_drawdown - deepest) < D("1e-12")
    assert abs(curve.drawdown - (points[-1][1] / peak - 1)) < D("1e-12")
    assert -1 <= curve.max_drawdown <= curve.drawdown <= 0


@given(st.lists(GAINS, min_size=1, max_size=4))
def test_accounts_together_earn_what_they_earn_alone(walks: list[list[int]]) -> None:
    lines = {f"a{n}": steps_of(walk(gains, 30_000), ()) for n, gains in enumerate(walks)}
    together = curve_of(lines)
    assert together.earned == sum(curve_of({name: line}).earned for name, line in lines.items())
    assert together.points[-1].equity == sum(line[-1].equity for line in lines.values())


def test_a_large_deposit_is_no_gain_and_makes_no_loss_smaller_in_percent() -> None:
    """1,000 lose half; then 99,000 come in and a tenth of all is lost."""
    points = [(0, D(1_000)), (10 * MINUTE, D(500)), (20 * MINUTE, D(99_500)), (30 * MINUTE, D(89_550))]
    curve = curve_of({"a": steps_of(points, [Movement(15 * MINUTE, D(99_000))])})
    assert curve.max_drawdown == D("0.5") * D("0.9") - 1
    assert curve.earned == D(-10_450)
    assert curve.max_loss == D(-10_450)


def test_points_next_to_a_movement_are_passed_over() -> None:
    """The balance was seen half a minute before the movement was told: no gain that is lost again."""
    moved = Movement(10 * MINUTE, D(5_000))
    points = [
        (0, D(1_000)),
        (10 * MINUTE - 30_000_000_000, D(6_000)),
        (10 * MINUTE + 60_000_000_000, D(1_000)),
        (10 * MINUTE + AFTER_NS + MINUTE, D(6_010)),
    ]
    curve = curve_of({"a": steps_of(points, [moved])})
    assert [point.at_ns for point in curve.points] == [0, 10 * MINUTE + AFTER_NS + MINUTE]
    assert (curve.earned, curve.max_drawdown) == (D(10), D(0))


def test_coins_moved_in_are_worth_what_equity_jumped_by() -> None:
    points = [(0, D(1_000)), (10 * MINUTE, D(900)), (20 * MINUTE, D(4_900)), (30 * MINUTE, D(5_145))]
    curve = curve_of({"a": steps_of(points, [Movement(15 * MINUTE, None)])})
    assert curve.earned == D(-100) + D(245)
    assert curve.moved == D(4_000)


def test_an_account_that_joins_late_is_no_gain_and_one_that_is_silent_keeps_its_last_word() -> None:
    first = steps_of([(0, D(1_000)), (10 * MINUTE, D(1_100))], ())
    late = steps_of([(20 * MINUTE, D(50_000)), (30 * MINUTE, D(49_000))], ())
    curve = curve_of({"a": first, "b": late})
    assert curve.earned == D(100) - D(1_000)
    assert [point.equity for point in curve.points] == [D(1_000), D(1_100), D(51_100), D(50_100)]
    assert abs(curve.max_drawdown - D(-1_000) / D(51_100)) < D("1e-20")


def test_nothing_recorded_is_an_empty_line() -> None:
    assert curve_of({"a": steps_of([], [Movement(5, D(3))])}).points == ()
