"""Reads the commands that restrain trading: halt, reducing, resume, limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Scope
from hedge_tui.command.ast.restraint import Hold, Limit
from hedge_tui.command.grammar.instruments import read_list
from hedge_tui.command.grammar.numbers import bad_number, scaled
from hedge_tui.command.grammar.scopes import read_item, read_scope_items
from hedge_tui.command.refusal import missing, shown, twice
from hedge_tui.command.tokens import unquote
from hedge_tui.command.words import NAME, SYMBOL
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.line import ScopeItem, Span
    from hedge_tui.command.grammar.cursor import Cursor

HOLD_EXAMPLE = "halt desk-1 because the venue misbehaves"
LIMIT_EXAMPLE = "limit max_order_notional 500 @desk-1"
BECAUSE = "because"
SOURCE = "source:"
OF_WHAT = "_quantity"
"""Limits whose name ends so are of an asset or an instrument."""
DEFAULT = "default"
NONE = "none"
_SOURCE = re.compile(r"[\w.:\-]+")
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(k|mm)?")
_GLOB = re.compile(r"[\w*?\[\]!./:\-]+")


def read_hold(cur: Cursor) -> Hold:
    """Read `[ACCOUNT|GROUP|#TAG|VENUE|all|source:ORIGIN, ...] [because TEXT]`."""
    start = cur.here[0]
    scope, sources = (None, ()) if cur.done or cur.low() == BECAUSE else _held(cur)
    because = None
    if cur.accept(BECAUSE) is not None:
        if cur.done:
            raise missing("the reason", cur.here, HOLD_EXAMPLE)
        raw = cur.rest()
        because = type(raw)(unquote(raw.text), raw.span)
    return Hold(scope, sources, because, cur.since(start))


def read_resume(cur: Cursor) -> Hold:
    """Read what is to be set free; nothing is the desk."""
    start = cur.here[0]
    scope, sources = (None, ()) if cur.done else _held(cur)
    return Hold(scope, sources, None, cur.since(start))


def read_limit(cur: Cursor) -> Limit:
    """Read `[NAME [ASSET] [VALUE|default]] [@SCOPE]`."""
    start = cur.here[0]
    name, of, value, value_span = "", "", None, cur.here
    if not cur.done and not cur.low().startswith("@"):
        token = cur.take("a limit", LIMIT_EXAMPLE)
        if NAME.fullmatch(token.text) is None:
            raise CommandError(
                f"{shown(token.text)} is not the name of a limit", token.span, f"for example: {LIMIT_EXAMPLE}"
            )
        name, _, of = token.text.partition(".")
        name = name.lower()
        if name.endswith(OF_WHAT) and not of and not cur.done and not cur.low().startswith("@"):
            of = _of_what(cur)
        if not cur.done and not cur.low().startswith("@"):
            value_span = cur.here
            value = _value(cur, name)
            value_span = (value_span[0], cur.end)
    scope = read_scope_items(cur) if cur.low().startswith("@") else None
    return Limit(name, of, value, scope, value_span, cur.since(start))


def _held(cur: Cursor) -> tuple[Scope | None, tuple[str, ...]]:
    start = cur.here[0]
    items: dict[ScopeItem, None] = {}
    sources: dict[str, None] = {}
    for text, span in read_list(cur, "an account", HOLD_EXAMPLE):
        if text.casefold().startswith(SOURCE):
            origin = text[len(SOURCE) :]
            if _SOURCE.fullmatch(origin) is None:
                raise CommandError(f"{shown(text)} names no source", span, "for example: resume source:cli")
            if origin in sources:
                raise twice(text, span)
            sources[origin] = None
            continue
        item = read_item(text, span)
        if item in items:
            raise twice(text, span)
        items[item] = None
    return (Scope(tuple(items), cur.since(start)) if items else None), tuple(sources)


def _of_what(cur: Cursor) -> str:
    token = cur.take("an asset or an instrument", "limit max_order_quantity BTC 0.5")
    if SYMBOL.fullmatch(token.text) is None:
        raise CommandError(
            f"{shown(token.text)} is no asset or instrument",
            token.span,
            "a quantity is of something: limit max_order_quantity BTC 0.5",
        )
    return token.text


def _value(cur: Cursor, name: str) -> Decimal | str | tuple[str, ...]:
    token = cur.take("a value", LIMIT_EXAMPLE)
    span: Span = token.span
    if token.low == DEFAULT:
        return DEFAULT
    if name in {"allow", "deny"}:
        cur.at -= 1
        return _globs(cur)
    fit = _NUMBER.fullmatch(token.low)
    if fit is None:
        if (error := bad_number(token.low, span)) is not None:
            raise error
        raise CommandError(
            f"{shown(token.text)} is not a value: a number of at least 0, or default",
            span,
            f"for example: {LIMIT_EXAMPLE}",
        )
    return scaled(fit[1], fit[2] or "", span)


def _globs(cur: Cursor) -> tuple[str, ...]:
    found: dict[str, None] = {}
    items = read_list(cur, "a glob of instruments", "limit deny DOGE/*")
    if len(items) == 1 and items[0][0].casefold() == NONE:
        return ()
    for text, span in items:
        if _GLOB.fullmatch(text) is None:
            raise CommandError(
                f"{shown(text)} is no glob of instruments", span, "for example: limit allow BTC/*,ETH/*"
            )
        if text in found:
            raise twice(text, span)
        found[text] = None
    return tuple(found)
