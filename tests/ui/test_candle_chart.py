"""CandleChart as a trader uses it, and at sizes and in terminals where little can be drawn."""

from __future__ import annotations

from contextlib import asynccontextmanager

import numpy as np
import pytest
from textual.app import App

from hedge_tui.domain.order import Side
from hedge_tui.ui.widgets import glyphs
from hedge_tui.ui.widgets.chart import CandleChart, Mark, OrderLine

MINUTE_NS = 60_000_000_000
START_NS = 1_700_000_040_000_000_000
COUNT = 400


def market(count: int = COUNT) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    close = 1_000 + np.cumsum(rng.normal(0, 2, count))
    first = np.concatenate([[1_000.0], close[:-1]])
    return [
        first,
        np.maximum(first, close) + 1,
        np.minimum(first, close) - 1,
        close,
        rng.lognormal(3, 1, count),
    ]


class Desk(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[int] = []

    def compose(self):
        self.chart = CandleChart(title="BTC/USDT 1m", tick=0.1, empty_message="Waiting for candles")
        yield self.chart

    def on_candle_chart_history_wanted(self, message: CandleChart.HistoryWanted) -> None:
        self.wanted.append(message.before_ns)


@asynccontextmanager
async def desk(width: int = 100, height: int = 36, *, filled: bool = True):
    app = Desk()
    async with app.run_test(size=(width, height)) as pilot:
        if filled:
            columns = market()
            app.chart.set_series(START_NS + np.arange(COUNT) * MINUTE_NS, *columns)
            app.chart.set_overlay("SMA 9", np.convolve(columns[3], np.ones(9) / 9, "same"))
            app.chart.set_pane("RSI 14", {"RSI 14": 50 + 45 * np.sin(np.arange(COUNT) / 8)}, (30, 70), 0, 100)
            app.chart.set_marks([Mark(START_NS + 390 * MINUTE_NS + 5, Side.BUY, "0.25", 1_001.5, "desk-1")])
            app.chart.set_order_lines([OrderLine(Side.SELL, "1.5", float(columns[3][-1]), "tp")])
        app.chart.paint()
        await pilot.pause()
        yield app, app.chart, pilot


def lines(chart: CandleChart) -> list[str]:
    chart.paint()
    return [chart.content_strip(y).text for y in range(chart.size.height)]


async def test_everything_is_drawn():
    async with desk() as (_, chart, _pilot):
        shown = lines(chart)
        close = f"{market()[3][-1]:,.1f}"
        assert shown[0].startswith(" BTC/USDT 1m")
        assert f"C {close}" in shown[0]
        assert "SMA 9" in shown[1]
        picture = "\n".join(shown)
        assert any(f"◂{close}" in line for line in shown)
        assert "sell 1.5 tp" in picture
        assert "▲" in picture
        assert {"█", "│"} <= set(picture)
        assert any(0x2800 < ord(c) <= 0x28FF for c in picture)
        assert any(" RSI 14 " in line for line in shown)
        assert [line.split()[-1] for line in shown if line.split()[-1] in {"30", "70"}] == ["70", "30"]
        assert "04:" in shown[-1] or "05:" in shown[-1]
        assert {len(line) for line in shown} == {100}


async def test_cross_hair_shows_its_candle_and_the_fill_in_words():
    async with desk() as (_, chart, pilot):
        await pilot.press(*["left"] * 10)
        assert chart.cursor_ns == START_NS + 390 * MINUTE_NS
        shown = lines(chart)
        columns = market()
        assert f"O {columns[0][390]:,.1f}  H {columns[1][390]:,.1f}  L {columns[2][390]:,.1f}" in shown[0]
        assert "2023-11-15 04:44" in shown[0]
        assert "▲ buy 0.25 @ 1,001.5 desk-1" in shown[1]
        assert "2023-11-15 04:44" in shown[-1]
        await pilot.press("right", "right")
        assert "buy 0.25" not in lines(chart)[1]
        await pilot.press("escape")
        assert chart.cursor_ns is None


async def test_history_is_asked_for_once_near_the_left_edge():
    async with desk() as (app, chart, pilot):
        assert app.wanted == []
        await pilot.press("home")
        await pilot.press("left", "left")
        assert app.wanted == [START_NS]
        before = lines(chart)[3:20]
        older = market(900)
        shift = float(market()[0][0] - older[3][499])
        joined = [
            np.concatenate([old[:500] + (shift if n < 4 else 0), new])
            for n, (old, new) in enumerate(zip(older, market(), strict=True))
        ]
        chart.set_series(START_NS + np.arange(-500, COUNT) * MINUTE_NS, *joined)
        assert lines(chart)[3:20] == before, "older candles do not move the view"
        await pilot.press("home")
        await pilot.pause()
        assert app.wanted == [START_NS, START_NS - 500 * MINUTE_NS]


async def test_past_stays_while_the_market_goes_on_and_end_jumps_back():
    async with desk() as (_, chart, pilot):
        await pilot.press("pageup")
        before = lines(chart)[2:20]
        for nth in range(5):
            chart.append(START_NS + (COUNT + nth) * MINUTE_NS, 999.0, 1005.0, 990.0, 1000.0, 3.0)
        after = lines(chart)[2:20]
        plot = chart._drawing.layout.plot
        assert [line[:plot] for line in before] == [line[:plot] for line in after]
        assert "history" in lines(chart)[0]
        await pilot.press("end")
        assert "history" not in lines(chart)[0]
        assert "C 1,000.0" in lines(chart)[0]


async def test_zoom_folds_candles_and_log_is_told():
    async with desk() as (_, chart, pilot):
        one = len(chart._drawing.xs)
        await pilot.press("minus", "minus", "minus")
        assert chart._scene.view.per_column == 4
        assert len(chart._drawing.xs) >= one
        await pilot.press("plus", "plus", "plus", "plus", "plus")
        assert chart._scene.view.stride == 4
        await pilot.press("o")
        assert chart.log_scale
        assert lines(chart)[0].rstrip().endswith("log")


async def test_live_tick_touches_few_cells():
    async with desk() as (_, chart, _pilot):
        chart.paint()
        last = [float(column[-1]) for column in market()]
        chart.update_last(START_NS + (COUNT - 1) * MINUTE_NS, *last[:3], last[3] + 0.2, last[4])
        damage = chart._look()
        assert damage is not None
        assert not damage.whole
        assert 0 < damage.cells.sum() < 60
        assert chart._look() is None


async def test_empty_chart_says_so_and_fills():
    async with desk(filled=False) as (_, chart, pilot):
        assert any("Waiting for candles" in line for line in lines(chart))
        await pilot.press("left", "minus", "pageup", "home", "end", "o", "o")
        chart.update_last(START_NS, 5.0, 6.0, 4.0, 5.5, 1.0)
        assert "C 5.5" in lines(chart)[0]


async def test_wrong_values_are_refused():
    async with desk() as (_, chart, _pilot):
        with pytest.raises(ValueError, match="400 candles"):
            chart.set_overlay("short", [1.0, 2.0])
        with pytest.raises(ValueError, match="no colour role"):
            chart.set_overlay("odd", np.zeros(COUNT), "pink")
        with pytest.raises(ValueError, match="before the last one"):
            chart.update_last(START_NS, 1, 1, 1, 1, 1)
        chart.set_overlay("unknown", np.full(COUNT, np.nan))
        assert "unknown —" in lines(chart)[1]
        chart.remove_overlay("unknown")
        chart.remove_pane("RSI 14")
        assert not any("RSI" in line for line in lines(chart))


async def test_overlay_lags_by_a_candle_and_keeps_its_place():
    async with desk() as (_, chart, _pilot):
        chart.append(START_NS + COUNT * MINUTE_NS, 999.0, 1005.0, 990.0, 1000.0, 3.0)
        assert "SMA 9 —" in lines(chart)[1]


async def test_lines_keep_their_candles_when_history_is_added_or_cut():
    async with desk() as (_, chart, _pilot):
        columns, times = market(), START_NS + np.arange(COUNT) * MINUTE_NS
        chart.set_overlay("index", np.arange(COUNT, dtype=float))
        for keep in (slice(100, None), slice(0, None)):
            chart.set_series(times[keep], *[column[keep] for column in columns])
            assert "index 399.0" in lines(chart)[1]
        chart._scene.view.move_cursor(-1)
        chart._scene.view.move_cursor(-5)
        chart.changed()
        assert "index 394.0" in lines(chart)[1]
        chart.set_series([], [], [], [], [], [])
        assert any("Waiting" in line for line in lines(chart))
        chart.update_last(START_NS, 5.0, 6.0, 4.0, 5.5, 1.0)
        assert "index" not in "".join(lines(chart))


async def test_ascii_terminal_gets_ascii_only(monkeypatch):
    monkeypatch.setenv("HEDGE_ASCII", "1")
    glyphs.terminal_glyphs.cache_clear()
    try:
        async with desk() as (_, chart, pilot):
            await pilot.press(*["left"] * 10)
            picture = "\n".join(lines(chart))
            assert picture.isascii()
            assert {"o", "#", "|", "."} <= set(picture)
            assert "B buy 0.25" in picture
    finally:
        glyphs.terminal_glyphs.cache_clear()


async def test_without_colour_rising_and_falling_look_different(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk() as (_, chart, _pilot):
        chart.paint()
        assert {"░", "█"} <= set("".join(lines(chart)[2:20]))
        styles = {s.style for y in range(36) for s in chart.content_strip(y) if s.style}
        assert all(style.color is None and style.bgcolor is None for style in styles)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 2), (12, 7), (30, 12), (300, 3), (9, 60)])
async def test_tiny_and_odd_sizes(size):
    async with desk(*size) as (_, chart, pilot):
        for keys in (["left"] * 3, ["minus"] * 4, ["plus"] * 9, ["home", "o", "pagedown", "end"]):
            await pilot.press(*keys)
            assert [chart.content_strip(y).cell_length for y in range(size[1])] == [size[0]] * size[1]


async def test_gaps_and_absurd_prices_are_survived():
    async with desk() as (_, chart, _pilot):
        columns = market()
        for place, value in (
            (-2, np.nan),
            (-9, np.inf),
            (-12, -np.inf),
            (-15, 1e300),
            (-20, 0.0),
            (-21, -5.0),
        ):
            for column in columns[:4]:
                column[place] = value
        columns[4][-3] = np.nan
        for log in (False, True):
            chart.log_scale = log
            chart.set_series(START_NS + np.arange(COUNT) * MINUTE_NS, *columns)
            assert {len(line) for line in lines(chart)} == {100}


async def test_click_puts_the_cross_hair_and_wheel_zooms():
    async with desk() as (_, chart, pilot):
        x = int(chart._drawing.xs[-5])
        await pilot.click(CandleChart, offset=(x, 10))
        assert chart.cursor_ns == START_NS + (COUNT - 5) * MINUTE_NS
