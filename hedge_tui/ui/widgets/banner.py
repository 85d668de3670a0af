"""The lines that say that the engine is away (calm) or refuses orders (red): impossible to miss."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from hedge_tui.ui.widgets.inert import inert


class Banner(Widget):
    """Hidden while `text` is empty; the first line of the text is bold. `alarm` makes it red."""

    DEFAULT_CSS = """
    Banner {
        dock: top; margin: 2 0 0 0; height: 3; width: 1fr; display: none;
        padding: 0 2; content-align: left middle;
        background: $warning 25%; color: $foreground; border-left: outer $warning;
    }
    Banner.-shown { display: block; }
    Banner.-alarm { background: $error 35%; border-left: outer $error; }
    """
    text: reactive[str] = reactive("")
    alarm: reactive[bool] = reactive(default=False)

    def watch_text(self, text: str) -> None:
        """Show or hide."""
        self.set_class(bool(text), "-shown")

    def watch_alarm(self, alarm: bool) -> None:
        """Red or calm."""
        self.set_class(alarm, "-alarm")

    def render(self) -> Content:
        """The words, inert."""
        first, _, rest = self.text.partition("\n")
        return Content.assemble((inert(first), "bold"), f"\n{inert(rest)}" if rest else "")
