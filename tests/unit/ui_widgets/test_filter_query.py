"""What can be typed to filter a table, and which rows pass."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.ui.widgets.glyphs import UNICODE
from hedge_tui.ui.widgets.live_table import Column, Kind
from hedge_tui.ui.widgets.live_table.filter_query import parse_filter
from hedge_tui.ui.widgets.live_table.table_model import TableModel

NAN = math.nan
COLUMNS = [
    Column(key="symbol", label="Symbol", kind=Kind.TEXT),
    Column(key="venue", label="Venue", kind=Kind.WORD),
    Column(key="spread_bp", label="Spr bp"),
    Column(key="funding_rate", label="Funding", percent=True),
    Column(key="change_5m", label="5m", percent=True),
    Column(key="change_24h", label="24h", percent=True),
    Column(key="seen_ns", label="Seen", kind=Kind.TIME),
    Column(key="funding_in", label="in", kind=Kind.SPAN),
    Column(key="spread_digits", label="", visible=False),
]
ROWS = {
    "b": ("BTC/USDT", "binance", 0.1, 0.0001, 0.01, -0.02, 5_400.0),
    "k": ("BTC/USD", "kraken", 4.9, -0.0002, 0.0, 0.05, 60.0),
    "e": ("ETH/USDT", "binance", 5.0, 0.000_100_6, NAN, 0.1, 90_000.0),
    "x": ("XRP/USDT", "okx", NAN, NAN, 0.02, NAN, NAN),
}


def market():
    model = TableModel(UNICODE, 0.0)
    for column in COLUMNS:
        model.columns.add(column, model.store.add_column(is_text=column.is_text))
    keys = ("symbol", "venue", "spread_bp", "funding_rate", "change_5m", "change_24h", "funding_in")
    model.replace(list(ROWS), dict(zip(keys, zip(*ROWS.values(), strict=True), strict=True)))
    return model


def passing(text):
    model = market()
    model.order.query = parse_filter(text, model.columns)
    model.refresh_order(0.0)
    return "".join(str(model.store.key(int(slot))) for slot in model.order.rows)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", "bkex"),
        ("btc", "bk"),
        ("BTC usdt", "b"),
        ("btc -usdt", "k"),
        ("-binance", "kx"),
        ("btc -btc", ""),
        ("spread<5", "bk"),
        ("spread <= 5", "bke"),
        ("Spr bp", ""),
        ("sprbp>=4.9", "ke"),
        ("funding>0", "be"),
        ("funding=0.01", "be"),
        ("funding=0.0100", "b"),
        ("funding != 0.01", "k"),
        ("funding>-0.02%", "be"),
        ("funding>=-0.02", "bke"),
        ("24h>4", "ke"),
        ("5m=0", "k"),
        ("funding>0 spread<5 btc", "b"),
        ("venue=OKX", "x"),
        ("venue!=binance", "kx"),
        ("venue=bin", ""),
        ('"usdt"', "bex"),
        ('-"c/usd"', "ex"),
        ("spread>", "bkex"),
        ("spread>-", "bkex"),
        ("-", "bkex"),
        ("spread_digits<1", ""),
        ("in<2h", "bk"),
        ("in = 1h30m", "b"),
        ("in>=1d1h", "e"),
        ("in<61", "k"),
    ],
)
def test_rows_that_pass(text, rows):
    assert passing(text) == rows
    assert parse_filter(text, COLUMNS).problem == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("colour>5", "no column 'colour'; C lists them"),
        ("change>1", "'change' could be change_5m or change_24h"),
        ("spread<five", "'five' is no number: write spread<0.5"),
        ("spread<1m", "'1m' is no number"),
        ("venue<okx", "Venue holds words: only = and != compare them, not <"),
        ("seen>12:30", "Seen holds times"),
        ("in<soon", "'soon' is no length of time: write in<30m"),
        ("-spread<5", "only words can be excluded"),
    ],
)
def test_what_cannot_be_used_is_said_and_left_out(text, problem):
    query = parse_filter(f"btc {text}", COLUMNS)
    assert problem in query.problem
    assert passing(f"btc {text}") == "bk"


def test_a_comparison_without_a_column_says_so():
    assert "needs a column before it" in parse_filter(">5", COLUMNS).problem
    assert "no column 'btc'" in parse_filter("btc > 5", COLUMNS).problem, "a space does not end the name"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("2k", 2e3), ("1.5mm", 1.5e6), ("12.3M", 12.3e6), ("1,000", 1e3), ("2bn", 2e9), (".5", 0.5)],
)
def test_units_are_those_of_the_screen_and_of_the_command_line(typed, value):
    (comparison,) = parse_filter(f"spread>{typed}", COLUMNS).comparisons
    assert comparison.value == pytest.approx(value)


@given(st.text(alphabet="btcspread<>=!-\"'. 5%kM", max_size=24))
def test_nothing_that_is_typed_breaks_it(text):
    passing(text)


def test_a_live_comparison_follows_the_values():
    model = market()
    model.order.query = parse_filter("spread<1", COLUMNS)
    model.refresh_order(0.0)
    assert len(model.order.rows) == 1
    model.store.put(model.store.slots(["k", "e"]), 2, np.array([0.5, NAN]))
    model.refresh_order(1.0)
    assert len(model.order.rows) == 2
