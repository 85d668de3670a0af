"""The list above the command line: completions, lines of the history, or readings of an ambiguous word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.text_pool import fit_text

if TYPE_CHECKING:
    from textual import events

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to put into the line.

    Attributes:
        text: replaces line[start:end]. label: shown, "" for the text itself. meaning: beside it.
        whole: closes the list instead of completing further.
    """

    text: str
    start: int
    end: int
    label: str = ""
    meaning: str = ""
    whole: bool = False


class ChoiceList(Widget):
    """Hidden while there is nothing to choose.

    Attributes:
        choices: best first. at: the marked one. entered: the trader moved the mark, so enter takes it.
    """

    DEFAULT_CSS = """
    ChoiceList {
        layer: above; dock: bottom;
        height: auto; max-height: 9; width: auto; min-width: 24; max-width: 100%; display: none;
        background: $panel; color: $foreground; padding: 0 1;
    }
    ChoiceList.-shown { display: block; }
    """
    choices: reactive[tuple[Choice, ...]] = reactive((), layout=True)
    at: reactive[int] = reactive(0)
    title: reactive[str] = reactive("", layout=True)

    class Taken(Message):
        """A choice was clicked."""

        def __init__(self, choice: Choice) -> None:
            self.choice = choice
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.entered = False

    @property
    def current(self) -> Choice | None:
        """The marked choice."""
        return self.choices[self.at] if self.at < len(self.choices) else None

    def offer(self, choices: tuple[Choice, ...], title: str = "") -> None:
        """Show other choices."""
        self.entered = False
        self.title = title
        self.at = 0
        self.choices = choices
        self.set_class(bool(choices), "-shown")

    def step(self, way: int) -> None:
        """Move the mark, round at the ends."""
        if self.choices:
            self.at = (
                self.at
                if not self.entered and way > 0 and self.at == 0
                else (self.at + way) % len(self.choices)
            )
            self.entered = True

    def _window(self) -> range:
        first = max(0, min(self.at - SHOWN // 2, len(self.choices) - SHOWN))
        return range(first, min(first + SHOWN, len(self.choices)))

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as the widest choice."""
        del container, viewport
        widths = [
            cell_len(c.label or c.text) + (3 + cell_len(c.meaning) if c.meaning else 0) for c in self.choices
        ]
        return max([*widths, cell_len(self.title), 22])

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One line a choice, and the title."""
        del container, viewport, width
        return len(self._window()) + bool(self.title)

    def render(self) -> Content:
        """The choices around the mark, meanings in a column of their own."""
        width = max(1, self.size.width)
        window = self._window()
        left = max((cell_len(self.choices[i].label or self.choices[i].text) for i in window), default=0)
        lines = [Content(inert(self.title)).stylize("$foreground 60%")] if self.title else []
        for index in window:
            choice = self.choices[index]
            label = fit_text(inert(choice.label or choice.text), min(left, width), "left", "…")
            meaning = inert(choice.meaning)
            room = max(0, width - cell_len(label) - 3)
            meaning = fit_text(meaning, room, "left", "…") if room else ""
            line = Content.assemble(label, ("   " + meaning if meaning else "", "$foreground 60%"))
            if index == self.at:
                line = line.pad_right(max(0, width - line.cell_length))
                line = line.stylize("bold reverse" if self.entered else "bold on $primary 60%")
            lines.append(line)
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Take what was clicked."""
        index = self._window().start + event.y - bool(self.title)
        if 0 <= index < len(self.choices):
            self.post_message(self.Taken(self.choices[index]))
