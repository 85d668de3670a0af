"""Rounding onto any grid: on the grid, never past what was typed, never more than was asked for."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.domain.order import Side
from hedge_tui.domain.rounding import ceil_to, floor_to, price_on_grid

VALUES = st.decimals(0, 10**9, allow_nan=False, places=10)
STEPS = st.sampled_from(
    [Decimal(s) for s in ("1E-8", "0.00001", "0.001", "0.05", "0.1", "0.25", "1", "5", "10", "1E+3")]
)


@given(VALUES, STEPS)
def test_on_the_grid_and_on_the_right_side(value: Decimal, step: Decimal) -> None:
    down, up = floor_to(value, step), ceil_to(value, step)
    assert down % step == 0
    assert up % step == 0
    assert value - step < down <= value <= up < value + step
    assert "E" not in str(down).replace("E-", "")


@given(VALUES, STEPS)
def test_rounding_twice_changes_nothing(value: Decimal, step: Decimal) -> None:
    for rounded in (floor_to(value, step), ceil_to(value, step)):
        assert floor_to(rounded, step) == rounded == ceil_to(rounded, step)


@given(VALUES, STEPS, st.sampled_from(list(Side)))
def test_never_worse_than_typed(value: Decimal, step: Decimal, side: Side) -> None:
    assert (value - price_on_grid(side, value, step)) * side.sign >= 0
