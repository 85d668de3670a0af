"""Help texts of the command language as coloured lines."""

from __future__ import annotations

from textual.content import Content

from hedge_tui.command import HELP, help_for
from hedge_tui.ui.widgets.inert import inert


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


def alias_help(name: str, line: str) -> Content:
    """What one of the trader's own words stands for."""
    values = " ".join(f"${n}" for n in range(1, 10) if f"${n}" in line) + (" $*" if "$*" in line else "")
    return Content("\n").join(
        [
            Content.styled("an alias of yours", "bold $text-accent"),
            Content(""),
            Content.styled(f"  {inert(name)} {values}".rstrip(), "bold"),
            Content.assemble("  stands for  ", (inert(line), "$text-success")),
            Content(""),
            Content(f"alias remove {inert(name)} forgets it; alias {inert(name)} {{ LINE }} changes it."),
        ]
    )
