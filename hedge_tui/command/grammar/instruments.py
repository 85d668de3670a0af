"""Reads lists of symbols as typed; which instruments they are is `symbols.resolve_symbol`'s to say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Symbol
from hedge_tui.command.refusal import missing, shown, twice
from hedge_tui.command.tokens import Token
from hedge_tui.command.words import NOT_SYMBOLS, SYMBOL
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.grammar.cursor import Cursor

_NUMBERISH = re.compile(r"[$=+\-]?[0-9.,]+[a-z%/:]*[a-z]*", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/.:,\-]")


def read_symbols(cur: Cursor, example: str, words: Iterable[str] = NOT_SYMBOLS) -> tuple[Symbol, ...]:
    """Read `BTC.p,ETH.p`; white space may stand after a comma.

    Args:
        cur: at the first symbol.
        example: a line that would work, for refusals.
        words: words that cannot be symbols here.

    Raises:
        CommandError: no symbol, something that cannot be one, the same one twice.
    """
    found: dict[str, Symbol] = {}
    for text, span in read_list(cur, "a symbol", example):
        if text.casefold() in words or SYMBOL.fullmatch(text) is None:
            raise _not_a_symbol(text, span, example)
        if text.casefold() in found:
            raise twice(text, span)
        found[text.casefold()] = Symbol(text, span)
    return tuple(found.values())


def read_list(cur: Cursor, what: str, example: str) -> list[tuple[str, Span]]:
    """Read a list with commas as (text, span) pairs; "a, b" and "a ,b" are lists too."""
    items: list[tuple[str, Span]] = []
    open_comma = True
    while open_comma:
        token = cur.take(what, example)
        open_comma = _add_items(items, token, what, example)
        follower = cur.peek()
        if not open_comma and follower is not None and follower.text.startswith(","):
            open_comma = True
            _drop_comma(cur, follower)
    return items


def names_in(text: str) -> frozenset[str]:
    """Asset names that typed symbols show, upper case: BTC and USDT in binance:BTC/USDT.

    Only used to tell a multiplier from a unit; a venue's name among them does no harm.
    """
    return frozenset(part for part in _SEPARATORS.split(text.upper()) if part)


def _add_items(items: list[tuple[str, Span]], token: Token, what: str, example: str) -> bool:
    """Add the items of one word; return whether it ends in a comma."""
    parts = token.text.split(",")
    at = token.start
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if not part and not (last and index > 0):
            raise missing(f"{what} before the comma", (at, min(at + 1, token.end)), example)
        if part:
            items.append((part, (at, at + len(part))))
        at += len(part) + 1
    return len(parts) > 1 and not parts[-1]


def _drop_comma(cur: Cursor, token: Token) -> None:
    """Take the comma a word starts with, leaving the rest of it in place."""
    if len(token.text) == 1:
        cur.at += 1
        return
    text = token.text[1:]
    cur.tokens[cur.at] = Token(token.kind, text, text.casefold(), token.start + 1, token.end)


def _not_a_symbol(text: str, span: Span, example: str) -> CommandError:
    if text.startswith("@"):
        return CommandError(
            f"accounts are written before the command, {shown(text)} stands where a symbol belongs",
            span,
            f"for example: {text} {example}",
        )
    if text.startswith("#"):
        return CommandError(f"{shown(text)} is a row or a tag, not a symbol", span, f"for example: {example}")
    if text.casefold() in NOT_SYMBOLS:
        return CommandError(
            f"the symbol is missing before {shown(text)}",
            span,
            f"for example: {example}; a coin of that name is {text.upper()}/USDT",
        )
    if _NUMBERISH.fullmatch(text):
        return CommandError(f"the symbol is missing before {shown(text)}", span, f"for example: {example}")
    return CommandError(f"{shown(text)} is not a symbol", span, f"for example: {example}")
