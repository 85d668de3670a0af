"""The line below a table into which a filter is typed; the table follows every character."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.ui.widgets.live_table import LiveTable


class FilterLine(Input):
    """Filters one table as you type: enter keeps the filter, escape drops it.

    Args:
        table: what is filtered.
        changed: called after each change.
    """

    DEFAULT_CSS = """
    FilterLine, FilterLine:focus {
        height: 1; border: none; padding: 0 1; background: $panel; color: $text-accent;
        background-tint: transparent;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "Drop the filter", show=False, id="filter.drop"),
        Binding("enter,down,tab", "keep", "Keep the filter", show=False, id="filter.keep"),
    ]

    def __init__(self, table: LiveTable, changed: Callable[[], None]) -> None:
        super().__init__(placeholder="filter: every word must appear; enter keeps, esc drops", compact=True)
        self._table = table
        self._changed = changed

    def open(self) -> None:
        """Show the line with the filter that is set."""
        self.display = True
        self.value = self._table.filter_text
        self.screen.set_focus(self, scroll_visible=False)  # at once: the next key is for the filter

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what is typed."""
        event.stop()
        if self.display:
            self._table.set_filter(event.value)
            self._changed()

    def action_keep(self) -> None:
        """Back to the table, filtered."""
        self._back()

    def action_drop(self) -> None:
        """Back to the table, all rows."""
        self._table.set_filter("")
        self._changed()
        self._back()

    def _back(self) -> None:
        self.screen.set_focus(self._table, scroll_visible=False)
        self.display = False

    def on_blur(self) -> None:
        """The mouse went elsewhere."""
        self.display = False
