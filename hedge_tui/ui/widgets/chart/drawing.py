"""Draws a `Scene` on planes: candles, volume, overlays, panes, then what stands beside and above them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.chart import shapes
from hedge_tui.ui.widgets.chart.axes import draw_price_axis, draw_time_axis, put_tag
from hedge_tui.ui.widgets.chart.candle_data import CLOSE, HIGH, LOW, OPEN
from hedge_tui.ui.widgets.chart.headings import draw_header, draw_legend
from hedge_tui.ui.widgets.chart.inks import INK
from hedge_tui.ui.widgets.chart.layout import lay_out
from hedge_tui.ui.widgets.chart.planes import Planes
from hedge_tui.ui.widgets.chart.scale import Scale, decimals_of, price_text
from hedge_tui.ui.widgets.chart.time_axis import time_ticks

if TYPE_CHECKING:
    from hedge_tui.domain.series import FloatArray, IntArray
    from hedge_tui.ui.widgets.chart.scene import Pane, Scene
    from hedge_tui.ui.widgets.glyphs import Glyphs


class Drawing:
    """One picture of a scene.

    Args:
        scene: what to draw; its viewport is told the width of the plot.
        width, height: cells.
        glyphs: which characters there are.
        colorful: whether direction may be left to colour.

    Attributes:
        planes: the result.
        layout: where everything stands, for the mouse.
        xs: cell of each drawn column. first: number of the first one.
        moments: drawn columns where a round moment begins, with its label.
    """

    def __init__(self, scene: Scene, width: int, height: int, glyphs: Glyphs, colorful: bool) -> None:
        self.scene = scene
        self.planes = Planes(width, height)
        self._glyphs = glyphs
        self._colorful = colorful
        self.decimals = self._digits()
        self.layout = lay_out(width, height, len(scene.panes), self._axis_cells())
        view = scene.view
        view.width = self.layout.plot
        view.count = len(scene.data)
        view.clamp()
        self.first, last = view.span()
        self.candles: FloatArray = scene.data.columns(self.first, last, view.per_column)
        columns = self.candles.shape[1]
        lead = 1 if view.stride >= 4 else 0
        self.xs: IntArray = self.layout.plot - (columns - np.arange(columns)) * view.stride + lead
        self.scale = self._price_scale()
        if not len(scene.data):
            self._empty()
            return
        self.moments = time_ticks(self.opens(), view.stride, scene.offset_ns)
        self._plot()
        self._panes()
        self._beside()
        self._marks()
        draw_header(self)
        draw_legend(self, glyphs)

    def _digits(self) -> int:
        block = self.scene.data.block
        if self.scene.tick > 0:
            return decimals_of(self.scene.tick)
        last = abs(float(block[CLOSE, -1])) if block.shape[1] else 1.0
        return max(0, min(10, 4 - math.floor(math.log10(last)))) if last > 0 and math.isfinite(last) else 2

    def _axis_cells(self) -> int:
        # By the highest price of all candles, so that the plot does not jump when the last one gains a digit.
        return max(6, len(price_text(self.scene.data.highest, self.decimals)) + 1)

    def _price_scale(self) -> Scale:
        lines = self.layout.lines
        if not self.candles.shape[1]:
            return Scale.around(math.nan, math.nan, lines)
        with np.errstate(invalid="ignore"):
            low, high = float(np.fmin.reduce(self.candles[LOW])), float(np.fmax.reduce(self.candles[HIGH]))
        return Scale.around(low, high, lines, log=self.scene.log)

    def _empty(self) -> None:
        text = self.scene.empty_message
        planes = self.planes
        planes.text(max(0, (planes.width - len(text)) // 2), planes.height // 2, text, INK["muted"])
        if self.layout.header:
            planes.text(1, 0, self.scene.title, INK["title"])

    def indexes(self) -> IntArray:
        """Newest candle of each drawn column, counted from the oldest."""
        view = self.scene.view
        ends = (self.first + np.arange(self.candles.shape[1]) + 1) * view.per_column - 1
        return np.minimum(ends, len(self.scene.data) - 1)

    def opens(self) -> IntArray:
        """Opening time of each drawn column."""
        view = self.scene.view
        starts = (self.first + np.arange(self.candles.shape[1])) * view.per_column
        return self.scene.data.open_ns[starts]

    def column_of(self, index: int) -> int | None:
        """Place among the drawn columns of a candle, None if it is not drawn."""
        column = index // self.scene.view.per_column - self.first
        return column if 0 <= column < len(self.xs) else None

    def _plot(self) -> None:
        layout, scene, ascii_only = self.layout, self.scene, self._glyphs.ascii_only
        shapes.draw_candles(
            self.planes,
            self.candles,
            self.xs,
            self.scale,
            top=layout.top,
            inks=(INK["up"], INK["down"]),
            stride=scene.view.stride,
            colorful=self._colorful,
            ascii_only=ascii_only,
        )
        indexes = self.indexes()
        for nth, line in enumerate(scene.overlays.values()):
            shapes.draw_line(
                self.planes,
                line.at(scene.data, indexes),
                self.xs,
                self.scale,
                top=layout.top,
                width=layout.plot,
                ink=INK[line.role],
                nth=nth,
                ascii_only=ascii_only,
            )
        shapes.draw_volume(
            self.planes,
            self.candles,
            self.xs,
            top=layout.top + layout.lines,
            lines=layout.volume,
            inks=(INK["volume-up"], INK["volume-down"]),
            stride=scene.view.stride,
            ascii_only=ascii_only,
        )

    def _panes(self) -> None:
        indexes = self.indexes()
        for (name, pane), (top, lines) in zip(self.scene.panes.items(), self.layout.panes, strict=False):
            self._pane(name, pane, top, lines, indexes)

    def _pane(self, name: str, pane: Pane, top: int, lines: int, indexes: IntArray) -> None:
        planes, layout = self.planes, self.layout
        values = {label: line.at(self.scene.data, indexes) for label, line in pane.lines.items()}
        known = [v[np.isfinite(v)] for v in values.values()]
        every = np.concatenate(known) if known else np.empty(0)
        low = pane.low if pane.low is not None else float(every.min()) if len(every) else math.nan
        high = pane.high if pane.high is not None else float(every.max()) if len(every) else math.nan
        margin = 0.0 if pane.low is not None and pane.high is not None else 0.06
        scale = Scale.around(low, high, lines - 1, margin=margin)
        for nth, (label, line) in enumerate(pane.lines.items()):
            shapes.draw_line(
                planes,
                values[label],
                self.xs,
                scale,
                top=top + 1,
                width=layout.plot,
                ink=INK[line.role],
                nth=nth,
                ascii_only=self._glyphs.ascii_only,
            )
        figures, decimals = (pane.guides, 0) if pane.guides else scale.ticks(apart=2)
        if pane.guides:
            decimals = max(decimals_of(abs(guide) or 1.0) for guide in pane.guides)
        for figure in figures:
            y = scale.line(figure)
            if y is None:
                continue
            if pane.guides:
                shapes.draw_level(planes, top + 1 + y, layout.plot, self._glyphs.dots, INK["guide"])
            if layout.axis:
                planes.text(layout.plot + 1, top + 1 + y, price_text(figure, decimals), INK["axis"])
        shapes.draw_level(planes, top, planes.width, self._glyphs.rule, INK["grid"])
        self._pane_title(name, pane, values, top)

    def _pane_title(self, name: str, pane: Pane, values: dict[str, FloatArray], top: int) -> None:
        cursor = self.scene.view.cursor_index()
        column = self.column_of(cursor) if cursor is not None else None
        x = self.planes.text(1, top, f" {name} ", INK["title"])
        for label, line in pane.lines.items():
            row = values[label]
            figure = float(row[-1 if column is None else column]) if len(row) else math.nan
            word = f"{label} " if label != name else ""
            if not math.isnan(figure):
                x = self.planes.text(x, top, f"{word}{figure:z,.2f} ", INK[line.role])

    def _beside(self) -> None:
        scene, layout, planes = self.scene, self.layout, self.planes
        for order in scene.orders:
            y = self.scale.line(order.price)
            if y is None:
                continue
            ink = INK[order.side.value]
            shapes.draw_level(planes, layout.top + y, layout.plot, self._glyphs.dots, ink)
            words = f" {order.words()} "
            if len(words) < layout.plot // 2:
                planes.text(layout.plot - len(words), layout.top + y, words, ink)
        draw_price_axis(self, self._glyphs)
        draw_time_axis(self)
        if layout.axis:
            for order in scene.orders:
                put_tag(self, order.price, INK[order.side.value], self._glyphs.left)
            close = float(scene.data.block[CLOSE, -1])
            rising = close >= float(scene.data.block[OPEN, -1])
            put_tag(self, close, INK["last-up" if rising else "last-down"], self._glyphs.left)
        self._cross()

    def _cross(self) -> None:
        index = self.scene.view.cursor_index()
        column = self.column_of(index) if index is not None else None
        if index is None or column is None:
            return
        layout, planes = self.layout, self.planes
        x = int(self.xs[column])
        if not 0 <= x < layout.plot:
            return
        end = layout.time if layout.time >= 0 else planes.height
        shapes.draw_upright(planes, x, (layout.top, end), self._glyphs.bar, INK["cross"])
        price = self.cross_price(column)
        y = self.scale.line(price)
        if y is not None:
            shapes.draw_level(planes, layout.top + y, layout.plot, self._glyphs.dots, INK["cross"])
        if layout.axis:
            put_tag(self, price, INK["tag"], self._glyphs.left)

    def cross_price(self, column: int) -> float:
        """The price of the cross-hair's level: where it was put, else the close of its candle."""
        price = self.scene.view.price
        return float(self.candles[CLOSE, column]) if price is None else price

    def marks_at(self, column: int) -> list[int]:
        """Which marks stand in a drawn column."""
        return [nth for nth, place in enumerate(self._mark_columns) if place == column]

    def _marks(self) -> None:
        scene, planes, layout = self.scene, self.planes, self.layout
        self._mark_columns: list[int | None] = []
        for mark in scene.marks:
            index = scene.data.index_at(mark.at_ns)
            column = self.column_of(index) if index >= 0 else None
            self._mark_columns.append(column)
            if column is None or not layout.lines:
                continue
            buy = mark.side.value == "buy"
            edge = self.scale.line(float(self.candles[LOW if buy else HIGH, column]))
            y = (edge if edge is not None else 0) + (1 if buy else -1)
            y = layout.top + max(0, min(y, layout.lines - 1))
            glyph = self._glyphs.up if buy else self._glyphs.down
            if self._glyphs.ascii_only:
                glyph = "B" if buy else "S"
            planes.text(int(self.xs[column]), y, glyph, INK[mark.side.value])
