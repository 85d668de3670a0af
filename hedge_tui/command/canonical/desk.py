"""Writes the commands that arrange the desk."""

from __future__ import annotations

import re
from functools import singledispatch
from typing import TYPE_CHECKING

from hedge_tui.command.ast.desk import (
    AccountScope,
    Alias,
    AliasAct,
    Away,
    Chart,
    Draw,
    Help,
    Ind,
    IndAct,
    LayoutAct,
    Lock,
    Note,
    Record,
    ScreenLayout,
    Session,
    Set,
    Stress,
    TableView,
    Tag,
    Tour,
    ViewAct,
    Watch,
)
from hedge_tui.command.ast.restraint import Hold, Limit
from hedge_tui.command.canonical.management import target_text
from hedge_tui.command.canonical.orders import symbols_text
from hedge_tui.command.canonical.restraint import hold_text, limit_text, scope_text
from hedge_tui.command.grammar.numbers import duration_text, number_text
from hedge_tui.command.tokens import quote

if TYPE_CHECKING:
    from hedge_tui.command.ast.body import DeskBody

_PLAIN = re.compile(r"[\w.+%:/#\-]+")
_WORDS_OF_DRAW = frozenset({"as", "then"})


def desk_text(body: DeskBody) -> str:
    """Write everything after the verb; "" when it stands alone."""
    return _text(body)


@singledispatch
def _text(body: object) -> str:
    raise TypeError(f"no text for {type(body).__name__}")


@_text.register
def _(body: Note) -> str:
    on = "" if body.on is None else f"on {target_text(body.on)} "
    return on + quote(body.text.text)


@_text.register
def _(body: Tag) -> str:
    tags = " ".join(f"#{tag}" for tag in body.tags)
    return f"{target_text(body.on)} {tags}{' off' if body.off else ''}"


@_text.register
def _(body: Draw) -> str:
    anchors = [_word(word.text) for word in body.anchors]
    name = ["as", body.name] if body.name else []
    return " ".join([body.tool, *anchors, *name])


@_text.register
def _(body: Ind) -> str:
    if body.act is not IndAct.ADD or body.expression is None:
        return " ".join(part for part in (body.act.value, body.name) if part)
    return f"{body.expression.text}{' pane' if body.pane else ''}{f' as {body.name}' if body.name else ''}"


@_text.register
def _(body: Chart) -> str:
    return " ".join(part for part in (body.symbol.text if body.symbol else "", body.timeframe) if part)


@_text.register
def _(body: Watch) -> str:
    return f"{'off ' if body.off else ''}{symbols_text(body.symbols)}"


@_text.register
def _(body: AccountScope) -> str:
    return "" if body.scope is None else scope_text(body.scope)


@_text.register
def _(body: Session) -> str:
    return f"start {body.name}".rstrip()


@_text.register
def _(body: Set) -> str:
    return body.key if body.value is None else f"{body.key} {quote(body.value.text)}"


@_text.register
def _(body: Alias) -> str:
    if body.act is AliasAct.REMOVE:
        return f"remove {body.name}"
    return body.name if body.body is None else f"{body.name} {{ {body.body.text} }}"


@_text.register
def _(body: Stress) -> str:
    words = [] if body.everything is None else [f"{number_text(body.everything)}%"]
    return " ".join(words + [f"{asset} {number_text(move)}%" for asset, move in body.by_asset])


@_text.register
def _(body: TableView) -> str:
    return {ViewAct.LIST: "list", ViewAct.SHOW: body.name}.get(body.act) or f"{body.act} {body.name}"


@_text.register
def _(body: ScreenLayout) -> str:
    if body.act in (LayoutAct.LIST, LayoutAct.RESET):
        return body.act.value
    return body.name if body.act is LayoutAct.SHOW else f"{body.act} {body.name}"


@_text.register
def _(body: Away) -> str:
    return "" if body.span_back is None else duration_text(body.span_back)


@_text.register
def _(body: Tour) -> str:
    return "off" if body.off else ""


@_text.register
def _(body: Record) -> str:
    return "reopen" if body.reopen else ""


@_text.register
def _(body: Lock) -> str:
    del body
    return ""


@_text.register
def _(body: Hold) -> str:
    return hold_text(body)


@_text.register
def _(body: Limit) -> str:
    return limit_text(body)


@_text.register
def _(body: Help) -> str:
    return body.topic


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS_OF_DRAW else quote(text)
