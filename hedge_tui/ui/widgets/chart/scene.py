"""Everything that a chart shows, without a pixel of it: filled by `CandleChart`, read by the drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.chart.candle_data import CandleData
from hedge_tui.ui.widgets.chart.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.chart.marks import Mark, OrderLine

LINE_ROLES = ("line-1", "line-2", "line-3", "line-4", "line-5", "line-6")
"""Colours for overlays and panes, as component classes."""


@dataclass(frozen=True, slots=True)
class Line:
    """Values beside the candles.

    Attributes:
        values: one per candle, the last one for the candle that opens at `last_ns`; NaN is not drawn.
        role: one of LINE_ROLES, "up", "down" or "muted".
    """

    values: FloatArray
    last_ns: int
    role: str

    def at(self, data: CandleData, indexes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FloatArray:
        """Values at candles counted from the oldest; NaN where there are none."""
        if not len(self.values) or not len(data):
            return np.full(len(indexes), np.nan)
        places = indexes - data.index_at(self.last_ns) + len(self.values) - 1
        inside = (places >= 0) & (places < len(self.values))
        return np.where(inside, self.values[np.clip(places, 0, len(self.values) - 1)], np.nan)


@dataclass(frozen=True, slots=True)
class Pane:
    """A lower pane with its own scale.

    Attributes:
        guides: figures marked by dotted lines and printed at the axis.
        low, high: fixed ends of the scale; None follows the values.
    """

    lines: Mapping[str, Line]
    guides: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class Scene:
    """State of one chart.

    Attributes:
        title: instrument and timeframe, inert already.
        tick: price step of the instrument, 0 if unknown.
        offset_ns: the trader's clock minus UTC.
        log: logarithmic price axis.
        version: grows with every change that may show.
    """

    data: CandleData = field(default_factory=CandleData)
    view: Viewport = field(default_factory=Viewport)
    overlays: dict[str, Line] = field(default_factory=dict)
    panes: dict[str, Pane] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    orders: list[OrderLine] = field(default_factory=list)
    title: str = ""
    tick: float = 0.0
    offset_ns: int = 0
    log: bool = False
    empty_message: str = ""
    version: int = 0

    def line(self, values: ArrayLike, role: str) -> Line:
        """Values for the candles there are now.

        Raises ValueError unless there is one value per candle.
        """
        array = np.asarray(values, np.float64)
        if array.shape != (len(self.data),):
            raise ValueError(f"values of shape {array.shape} for {len(self.data)} candles")
        last = int(self.data.open_ns[-1]) if len(self.data) else 0
        return Line(array, last, role)

    def next_role(self, taken: int) -> str:
        """A colour for the line after `taken` others."""
        return LINE_ROLES[taken % len(LINE_ROLES)]
