"""The equity line of the desk or a part of it, with its drawdown below."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from hedge_tui.ui.widgets.chart.planes import Planes
from hedge_tui.ui.widgets.chart.scale import Scale, price_text
from hedge_tui.ui.widgets.chart.shapes import draw_line
from hedge_tui.ui.widgets.chart.time_axis import time_ticks
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.line_canvas import LineCanvas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events

    from hedge_tui.domain.series import FloatArray, IntArray
    from hedge_tui.ui.widgets.line_canvas import Run

PARTS = ("text", "accent", "muted", "down")
INK = {part: number for number, part in enumerate(PARTS)}
AXIS = 11
"""Cells of the scale on the right."""
LEAST_LINES = 8
"""Below this there is no room for the drawdown."""
EMPTY = "No equity is recorded yet: the engine keeps a point a minute from now on"


class EquityChart(LineCanvas):
    """Draws what `equity_curve` answers; `draw` may be called at any time."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: Mapping[str, Any] = {}

    def draw(self, answer: Mapping[str, Any]) -> None:
        """Take an answer of the engine in."""
        self._answer = answer
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Draw it anew for the room there is."""
        del event
        self._paint()

    def _paint(self) -> None:
        points = self._answer.get("points") or []
        if len(points) < 2:
            self.show([[], [(f" {EMPTY}", "muted")]])
            return
        columns = np.array(points, np.float64)
        lines = [words_of(self._answer)]
        if self.size.height > 3 and self.size.width > AXIS * 2:
            lines += picture(columns[:, 0].astype(np.int64), columns[:, 2], columns[:, 3], self._room())
        self.show(lines)

    def _room(self) -> tuple[int, int, bool]:
        return self.size.width, self.size.height - 1, terminal_glyphs().ascii_only


def words_of(answer: Mapping[str, Any]) -> list[Run]:
    """One line of figures."""
    earned, drawdown = float(answer["earned"]), float(answer["drawdown"])
    runs = [
        (f" {answer['span']}  earned ", "muted"),
        (f"{earned:+,.2f}", "up" if earned > 0 else "down" if earned < 0 else "text"),
        ("  drawdown now ", "muted"),
        (f"{drawdown * 100:.2f} %", "down" if drawdown < 0 else "text"),
        ("  deepest ", "muted"),
        (f"{float(answer['max_drawdown']) * 100:.2f} %  {float(answer['max_loss']):,.2f}", "text"),
    ]
    moved = float(answer["moved"])
    if moved:
        runs += [("  moved in or out ", "muted"), (f"{moved:+,.2f}", "text")]
    return runs


def picture(
    times: IntArray, net: FloatArray, drawdown: FloatArray, room: tuple[int, int, bool]
) -> list[list[Run]]:
    """Lines of the screen: the equity above, the drawdown below it, times at the foot.

    Args:
        times: UTC nanoseconds, increasing, shape (n,).
        net: equity with all of today's money in it, shape (n,).
        drawdown: fractions from 0 down, shape (n,).
        room: (cells, lines, whether only ASCII can be shown).
    """
    width, height, ascii_only = room
    plot = width - AXIS
    planes = Planes(width, height)
    low = max(2, (height - 1) // 4) if height >= LEAST_LINES else 0
    top = height - 1 - low
    # One value a cell, the newest of its time: a line between points of any distance.
    moments = np.linspace(times[0], times[-1], plot)
    cells = np.arange(plot)
    for values, start, count, ink in ((net, 0, top, "accent"), (drawdown * 100, top, low, "down")):
        if not count:
            continue
        shown = np.interp(moments, times, values)
        scale = _scale(values, count)
        draw_line(
            planes, shown, cells, scale, top=start, width=plot, ink=INK[ink], nth=start, ascii_only=ascii_only
        )
        _axis(planes, scale, start, plot, "%" if ink == "down" else "")
    for column, label in time_ticks(moments.astype(np.int64), 1, 0):
        planes.text(column - len(label) // 2, height - 1, label, INK["muted"])
    return [_runs(planes, y) for y in range(height)]


def _scale(values: FloatArray, lines: int) -> Scale:
    return Scale.around(float(values.min()), float(values.max()), lines)


def _axis(planes: Planes, scale: Scale, top: int, plot: int, unit: str) -> None:
    ticks, decimals = scale.ticks(3)
    for tick in ticks:
        y = scale.line(tick)
        if y is not None:
            planes.text(plot + 1, top + y, price_text(tick, decimals) + unit, INK["muted"])


def _runs(planes: Planes, y: int) -> list[Run]:
    """One line as text by part."""
    row = planes.inks[y]
    cuts = [0, *(np.flatnonzero(row[1:] != row[:-1]) + 1).tolist(), planes.width]
    text = "".join(chr(code) for code in planes.chars[y].tolist())
    return [(text[start:end], PARTS[int(row[start])]) for start, end in itertools.pairwise(cuts)]
