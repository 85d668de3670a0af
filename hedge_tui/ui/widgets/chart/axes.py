"""Scales beside a chart's plot: prices on the right, times below, tags for single prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.chart.inks import INK
from hedge_tui.ui.widgets.chart.planes import BLANK
from hedge_tui.ui.widgets.chart.scale import price_text
from hedge_tui.ui.widgets.chart.time_axis import clock_text

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.chart.drawing import Drawing
    from hedge_tui.ui.widgets.glyphs import Glyphs

_LINES_APART = 5


def draw_price_axis(drawing: Drawing, glyphs: Glyphs) -> None:
    """Round prices, and a faint dot where their lines cross those of round times."""
    layout, planes, scene = drawing.layout, drawing.planes, drawing.scene
    if not layout.lines:
        return
    ticks, decimals = drawing.scale.ticks(_LINES_APART, scene.tick)
    crossings = [int(drawing.xs[column]) for column, _ in drawing.moments]
    for price in ticks:
        y = drawing.scale.line(price)
        if y is None:
            continue
        for x in crossings:
            if 0 <= x < layout.plot and planes.chars[layout.top + y, x] == BLANK:
                planes.text(x, layout.top + y, "." if glyphs.ascii_only else "·", INK["grid"])
        if layout.axis:
            planes.text(layout.plot + 1, layout.top + y, price_text(price, decimals), INK["axis"])


def draw_time_axis(drawing: Drawing) -> None:
    """Round times under their columns, and the time under the cross-hair."""
    layout, planes, scene = drawing.layout, drawing.planes, drawing.scene
    if layout.time < 0:
        return
    tag, start, end = "", 0, 0
    index = scene.view.cursor_index()
    column_of = drawing.column_of(index) if index is not None else None
    if column_of is not None:
        tag = f" {clock_text(int(drawing.opens()[column_of]), scene.offset_ns)} "
        start = max(0, min(int(drawing.xs[column_of]) - len(tag) // 2, planes.width - len(tag)))
        end = start + len(tag)
    for column, label in drawing.moments:
        x = int(drawing.xs[column]) - len(label) // 2
        if x >= 0 and x + len(label) <= planes.width and not (x <= end and x + len(label) >= start and tag):
            planes.text(x, layout.time, label, INK["axis"])
    planes.text(start, layout.time, tag, INK["tag"])


def put_tag(drawing: Drawing, price: float, ink: int, pointer: str) -> None:
    """A price printed at its own line of the axis, over whatever round figure stands there."""
    layout, planes = drawing.layout, drawing.planes
    y = drawing.scale.line(price)
    if y is None or not layout.lines or not layout.axis:
        return
    text = f"{pointer}{price_text(price, drawing.decimals)}".ljust(layout.axis)[: layout.axis]
    planes.text(layout.plot, layout.top + y, text, ink)
