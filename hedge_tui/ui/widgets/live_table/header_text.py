"""What a group's header says: whether it is folded, the group's name, how many members it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.text_pool import fit_text

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.glyphs import Glyphs
    from hedge_tui.ui.widgets.live_table.column_set import Span

NAMELESS = "(none)"
"""The group of rows that have no value in the column."""


def name_place(spans: tuple[Span, ...]) -> int:
    """Which of the columns on screen shows the names of groups: the first of texts, or the first."""
    return next((place for place, span in enumerate(spans) if span.column.is_text), 0)


def header_text(name: str, count: int, width: int, glyphs: Glyphs, *, folded: bool) -> str:
    """Exactly `width` cells; the count goes before the name is cut.

    >>> from hedge_tui.ui.widgets.glyphs import ASCII
    >>> header_text("BTC", 5, 12, ASCII, folded=True), header_text("BTC", 5, 6, ASCII, folded=False)
    ('+ BTC (5)   ', '- BTC ')
    """
    mark = glyphs.shut if folded else glyphs.open
    shown = f"{mark} {inert(name, ascii_only=glyphs.ascii_only) or NAMELESS}"
    counted = f"{shown} ({count:,})"
    return fit_text(counted if cell_len(counted) <= width else shown, width, "left", glyphs.cut)
