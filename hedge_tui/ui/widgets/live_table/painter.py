"""Output of a `TableScreen`: strips for the compositor, terminal text for the cells that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.text_pool import fit_text

if TYPE_CHECKING:
    from textual.geometry import Offset

    from hedge_tui.ui.widgets.glyphs import Glyphs
    from hedge_tui.ui.widgets.live_table.cell_style import CellStyles
    from hedge_tui.ui.widgets.live_table.damage import TableDamage
    from hedge_tui.ui.widgets.live_table.edge_lines import Run
    from hedge_tui.ui.widgets.live_table.table_screen import TableScreen


class TablePainter:
    """Writes what a screen holds.

    Args:
        screen: compared by the widget before it asks for output.
        glyphs: what the message for an empty table may contain.
    """

    def __init__(self, screen: TableScreen, glyphs: Glyphs) -> None:
        self._screen = screen
        self._glyphs = glyphs
        self._strips: dict[int, Strip] = {}

    def spoil(self, damage: TableDamage) -> None:
        """Strips of the damaged lines are no longer true."""
        if damage.cells is None:
            self._strips.clear()
            return
        for y in damage.lines:
            self._strips.pop(y, None)

    def strip(self, y: int) -> Strip:
        """One line of the content for the compositor."""
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        screen = self._screen
        styles = screen.styles
        line = y - screen.header_lines
        if styles is None or not 0 <= y < screen.height:
            return Strip.blank(max(0, screen.width))
        if y < screen.header_lines:
            return self._edge(screen.header, styles.palette.style("header"))
        if line >= screen.body_lines:
            return self._edge(screen.totals, styles.palette.style("total"))
        return self._message(line, styles) or self._row(line)

    def _edge(self, runs: list[Run], style: Style) -> Strip:
        tail = [Segment(" ", style)] if self._screen.width > 1 else []
        return Strip([*(Segment(text, style) for text, style in runs), *tail], self._screen.width)

    def _message(self, line: int, styles: CellStyles) -> Strip | None:
        screen = self._screen
        if not screen.is_empty or not screen.empty_message or line != (screen.body_lines - 1) // 2:
            return None
        message = inert(screen.empty_message, ascii_only=self._glyphs.ascii_only)
        text = fit_text(message, screen.width, "center", self._glyphs.cut)
        return Strip([Segment(text, styles.palette.style("message"))], screen.width)

    def _row(self, line: int) -> Strip:
        segments: list[Segment] = []
        run, last = "", Style.null()
        for place in range(self._screen.pieces):
            _, text, (style, _) = self._screen.piece(place, line)
            if style is not last and run:
                segments.append(Segment(run, last))
                run = ""
            run, last = run + text, style
        if run:
            segments.append(Segment(run, last))
        return Strip(segments, self._screen.width)

    def ansi(self, damage: TableDamage, origin: Offset) -> str:
        """Terminal text that paints exactly `damage`, the content's first cell being at `origin`."""
        screen = self._screen
        assert screen.styles is not None, "compare comes before ansi"
        assert damage.cells is not None, "full damage goes to the compositor"
        codes = screen.styles.palette.codes
        out: list[str] = []
        for wanted, runs, y in (
            (damage.header, screen.header, 0),
            (damage.totals, screen.totals, screen.height - 1),
        ):
            if wanted:
                out.append(f"\x1b[{origin.y + y + 1};{origin.x + 1}H")
                out.extend(codes(style) + text for text, style in runs)
        last_code = ""
        for line in np.flatnonzero(damage.cells.any(0)).tolist():
            at = f"\x1b[{origin.y + screen.header_lines + line + 1};"
            before = -2
            for place in np.flatnonzero(damage.cells[:, line]).tolist():
                x, text, (_, code) = self._screen.piece(place, line)
                if place != before + 1:
                    out.append(f"{at}{origin.x + x + 1}H")
                if code != last_code:
                    out.append(code)
                    last_code = code
                out.append(text)
                before = place
        out.append("\x1b[0m")
        return "".join(out)
