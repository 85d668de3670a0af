import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.ui.widgets.compact_number import compact_text
from hedge_tui.ui.widgets.live_table import Column, Kind
from hedge_tui.ui.widgets.live_table.number_text import cell_format


def shown(value, width=12, decimals=2, **fields):
    return cell_format(Column(key="c", label="c", **fields), width, "—")(value, decimals)


@pytest.mark.parametrize(
    ("value", "fields", "text"),
    [
        (1234.5, {}, "    1,234.50"),
        (1234.5, {"thousands": False}, "     1234.50"),
        (3.0, {"signed": True}, "       +3.00"),
        (-0.001, {}, "        0.00"),
        (0.0123, {"percent": True, "signed": True}, "      +1.23%"),
        (12_345_678.0, {"compact": True}, "       12.3M"),
        (math.nan, {}, "           —"),
        (math.nan, {"blank": ""}, "            "),
        (math.inf, {}, "         inf"),
        (5.0, {"align": "left"}, "5.00        "),
    ],
)
def test_formats(value, fields, text):
    assert shown(value, **fields) == text


def test_a_number_that_does_not_fit_is_shortened_but_never_cut():
    assert shown(1_234_567.0, width=10) == "1234567.00"
    assert shown(1_234_567.0, width=6) == " 1.23M"
    assert shown(-1_234_567.0, width=3) == "###"
    assert shown(1e300, width=4) == "####"


@given(st.floats(), st.integers(0, 30), st.integers(-3, 20))
def test_width_is_exact_and_the_figure_is_the_value(value, width, decimals):
    text = shown(value, width=width, decimals=decimals)
    assert len(text) == width
    bare = text.strip().replace(",", "")
    if bare and set(bare) != {"#"} and bare != "—" and bare[-1] not in "TBMK" and math.isfinite(value):
        assert math.isclose(
            float(bare), value, rel_tol=2e-3, abs_tol=0.51 * 10.0 ** -max(0, min(decimals, 12))
        )


def test_time_shows_as_much_as_fits():
    at = 1_700_000_000_123_000_000
    column = Column(key="t", label="t", kind=Kind.TIME)
    texts = {width: cell_format(column, width, "-")(float(at), 0).strip() for width in (5, 8, 12, 14, 19, 23)}
    assert texts == {
        5: "22:13",
        8: "22:13:20",
        12: "22:13:20.123",
        14: "11-14 22:13:20",
        19: "2023-11-14 22:13:20",
        23: "2023-11-14 22:13:20.123",
    }
    assert cell_format(column, 8, "-")(math.nan, 0) == "       -"
    assert cell_format(column, 4, "-")(float(at), 0) == "####"
    assert cell_format(column, 8, "-")(1e300, 0) == "########"


@pytest.mark.parametrize(
    ("value", "text"),
    [(999.96, "1.00K"), (999_950.0, "1.00M"), (123_456.0, "123K"), (0.0, "0"), (-2e12, "-2.00T")],
)
def test_compact(value, text):
    assert compact_text(value) == text
