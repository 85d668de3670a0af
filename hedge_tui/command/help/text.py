"""The shape of a help text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A line that can be typed as it stands, and what it does."""

    line: str
    does: str


@dataclass(frozen=True, slots=True)
class HelpText:
    """What `help WORD` shows.

    Attributes:
        word: the verb or the topic.
        summary: one line for the list of commands.
        syntax: one or more lines; [ ] may be left out, | is or, capitals are the trader's own.
        meaning: paragraphs.
        examples: at least two.
    """

    word: str
    summary: str
    syntax: tuple[str, ...]
    meaning: tuple[str, ...]
    examples: tuple[Example, ...]

    def __str__(self) -> str:
        """As a shell prints it."""
        width = max(len(one.line) for one in self.examples)
        examples = [f"  {one.line.ljust(width)}   {one.does}" for one in self.examples]
        meaning = ["", *self.meaning] if self.meaning else []
        shapes = [f"  {one}" for one in self.syntax]
        return "\n".join([f"{self.word}: {self.summary}", "", *shapes, *meaning, "", *examples])
