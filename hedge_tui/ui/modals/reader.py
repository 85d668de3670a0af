"""A dialog with text to read: answers of the engine, help of a pane, help of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from hedge_tui.ui.modals.dialog import Dialog

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget


class ReaderDialog(Dialog[None]):
    """Scrolls with the usual keys; escape, enter or q closes it.

    Args:
        title: in the frame. text: inert already. wide: for lines that are longer than prose.
    """

    DEFAULT_CSS = """
    ReaderDialog > Vertical { width: 92; max-width: 96%; max-height: 90%; padding: 1 2; }
    ReaderDialog.-wide > Vertical { width: 160; }
    ReaderDialog VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    ReaderDialog Static { width: 1fr; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,question_mark", "leave", "Close", show=False, id="reader.close"),
        Binding("j", "scroll(1)", "Down", show=False, id="reader.down"),
        Binding("k", "scroll(-1)", "Up", show=False, id="reader.up"),
    ]

    def __init__(self, title: str, text: Content, *, wide: bool = False) -> None:
        super().__init__()
        self.set_class(wide, "-wide")
        self.title_text = f" {title} "
        self._text = text

    def parts(self) -> list[Widget]:
        """The text."""
        return [VerticalScroll(Static(self._text))]

    def on_mount(self) -> None:
        """Keys go to the text."""
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
