"""The two lines of a table that do not scroll: labels above, totals below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.cell_style import tint_of
from hedge_tui.ui.widgets.live_table.number_text import cell_format
from hedge_tui.ui.widgets.live_table.text_pool import fit_text

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.glyphs import Glyphs
    from hedge_tui.ui.widgets.live_table.column import Column
    from hedge_tui.ui.widgets.live_table.column_set import Spread
    from hedge_tui.ui.widgets.live_table.row_order import Sort
    from hedge_tui.ui.widgets.live_table.table_model import TableModel
    from hedge_tui.ui.widgets.palette import Palette

Run = tuple[str, Style]


def _label(column: Column, width: int, sort: Sort | None, glyphs: Glyphs) -> str:
    label = inert(column.label, ascii_only=glyphs.ascii_only)
    if sort is None or sort.column != column.key:
        return fit_text(label, width, column.alignment, glyphs.cut)
    arrow = glyphs.down if sort.descending else glyphs.up
    if width < 3:
        return fit_text(arrow, width, "left", "")
    space = " " if cell_len(label) + 2 <= width else ""
    fitted = fit_text(label, min(cell_len(label), width - 1), "left", glyphs.cut)
    both = f"{arrow}{space}{fitted}" if column.alignment == "right" else f"{fitted}{space}{arrow}"
    return fit_text(both, width, column.alignment, glyphs.cut)


def merged(runs: list[Run]) -> list[Run]:
    """Neighbours of one style joined, empty ones dropped."""
    joined: list[Run] = []
    for text, style in runs:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        elif text:
            joined.append((text, style))
    return joined


def header_runs(model: TableModel, spread: Spread, palette: Palette, glyphs: Glyphs, width: int) -> list[Run]:
    """Labels, the sort arrow, and marks where columns are scrolled away; `width` cells in all."""
    plain, current = palette.style("header"), palette.style("header-cursor")
    runs: list[Run] = []
    used = 0
    for place, span in enumerate(spread.spans):
        lead = (
            glyphs.left
            if place == min(model.fixed_columns, len(spread.spans) - 1) and spread.hidden_left
            else " "
        )
        text = _label(span.column, span.width, model.order.sort, glyphs)
        padding = " " * min(model.padding, max(0, width - span.x - 1 - span.width))
        style = current if span.column.key == model.cursor_column else plain
        runs += [(lead, plain), (text, style), (padding, plain)]
        used = span.x + 1 + span.width + len(padding)
    if spread.hidden_right and width > used:
        runs.append((" " * (width - used - 1) + glyphs.right, plain))
    elif width > used:
        runs.append((" " * (width - used), plain))
    elif spread.hidden_right and runs:
        runs[-1] = (runs[-1][0][:-1] + glyphs.right, plain) if runs[-1][0] else runs[-1]
    return merged(runs)


def totals_runs(model: TableModel, spread: Spread, palette: Palette, glyphs: Glyphs, width: int) -> list[Run]:
    """Figures under their columns; the first text column says over how many rows, and if over the picked."""
    base = palette.style("total")
    runs: list[Run] = []
    used, named = 0, False
    rows, picked = model.summed()
    name = "Picked" if picked else "Total"
    for span in spread.spans:
        column, style = span.column, base
        text = " " * span.width
        if column.key in model.totals and not column.is_text:
            figure = model.total(column.key, rows)
            decimals = column.decimals if isinstance(column.decimals, int) else 2
            text = cell_format(column, span.width, glyphs.blank)(figure, decimals)
            tint = tint_of(column, figure, "")
            style = palette.over(base, ink=tint) if tint else base
        elif column.is_text and not named:
            named = True
            label = f"{name} ({len(rows):,})"
            text = fit_text(label if len(label) <= span.width else name, span.width, "left", glyphs.cut)
        padding = " " * min(model.padding, max(0, width - span.x - 1 - span.width))
        runs += [(" ", base), (text, style), (padding, base)]
        used = span.x + 1 + span.width + len(padding)
    if width > used:
        runs.append((" " * (width - used), base))
    return merged(runs)
