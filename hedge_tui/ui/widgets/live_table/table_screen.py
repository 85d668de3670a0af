"""What of a `TableModel` is on screen: laid out, compared frame by frame, and cut into pieces of text.

The painter turns pieces into strips or terminal text; both kinds of output come from the same pieces, so they
cannot show different things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.live_table.capture import capture
from hedge_tui.ui.widgets.live_table.cell_style import FLASH_MARKS, CellStyles, tint_of
from hedge_tui.ui.widgets.live_table.column import Kind, Tint
from hedge_tui.ui.widgets.live_table.column_set import Spread
from hedge_tui.ui.widgets.live_table.damage import TableDamage
from hedge_tui.ui.widgets.live_table.edge_lines import Run, header_runs, totals_runs
from hedge_tui.ui.widgets.live_table.frame import (
    CURSOR,
    EMPTY,
    FOLDED,
    HEADER,
    MEMBER,
    PARTLY,
    PICKED,
    FlashMemory,
    Snapshot,
)
from hedge_tui.ui.widgets.live_table.header_text import header_text, name_place
from hedge_tui.ui.widgets.live_table.number_text import CellFormat, cell_format

if TYPE_CHECKING:
    from rich.style import Style

    from hedge_tui.ui.widgets.glyphs import Glyphs
    from hedge_tui.ui.widgets.live_table.table_model import TableModel
    from hedge_tui.ui.widgets.palette import Palette


class TableScreen:
    """Keeps what is on screen and finds what is not up to date.

    Args:
        model: what to show.
        glyphs: which characters there are.
        flash_s: seconds a change stays lit.

    Attributes:
        width, height: cells of the content.
        show_header: whether the first line holds the labels.
        empty_message: shown when there are no rows.
    """

    def __init__(self, model: TableModel, glyphs: Glyphs, flash_s: float) -> None:
        self._model = model
        self._glyphs = glyphs
        self._memory = FlashMemory(flash_s)
        self._styles: CellStyles | None = None
        self._snapshot: Snapshot | None = None
        self._spread = Spread((), 0, 0, 0)
        self._formats: list[CellFormat | None] = []
        self._layout: object = None
        self._style_version = 0
        self._glanced: object = None
        self._lit = False
        self._header: list[Run] = []
        self._totals: list[Run] = []
        self._thumb = (0, 0)
        self._name_place = 0
        self.width = self.height = 0
        self.show_header = True
        self.empty_message = ""

    def resize(self, width: int, height: int) -> None:
        """The widget's content has this many cells; everything is painted again."""
        self.width, self.height = width, height
        self._model.page = self.body_lines
        self.forget()

    def restyle(self, palette: Palette) -> None:
        """Colours changed."""
        self._styles = CellStyles(palette)
        self._style_version += 1
        self.forget()

    def forget(self) -> None:
        """Paint everything again, without flashes."""
        self._layout = None

    @property
    def styles(self) -> CellStyles | None:
        """Colours, None until `restyle` gave some."""
        return self._styles

    @property
    def header(self) -> list[Run]:
        """The line of labels as painted."""
        return self._header

    @property
    def totals(self) -> list[Run]:
        """The totals row as painted."""
        return self._totals

    @property
    def pieces(self) -> int:
        """Pieces of a body line: the columns, the rest of the row, the scroll bar."""
        return len(self._spread.spans) + 2

    @property
    def is_empty(self) -> bool:
        """True if no row is shown."""
        return not len(self._model.order.slots)

    @property
    def spread(self) -> Spread:
        """Columns as painted."""
        return self._spread

    @property
    def header_lines(self) -> int:
        """1 if there is room for labels and they are wanted."""
        return int(self.show_header and self.height > 1)

    @property
    def body_lines(self) -> int:
        """Lines for rows."""
        return max(0, self.height - self.header_lines - self.totals_lines)

    @property
    def totals_lines(self) -> int:
        """1 if there are totals and room for them."""
        return int(bool(self._model.totals) and self.height > 2)

    @property
    def columns_width(self) -> int:
        """Cells for columns; the last one is the scroll bar's."""
        return max(0, self.width - 1) if self.width > 1 else self.width

    def compare(self, now: float) -> TableDamage | None:
        """Look at the model; gives what differs from the screen, None if nothing does.

        What is given counts as painted from here on. `now` is in monotonic seconds.
        """
        model = self._model
        model.page = self.body_lines
        model.refresh_order(now)
        layout = self._layout_of()
        glance = (
            (model.store.version, model.selection.version, model.cursor_slot, model.top),
            (model.cursor_column, model.order.sort, model.order.version),
        )
        if layout == self._layout and glance == self._glanced and not self._lit:
            return None
        fresh = layout != self._layout
        if fresh:
            self._lay_out()
            layout = self._layout_of()
        old, new = self._snapshot, capture(model, self._spread.spans, self.body_lines, self._memory, now)
        self._lit = now < self._memory.until
        damage = self._difference(old, new, fresh)
        self._snapshot, self._layout, self._glanced = new, layout, glance
        return damage

    def _layout_of(self) -> object:
        model = self._model
        store = model.store
        return (
            (self.width, self.height, self.show_header, self.totals_lines, self.empty_message),
            (
                model.order.grouping.names_version,
                model.columns.version,
                model.left,
                model.fixed_columns,
                model.padding,
                store.pool_version,
            ),
            (len(store) == 0, len(model.order.slots) == 0, self._style_version),
        )

    def _lay_out(self) -> None:
        self._memory.forget()
        self._spread = self._model.spread(self.columns_width)
        self._formats = [
            None if s.column.is_text else cell_format(s.column, s.width, self._glyphs.blank)
            for s in self._spread.spans
        ]
        self._name_place = name_place(self._spread.spans)

    def _difference(self, old: Snapshot | None, new: Snapshot, fresh: bool) -> TableDamage | None:
        assert self._styles is not None, "restyle comes before compare"
        header = header_runs(
            self._model, self._spread, self._styles.palette, self._glyphs, self.columns_width
        )
        totals: list[Run] = []
        if self.totals_lines:
            totals = totals_runs(
                self._model, self._spread, self._styles.palette, self._glyphs, self.columns_width
            )
        thumb = self._thumb_lines()
        lines = self.body_lines
        if fresh or old is None or old.values.shape != new.values.shape:
            self._header, self._totals, self._thumb = header, totals, thumb
            return TableDamage((), None)
        cells = np.zeros((len(self._spread.spans) + 2, lines), np.bool_)
        cells[:-2] = new.dirty(old)
        cells[-2] = new.states != old.states
        if thumb != self._thumb:
            numbers = np.arange(lines)
            was = (numbers >= self._thumb[0]) & (numbers < self._thumb[1])
            cells[-1] = was != ((numbers >= thumb[0]) & (numbers < thumb[1]))
            if (thumb == (0, 0)) != (self._thumb == (0, 0)):
                cells[-1] = True
        head, foot = header != self._header, totals != self._totals
        self._header, self._totals, self._thumb = header, totals, thumb
        touched = [self.header_lines + int(line) for line in np.flatnonzero(cells.any(0))]
        where = (*[0] * head, *touched, *[self.height - 1] * foot)
        return TableDamage(where, cells, head, foot) if where else None

    def _thumb_lines(self) -> tuple[int, int]:
        rows, page = len(self._model.order.slots), self.body_lines
        if rows <= page or page < 2:
            return 0, 0
        size = max(1, round(page * page / rows))
        start = round((page - size) * self._model.top / (rows - page))
        return start, start + size

    # -- pieces

    def piece(self, place: int, line: int) -> tuple[int, str, tuple[Style, str]]:
        """(x, text, style) of one piece of a body line: a column, the rest of the row, the scroll bar."""
        snapshot, styles, spans = self._snapshot, self._styles, self._spread.spans
        assert snapshot is not None and styles is not None, "compare comes before piece"  # noqa: PT018 - one state
        state = int(snapshot.states[line])
        if place == len(spans):
            used = self._spread.used
            return used, " " * (self.columns_width - used), styles.mixed(state, "", 0)
        if place > len(spans):
            return (
                self.columns_width,
                self._bar(line),
                (
                    (bar := styles.palette.style("bar")),
                    styles.palette.codes(bar),
                ),
            )
        span = spans[place]
        padding = " " * min(self._model.padding, max(0, self.columns_width - span.x - 1 - span.width))
        if state & EMPTY:
            return span.x, " " * (1 + span.width) + padding, styles.mixed(EMPTY, "", 0)
        value, flash = float(snapshot.values[place, line]), int(snapshot.flashes[place, line])
        if state & HEADER and (
            place == self._name_place or span.column.key not in self._model.order.grouping.subtotals
        ):
            text = self._header_cell(place, line)
            return span.x, self._lead(place, state, 0) + text + padding, styles.mixed(state, "", 0)
        indent = 2 if state & MEMBER and place == self._name_place and span.width > 8 else 0
        text, tint = self._content(place, value, int(snapshot.decimals[place, line]), indent)
        return span.x, self._lead(place, state, flash) + text + padding, styles.mixed(state, tint, flash)

    def _lead(self, place: int, state: int, flash: int) -> str:
        assert self._styles is not None, "restyle comes before piece"
        glyphs = self._glyphs
        if flash and self._styles.palette.marks:
            return FLASH_MARKS[flash]
        if place or not state & (PICKED | PARTLY | CURSOR):
            return " "
        return glyphs.selected if state & PICKED else glyphs.partly if state & PARTLY else glyphs.cursor

    def _header_cell(self, place: int, line: int) -> str:
        width, snapshot = self._spread.spans[place].width, self._snapshot
        if place != self._name_place or snapshot is None:
            return " " * width
        name = self._model.order.grouping.name(int(snapshot.slots[line])) or ""
        folded = bool(snapshot.states[line] & FOLDED)
        return header_text(name, int(snapshot.counts[line]), width, self._glyphs, folded=folded)

    def _content(self, place: int, value: float, decimals: int, indent: int) -> tuple[str, Tint]:
        span, form = self._spread.spans[place], self._formats[place]
        column = span.column
        if form is not None:
            return form(value, decimals), tint_of(column, value, "")
        pool = self._model.store.pool
        word = pool.word(int(value)) if column.kind is Kind.WORD else ""
        text = pool.fitted(int(value), span.width - indent, column.alignment)
        return " " * indent + text, tint_of(column, value, word)

    def _bar(self, line: int) -> str:
        if self.width < 2:
            return ""
        start, end = self._thumb
        if start == end:
            return " "
        return self._glyphs.thumb if start <= line < end else self._glyphs.track
