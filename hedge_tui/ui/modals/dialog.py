"""The frame of every dialog: a titled box over a darkened screen, closed by escape."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A box in the middle of the screen.

    A subclass gives `title_text` and `parts`; wide tables shrink it, they never leave the screen.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > Vertical {
        width: auto; max-width: 100%; min-width: 40; height: auto; max-height: 100%;
        background: $surface; border: round $primary;
        border-title-style: bold; border-title-color: $foreground;
        padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False, id="dialog.close"),
    ]
    title_text = ""

    def parts(self) -> list[Widget]:
        """What stands in the box."""
        return []

    def compose(self) -> ComposeResult:
        """The box."""
        box = Vertical(*self.parts(), id="box")
        box.border_title = self.title_text
        yield box

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
