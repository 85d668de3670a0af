"""Styles of table cells: the line's state, the colour of the figure and the flash, mixed and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.live_table.frame import CHANGED, CURSOR, EMPTY, FELL, HEADER, PICKED, ROSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.style import Style

    from hedge_tui.ui.widgets.live_table.column import Column, Tint
    from hedge_tui.ui.widgets.palette import Palette

PREFIX = "live-table--"

PARTS: Mapping[str, str] = {
    "body": "",
    "header": "bold underline",
    "header-cursor": "bold reverse",
    "cursor": "reverse",
    "picked": "bold",
    "group": "bold underline",
    "total": "bold underline",
    "message": "",
    "bar": "",
    "up": "",
    "down": "",
    "muted": "",
    "accent": "bold",
    "warning": "bold",
    "rose": "bold",
    "fell": "bold",
    "changed": "bold",
}
"""Component classes of `LiveTable` without their prefix, and what each is without colour."""

_STYLED = CURSOR | PICKED | EMPTY | HEADER
"""Bits of a line's state that have a style; the others are told by words and marks."""
_PAPERS = {ROSE: "rose", FELL: "fell", CHANGED: "changed"}
FLASH_MARKS = {ROSE: "+", FELL: "-", CHANGED: "*"}
"""Before a figure that just changed, where colour cannot say it."""


def tint_of(column: Column, value: float, word: str) -> Tint:
    """Colour of a cell by its value, or by its folded word for WORD columns."""
    if column.tint == "sign":
        return "up" if value > 0 else "down" if value < 0 else ""
    return column.tint or column.words.get(word, "")


class CellStyles:
    """Mixed styles by (state bits, colour, flash), made when first needed."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._mixed: dict[tuple[int, str, int], tuple[Style, str]] = {}

    def mixed(self, state: int, tint: Tint, flash: int) -> tuple[Style, str]:
        """The style, and the escape sequence that switches to it."""
        key = (state & _STYLED, tint, flash)
        found = self._mixed.get(key)
        if found is None:
            style = self._mix(*key)
            found = self._mixed[key] = (style, self.palette.codes(style))
        return found

    def _mix(self, state: int, tint: Tint, flash: int) -> Style:
        palette = self.palette
        if state & EMPTY:
            return palette.style("body")
        base = palette.style("group" if state & HEADER else "body")
        if state & PICKED:
            base = base + palette.style("picked") if state & HEADER else palette.style("picked")
        if state & CURSOR:
            plain = not state & (PICKED | HEADER)
            base = palette.style("cursor") if plain else base + palette.style("cursor")
        if flash:  # plain figures read best on a lit cell
            return palette.over(base, paper=_PAPERS[flash])
        return palette.over(base, ink=tint or None)
