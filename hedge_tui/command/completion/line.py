"""Finds the command and the word at the cursor, and asks that command what may stand there.

Never raises: a line that cannot be read yet simply offers less.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.command.completion.candidate import Completion, Partial, offer
from hedge_tui.command.completion.order import complete_order
from hedge_tui.command.completion.verb import complete_verb
from hedge_tui.command.help import HELP
from hedge_tui.command.tokens import MAX_LENGTH, Kind, Token, rough_tokens
from hedge_tui.command.words import SHORT_VERBS, VERBS

if TYPE_CHECKING:
    from hedge_tui.command.completion.vocabulary import Vocabulary

_PARAMETER = re.compile(r"\$([1-9])(?![0-9.])")
_MEANINGS = {verb: HELP[verb].summary for verb in VERBS}


def complete(text: str, cursor: int, vocabulary: Vocabulary) -> list[Completion]:
    """Offer what may stand at `cursor`.

    Args:
        text: the line so far; only what is left of the cursor is read.
        cursor: character offset, 0 to len(text).
        vocabulary: the names of this desk.

    Returns:
        At most 50, best first. Empty inside quotes, in free text, and where only a number can stand.
    """
    cursor = max(0, min(cursor, len(text)))
    tokens = rough_tokens(text[:cursor])
    if tokens is None:
        return []
    words = _command_at_end(tokens)
    partial = Partial("", cursor, cursor)
    if words and words[-1].end == cursor:
        last = words.pop()
        partial = Partial(last.text, last.start, last.end)
    return _complete(words, partial, vocabulary)


def _command_at_end(tokens: list[Token]) -> list[Token]:
    """Return the tokens of the command the text ends in; inside `do { }` that is the inner one."""
    stack: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind is Kind.OPEN:
            stack.append([])
        elif token.kind is Kind.CLOSE:
            if len(stack) > 1:
                stack.pop()
        elif token.kind is Kind.JOIN and not (stack[-1] and stack[-1][0].low == "note" and token.text != ";"):
            stack[-1] = []
        else:
            stack[-1].append(token)
    return stack[-1]


def _complete(words: list[Token], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    lows = [word.low for word in words]
    index, inside = 0, False
    while index < len(lows) and (inside or lows[index].startswith("@")):
        inside = lows[index].endswith(",")
        index += 1
    lows = lows[index:]
    if not lows and inside:
        return offer(partial.after(","), vocabulary.scopes, "scope")
    if not lows:
        return _first_word(partial, vocabulary, scoped=index > 0)
    verb = SHORT_VERBS.get(lows[0], lows[0])
    if verb in {"buy", "sell"}:
        return complete_order(lows[1:], partial, vocabulary)
    if verb in vocabulary.alias_lines and verb not in VERBS:
        return _in_alias(
            vocabulary.alias_lines[verb], [word.text for word in words[index + 1 :]], partial, vocabulary
        )
    return complete_verb(verb, lows[1:], partial, vocabulary)


def _in_alias(line: str, given: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """What may stand for the next parameter of an alias: what may stand at its place in the alias's line."""
    place = re.search(rf"\$(?:{len(given) + 1}|\*)(?![0-9.])", line)
    if place is None:
        return []
    before = _PARAMETER.sub(
        lambda match: given[int(match[1]) - 1] if int(match[1]) <= len(given) else match[0],
        line[: place.start()],
    )
    tokens = rough_tokens(before + partial.text)
    if tokens is None or len(before) + len(partial.text) > MAX_LENGTH:
        return []
    inner = _command_at_end(tokens)
    if partial.text and inner and inner[-1].end == len(before) + len(partial.text):
        inner.pop()
    deeper = replace(vocabulary, alias_lines={})  # an alias in an alias offers its name, not its parameters
    return [replace(one, meaning=one.meaning or line) for one in _complete(inner, partial, deeper)]


def _first_word(partial: Partial, vocabulary: Vocabulary, *, scoped: bool) -> list[Completion]:
    if partial.text.startswith("@") and not scoped:
        piece = Partial(partial.text[1:], partial.start + 1, partial.end).after(",")
        return offer(piece, vocabulary.scopes, "scope")
    lines = dict(vocabulary.alias_lines)
    return offer(partial, VERBS, "command", _MEANINGS) + offer(partial, vocabulary.aliases, "alias", lines)
