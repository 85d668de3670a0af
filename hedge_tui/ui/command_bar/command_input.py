"""The input of the command line: one line of printable text, painted by what its words mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from hedge_tui.ui.command_bar.highlight import LineHighlighter
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from textual import events

_PARTS = {
    "scope": ("accent", "bold"),
    "verb": ("foreground", "bold"),
    "side-buy": ("success", "bold"),
    "side-sell": ("error", "bold"),
    "number": ("warning", ""),
    "word": ("secondary", ""),
    "join": ("secondary", "bold"),
    "strange": ("foreground", "underline"),
}


class CommandInput(Input):
    """Keys that mean something to the bar are passed on as `Wanted` messages."""

    DEFAULT_CSS = """
    CommandInput, CommandInput:focus {
        height: 1; width: 1fr; border: none; padding: 0; background: $panel; color: $foreground;
        background-tint: transparent;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "want('accept')", "Complete", show=False, id="line.complete"),
        Binding("up", "want('up')", "Earlier line, or the choice above", show=False, id="line.up"),
        Binding("down", "want('down')", "Later line, or the choice below", show=False, id="line.down"),
        Binding("ctrl+r", "want('search')", "Search the history", show=False, id="line.search"),
        Binding("escape", "want('leave')", "Leave the line", show=False, id="line.leave"),
        *(
            Binding(f"alt+{n}", f"want('size{n}')", f"Put size {n} in", show=False, id=f"line.size_{n}")
            for n in range(1, 6)
        ),
        Binding("shift+tab", "want('up')", "The choice above", show=False, id="line.back"),
    ]

    class Wanted(Message):
        """A key asks the bar for something.

        Attributes:
            what: accept, up, down, search, leave, or size1 to size5.
        """

        def __init__(self, what: str) -> None:
            self.what = what
            super().__init__()

    def __init__(self) -> None:
        self.painter = LineHighlighter()
        super().__init__(highlighter=self.painter, compact=True, select_on_focus=False, max_length=8_000)
        self.cursor_blink = False

    def action_want(self, what: str) -> None:
        """Pass a key on."""
        self.post_message(self.Wanted(what))

    def on_mount(self) -> None:
        """Take the theme's colours."""
        self.recolor()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.recolor())

    def recolor(self) -> None:
        """The theme changed."""
        colors = self.app.theme_variables
        self.painter.styles = {
            part: f"{style} {colors.get(name, '')}".strip() for part, (name, style) in _PARTS.items()
        }
        self.refresh()

    def _on_paste(self, event: events.Paste) -> None:
        # One line, nothing that a terminal would act on; never submitted by its own line break.
        lines = event.text.strip().splitlines()
        if lines:
            self.insert_text_at_cursor(inert(lines[0].replace("\t", " ")))
        event.prevent_default()
        event.stop()

    @property
    def scrolled(self) -> int:
        """Cells scrolled out of sight on the left."""
        return int(self.scroll_offset.x)
