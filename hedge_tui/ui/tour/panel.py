"""The strip under the status lines that shows a step of the tour. It never takes the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from hedge_tui.ui.widgets.glyphs import terminal_glyphs

if TYPE_CHECKING:
    from hedge_tui.ui.tour.tour import Tour

LINES = 4


class TourPanel(Widget):
    """Hidden while no tour runs."""

    DEFAULT_CSS = """
    TourPanel {
        dock: top; margin: 2 0 0 0; height: 4; width: 1fr; display: none; padding: 0 2;
        background: $accent 18%; color: $foreground; border-left: outer $accent;
    }
    TourPanel.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[int, bool, str] = (-1, False, "")
        self._content = Content("")

    def show(self, tour: Tour, keys: str, *, covered: bool) -> None:
        """Show where the tour is; `keys` say how to go on and how to leave, `covered` hides it."""
        told = (-1 if covered else tour.at, tour.ticked, keys)
        if told == self._shown:
            return
        self._shown = told
        self.set_class(told[0] >= 0, "-shown")
        step = tour.step
        if step is not None:
            mark = "OK " if terminal_glyphs().ascii_only else "✓ "
            self._content = Content.assemble(
                (f"Tour {tour.at + 1}/{tour.count}  {step.title}  ", "bold"),
                (f"{mark}done" if tour.ticked else "", "bold $text-success"),
                (f"  {keys}" if not tour.ticked else "", "$foreground 60%"),
                "\n",
                (step.task, "bold $text-accent"),
                f"\n{step.text}",
            )
        self.refresh()

    def render(self) -> Content:
        """The step."""
        return self._content
