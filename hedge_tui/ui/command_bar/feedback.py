"""The lines below the input: a caret under the exact characters that are wrong, the reason, a hint.

Without a fault it says how the command goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from hedge_tui.ui.widgets.inert import inert


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with a line.

    Attributes:
        text: the line. span: characters of it, (0, 0) for all. kind: of the engine's Failure.
    """

    text: str
    message: str
    span: tuple[int, int] = (0, 0)
    hint: str = ""
    readings: tuple[str, ...] = ()
    kind: str = "command"


def caret_line(fault: Fault, indent: int, width: int) -> str:
    """Carets under the span; "" when it has none or is out of sight.

    Args:
        fault: the line and its span.
        indent: cells from the left edge to the first character of the line, negative when scrolled.
        width: cells there are.

    >>> caret_line(Fault("buy 5 BTC", "", (4, 5)), 2, 40)
    '      ^'
    """
    start, end = fault.span
    if end < start or (start, end) == (0, 0):
        return ""
    before = indent + cell_len(fault.text[:start])
    length = max(1, cell_len(fault.text[start:end]))
    if before < 0:
        length, before = length + before, 0
    length = min(length, width - before)
    return " " * before + "^" * length if length > 0 else ""


def syntax_of(text: str) -> str:
    """How the last command of the line goes on, or ""."""
    from hedge_tui.command import HELP
    from hedge_tui.command.tokens import Kind, rough_tokens
    from hedge_tui.command.words import SHORT_VERBS

    words: list[str] = []
    for token in rough_tokens(text) or ():
        words = [] if token.kind is not Kind.WORD else [*words, token.low]
    words = [word for word in words if not word.startswith("@")]
    topic = HELP.get(SHORT_VERBS.get(words[0], words[0])) if words else None
    return topic.syntax[0] if topic is not None else ""


class Feedback(Widget):
    """Fault, or the syntax of the verb.

    Attributes:
        fault: None while all is well. note: shown without a fault, such as "asking the engine ...".
    """

    DEFAULT_CSS = """
    Feedback {
        height: auto; min-height: 1; max-height: 5; width: 1fr; background: $panel; color: $foreground 70%;
    }
    """
    fault: reactive[Fault | None] = reactive(None, layout=True)
    note: reactive[str] = reactive("")
    indent: reactive[int] = reactive(0)

    def render(self) -> Content:
        """Lines of words."""
        fault = self.fault
        if fault is None:
            note = Content.assemble(" " * max(0, self.indent), (inert(self.note), "$foreground 60%"))
            return note.truncate(max(1, self.size.width), ellipsis=True)
        carets = caret_line(fault, self.indent, max(1, self.size.width))
        lines = [Content(carets).stylize("bold $text-error")] if carets else []
        title = "" if fault.kind == "command" else f"{fault.kind.replace('_', '-')}: "
        words = Content.assemble((f" {inert(title)}{inert(fault.message)}", "bold $text-error"))
        if fault.hint:
            words = words.append(Content.styled(f"   {inert(fault.hint)}", "$foreground"))
        lines.append(words)
        return Content("\n").join(lines)
