"""Help texts of the command language as coloured lines."""

from __future__ import annotations

from textual.content import Content

from hedge_tui.command import HELP, help_for


def command_help(topic: str) -> Content:
    """Syntax, meaning and examples of a verb or topic.

    Raises:
        CommandError: nothing is known by that word.
    """
    text = help_for(topic)
    parts: list[Content] = [Content.styled(text.summary, "bold $text-accent"), Content("")]
    parts += [Content.styled(f"  {line}", "bold") for line in text.syntax]
    parts.append(Content(""))
    parts += [Content(line) for line in text.meaning]
    parts.append(Content(""))
    width = max((len(example.line) for example in text.examples), default=0)
    parts += [
        Content.assemble(("  " + example.line.ljust(width), "$text-success"), f"   {example.does}")
        for example in text.examples
    ]
    return Content("\n").join(parts)


def command_list() -> list[tuple[str, str]]:
    """(word, summary) of everything that help knows."""
    return [(word, text.summary) for word, text in HELP.items()]
