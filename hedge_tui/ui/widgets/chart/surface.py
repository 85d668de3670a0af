"""Painting of a `CandleChart`: draw on fresh planes, compare with those on screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from textual.strip import Strip

from hedge_tui.ui.widgets.chart.drawing import Drawing
from hedge_tui.ui.widgets.chart.inks import PARTS, PREFIX, InkWell
from hedge_tui.ui.widgets.chart.scene import Scene
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.hot_surface import Damage, HotSurface
from hedge_tui.ui.widgets.palette import Palette

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from textual.geometry import Offset


@dataclass(frozen=True, slots=True)
class ChartDamage:
    """Cells that differ.

    Attributes:
        lines: lines touched.
        cells: shape (height, width); None means everything.
    """

    lines: tuple[int, ...]
    cells: NDArray[np.bool_] | None

    @property
    def whole(self) -> bool:
        """True if everything is to be painted."""
        return self.cells is None


class ChartSurface(HotSurface):
    """The part of `CandleChart` that Textual draws."""

    def __init__(self, *, name: str | None, id: str | None, classes: str | None) -> None:  # noqa: A002 - Textual's word
        super().__init__(name=name, id=id, classes=classes)
        self._scene = Scene()
        self._glyphs = terminal_glyphs()
        self._well: InkWell | None = None
        self._drawing: Drawing | None = None
        self._shown_state: object = None
        self._strips: dict[int, Strip] = {}

    def look(self, width: int, height: int, *, restyle: bool) -> ChartDamage | None:
        """Draw the scene if it changed, and compare with the planes on screen."""
        if restyle:
            self._well = InkWell(Palette(self, PREFIX, PARTS))
        if self._well is None or width <= 0 or height <= 0:
            return None
        state = (self._scene.version, self._scene.data.version, width, height)
        old = None if restyle else self._drawing
        if old is not None and state == self._shown_state:
            return None
        new = Drawing(self._scene, width, height, self._glyphs, self._well.colorful)
        new.planes.settle(self._well.has_paper)
        self._drawing = new
        self._shown_state = state
        if old is None or (old.planes.width, old.planes.height) != (width, height):
            self._strips.clear()
            return ChartDamage((), None)
        cells = new.planes.changed(old.planes, self._well.has_paper)
        lines = tuple(np.flatnonzero(cells.any(1)).tolist())
        for y in lines:
            self._strips.pop(y, None)
        return ChartDamage(lines, cells) if lines else None

    def ansi(self, damage: Damage, origin: Offset) -> str:
        """Terminal text for the changed cells."""
        cells = cast("ChartDamage", damage).cells
        assert cells is not None, "whole damage goes to the compositor"
        assert self._drawing is not None, "look comes before ansi"
        assert self._well is not None, "look comes before ansi"
        return self._drawing.planes.ansi(cells, self._well.inks, origin)

    def content_strip(self, y: int) -> Strip:
        """A line of the chart as painted last."""
        strip = self._strips.get(y)
        if strip is None:
            if self._drawing is None or self._well is None or not 0 <= y < self._drawing.planes.height:
                return Strip.blank(max(0, self.size.width))
            strip = self._strips[y] = self._drawing.planes.strip(y, self._well.inks)
        return strip

    def changed(self) -> None:
        """The scene is not what was drawn."""
        self._scene.version += 1
