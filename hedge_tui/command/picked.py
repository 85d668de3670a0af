"""Writes out the word `picked`: the rows that the trader has picked on screen, by name.

The engine parses, plans and records the line with the names in it, so that what was confirmed can be read
long after the rows were dropped. Aliases are written out first, so that one may hold the word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.aliases import Expansion
from hedge_tui.command.lines import segments, verb_index
from hedge_tui.command.tokens import MAX_LENGTH, Kind, tokenize
from hedge_tui.command.traced import Traced
from hedge_tui.command.words import PICKED, TEXT_VERBS
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.tokens import Token


def write_picked(expansion: Expansion, names: Sequence[str]) -> Expansion:
    """Put `names` where `picked` stands in a list of symbols or orders.

    Args:
        expansion: with aliases written out.
        names: as they would be typed: full instrument ids, or id:ORDER.

    Raises:
        CommandError: nothing is picked, or the line becomes too long.
    """
    text = expansion.text
    if PICKED not in text.casefold():
        return expansion
    source = expansion.traced or Traced.typed(text)
    written, at = Traced.empty(), 0
    for start, end in _places(text):
        origin = source.span(start, end)
        if not names:
            raise CommandError("nothing is picked", origin, "space picks rows on Markets or Orders")
        written += source[at:start] + Traced.at(",".join(names), origin)
        at = end
    if not at:
        return expansion
    written += source[at:]
    if len(written.text) > MAX_LENGTH:
        raise CommandError(
            f"with {len(names)} picked rows written out the line has more than {MAX_LENGTH} characters",
            (0, len(expansion.typed)),
            "pick fewer",
        )
    note = f"{PICKED} is {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}"
    return Expansion(expansion.typed, written.text, written, note)


def _places(text: str) -> Iterator[Span]:
    """Where the word stands, left to right; not in notes, aliases and whatever else is text."""
    for part in segments(text, tokenize(text), 0, len(text))[0]:
        at = verb_index(part.tokens)
        if at < len(part.tokens) and part.tokens[at].low not in TEXT_VERBS:
            for token in part.tokens[at + 1 :]:
                yield from _in_list(token)


def _in_list(token: Token) -> Iterator[Span]:
    if token.kind is not Kind.WORD:
        return
    start = token.start
    for item in token.low.split(","):
        if item == PICKED:
            yield (start, start + len(item))
        start += len(item) + 1
