"""The dialog in which a trader chooses, orders, resizes and freezes the columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from hedge_tui.ui.modals.dialog import Dialog
from hedge_tui.ui.widgets.live_table import Column, Kind, LiveTable

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

    from hedge_tui.ui.widgets.live_table.messages import RowHighlighted
    from hedge_tui.ui.widgets.topic_table import TopicTable

_KEYS = (
    "space shows or hides, shift+up and shift+down move, left and right resize,"
    " f freezes up to here, r resets, esc closes"
)


BELOW_LINES = 7
"""Frame, meaning and keys."""


def _bind(keys: str, action: str, name: str, words: str) -> Binding:
    return Binding(keys, action, words, show=False, id=f"columns.{name}", tooltip=words)


class ColumnList(LiveTable, inherit_bindings=False):
    """All columns of another table, one per row; every key changes that table at once.

    Args:
        table: whose columns they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        _bind("up,k", "cursor_up", "up", "Column above"),
        _bind("down,j", "cursor_down", "down", "Column below"),
        _bind("pageup,ctrl+b", "page_up", "page_up", "Page up"),
        _bind("pagedown,ctrl+f", "page_down", "page_down", "Page down"),
        _bind("home,g", "scroll_top", "top", "First column"),
        _bind("end,G", "scroll_bottom", "bottom", "Last column"),
        _bind("space,enter", "turn", "turn", "Show or hide the column"),
        _bind("shift+up,K", "carry(-1)", "earlier", "Further left in the table"),
        _bind("shift+down,J", "carry(1)", "later", "Further right in the table"),
        _bind("left,h,<", "resize(-1)", "narrow", "Narrower"),
        _bind("right,l,>", "resize(1)", "widen", "Wider"),
        _bind("f", "freeze", "freeze", "Columns up to here stay when others scroll; once more frees them"),
        _bind("r", "reset", "reset", "All columns as delivered"),
    ]
    DEFAULT_CSS = "ColumnList { height: auto; width: 1fr; }"

    def __init__(self, table: TopicTable) -> None:
        super().__init__(
            [
                Column(key="shown", label="Shown", width=6, kind=Kind.WORD, words={"hidden": "muted"}),
                Column(key="column", label="Column", width=14, kind=Kind.TEXT),
                Column(key="width", label="Width", width=5, decimals=0),
                Column(key="frozen", label="Frozen", width=6, kind=Kind.WORD, words={"frozen": "accent"}),
                Column(key="meaning", label="Meaning", width=30, kind=Kind.TEXT, stretch=True),
            ],
            resort_s=0.0,
        )
        self._of = table
        self.fill()

    def fill(self) -> None:
        """Show the columns as they are now; those without a label only serve others."""
        table = self._of
        columns = [column for column in table.columns if column.label]
        frozen = {column.key for column in self._visible()[: table.fixed_columns]}
        self.set_rows(
            [column.key for column in columns],
            {
                "shown": ["shown" if column.visible else "hidden" for column in columns],
                "column": [column.label for column in columns],
                "width": [float(column.width) for column in columns],
                "frozen": ["frozen" if column.key in frozen else "" for column in columns],
                "meaning": [table.spec.meanings.get(column.key, "") for column in columns],
            },
        )

    def _visible(self) -> list[Column]:
        return [column for column in self._of.columns if column.visible]

    def _here(self) -> Column | None:
        return next((column for column in self._of.columns if column.key == self.cursor_key), None)

    def _changed(self) -> None:
        self.fill()
        self.answer()

    def action_turn(self) -> None:
        """Show or hide the column; the last shown one stays."""
        column = self._here()
        if column is not None:
            self._of.show_column(column.key, not column.visible)
            self._changed()

    def action_carry(self, way: int) -> None:
        """Move the column among the others; the cursor goes with it."""
        keys, key = self.row_keys(), self.cursor_key
        if key is None or not 0 <= (place := keys.index(key) + way) < len(keys):
            return
        order = [column.key for column in self._of.columns]
        self._of.move_column(key, order.index(keys[place]))
        self._changed()
        self.move_cursor(key=key)

    def action_resize(self, cells: int) -> None:
        """Widen or narrow the column."""
        column = self._here()
        if column is not None:
            self._of.resize_column(column.key, column.width + cells)
            self._changed()

    def action_freeze(self) -> None:
        """Freeze all columns up to this one, or free this one and those after it."""
        keys = [column.key for column in self._visible()]
        if self.cursor_key in keys:
            place = keys.index(self.cursor_key)
            self._of.fixed_columns = place if place < self._of.fixed_columns else place + 1
            self._changed()

    def action_reset(self) -> None:
        """Order, widths, hidden and frozen columns as delivered; sort and groups stay."""
        delivered = self._of.delivered
        self._of.restore({**self._of.state(), "columns": delivered["columns"], "fixed": delivered["fixed"]})
        self._changed()


class ColumnsDialog(Dialog[None]):
    """Over the table that it changes.

    Args:
        table: whose columns they are. title: of its pane.
    """

    DEFAULT_CSS = """
    ColumnsDialog > Vertical { width: 100; max-width: 98%; max-height: 96%; }
    ColumnsDialog #meaning { width: 1fr; height: 2; color: $text-accent; }
    ColumnsDialog #keys { width: 1fr; height: auto; color: $foreground 70%; }
    """

    def __init__(self, table: TopicTable, title: str) -> None:
        super().__init__()
        self.title_text = f" Columns: {title} "
        self.list = ColumnList(table)
        self._meanings = table.spec.meanings
        self._meaning = Static(id="meaning")

    def parts(self) -> list[Widget]:
        """The columns, the whole meaning of the one under the cursor, and what the keys do."""
        return [self.list, self._meaning, Static(Content(_KEYS), id="keys")]

    @on(LiveTable.RowHighlighted)
    def _highlighted(self, event: RowHighlighted) -> None:
        event.stop()
        self._meaning.update(Content(self._meanings.get(event.row_key or "", "")))

    def on_mount(self) -> None:
        """Keys go to the columns."""
        self.list.focus()

    def on_resize(self, event: events.Resize) -> None:
        """The list gives way, so that the words below it are always seen."""
        self.list.styles.max_height = max(3, event.size.height - BELOW_LINES)
