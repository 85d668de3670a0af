"""Inks of a chart: the component classes of `CandleChart`, numbered for the planes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.ui.widgets.palette import Palette

PREFIX = "candle-chart--"

PARTS: Mapping[str, str] = {
    "paper": "",
    "title": "bold",
    "muted": "",
    "up": "",
    "down": "",
    "volume-up": "",
    "volume-down": "",
    "axis": "",
    "grid": "",
    "guide": "",
    "cross": "",
    "tag": "reverse",
    "last-up": "reverse",
    "last-down": "reverse",
    "buy": "bold",
    "sell": "bold",
    "line-1": "",
    "line-2": "",
    "line-3": "",
    "line-4": "",
    "line-5": "",
    "line-6": "",
}
"""Component classes without their prefix, and what each is without colour."""

INK: Mapping[str, int] = {part: number for number, part in enumerate(PARTS)}
"""Number of each ink; 0 is the paper."""


class InkWell:
    """Inks with the colours of the present theme.

    Args:
        palette: made for the same parts.

    Attributes:
        inks: (style, escape sequence) by number.
        has_paper: which inks change the background too, shape (inks,).
        colorful: False under NO_COLOR.
    """

    def __init__(self, palette: Palette) -> None:
        self.colorful = palette.colorful
        base = palette.style("paper")
        self.inks = []
        papers = []
        for part in PARTS:
            style = palette.style(part)
            own = style.bgcolor != base.bgcolor or bool(style.reverse)
            self.inks.append((style, palette.codes(style)))
            papers.append(own)
        self.has_paper = np.array(papers, np.bool_)
