"""The line below a table into which a filter is typed; the table follows every character."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from hedge_tui.ui.widgets.live_table import LiveTable

HINT = "filter: words, -word without it, spread<5 compares; enter keeps, esc drops"


class FilterInput(Input):
    """The part that is typed into."""

    DEFAULT_CSS = """
    FilterInput, FilterInput:focus {
        width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; color: $text-accent;
        background-tint: transparent;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(False)", "Drop the filter", show=False, id="filter.drop"),
        Binding("enter,down,tab", "leave(True)", "Keep the filter", show=False, id="filter.keep"),
    ]

    def __init__(self, leave: Callable[[bool], None]) -> None:
        super().__init__(placeholder=HINT, compact=True)
        self._leave = leave

    def action_leave(self, keep: bool) -> None:
        """Back to the table, filtered or with all rows."""
        self._leave(keep)


class FilterLine(Horizontal):
    """Filters one table as you type: enter keeps the filter, escape drops it.

    Args:
        table: what is filtered.
        changed: called after each change.
    """

    DEFAULT_CSS = """
    FilterLine { height: 1; background: $panel; }
    FilterLine > Static { width: auto; max-width: 60%; height: 1; padding: 0 1; color: $text-warning; }
    """

    def __init__(self, table: LiveTable, changed: Callable[[], None]) -> None:
        super().__init__()
        self._table = table
        self._changed = changed
        self._input = FilterInput(self._left)
        self._note = Static()

    def compose(self) -> ComposeResult:
        """What is typed, and on the right what of it cannot be used."""
        yield self._input
        yield self._note

    def open(self) -> None:
        """Show the line with the filter that is set."""
        self.display = True
        self._input.value = self._table.filter_text
        self.screen.set_focus(self._input, scroll_visible=False)  # at once: the next key is for the filter

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what is typed."""
        event.stop()
        if self.display:
            self._filter(event.value)

    def _filter(self, text: str) -> None:
        self._table.set_filter(text)
        problem = self._table.filter_problem
        self._note.update(Content(inert(problem)))
        self._note.display = bool(problem)
        self._changed()

    def _left(self, keep: bool) -> None:
        if not keep:
            self._filter("")
        self.screen.set_focus(self._table, scroll_visible=False)
        self.display = False

    def on_descendant_blur(self) -> None:
        """The mouse went elsewhere."""
        self.display = False
