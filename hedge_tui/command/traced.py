"""Text whose every character knows where in the typed line it comes from; used to write out aliases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span


@dataclass(frozen=True, slots=True)
class Traced:
    """Some text and, for each of its characters, a span of the typed line."""

    text: str
    origins: list[Span]

    @classmethod
    def empty(cls) -> Traced:
        """No text."""
        return cls("", [])

    @classmethod
    def typed(cls, text: str) -> Traced:
        """The typed line itself: each character comes from its own place."""
        return cls(text, [(index, index + 1) for index in range(len(text))])

    @classmethod
    def at(cls, text: str, origin: Span) -> Traced:
        """Text that was not typed; all of it is blamed on `origin`."""
        return cls(text, [origin] * len(text))

    def __add__(self, other: Traced) -> Traced:
        return Traced(self.text + other.text, self.origins + other.origins)

    def __getitem__(self, part: slice) -> Traced:
        return Traced(self.text[part], self.origins[part])

    def span(self, start: int, end: int, fallback: Span = (0, 0)) -> Span:
        """Where in the typed line the characters [start, end) come from.

        Where start equals end, just after the character before; `fallback` when there is none.
        """
        covered = self.origins[start:end]
        if covered:
            return (min(low for low, _ in covered), max(high for _, high in covered))
        before = self.origins[max(start - 1, 0) : start]
        return (before[0][1], before[0][1]) if before else fallback
