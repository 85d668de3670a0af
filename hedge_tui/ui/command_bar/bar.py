"""The command bar: opened by `:` on any screen, over the hint line; one per screen, sharing the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from hedge_tui.ui.command_bar.choice_list import Choice, ChoiceList
from hedge_tui.ui.command_bar.command_input import CommandInput
from hedge_tui.ui.command_bar.feedback import Fault, Feedback, syntax_of
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widgets import Input

    from hedge_tui.command import Vocabulary
    from hedge_tui.ui.command_bar.history import History

_SPACED = frozenset(
    {"command", "alias", "scope", "symbol", "share", "word", "flag", "size", "value", "topic"}
)
_OPEN_ENDED = (":", "=", "/", "$")


class Prompt(Widget):
    """What the line is sent with: the active account and the instrument in focus."""

    DEFAULT_CSS = "Prompt { width: auto; height: 1; background: $panel; color: $foreground; }"
    text: reactive[str] = reactive("", layout=True)

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as the words."""
        del container, viewport
        return len(self.text)

    def render(self) -> Content:
        """The words, inert."""
        return Content.styled(self.text, "bold $text-accent")


class CommandBar(Vertical):
    """Input, completion and feedback.

    Args:
        history: shared by all bars of the app.
        vocabulary: asked anew for each completion.
    """

    DEFAULT_CSS = """
    CommandBar {
        layer: above; dock: bottom; width: 1fr; height: auto; background: $panel;
    }
    CommandBar > Horizontal { height: 1; width: 1fr; }
    """

    class Submitted(Message):
        """Enter: the line is to be sent."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Left(Message):
        """Escape: the line is closed."""

    def __init__(self, history: History, vocabulary: Callable[[], Vocabulary]) -> None:
        super().__init__()
        self._history = history
        self._vocabulary = vocabulary
        self._searching = False
        self._quiet = ""
        self.input = CommandInput()
        self.choices = ChoiceList()
        self.feedback = Feedback()
        self.prompt = Prompt()
        self.busy = False
        self.display = False

    def compose(self) -> ComposeResult:
        """The line, feedback below; the list of choices is the screen's, to cover no more than it needs."""
        yield Horizontal(self.prompt, self.input)
        yield self.feedback

    @property
    def is_open(self) -> bool:
        """Whether it has the keys."""
        return self.styles.display != "none"

    def open(self, scope: str, symbol: str, text: str | None = None, cursor: int | None = None) -> None:
        """Show the line; `text` replaces what was left in it, the cursor goes to its end or to `cursor`."""
        where = " ".join(part for part in (f"@{scope}" if scope else "@?", symbol) if part)
        self.prompt.text = f" {inert(where)} : "
        self.busy = False
        self.display = True
        if text is not None:
            self.input.value = text
            self.input.cursor_position = len(text) if cursor is None else cursor
            self.feedback.fault = None
        self.input.painter.aliases = frozenset(self._vocabulary().aliases)
        self._history.rewind()
        self.place_choices()
        self.screen.set_focus(self.input, scroll_visible=False)  # at once: the next key is for the line
        self._update()

    def close(self, *, keep: bool = False) -> None:
        """Hide the line; its text is dropped unless it is to be kept."""
        self.display = False
        self.busy = False
        if not keep:
            self._set("")
        self._offer(())

    def fail(self, fault: Fault) -> None:
        """Show what was wrong; the text stays to be corrected."""
        self.busy = False
        self.feedback.indent = self._indent
        self.feedback.fault = fault
        self.input.painter.fault = fault.span if fault.text == self.input.value else (0, 0)
        self.input.refresh()
        if fault.readings:
            self._offer(tuple(reading_choice(fault, one) for one in fault.readings), "it could mean:")
        if fault.span != (0, 0):
            self.input.cursor_position = min(fault.span[1], len(self.input.value))

    def wait(self, note: str) -> None:
        """An answer is on its way: enter does nothing until it is here."""
        self.busy = True
        self.feedback.fault = None
        self.feedback.note = note
        self._offer(())

    def on_resize(self) -> None:
        """The list stands on the line, however many lines of feedback there are."""
        self.place_choices()

    def place_choices(self) -> None:
        """Put the list above the word that it completes."""
        current = self.choices.current
        left = self._indent + (cell_len(self.input.value[: current.start]) if current is not None else 0)
        room = max(0, self.screen.size.width - self.choices.get_content_width(None, None) - 2)
        self.choices.styles.margin = (0, 0, max(2, self.size.height), max(0, min(left - 1, room)))

    def _offer(self, choices: tuple[Choice, ...], title: str = "") -> None:
        self.choices.offer(choices, title)
        self.place_choices()

    # -- typing

    @property
    def _indent(self) -> int:
        return len(self.prompt.text) - self.input.scrolled

    def _set(self, text: str) -> None:
        """Change the text without offering completions for it."""
        self._quiet = text
        self.input.value = text
        self.input.cursor_position = len(text)

    @on(CommandInput.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.feedback.fault is not None and event.value != self.feedback.fault.text:
            self.feedback.fault = None
            self.input.painter.fault = (0, 0)
        self._update()

    def _update(self) -> None:
        """Completions and syntax for what is typed."""
        text, cursor = self.input.value, self.input.cursor_position
        self.feedback.indent = self._indent
        if not self.busy:
            self.feedback.note = (
                syntax_of(text) if text else "what to do: buy sell close cancel amend ... or help"
            )
        if self.feedback.fault is not None:
            return
        if self._searching:
            found = self._history.search(text)
            size = len(text)
            self._offer(tuple(Choice(line, 0, size, whole=True) for line in found), "history:")
            return
        if not text or text == self._quiet or not self.is_open:
            self._offer(())
            return
        from hedge_tui.command import complete

        offered = complete(text, cursor, self._vocabulary())
        self._offer(
            tuple(
                Choice(
                    c.text + self._space(c.text, c.kind, cursor),
                    c.start,
                    c.end,
                    label=c.text,
                    meaning=c.meaning,
                )
                for c in offered
            )
        )

    def _space(self, text: str, kind: str, cursor: int) -> str:
        at_end = cursor == len(self.input.value)
        return " " if at_end and kind in _SPACED and not text.endswith(_OPEN_ENDED) else ""

    # -- keys

    @on(CommandInput.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.busy or not self.is_open:  # an enter that waited in the queue while the bar closed
            return
        if self.choices.entered or self._searching:
            self._take(self.choices.current)
            return
        if text := self.input.value.strip():
            self._history.add(text)
            self.busy = True  # from here on: a second enter may be handled before the first one's answer
            self.post_message(self.Submitted(text))

    @on(CommandInput.Wanted)
    def _wanted(self, event: CommandInput.Wanted) -> None:
        event.stop()
        match event.what:
            case "accept":
                self._take(self.choices.current)
            case "up" if self.choices.entered:
                self.choices.step(-1)
            case "down" if self.choices.choices:
                self.choices.step(1)
            case "up":
                self._recall(self._history.older(self.input.value))
            case "down":
                self._recall(self._history.newer())
            case "search":
                self._searching = not self._searching
                self._update()
            case "leave":
                self._leave()
            case size if size.startswith("size"):
                self._put_size(int(size[-1]))

    def _put_size(self, number: int) -> None:
        """One of the trader's own sizes at the cursor; an empty line begins a buy."""
        sizes = self._vocabulary().sizes
        if number > len(sizes):
            return
        before = self.input.value[: self.input.cursor_position]
        lead = "buy " if not before.strip() else "" if before.endswith(" ") else " "
        self.input.insert_text_at_cursor(f"{lead}{sizes[number - 1]} ")

    def _recall(self, line: str | None) -> None:
        if line is not None:
            self._set(line)

    def _take(self, choice: Choice | None) -> None:
        self._searching = False
        if choice is None:
            return
        text = self.input.value
        self.feedback.fault = None
        self.input.painter.fault = (0, 0)
        joined = text[: choice.start] + choice.text + text[choice.end :]
        if choice.whole:
            self._quiet = joined
        self.input.value = joined
        self.input.cursor_position = choice.start + len(choice.text)
        self.call_after_refresh(self._update)

    @on(ChoiceList.Taken)
    def _clicked(self, event: ChoiceList.Taken) -> None:
        self._take(event.choice)
        self.input.focus()

    def _leave(self) -> None:
        if self._searching or self.choices.choices:
            self._searching = False
            self._quiet = self.input.value
            self._offer(())
            return
        self.close()
        self.post_message(self.Left())


def reading_choice(fault: Fault, reading: str) -> Choice:
    """Where a reading goes: over the span, or over the whole command when it says it anew.

    >>> reading_choice(Fault("@a cancel", "", (9, 9)), "cancel all (every order)").start
    3
    """
    words = reading.partition(" (")[0]
    start, end = fault.span if fault.span != (0, 0) else (0, len(fault.text))
    head = fault.text[:start].rstrip()
    verb = words.split(" ", 1)[0]
    if verb and head.endswith(verb):
        start = len(head) - len(verb)
    return Choice(words, start, end, label=reading, whole=True)
