"""What happened while nobody looked; in nobody's way: any key closes it, and does what it always does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from hedge_tui.ui.modals.reader import ReaderDialog
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

SCROLLING = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "j", "k"})
CLOSING = frozenset({"escape", "enter", "q", "question_mark"})
"""Bound already; space closes too, and does nothing else."""


class AwayDialog(ReaderDialog):
    """The report.

    Args:
        lines: headings begin at the left, what belongs to them is indented.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("While you were away", _text(lines))

    def on_key(self, event: events.Key) -> None:
        """What is typed is meant for the screen below."""
        if event.key in SCROLLING | CLOSING:
            return
        event.stop()
        event.prevent_default()
        app: Any = self.app
        self.dismiss(None)
        if event.key != "space":
            app.call_later(app.simulate_key, event.key)


def _text(lines: Sequence[str]) -> Content:
    parts = []
    for place, line in enumerate(lines):
        heading = bool(line) and not line.startswith(" ")
        style = "bold" if place == 0 else "bold $text-accent" if heading else ""
        parts.append(Content.styled(inert(line), style) if style else Content(inert(line)))
    hint = Content.styled("any key goes on; :away tells it again", "dim")
    return Content("\n").join([*parts, Content(""), hint])
