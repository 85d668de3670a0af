"""A widget of coloured lines that repaints only those that changed: book, trades, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from hedge_tui.ui.widgets.palette import Palette

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "line-canvas--"
PARTS: dict[str, str] = {
    "text": "",
    "muted": "dim",
    "strong": "bold",
    "up": "",
    "down": "",
    "accent": "bold",
    "warning": "bold",
    "bid-bar": "",
    "ask-bar": "",
    "own-bid": "reverse",
    "own-ask": "reverse",
    "title": "bold",
    "cursor": "reverse bold",
    "pending": "underline",
}
"""Parts and what they are without colour."""
Run = tuple[str, str]
"""Inert text and its part."""


class LineCanvas(Widget, can_focus=True):
    """Shows `lines`; text must be inert and one cell a character."""

    DEFAULT_CSS = """
    LineCanvas {
        width: 1fr; height: 1fr; background: $surface; color: $foreground;
        & > .line-canvas--muted { color: $foreground 55%; }
        & > .line-canvas--strong { text-style: bold; }
        & > .line-canvas--up { color: $text-success; }
        & > .line-canvas--down { color: $text-error; }
        & > .line-canvas--accent { color: $text-accent; text-style: bold; }
        & > .line-canvas--warning { color: $text-warning; text-style: bold; }
        & > .line-canvas--bid-bar { color: $foreground; background: $bid-bar; }
        & > .line-canvas--ask-bar { color: $foreground; background: $ask-bar; }
        & > .line-canvas--own-bid { color: $background; background: $success; text-style: bold; }
        & > .line-canvas--own-ask { color: $background; background: $error; text-style: bold; }
        & > .line-canvas--cursor { color: $background; background: $accent; text-style: bold; }
        & > .line-canvas--pending { color: $text-warning; text-style: underline; }
        & > .line-canvas--title { color: $foreground 70%; text-style: bold; background: $panel; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + part for part in PARTS}
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines: list[tuple[Run, ...]] = []
        self._palette: Palette | None = None

    def notify_style_update(self) -> None:
        """Theme or focus changed."""
        super().notify_style_update()
        self._palette = None

    def show(self, lines: Sequence[Sequence[Run]]) -> None:
        """Paint these lines from the top; only what differs goes out."""
        new = [tuple(line) for line in lines]
        old, self._lines = self._lines, new
        size = max(len(old), len(new))
        changed = [
            y for y in range(size) if (old[y] if y < len(old) else ()) != (new[y] if y < len(new) else ())
        ]
        if changed and self.size.width:
            self.refresh(*[Region(0, y, self.size.width, 1) for y in changed])

    def render_line(self, y: int) -> Strip:
        """One line, cut or filled to the width."""
        if self._palette is None:
            self._palette = Palette(self, PREFIX, PARTS)
        paper = self._palette.style("text")
        width = self.size.width
        runs = self._lines[y] if y < len(self._lines) else ()
        segments = [Segment(text, self._palette.style(part)) for text, part in runs]
        return Strip(segments).adjust_cell_length(width, paper)

    def render(self) -> str:
        """Nothing: all is drawn by lines."""
        return ""
