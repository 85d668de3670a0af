"""The bottom line: which keys do what in the active pane, as they are bound now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence


class HintBar(Widget):
    """Hints from the most useful to the least; what does not fit is left out.

    Attributes:
        mode: theme colour of the money's kind, for the frame. alert: words before all hints.
    """

    DEFAULT_CSS = (
        "HintBar { dock: bottom; height: 1; width: 1fr; background: $panel; color: $foreground 80%; }"
    )
    hints: reactive[tuple[tuple[str, str], ...]] = reactive((), layout=False)
    mode: reactive[str] = reactive("mode-none", layout=False)
    alert: reactive[str] = reactive("", layout=False)

    def render(self) -> Content:
        """One line, framed in the colour of the mode."""
        width = self.size.width
        alert = Content.styled(f" {self.alert} ", "bold reverse") if self.alert else Content("")
        line = alert + hint_line(self.hints, width - alert.cell_length)
        line = line.pad_right(max(0, width - line.cell_length))
        return line.stylize_before(f"white on ${self.mode}")


def hint_line(hints: Sequence[tuple[str, str]], width: int) -> Content:
    """(key, words) pairs that fit into `width` cells."""
    parts: list[tuple[str, str]] = []
    used = 0
    for key, words in hints:
        piece = [(f" {key}", "bold"), (f" {words} ", "")]
        size = len(key) + len(words) + 3
        if used + size > width:
            break
        parts += piece
        used += size
    return Content.assemble(*parts)
