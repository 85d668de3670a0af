"""Cuts the tokens of a line into its commands at the joiners; used by the parser and by aliases."""

from __future__ import annotations

from typing import NamedTuple

from hedge_tui.command.refusal import shown
from hedge_tui.command.tokens import Kind, Token
from hedge_tui.domain.errors import CommandError


class Segment(NamedTuple):
    """The tokens of one command, joiners inside braces included; at least one token."""

    tokens: list[Token]
    start: int
    end: int


def verb_index(tokens: list[Token]) -> int:
    """Index of the first token after the scope; len(tokens) when there is none."""
    index, inside = 0, False
    for index, token in enumerate(tokens):
        if token.kind is not Kind.WORD:
            return index
        if not (inside or token.text.startswith(("@", ","))):
            return index
        inside = token.text.endswith(",")
    return len(tokens)


def segments(text: str, tokens: list[Token], start: int, end: int) -> tuple[list[Segment], list[Token]]:
    """Cut `tokens`, which fill text[start:end], into commands and the joiners between them.

    In a note braces, & inside words and `then` are plain text.

    Raises:
        CommandError: braces that do not match, a joiner with no command on one side, an alias defined
            without braces whose line goes on after a joiner.
    """
    parts: list[Segment] = []
    joins: list[Token] = []
    current: list[Token] = []
    opened: list[Token] = []
    verb = ""
    for token in tokens:
        if verb == "note":
            if not _ends_prose(text, token, current[-1]):
                current.append(token if token.kind is Kind.WORD else token._replace(kind=Kind.WORD))
                continue
        elif token.kind is Kind.OPEN:
            opened.append(token)
        elif token.kind is Kind.CLOSE:
            if not opened:
                raise CommandError("this } closes nothing", token.span, "an action is written do { line }")
            opened.pop()
        if token.kind is Kind.JOIN and not opened:
            parts.append(_segment(current, token.span, f"before {shown(token.text)}"))
            joins.append(token)
            current, verb = [], ""
        else:
            verb = verb or _verb(token, current)
            current.append(token)
    if opened:
        raise CommandError("this { has no }", opened[-1].span, "an action is written do { line }")
    last = f"after {shown(joins[-1].text)}" if joins else "here"
    parts.append(_segment(current, joins[-1].span if joins else (start, end), last))
    _refuse_open_alias(text, parts, joins, end)
    return parts, joins


def _segment(tokens: list[Token], span: tuple[int, int], where: str) -> Segment:
    if not tokens:
        raise CommandError(
            f"a command is missing {where}", span, "for example: cancel buys ; buy 500usd BTC.p"
        )
    return Segment(tokens, tokens[0].start, tokens[-1].end)


def _verb(token: Token, before: list[Token]) -> str:
    """Return the verb when `token` is it; "" while only the scope was read."""
    if token.kind is Kind.WORD and token.text.startswith(("@", ",")):
        return ""
    return "" if before and before[-1].text.endswith(",") else token.low


def _ends_prose(text: str, token: Token, before: Token) -> bool:
    """Whether a joiner ends a note: a semicolon, & and && between spaces, `then` after a quote."""
    if token.kind is not Kind.JOIN:
        return False
    if token.low == "then":
        return before.text.endswith('"')
    return token.text == ";" or (
        text[token.start - 1].isspace() and text[token.end : token.end + 1].isspace()
    )


def _refuse_open_alias(text: str, parts: list[Segment], joins: list[Token], end: int) -> None:
    """Refuse `alias x = a ; b`: does b belong to the alias, or does it run now?"""
    for part, joiner in zip(parts, joins, strict=False):
        head = part.tokens[verb_index(part.tokens) :]
        if len(head) < 3 or head[0].low != "alias" or head[2].text != "=":
            continue
        name, body = head[1].text, text[head[2].end : part.end].strip()
        rest = text[joiner.start : end].strip()
        readings = (
            f"alias {name} {{ {body} {rest} }} (all of it is the alias)",
            f"alias {name} {{ {body} }} {rest} (the rest runs now)",
        )
        raise CommandError(
            f"{shown(joiner.text)} after an alias without braces can be read in two ways",
            joiner.span,
            "put the alias's line in braces",
            readings,
        )
