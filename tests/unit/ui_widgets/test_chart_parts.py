"""Candles, view, scales and planes of the chart, each without a terminal."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.geometry import Offset

from hedge_tui.ui.widgets.chart.candle_data import CandleData
from hedge_tui.ui.widgets.chart.layout import lay_out
from hedge_tui.ui.widgets.chart.planes import Planes
from hedge_tui.ui.widgets.chart.scale import Scale, decimals_of, nice_step, price_text
from hedge_tui.ui.widgets.chart.time_axis import time_ticks
from hedge_tui.ui.widgets.chart.viewport import Viewport

MINUTE_NS, HOUR_NS, DAY_NS = 60 * 10**9, 3600 * 10**9, 86_400 * 10**9


def candles(count, seed=1):
    rng = np.random.default_rng(seed)
    close = 100 + np.cumsum(rng.normal(0, 1, count))
    first = np.concatenate([[100.0], close[:-1]])[:count]
    return [
        first,
        np.maximum(first, close) + 1,
        np.minimum(first, close) - 1,
        close,
        rng.lognormal(0, 1, count),
    ]


def folded(columns, first, last, width):
    """The slow and obvious way."""
    count = len(columns[0])
    groups = [range(n * width, min((n + 1) * width, count)) for n in range(first, last) if n * width < count]
    return [
        [columns[0][g[0]] for g in groups],
        [max(columns[1][i] for i in g) for g in groups],
        [min(columns[2][i] for i in g) for g in groups],
        [columns[3][g[-1]] for g in groups],
        [sum(columns[4][i] for i in g) for g in groups],
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(0, 9), st.integers(0, 40), st.integers(1, 60))
def test_columns_equal_the_slow_way_also_after_live_updates(count, power, first, columns):
    whole = candles(count)
    data, start = CandleData(), count // 2
    data.replace(np.arange(start), [column[:start] for column in whole])
    for nth in range(max(0, start - 1), count):  # the last one changes, the others are appended
        data.put(nth, tuple(float(column[nth]) for column in whole))
    width = 2**power
    found = data.columns(first, first + columns, width)
    np.testing.assert_allclose(found, np.array(folded(whole, first, first + columns, width)).reshape(5, -1))


def test_bad_candles_are_refused():
    data = CandleData()
    with pytest.raises(ValueError, match="must increase"):
        data.replace([1, 1], [[1, 1]] * 5)
    with pytest.raises(ValueError, match="3 open times"):
        data.replace([1, 2, 3], [[1, 1]] * 5)
    data.put(10, (1, 1, 1, 1, 1))
    with pytest.raises(ValueError, match="before the last one at 10"):
        data.put(9, (1, 1, 1, 1, 1))


@given(st.integers(0, 5000), st.integers(0, 300), st.lists(st.sampled_from("zZ<>pPgG+"), max_size=30))
def test_view_stays_inside_the_candles(count, width, moves):
    view = Viewport(count=count, width=width)
    for move in moves:
        match move:
            case "z" | "Z":
                view.zoom_by(1 if move == "z" else -1)
            case "<" | ">":
                view.move_cursor(-3 if move == "<" else 3)
            case "p" | "P":
                view.scroll(40 if move == "p" else -40)
            case "g" | "G":
                view.scroll(count if move == "g" else -count)
            case _:
                view.grown(view.count + 1)
        first, last = view.span()
        assert 0 <= first <= last
        assert last * view.per_column < view.count + view.per_column
        index = view.cursor_index()
        assert index is None or 0 <= index < view.count
        if index is not None and width and view.capacity > 1 and move in "<>":
            assert first <= index // view.per_column < last


def test_new_candles_do_not_move_a_view_of_the_past():
    view = Viewport(count=1000, width=100, zoom=2)
    view.scroll(300)
    view.move_cursor(-1)
    span, cursor = view.span(), view.cursor_index()
    view.grown(1007)
    assert (view.span(), view.cursor_index()) == (span, cursor)
    live = Viewport(count=1000, width=100, zoom=2)
    live.grown(1001)
    assert live.span()[1] == 1001


def test_ticks_are_round_inside_and_not_finer_than_the_instrument():
    ticks, digits = Scale.around(64_003.1, 64_871.9, 40).ticks(5)
    assert ticks == [64_000.0, 64_200.0, 64_400.0, 64_600.0, 64_800.0]
    assert digits == 0
    ticks, digits = Scale(0.10001, 0.10004, 40).ticks(4, tick=0.00001)
    assert digits == 5
    assert price_text(ticks[0], digits) == "0.10001"
    assert Scale(1.0, 1000.0, 30, log=True).ticks(5)[0] == [1.0, 5.0, 20.0, 100.0, 500.0]


@given(st.floats(1e-8, 1e9), st.floats(1e-6, 10), st.integers(1, 60), st.booleans())
def test_scale_keeps_order_and_ends(low, share, lines, log):
    high = low * (1 + share)
    scale = Scale.around(low, high, lines, log=log)
    places = scale.positions(np.array([high, (low + high) / 2, low]), 2)
    assert 0 <= places[0] < places[1] < places[2] <= lines * 2
    for figure in scale.ticks()[0]:
        assert scale.low - 1e-9 <= figure <= scale.high * (1 + 1e-9)


def test_flat_unknown_and_negative_ranges_can_be_drawn():
    assert Scale.around(5.0, 5.0, 10).line(5.0) == 5
    assert Scale.around(math.nan, math.nan, 10).line(0.5) is not None
    assert not Scale.around(-1.0, 1.0, 10, log=True).log
    assert Scale.around(0.0, 1.0, 10).line(99.0) is None
    assert nice_step(math.nan, 5) == 1.0
    assert decimals_of(1e-8) == 8


def test_time_labels_stand_at_round_moments():
    start = 1_700_000_000_000_000_000 // HOUR_NS * HOUR_NS
    ticks = time_ticks(start + np.arange(120) * MINUTE_NS, 1, 0)
    assert [label for _, label in ticks][:3] == ["22:15", "22:30", "22:45"]
    assert [column for column, _ in ticks][:3] == [15, 30, 45]
    days = time_ticks(start + np.arange(90) * HOUR_NS, 1, 0)
    assert "Nov 15" in [label for _, label in days]
    east = time_ticks(start + np.arange(120) * MINUTE_NS, 1, 30 * MINUTE_NS)
    assert "23:00" in [label for _, label in east]


def test_columns_that_do_not_open_on_the_hour_still_say_the_hour():
    start = 1_700_000_000_000_000_000 // HOUR_NS * HOUR_NS - MINUTE_NS
    ticks = dict(time_ticks(start + np.arange(120) * 2 * MINUTE_NS, 1, 0))
    assert ticks[0 + 15] == "22:30"
    years = time_ticks(start + np.arange(100) * 30 * DAY_NS, 1, 0)
    assert "2025" in [label for _, label in years]


@given(st.integers(1, 200), st.integers(1, 60), st.integers(0, 4))
def test_layout_uses_each_line_once(width, height, panes):
    layout = lay_out(width, height, panes, 9)
    used = layout.header + layout.legend + layout.lines + layout.volume + (layout.time >= 0)
    assert used + sum(lines for _, lines in layout.panes) == height
    assert layout.plot + layout.axis == width


INKS = [(Style(), "\x1b[0m"), (Style(color="red"), "\x1b[0;31m"), (Style(bgcolor="blue"), "\x1b[0;44m")]
PAPER = np.array([False, False, True])


def test_planes_write_clip_and_keep_wide_characters_whole():
    planes = Planes(6, 2)
    planes.text(-2, 0, "abcd", 1)
    planes.text(4, 1, "漢字", 1)
    planes.text(0, 7, "off", 1)
    assert planes.strip(0, INKS).text == "cd    "
    assert planes.strip(1, INKS).text == "    漢"
    assert planes.strip(1, INKS).cell_length == 6


def test_difference_holds_only_what_looks_different():
    old, new = Planes(8, 1), Planes(8, 1)
    old.text(0, 0, "ab", 1)
    new.text(0, 0, "ax", 1)
    new.inks[0, 5] = 1  # a blank in another ink looks the same
    new.inks[0, 6] = 2  # on other paper it does not
    dirty = new.changed(old, PAPER)
    assert np.flatnonzero(dirty[0]).tolist() == [1, 6]
    assert new.ansi(dirty, INKS, Offset(10, 4)) == "\x1b[5;12H\x1b[0;31mx\x1b[5;17H\x1b[0;44m \x1b[0m"


def test_settling_spares_ink_changes_but_not_paper():
    planes = Planes(6, 1)
    planes.text(1, 0, "a", 1)
    planes.text(3, 0, " ", 2)
    planes.settle(PAPER)
    assert planes.inks[0].tolist() == [0, 1, 1, 2, 1, 1]
