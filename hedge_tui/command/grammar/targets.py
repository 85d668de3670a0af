"""Reads what a command works on: `#3`, `#3-7`, `id:4f2a`, `run:9b1c`, symbols, buys, sells, all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Word
from hedge_tui.command.ast.target import OnAll, OnIds, OnRows, OnRun, OnSide, OnSymbols, Row
from hedge_tui.command.grammar.instruments import read_list, read_symbols
from hedge_tui.command.refusal import missing, shown, twice
from hedge_tui.command.words import NAME
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.ast.target import OrderTarget, RowTarget, Subject
    from hedge_tui.command.grammar.cursor import Cursor

_ROWS = re.compile(r"#([0-9]{1,6})(?:-#?([0-9]{1,6}))?")
_MOST_ROWS = 1_000
_SIDES = {"buys": Side.BUY, "sells": Side.SELL}


def read_order_target(cur: Cursor, example: str) -> OrderTarget:
    """Read what `cancel` names: symbols (of one side), a side, rows, ids, a run, or all."""
    start = cur.here[0]
    if cur.accept("all"):
        return OnAll(cur.since(start))
    side = cur.accept(*_SIDES)
    if side is not None and cur.done:
        return OnSide(_SIDES[side.low], side.span)
    if side is None and (named := _read_named(cur, example)) is not None:
        return named
    symbols = read_symbols(cur, example)
    if side is None:
        side = cur.accept(*_SIDES)
    return OnSymbols(symbols, None if side is None else _SIDES[side.low], cur.since(start))


def read_row_target(cur: Cursor, example: str) -> RowTarget:
    """Read what `amend` names: rows or ids."""
    token = cur.peek()
    named = _read_named(cur, example)
    if isinstance(named, (OnRows, OnIds)):
        return named
    if token is None:
        raise missing("which order", cur.here, example)
    raise CommandError(
        f"{shown(token.text)} does not name one order: expected a row (#3) or an id (id:4f2a)",
        token.span,
        f"for example: {example}",
    )


def read_subject(cur: Cursor, example: str) -> Subject:
    """Read what a note or a tag is pinned to: rows, ids, a run or symbols."""
    named = _read_named(cur, example)
    if named is not None:
        return named
    start = cur.here[0]
    return OnSymbols(read_symbols(cur, example), None, cur.since(start))


def read_run(cur: Cursor, example: str) -> OnRun:
    """Read `run:ID`."""
    named = _read_named(cur, example) if cur.low().startswith("run:") else None
    if isinstance(named, OnRun):
        return named
    if cur.done:
        raise missing("run: with the run's id", cur.here, example)
    raise CommandError("a run is written run:ID", cur.here, f"for example: {example}")


def _read_named(cur: Cursor, example: str) -> OnRows | OnIds | OnRun | None:
    """Read rows, ids or a run; None when something else stands at the cursor."""
    low, start = cur.low(), cur.here[0]
    if low.startswith("#"):
        rows: dict[int, Row] = {}
        for text, span in read_list(cur, "a row", example):
            _add_rows(rows, text, span, example)
        return OnRows(tuple(rows.values()), cur.since(start))
    if low.startswith("run:"):
        token = cur.take("a run", example)
        return OnRun(_id(token.text[4:], (token.start + 4, token.end), "run:", example), token.span)
    if not low.startswith("id:"):
        return None
    ids: dict[str, Word] = {}
    for text, span in read_list(cur, "an id", example):
        name = _id(re.sub(r"(?i)^id:", "", text), span, "id:", example)
        if name in ids:
            raise twice(text, span)
        ids[name] = Word(name, span)
    return OnIds(tuple(ids.values()), cur.since(start))


def _add_rows(rows: dict[int, Row], text: str, span: Span, example: str) -> None:
    match = _ROWS.fullmatch(text)
    if match is None:
        hint = f"for example: {example}"
        if NAME.fullmatch(text[1:]):
            hint = f"a tag is a scope: @{text} cancel all; {hint}"
        raise CommandError(f"{shown(text)} is not a row: rows are numbers", span, hint)
    first, last = int(match[1]), int(match[2] or match[1])
    if first < 1 or last < first:
        raise CommandError(
            f"{shown(text)} names no rows: they count upwards from 1", span, f"for example: {example}"
        )
    if last - first >= _MOST_ROWS or len(rows) >= _MOST_ROWS:
        raise CommandError(
            f"{shown(text)} names more than {_MOST_ROWS} rows", span, "name a symbol, a run or all"
        )
    for number in range(first, last + 1):
        if number in rows:
            raise twice(f"#{number}", span)
        rows[number] = Row(number, span)


def _id(text: str, span: Span, lead: str, example: str) -> str:
    if not re.fullmatch(r"\w[\w.:\-]*", text):
        raise CommandError(f"{lead} is followed by an id", span, f"for example: {example}")
    return text
