"""The hot widgets on an emulated terminal: writing cells and Textual's public path show the same screen."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pyte
import pytest
from rich.console import Console
from textual.app import App
from textual.containers import Vertical
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from hedge_tui.domain.order import Side
from hedge_tui.ui.widgets import direct_paint
from hedge_tui.ui.widgets.chart import CandleChart, Mark, OrderLine
from hedge_tui.ui.widgets.live_table import MAX, SUM, Column, Kind, LiveTable

MINUTE_NS = 60_000_000_000
ROWS = 60


COLORS = "HEDGE_TEST_COLORS"
WANTED = os.environ.get(COLORS, "")
"""Read before the fixtures of every test hide what the user's environment says."""


class Emulated(HeadlessDriver):
    """A driver whose terminal is pyte's."""

    screen: pyte.Screen
    stream: pyte.Stream

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.stream.feed(data)


class Dialog(ModalScreen[None]):
    CSS = "Dialog { align: center middle; } Dialog Static { width: 20; height: 5; background: $panel; }"

    def compose(self):
        yield Static("sure?")


class Desk(App[None]):
    CSS = """
    Screen { layers: base top; }
    #framed { border: round $primary; height: 10; }
    #over { layer: top; width: 20; height: 3; offset: 5 2; background: $panel; }
    """

    def __init__(self, screen: pyte.Screen, color_system: str = "truecolor") -> None:
        self.now = 100.0
        driver = type("Driver", (Emulated,), {"screen": screen, "stream": pyte.Stream(screen)})
        super().__init__(driver_class=driver)
        self.console = Console(color_system=color_system, force_terminal=True, legacy_windows=False)
        self.dice = np.random.default_rng(5)

    def columns(self) -> list[Column]:
        return [
            Column(key="name", label="Name", kind=Kind.TEXT, width=10),
            Column(key="side", label="Side", kind=Kind.WORD, width=5, flash=True),
            *(Column(key=f"c{n}", label=f"C{n}", width=11, flash=True, tint="sign") for n in range(8)),
            Column(key="base", label="Base", kind=Kind.TEXT, visible=False),
        ]

    def compose(self):
        clock = lambda: self.now  # noqa: E731 - one place
        self.table = LiveTable(
            self.columns(), fixed_columns=1, totals={"c1": np.nansum}, clock=clock, id="plain"
        )
        self.table.set_subtotals({"c1": SUM, "c2": MAX})
        self.framed = LiveTable(self.columns(), clock=clock, id="framed")
        self.chart = CandleChart(title="BTC/USDT 1m", tick=0.1)
        names = [f"漢字{n}" if n % 7 == 3 else f"COIN{n}" for n in range(ROWS)]
        for table in (self.table, self.framed):
            table.set_rows(
                [str(n) for n in range(ROWS)],
                {
                    "name": names,
                    "side": ["buy", "sell"] * (ROWS // 2),
                    "base": [f"漢{n % 7}" if n % 2 else f"B{n % 11}" for n in range(ROWS)],
                    **{f"c{n}": self.dice.normal(0, 500, ROWS).round(2) for n in range(8)},
                },
            )
        close = 64_000 + np.cumsum(self.dice.normal(0, 20, 300))
        first = np.concatenate([close[:1], close[:-1]])
        self.open_ns = 1_700_000_000_000_000_000 + np.arange(300) * MINUTE_NS
        self.candles = [first, np.maximum(first, close) + 9, np.minimum(first, close) - 9, close, close % 7]
        self.chart.set_series(self.open_ns, *self.candles)
        self.chart.set_overlay("漢 SMA", np.convolve(close, np.ones(9) / 9, "same"))
        self.chart.set_pane("RSI 14", {"RSI 14": 50 + 40 * np.sin(np.arange(300) / 9)}, (30, 70), 0, 100)
        self.chart.set_marks([Mark(int(self.open_ns[-9]), Side.BUY, "0.5", float(close[-9]))])
        self.chart.set_order_lines([OrderLine(Side.SELL, "1.5", float(close[-1]) + 20)])
        with Vertical():
            yield self.table
            yield self.framed
            yield self.chart

    def shake(self) -> None:
        """Change some cells, rows and the forming candle."""
        self.now += 0.1
        for table in (self.table, self.framed):
            rows = table.slots([str(n) for n in range(0, 20, 3)])
            table.set_cells(rows, "c2", self.dice.normal(0, 500, len(rows)))
            table.set_cells(rows[:2], "side", ["sell", "long"])
            table.upsert("new", {"name": "NEW\x1b[31m", "c1": float("nan"), "c2": 5.0})
        close = float(self.candles[3][-1]) + float(self.dice.normal(0, 30))
        self.chart.update_last(int(self.open_ns[-1]), close, close + 11, close - 11, close, 3.0)

    def paint_all(self) -> None:
        for widget in (self.table, self.framed, self.chart):
            widget.paint()


def cells(screen: pyte.Screen) -> list[list[Any]]:
    """Every cell with its attributes; the foreground of a blank, which nobody sees, left out."""

    def seen(cell):
        plain = cell.data == " " and not cell.reverse and not cell.underscore
        return cell._replace(fg="default", bold=False) if plain else cell

    return [[seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def pending(app: Desk) -> bool:
    """Whether Textual has yet to paint something of the screen on top."""
    top = app.screen
    return bool(
        top._dirty_widgets
        or top._repaint_required
        or top._layout_required
        or top._scroll_required
        or top._compositor._dirty_regions
    )


@asynccontextmanager
async def desk(width: int = 100, height: int = 38, color_system: str = "truecolor"):
    screen = pyte.Screen(width, height)
    app = Desk(screen, color_system)
    async with app.run_test(headless=False, size=(width, height)) as pilot:
        await pilot.pause()
        app.paint_all()
        await pilot.pause()
        yield app, pilot, screen


async def story(monkeypatch, path: str, color_system: str = "truecolor") -> tuple[list[list[list[Any]]], int]:
    """The same session by one of the two paths: screens on the way, and how often cells were written."""
    writes = 0
    plain_write = direct_paint.DirectPaint.write

    def counted(self, text: str) -> None:
        nonlocal writes
        writes += 1
        plain_write(self, text)

    monkeypatch.setattr(direct_paint.DirectPaint, "write", counted)
    monkeypatch.setenv("HEDGE_PAINT", path)
    screens = []
    async with desk(color_system=color_system) as (app, pilot, screen):

        async def settle() -> None:
            app.paint_all()
            await pilot.pause()
            for _ in range(200):
                if not pending(app):
                    break
                await pilot.pause(0.01)
            screens.append(cells(screen))

        app.table.focus()
        await settle()
        app.shake()
        await settle()
        for keys in (
            ["down"] * 3,
            ["space", "shift+down"],
            ["right", "right", "right", "s"],
            ["s"],
            ["G"],
            ["pageup"],
        ):
            await pilot.press(*keys)
            app.shake()
            await settle()
        app.table.sort_by("name")
        app.table.set_filter("coin1")
        await settle()
        app.table.set_filter("")
        app.table.group_by("base")
        app.table.sort_by("c2", descending=True)
        for keys in (["g"], ["enter"], ["down", "space"], ["f", "shift+down"], ["ctrl+o"], ["ctrl+o", "G"]):
            await pilot.press(*keys)
            app.shake()
            await settle()
        app.table.group_by(None)
        app.now += 5  # flashes end
        await settle()
        app.chart.focus()
        for keys in (["left"] * 4, ["minus"], ["plus", "plus"], ["pageup"], ["o"], ["end"]):
            await pilot.press(*keys)
            app.shake()
            await settle()
        over = Static("over", id="over")
        await app.screen.mount(over)
        await pilot.pause()
        before = writes
        app.shake()
        app.table.paint()
        assert writes == before, "cells were written below another widget"
        await settle()
        await over.remove()
        await pilot.pause()
        app.shake()
        await settle()
        app.push_screen(Dialog())
        await pilot.pause()
        app.shake()
        for _ in range(8):
            app.paint_all()
        await settle()
        app.pop_screen()
        await pilot.pause()
        screen.resize(30, 84)
        app._driver._size = Size(84, 30)
        await pilot.resize_terminal(84, 30)
        await settle()
        app.shake()
        await settle()
        app.theme = "textual-light"
        await pilot.pause()
        app.shake()
        await settle()
        app.table.remove_rows([str(n) for n in range(50)])
        await settle()
    return screens, writes


@pytest.mark.skipif(not WANTED, reason="runs in a process of its own, see below")
async def test_one_colour_system(monkeypatch):
    direct, writes = await story(monkeypatch, "direct", WANTED)
    public, none = await story(monkeypatch, "public", WANTED)
    assert writes > 20, "the private path was not taken at all"
    assert none == 0
    assert len(direct) == len(public)
    for step, (left, right) in enumerate(zip(direct, public, strict=True)):
        for y, (line, wanted) in enumerate(zip(left, right, strict=True)):
            for x, (cell, other) in enumerate(zip(line, wanted, strict=True)):
                assert cell == other, f"step {step}, line {y}, column {x}"
    assert len({str(screen) for screen in direct}) > 15, "the story hardly changed the screen"


@pytest.mark.parametrize("color_system", ["truecolor", "standard"])
def test_both_paths_show_the_same_cells(color_system):
    # Rich keeps the codes of a style for the first colour system it met, so a process can try only one.
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "one_colour_system"]
    environment = os.environ | {COLORS: color_system}
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()[-3000:]
    assert b"1 passed" in done.stdout


async def test_escape_codes_of_a_name_stay_text(monkeypatch):
    async with desk() as (app, pilot, screen):
        app.table.upsert("evil", {"name": "A\x1b[2JB"})
        app.table.move_cursor(key="evil")
        await pilot.pause()
        assert any("A^[[2JB" in line for line in screen.display)
        assert any("Name" in line for line in screen.display), "the screen was cleared"


async def test_no_color_writes_no_colour(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk() as (app, pilot, screen):
        app.shake()
        app.paint_all()
        await pilot.pause()
        table = app.table.region
        seen = [screen.buffer[y][x] for y in table.line_range for x in table.column_range]
        assert {cell.fg for cell in seen} | {cell.bg for cell in seen} == {"default"}
        assert any(cell.reverse for cell in seen), "the cursor must show"
        marks = {screen.buffer[y][x].data for y in table.line_range for x in table.column_range}
        assert {"+", "-"} <= marks


async def test_covered_table_is_not_painted_and_comes_back():
    async with desk() as (app, pilot, _screen):
        app.shake()
        assert app.table.paint() > 0
        app.push_screen(Screen())
        await pilot.pause()
        app.shake()
        assert app.table.paint() == 0
        app.pop_screen()
        await pilot.pause()
        app.shake()
        assert app.table.paint() > 0


async def test_resize_storm_down_to_nothing(monkeypatch):
    async with desk() as (app, pilot, screen):
        for width, height in ((1, 1), (2, 1), (1, 9), (300, 2), (3, 3), (17, 40), (1, 1), (9, 5), (110, 44)):
            screen.resize(height, width)
            app._driver._size = Size(width, height)
            await pilot.resize_terminal(width, height)
            for _ in range(2):
                app.shake()
                app.paint_all()
            await pilot.press("down", "right", "left")
        assert any("COIN" in line for line in screen.display)
