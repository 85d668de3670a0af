"""Reads scopes: `@core,desk-9`, `@#scalp`, `@binanceusdm`, `@all`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Scope, ScopeItem, ScopeKind
from hedge_tui.command.grammar.instruments import read_list
from hedge_tui.command.refusal import missing, shown, twice
from hedge_tui.command.words import NAME
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.grammar.cursor import Cursor

SCOPE_EXAMPLE = "@desk-1,desk-2 buy 500usd/each BTC.p"


def read_scope(cur: Cursor) -> Scope | None:
    """Read the scope before a verb; None when there is none."""
    token = cur.peek()
    if token is None or not token.text.startswith("@"):
        return None
    if token.text == "@":
        raise missing(
            "an account, group, #tag, venue or all, right after the @", (token.end, token.end), SCOPE_EXAMPLE
        )
    scope = read_scope_items(cur)
    follower = cur.peek()
    if follower is not None and follower.text.startswith("@"):
        raise CommandError(
            "a command has one scope",
            follower.span,
            f"join accounts with commas: {token.text},{follower.text[1:]}",
        )
    return scope


def read_scope_items(cur: Cursor) -> Scope:
    """Read a list of accounts, groups, tags and venues, each with or without an @."""
    start = cur.here[0]
    items: dict[ScopeItem, ScopeItem] = {}
    for text, span in read_list(cur, "an account", SCOPE_EXAMPLE):
        item = read_item(text, span)
        if item in items:
            raise twice(text, span)
        items[item] = item
    return Scope(tuple(items.values()), cur.since(start))


def read_item(text: str, span: Span) -> ScopeItem:
    """Read one account, group, #tag, venue or all, with or without its @."""
    name = text.removeprefix("@")
    kind = ScopeKind.NAME
    if name.startswith("#"):
        name, kind = name[1:], ScopeKind.TAG
    elif name.casefold() == "all":
        return ScopeItem(ScopeKind.ALL, "all", span)
    if NAME.fullmatch(name) is None:
        raise CommandError(
            f"{shown(text)} is not an account, group, #tag or venue", span, f"for example: {SCOPE_EXAMPLE}"
        )
    return ScopeItem(kind, name, span)
