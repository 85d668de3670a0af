"""The lines above a chart's plot: what is looked at, its candle in figures, the legend of its lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.chart.candle_data import CLOSE, HIGH, LOW, OPEN, VOLUME
from hedge_tui.ui.widgets.chart.inks import INK
from hedge_tui.ui.widgets.chart.scale import price_text
from hedge_tui.ui.widgets.chart.time_axis import clock_text
from hedge_tui.ui.widgets.compact_number import compact_text

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.chart.drawing import Drawing
    from hedge_tui.ui.widgets.glyphs import Glyphs


def _column(drawing: Drawing) -> int:
    index = drawing.scene.view.cursor_index()
    column = drawing.column_of(index) if index is not None else None
    return drawing.candles.shape[1] - 1 if column is None else column


def draw_header(drawing: Drawing) -> None:
    """Title, then open, high, low, close, change and volume of the cursor's candle or the last shown."""
    if not drawing.layout.header or not drawing.candles.shape[1]:
        return
    scene, planes = drawing.scene, drawing.planes
    column = _column(drawing)
    candle = [float(figure) for figure in drawing.candles[:, column]]
    x = planes.text(1, 0, scene.title, INK["title"]) + 2 * bool(scene.title)
    if scene.view.cursor is not None:
        x = planes.text(x, 0, clock_text(int(drawing.opens()[column]), scene.offset_ns), INK["title"]) + 2
    ink = INK["buy" if candle[CLOSE] >= candle[OPEN] else "sell"]
    for letter, place in (("O", OPEN), ("H", HIGH), ("L", LOW), ("C", CLOSE)):
        x = planes.text(x, 0, f"{letter} ", INK["muted"])
        x = planes.text(x, 0, price_text(candle[place], drawing.decimals), ink) + 2
    if candle[OPEN]:
        x = planes.text(x, 0, f"{candle[CLOSE] / candle[OPEN] - 1:+z.2%}", ink) + 2
    x = planes.text(x, 0, "V ", INK["muted"])
    planes.text(x, 0, compact_text(candle[VOLUME]), INK["muted"])
    words = [word for word, on in (("log", scene.log), ("history", bool(scene.view.hidden))) if on]
    text = " ".join(words)
    if text and x + 10 + len(text) < planes.width:
        planes.text(planes.width - len(text) - 1, 0, text, INK["muted"])


def draw_legend(drawing: Drawing, glyphs: Glyphs) -> None:
    """Overlays with their values; then the fills under the cursor in words."""
    if not drawing.layout.legend or not drawing.candles.shape[1]:
        return
    scene, planes, y = drawing.scene, drawing.planes, drawing.layout.header
    column = _column(drawing)
    indexes = drawing.indexes()[column : column + 1]
    x = 1
    for name, line in scene.overlays.items():
        figure = float(line.at(scene.data, indexes)[0])
        text = price_text(figure, drawing.decimals) or glyphs.blank
        x = planes.text(x, y, f"{name} {text}", INK[line.role]) + 2
    if scene.view.cursor is None:
        return
    for nth in drawing.marks_at(column):
        mark = scene.marks[nth]
        buy = mark.side.value == "buy"
        shape = ("B" if buy else "S") if glyphs.ascii_only else glyphs.up if buy else glyphs.down
        price = price_text(mark.price, drawing.decimals) if not math.isnan(mark.price) else glyphs.blank
        x = planes.text(x, y, f"{shape} {mark.words(price)}", INK[mark.side.value]) + 2
