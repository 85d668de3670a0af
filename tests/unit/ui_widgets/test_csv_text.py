"""Exported tables: full numbers, times in UTC, texts that no spreadsheet runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.ui.table_export import write_csv
from hedge_tui.ui.widgets.live_table import Column, Kind
from hedge_tui.ui.widgets.live_table.csv_text import FORMULA, cell_text, csv_text

TEXT = Column(key="name", label="Name", kind=Kind.TEXT)
NUMBER = Column(key="funding_rate", label="Funding", percent=True)
TIME = Column(key="seen_ns", label="Seen", kind=Kind.TIME)


def test_rows_are_written_in_full_under_the_keys():
    text = csv_text(
        [
            (TEXT, ["漢字, Ltd", 'say "x"', ""]),
            (NUMBER, [0.0001, float("nan"), -12345678.125]),
            (TIME, [1.7e18, float("nan"), float("inf")]),
        ]
    )
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "funding_rate", "seen_ns"],
        ["漢字, Ltd", "0.0001", "2023-11-14T22:13:20.000000Z"],
        ['say "x"', "", ""],
        ["", "-12345678.125", "inf"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "=HYPERLINK(0)"])
def test_formulas_of_a_venue_are_neutralised(text):
    assert cell_text(TEXT, text).startswith("'")


@given(st.text(max_size=20))
def test_a_text_is_one_inert_cell(text):
    _, (shown,) = csv.reader(io.StringIO(csv_text([(TEXT, [text])])))
    assert not shown.startswith(FORMULA)
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_a_second_file_of_the_same_second_gets_a_name_of_its_own(tmp_path):
    now_ns = 1_700_000_000_000_000_000
    first, second = (write_csv(tmp_path / "exports", "t", now_ns, [(TEXT, ["a"])]) for _ in range(2))
    assert (first.name, second.name) == ("t-20231114T221320Z.csv", "t-20231114T221320Z-2.csv")
