"""Keys and mouse of a `LiveTable`: each changes the model and is answered on screen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hedge_tui.ui.widgets.live_table import messages
from hedge_tui.ui.widgets.live_table.column_set import MAX_WIDTH
from hedge_tui.ui.widgets.live_table.surface import TableSurface

if TYPE_CHECKING:
    from textual import events

    from hedge_tui.ui.widgets.live_table.row_store import SlotArray
    from hedge_tui.ui.widgets.live_table.widget import LiveTable

WHEEL_ROWS = 3


class TableInteraction(TableSurface):
    """Actions that the bindings name, and mouse handlers."""

    _dragging = False
    _told_key: str | None = None

    # -- cursor

    def _step(self, rows: int) -> None:
        model = self._fresh()
        model.touched = True
        model.go_to_row(model.cursor_row + rows)
        self.answer()

    def action_cursor_up(self) -> None:
        """Cursor one row up."""
        self._step(-1)

    def action_cursor_down(self) -> None:
        """Cursor one row down."""
        self._step(1)

    def action_page_up(self) -> None:
        """Cursor one page up, keeping a line of the old page."""
        self._step(-max(1, self._model.page - 1))

    def action_page_down(self) -> None:
        """Cursor one page down, keeping a line of the old page."""
        self._step(max(1, self._model.page - 1))

    def action_half_up(self) -> None:
        """Cursor half a page up."""
        self._step(-max(1, self._model.page // 2))

    def action_half_down(self) -> None:
        """Cursor half a page down."""
        self._step(max(1, self._model.page // 2))

    def action_scroll_top(self) -> None:
        """Cursor to the first row."""
        self._step(-len(self._fresh().order.slots))

    def action_scroll_bottom(self) -> None:
        """Cursor to the last row."""
        self._step(len(self._fresh().order.slots))

    def action_cursor_left(self) -> None:
        """Column cursor to the left."""
        self._model.go_to_column(-1, self._table_screen.columns_width)
        self.answer()

    def action_cursor_right(self) -> None:
        """Column cursor to the right."""
        self._model.go_to_column(1, self._table_screen.columns_width)
        self.answer()

    def action_select_cursor(self) -> None:
        """Open what is under the cursor."""

    # -- picking

    def action_toggle_row(self) -> None:
        """Pick or drop the row (or the group) under the cursor and go on to the next line."""
        model = self._fresh()
        if model.cursor_slot >= 0:
            model.toggle()
            self._tell_picked()
            self._step(model.lines_of_cursor())

    def action_extend(self, rows: int) -> None:
        """Pick a range from where shift was first held to `rows` further."""
        model = self._fresh()
        model.select_range(model.cursor_row + rows)
        self._tell_picked()
        self.answer()

    def action_pick_all(self) -> None:
        """Pick every shown row."""
        model = self._fresh()
        model.selection.take(model.order.rows)
        self._tell_picked()
        self.answer()

    def action_drop_all(self) -> None:
        """Pick nothing."""
        model = self._fresh()
        model.selection.take(model.order.rows[:0])
        self._tell_picked()
        self.answer()

    # -- columns

    def action_sort_column(self) -> None:
        """Sort by the column under the cursor: ascending, descending, by arrival."""
        model = self._model
        shown = [column.key for column in model.columns.shown()]
        if shown:
            self._sort(model.cursor_column if model.cursor_column in shown else shown[0])

    def _sort(self, key: str) -> None:
        model = self._model
        model.cycle_sort(key)
        self._fresh().show_cursor()
        place, label = model.columns.position(key), model.columns[key].label
        self.post_message(messages.HeaderSelected(self._table, key, place, label))
        self.answer()

    def action_narrow_column(self) -> None:
        """One cell less for the column under the cursor."""
        self._widen(-1)

    def action_widen_column(self) -> None:
        """One cell more for the column under the cursor."""
        self._widen(1)

    def _widen(self, cells: int) -> None:
        columns, key = self._model.columns, self._model.cursor_column
        if key in columns:
            columns.change(key, width=max(1, min(columns[key].width + cells, MAX_WIDTH)))
            self.answer()

    def action_column_left(self) -> None:
        """Move the column under the cursor to the left."""
        self._shift_column(-1)

    def action_column_right(self) -> None:
        """Move the column under the cursor to the right."""
        self._shift_column(1)

    def _shift_column(self, step: int) -> None:
        columns, key = self._model.columns, self._model.cursor_column
        shown = [column.key for column in columns.shown()]
        if key in shown and 0 <= shown.index(key) + step < len(shown):
            columns.move(key, columns.position(shown[shown.index(key) + step]))
            self._model.go_to_column(0, self._table_screen.columns_width)
            self.answer()

    def action_copy_rows(self) -> None:
        """Put the picked rows on the clipboard as tab-separated text."""
        self.app.copy_to_clipboard(self._table.selected_text())

    # -- mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the view; the cursor stays on its row."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the view; the cursor stays on its row."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, way: int) -> None:
        event.stop()
        model = self._fresh()
        if event.shift or event.ctrl:
            model.left += way
            model.spread(self._table_screen.columns_width)
        else:
            model.scroll(way * WHEEL_ROWS)
        self.answer()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag the scroll bar."""
        at = event.get_content_offset(self)
        if at is not None and at.x == self._table_screen.columns_width and self._table_screen.width > 1:
            self._dragging = True
            self.capture_mouse()
            self._drag(at.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the scroll bar."""
        if self._dragging:
            self._drag(event.y - self.styles.gutter.top)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the scroll bar."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()
            event.stop()

    def _drag(self, y: int) -> None:
        model = self._fresh()
        page = max(2, model.page)
        part = max(0.0, min(1.0, (y - self._table_screen.header_lines) / (page - 1)))
        model.top = round(part * max(0, len(model.order.slots) - model.page))
        self.answer()

    def on_click(self, event: events.Click) -> None:
        """Label: sort. Row: cursor there, ctrl picks, shift picks a range; a second click opens it."""
        at = event.get_content_offset(self)
        if at is None or (at.x == self._table_screen.columns_width and self._table_screen.width > 1):
            return
        line = at.y - self._table_screen.header_lines
        model = self._fresh()
        if line < 0:
            for span in self._table_screen.spread.spans:
                if span.x <= at.x <= span.x + span.width:
                    model.cursor_column = span.column.key
                    self._sort(span.column.key)
            return
        row = model.top + line
        if line >= model.page or row >= len(model.order.slots):
            return
        if event.shift:
            model.select_range(row)
            self._tell_picked()
        else:
            model.touched = True
            model.go_to_row(row)
            if event.ctrl:
                model.toggle()
                self._tell_picked()
        if event.chain == 2:
            self.action_select_cursor()
        self.answer()

    # -- messages

    @property
    def _table(self) -> LiveTable:
        return cast("LiveTable", self)

    def _keys_at(self, slots: SlotArray) -> list[str]:
        return [key for key in map(self._model.store.key, slots.tolist()) if key is not None]

    def _tell_picked(self) -> None:
        model = self._fresh()
        keys = self._keys_at(model.selection.among(model.order.rows))
        self.post_message(messages.PickedChanged(self._table, keys))

    def after_look(self) -> None:
        """Say when the cursor stands on another row than in the last frame."""
        key = self._model.cursor_key
        if key != self._told_key:
            self._told_key = key
            self.post_message(messages.RowHighlighted(self._table, key, self._model.cursor_row))
