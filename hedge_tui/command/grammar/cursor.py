"""The parser's place in one command: looks ahead, takes tokens, knows where the text ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Raw
from hedge_tui.command.refusal import missing
from hedge_tui.command.tokens import Kind, Token, without_quotes

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span


class Cursor:
    """A walk over the tokens of one command.

    Attributes:
        text: the whole typed line, for cutting out raw stretches.
        tokens: of this command, joiners excluded but for those inside braces.
        at: index of the next token.
        depth: how many `do { }` blocks stand around this command.
    """

    __slots__ = ("_start", "at", "depth", "text", "tokens")

    def __init__(self, text: str, tokens: list[Token], start: int, depth: int) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0
        self.depth = depth
        self._start = start

    def peek(self, ahead: int = 0) -> Token | None:
        """Return the token `ahead` places on, or None past the end."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def low(self, ahead: int = 0) -> str:
        """Return the lower-case text of a token ahead, "" past the end."""
        index = self.at + ahead
        return self.tokens[index].low if index < len(self.tokens) else ""

    def take(self, what: str, example: str) -> Token:
        """Take the next word; `what` names it in the refusal when the command ends here."""
        token = self.peek()
        if token is None or token.kind is not Kind.WORD:
            raise missing(what, self.here, example)
        self.at += 1
        return token

    def accept(self, *words: str) -> Token | None:
        """Take the next token if it is one of `words` (lower case)."""
        token = self.peek()
        if token is None or token.low not in words:
            return None
        self.at += 1
        return token

    def cut_before(self, char: str, ahead: int = 0) -> None:
        """Cut the token `ahead` in two before the first `char` inside it, unless it is quoted."""
        index = self.at + ahead
        if index >= len(self.tokens):
            return
        token = self.tokens[index]
        place = without_quotes(token.text).find(char)
        if place <= 0:
            return
        start = token.start + place
        head, tail = token.text[:place], token.text[place:]
        self.tokens[index : index + 1] = (
            Token(token.kind, head, head.casefold(), token.start, start),
            Token(token.kind, tail, tail.casefold(), start, token.end),
        )

    def rest(self) -> Raw:
        """Take everything that is left as it was typed; there is something."""
        span = (self.here[0], self.tokens[-1].end)
        self.at = len(self.tokens)
        return Raw(self.text[span[0] : span[1]], span)

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    @property
    def here(self) -> Span:
        """Span of the next token; an empty span after the last one."""
        token = self.peek()
        return token.span if token is not None else (self.end, self.end)

    @property
    def end(self) -> int:
        """Offset just after the last token taken."""
        return self.tokens[self.at - 1].end if self.at > 0 else self._start

    def since(self, start: int) -> Span:
        """Span from `start` to the last token taken."""
        return (start, max(start, self.end))
