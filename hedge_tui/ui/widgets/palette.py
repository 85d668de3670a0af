"""Theme colours as ready styles and escape sequences, so that no painter parses CSS in a frame.

A widget names its parts as component classes (which a stylesheet may change) and asks a `Palette` for each.
The palette is made anew when the theme, the focus or the terminal's colour ability changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

_COLOR_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
    "windows": ColorSystem.STANDARD,
}


class Palette:
    """Styles by part name, and their terminal codes.

    Args:
        widget: a mounted widget whose component classes are `prefix` + part.
        prefix: for example "live-table--".
        plain: part -> Rich style of attributes only, used without colour; also the list of parts.

    Attributes:
        colorful: False under NO_COLOR: no style has a colour then, and words or marks must tell.
        marks: True if small differences of colour cannot be trusted (no colour, or only 16 of them), so that
            a direction has to be shown by a sign as well.
    """

    def __init__(self, widget: Widget, prefix: str, plain: Mapping[str, str]) -> None:
        app = widget.app
        self.colorful = not app.no_color
        known = app.console.color_system
        self._system = _COLOR_SYSTEMS.get(known or "", ColorSystem.TRUECOLOR)  # what Textual does too
        self.marks = not self.colorful or known in {None, "standard", "windows"}
        self._codes: dict[Style, str] = {}
        if not self.colorful:
            self._parts = {part: Style.parse(text) for part, text in plain.items()}
            return
        background = widget.background_colors[1]
        filters = app.get_line_filters()
        self._parts = {}
        for part in plain:
            segments = [Segment(" ", widget.get_component_rich_style(prefix + part))]
            for line_filter in filters:
                segments = line_filter.apply(segments, background)
            self._parts[part] = segments[0].style or Style.null()

    def style(self, part: str) -> Style:
        """The whole style of a part, background included."""
        return self._parts[part]

    def over(self, base: Style, *, ink: str | None = None, paper: str | None = None) -> Style:
        """`base` with the foreground of part `ink` and the background of part `paper`, each if given."""
        style = base
        if ink is not None:
            front = self._parts[ink]
            style += Style(color=front.color, bold=front.bold or None, dim=front.dim or None)
        if paper is not None:
            back = self._parts[paper]
            style += Style(bgcolor=back.bgcolor, bold=back.bold or None, reverse=back.reverse or None)
        return style

    def codes(self, style: Style) -> str:
        """The escape sequence that switches the terminal from anything to `style`.

        Colours are brought down to what the terminal has, the way Rich does it on the public path.
        """
        known = self._codes.get(style)
        if known is None:
            painted = style.render(" ", color_system=self._system)
            start = painted.find("m ") if painted.startswith("\x1b[") else -1
            known = "\x1b[0m" if start < 0 else f"\x1b[0;{painted[2:start]}m"
            self._codes[style] = known
        return known
