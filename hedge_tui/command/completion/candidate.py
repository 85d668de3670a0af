"""What completion offers: one replacement, and the matching of candidates against what is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 50
"""Most completions offered at once."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Replace text[start:end] by `text`.

    Attributes:
        kind: command, alias, scope, symbol, size, share, price, word, flag, value, setting, name or topic.
        meaning: a few words on it, or "".
    """

    text: str
    start: int
    end: int
    kind: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Partial:
    """The word being typed: text[start:end], up to the cursor."""

    text: str
    start: int
    end: int

    def after(self, separator: str) -> Partial:
        """The part after the last `separator`; itself when there is none."""
        head, found, tail = self.text.rpartition(separator)
        return Partial(tail, self.start + len(head) + 1, self.end) if found else self


def offer(
    partial: Partial, words: Iterable[str], kind: str, meanings: dict[str, str] | None = None
) -> list[Completion]:
    """Offer the words that start with what is typed, in their order; not one that is typed in full."""
    low = partial.text.casefold()
    known = meanings or {}
    found = []
    for word in words:
        folded = word.casefold()
        if folded.startswith(low) and folded != low:
            found.append(Completion(word, partial.start, partial.end, kind, known.get(word, "")))
            if len(found) >= MOST:
                break
    return found


def offer_symbols(partial: Partial, folded: Iterable[tuple[str, str]]) -> list[Completion]:
    """Offer symbols: those that start with what is typed, then those that contain two letters or more."""
    low = partial.text.casefold()
    starting: list[str] = []
    inside: list[str] = []
    for key, symbol in folded:
        if key.startswith(low):
            if key != low:
                starting.append(symbol)
                if len(starting) >= MOST:
                    break
        elif len(low) > 1 and len(inside) < MOST and low in key:
            inside.append(symbol)
    return [
        Completion(symbol, partial.start, partial.end, "symbol") for symbol in (*starting, *inside)[:MOST]
    ]
