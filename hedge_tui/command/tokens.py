"""Cuts a typed line into words, joiners and braces; used by the parser, by aliases and by completion.

A word is a run of characters without white space; quoted parts may hold anything. Whether a comma, a colon
or a percent sign inside a word means something is for the grammar to say.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from hedge_tui.domain.errors import CommandError

MAX_LENGTH = 8_000
"""Longest line in characters, aliases written out."""


class Kind(IntEnum):
    """What a token is."""

    WORD = 0
    JOIN = 1
    OPEN = 2
    CLOSE = 3


class Token(NamedTuple):
    """A piece of the line.

    Attributes:
        text: as typed. low: in lower case, for comparing with known words.
        start, end: character offsets; end is exclusive.
    """

    kind: Kind
    text: str
    low: str
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands."""
        return (self.start, self.end)


_PIECE = re.compile(
    r'(?P<word>(?:[^\s;&{}"]+|"(?:[^"\\]|\\.)*")+)|(?P<join>&&|[;&])|(?P<open>\{)|(?P<close>\})|(?P<quote>")'
)
_KINDS = {"join": Kind.JOIN, "open": Kind.OPEN, "close": Kind.CLOSE}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def tokenize(text: str) -> list[Token]:
    """Cut `text` into tokens.

    Raises:
        CommandError: a quote without its end, a character that cannot be shown, a line too long.
    """
    _check_characters(text)
    tokens = []
    for match in _PIECE.finditer(text):
        group = match.lastgroup
        piece, start, end = match[0], match.start(), match.end()
        if group == "word":
            low = piece.casefold()
            kind = Kind.JOIN if low == "then" else Kind.WORD
            tokens.append(Token(kind, piece, low, start, end))
        elif group == "quote":
            raise CommandError("this quote has no end", (start, len(text)), 'write "text in quotes"')
        else:
            tokens.append(Token(_KINDS[group or ""], piece, piece, start, end))
    return tokens


def rough_tokens(text: str) -> list[Token] | None:
    """Cut an unfinished line into tokens, whatever its characters; None when it ends inside a quote."""
    tokens = []
    for match in _PIECE.finditer(text):
        group = match.lastgroup or "word"
        if group == "quote":
            return None
        low = match[0].casefold()
        kind = _KINDS.get(group, Kind.JOIN if low == "then" else Kind.WORD)
        tokens.append(Token(kind, match[0], low, match.start(), match.end()))
    return tokens


def quote(text: str) -> str:
    """Write `text` as one quoted word that `unquote` reads back."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """Read a word that is one quoted part as its content; any other word stays as it is."""
    if _QUOTED.fullmatch(text) is None:
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def without_quotes(text: str) -> str:
    """Blank out quoted parts, keeping every offset."""
    if '"' not in text:
        return text
    return _QUOTED.sub(lambda match: " " * len(match[0]), text)


def _check_characters(text: str) -> None:
    """Refuse what a terminal would hide or act on: control, format and unassigned characters."""
    if len(text) > MAX_LENGTH:
        raise CommandError(
            f"the line has {len(text)} characters, the most is {MAX_LENGTH}", (MAX_LENGTH, len(text))
        )
    if text.isprintable():
        return
    for index, char in enumerate(text):
        if char in "\n\r\v\f\x85\u2028\u2029\x1c\x1d\x1e":
            raise CommandError(
                "a command is one line; this one has a line break", (index, index + 1), "join commands with ;"
            )
        if not char.isprintable() and not char.isspace():
            raise CommandError(
                f"an invisible character (U+{ord(char):04X}) cannot be part of a command",
                (index, index + 1),
                "type the line again instead of pasting it",
            )
