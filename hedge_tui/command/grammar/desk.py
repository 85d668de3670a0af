"""Reads the commands that arrange the desk: note, tag, draw, ind, chart, watch, account, set, alias, help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.aliases import check_parameters
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
    TableView,
    Tag,
    Tour,
    ViewAct,
    Watch,
)
from hedge_tui.command.ast.line import Raw, Word
from hedge_tui.command.grammar.instruments import read_list, read_symbols
from hedge_tui.command.grammar.numbers import read_duration
from hedge_tui.command.grammar.scopes import read_scope_items
from hedge_tui.command.grammar.targets import read_subject
from hedge_tui.command.refusal import missing, shown, twice, unknown_word
from hedge_tui.command.tokens import Kind, unquote
from hedge_tui.command.words import NAME, NOT_SYMBOLS, SHORT_VERBS, VERBS
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Symbol
    from hedge_tui.command.ast.target import Subject
    from hedge_tui.command.grammar.cursor import Cursor
    from hedge_tui.command.tokens import Token

NOTE_EXAMPLE = 'note on #3 "chased it, should have waited" #discipline'
TAG_EXAMPLE = "tag run:4f2a #breakout"
DRAW_EXAMPLE = "draw hline 64000 as TL3"
IND_EXAMPLE = "ind ema(close, 20) as fast"
CHART_EXAMPLE = "chart BTC.p 5m"
WATCH_EXAMPLE = "watch BTC.p,ETH.p"
ALIAS_EXAMPLE = "alias dip { buy $1 BTC.p at bid-1% post }"
TOOLS = (
    "trend", "ray", "hline", "vline", "channel", "rect", "fib", "fibext", "text", "arrow", "range", "long",
    "short", "vwap", "regression",
)  # fmt: skip
"""Drawing tools."""
DRAW_ACTS = ("list", "remove", "clear")
TIMEFRAME = re.compile(r"[1-9][0-9]{0,3}(?:s|m|h|d|w|mo)")
_NOT_SYMBOLS = NOT_SYMBOLS | {"off"}


def read_note(cur: Cursor) -> Note:
    """Read `[on SUBJECT] TEXT`; the text may stand in quotes."""
    start = cur.here[0]
    on: Subject | None = None
    if cur.low() == "on" and _names_subject(cur.peek(1)):
        cur.at += 1
        on = read_subject(cur, NOTE_EXAMPLE)
    if cur.done:
        raise missing("the text of the note", cur.here, NOTE_EXAMPLE)
    raw = cur.rest()
    return Note(Raw(unquote(raw.text), raw.span), on, cur.since(start))


def _names_subject(token: Token | None) -> bool:
    """Whether what follows `on` is a row, an id, a run or a symbol with its kind, and not just prose."""
    if token is None:
        return False
    return token.low.startswith(("#", "id:", "run:")) or re.search(r"[\w][/.]\w", token.text) is not None


def read_tag(cur: Cursor) -> Tag:
    """Read `SUBJECT #name [#name] [off]`."""
    start = cur.here[0]
    on = read_subject(cur, TAG_EXAMPLE)
    tags: dict[str, None] = {}
    off = False
    while not cur.done:
        if tags and cur.low() == "off":
            cur.at += 1
            off = True
            break
        for text, span in read_list(cur, "a tag", TAG_EXAMPLE):
            if not text.startswith("#") or NAME.fullmatch(text[1:]) is None:
                raise CommandError(f"{shown(text)} is not a tag", span, f"write it with #: {TAG_EXAMPLE}")
            if text[1:] in tags:
                raise twice(text, span)
            tags[text[1:]] = None
    if not tags:
        raise missing("a tag", cur.here, TAG_EXAMPLE)
    return Tag(on, tuple(tags), off, cur.since(start))


def read_draw(cur: Cursor) -> Draw:
    """Read `TOOL anchors [as NAME]`, `list`, `remove NAME` or `clear`."""
    token = cur.take("a drawing tool", DRAW_EXAMPLE)
    if token.low not in TOOLS and token.low not in DRAW_ACTS:
        raise unknown_word(token.text, token.span, "a drawing tool", (*TOOLS, *DRAW_ACTS), DRAW_EXAMPLE)
    anchors: list[Word] = []
    name = ""
    while not cur.done:
        word = cur.take("an anchor", DRAW_EXAMPLE)
        if word.low == "as" and token.low in TOOLS:
            name = _name(cur, "the drawing's name", DRAW_EXAMPLE)
            break
        anchors.append(Word(unquote(word.text), word.span))
    if token.low == "remove" and not anchors:
        raise missing("the drawing's name", cur.here, "draw remove TL3")
    if token.low in {"list", "clear"} and anchors:
        raise CommandError(f"draw {token.low} stands alone", anchors[0].span, f"write draw {token.low}")
    return Draw(token.low, tuple(anchors), name, cur.since(token.start))


def read_ind(cur: Cursor) -> Ind:
    """Read `EXPRESSION [pane] [as NAME]`, `list`, `remove NAME` or `clear`."""
    start = cur.here[0]
    if cur.done:
        raise missing("an indicator", cur.here, IND_EXAMPLE)
    if cur.low() in {"list", "clear"} and cur.peek(1) is None:
        return Ind(IndAct(cur.take("an act", IND_EXAMPLE).low), span=cur.since(start))
    if cur.low() == "remove":
        cur.at += 1
        name = _name(cur, "the indicator's name", "ind remove fast")
        return Ind(IndAct.REMOVE, name=name, span=cur.since(start))
    end, name, pane = len(cur.tokens), "", False
    if end - cur.at >= 3 and cur.tokens[-2].low == "as":
        last = cur.tokens[-1]
        if NAME.fullmatch(last.text) is None:
            raise CommandError(f"{shown(last.text)} is not a name", last.span, f"for example: {IND_EXAMPLE}")
        name, end = last.text, end - 2
    if end - cur.at >= 2 and cur.tokens[end - 1].low == "pane":
        pane, end = True, end - 1
    _refuse_braces(cur)
    span = (start, cur.tokens[end - 1].end)
    cur.at = len(cur.tokens)
    return Ind(IndAct.ADD, Raw(cur.text[span[0] : span[1]], span), pane, name, cur.since(start))


def read_chart(cur: Cursor) -> Chart:
    """Read a symbol, a timeframe, both in either order, or nothing."""
    start = cur.here[0]
    symbol: Symbol | None = None
    timeframe: str | None = None
    while not cur.done:
        token = cur.peek()
        if token is not None and re.fullmatch(r"[0-9]+M", token.text):
            readings = (f"{token.text[:-1]}m (minutes)", f"{token.text[:-1]}mo (months)")
            raise CommandError(
                f"{shown(token.text)}: minutes or months?", token.span, f"write {token.text[:-1]}m", readings
            )
        if token is not None and TIMEFRAME.fullmatch(token.low) and timeframe is None:
            timeframe = token.low
            cur.at += 1
        elif symbol is None:
            symbol = _one_symbol(cur)
        else:
            raise CommandError(
                "a chart has one symbol and one timeframe", cur.here, f"for example: {CHART_EXAMPLE}"
            )
    return Chart(symbol, timeframe, cur.since(start))


def _one_symbol(cur: Cursor) -> Symbol:
    symbols = read_symbols(cur, CHART_EXAMPLE)
    if len(symbols) > 1:
        raise CommandError("a chart shows one symbol", symbols[1].span, f"for example: {CHART_EXAMPLE}")
    return symbols[0]


def read_watch(cur: Cursor) -> Watch:
    """Read symbols to add, `off` and symbols to take off, or nothing."""
    start = cur.here[0]
    off = cur.accept("off") is not None
    if cur.done and not off:
        return Watch((), False, cur.since(start))
    return Watch(read_symbols(cur, WATCH_EXAMPLE, _NOT_SYMBOLS), off, cur.since(start))


def read_account(cur: Cursor) -> AccountScope:
    """Read the new active scope, with or without its @; nothing shows it."""
    start = cur.here[0]
    if cur.done:
        return AccountScope(None, cur.since(start))
    return AccountScope(read_scope_items(cur), cur.since(start))


def read_session(cur: Cursor) -> Session:
    """Read `start [NAME]`."""
    start = cur.here[0]
    if cur.accept("start") is None:
        if cur.done:
            raise missing("'start'", cur.here, "session start")
        raise unknown_word(cur.low(), cur.here, "something a session does", ("start",), "session start asia")
    name = "" if cur.done else _name(cur, "the session's name", "session start asia")
    return Session(name, cur.since(start))


def read_set(cur: Cursor) -> Set:
    """Read `KEY VALUE`, `KEY`, or nothing."""
    start = cur.here[0]
    if cur.done:
        return Set("", None, cur.since(start))
    key = cur.take("a setting", "set theme dark")
    if NAME.fullmatch(key.text) is None:
        raise CommandError(
            f"{shown(key.text)} is not the name of a setting", key.span, "for example: set theme dark"
        )
    value = None
    if key.low == "position" and cur.low() == "mode":
        raise CommandError(
            "the position mode is set at the venue", key.span, "write: mode hedge, or mode one-way"
        )
    if not cur.done:
        raw = cur.rest()
        value = Raw(unquote(raw.text), raw.span)
    return Set(key.low, value, cur.since(start))


def read_alias(cur: Cursor) -> Alias:
    """Read `NAME { line }`, `NAME = line`, `remove NAME`, `NAME`, or nothing."""
    start = cur.here[0]
    if cur.done:
        return Alias(AliasAct.SHOW, span=cur.since(start))
    follower = cur.peek(1)
    if cur.low() == "remove" and follower is not None and follower.text != "=" and follower.kind is Kind.WORD:
        cur.at += 1
        name = _name(cur, "the alias's name", "alias remove dip").lower()
        return Alias(AliasAct.REMOVE, name, span=cur.since(start))
    token = cur.take("a name", ALIAS_EXAMPLE)
    if NAME.fullmatch(token.text) is None:
        raise CommandError(f"{shown(token.text)} is not a name", token.span, f"for example: {ALIAS_EXAMPLE}")
    name = token.text.lower()
    if cur.done:
        return Alias(AliasAct.SHOW, name, span=cur.since(start))
    if token.low in VERBS or token.low in SHORT_VERBS:
        raise CommandError(
            f"'{token.low}' is a command and cannot be an alias", token.span, "choose another name"
        )
    body = _alias_body(cur)
    return Alias(AliasAct.DEFINE, name, body, cur.since(start))


def _alias_body(cur: Cursor) -> Raw:
    if cur.accept("=") is not None:
        raw = _unquoted(cur.rest()) if not cur.done else None
    else:
        opening = cur.peek()
        if opening is None or opening.kind is not Kind.OPEN:
            raise CommandError(
                "the line of an alias stands in braces", cur.here, f"for example: {ALIAS_EXAMPLE}"
            )
        closing = _closing(cur)
        cur.at = len(cur.tokens)
        span = (opening.end, closing.start)
        text = cur.text[span[0] : span[1]]
        lead = len(text) - len(text.lstrip())
        raw = Raw(text.strip(), (span[0] + lead, span[0] + lead + len(text.strip())))
    if raw is None or not raw.text:
        raise missing("the line the alias stands for", cur.here, ALIAS_EXAMPLE)
    check_parameters(raw.text, raw.span)
    return raw


def _closing(cur: Cursor) -> Token:
    """The brace that closes the one at the cursor; it has to be the last word."""
    depth = 0
    for token in cur.tokens[cur.at :]:
        depth += {Kind.OPEN: 1, Kind.CLOSE: -1}.get(token.kind, 0)
        if not depth and token is not cur.tokens[-1]:
            rest = (token.end, cur.tokens[-1].end)
            raise CommandError("an alias ends with its closing brace", rest, f"for example: {ALIAS_EXAMPLE}")
    return cur.tokens[-1]


def read_view(cur: Cursor) -> TableView:
    """Read `NAME`, `save NAME`, `remove NAME`, `list`, or nothing."""
    start = cur.here[0]
    if cur.done or cur.accept("list") is not None:
        return TableView(ViewAct.LIST, span=cur.since(start))
    act = next((act for act in (ViewAct.SAVE, ViewAct.REMOVE) if cur.accept(act) is not None), ViewAct.SHOW)
    name = _name(cur, "the view's name", f"view {'' if act is ViewAct.SHOW else f'{act} '}carry").lower()
    if name in set(ViewAct):
        raise CommandError(
            f"a view cannot be called '{name}'", cur.since(start), "for example: view save carry"
        )
    return TableView(act, name, cur.since(start))


def read_layout(cur: Cursor) -> ScreenLayout:
    """Read `NAME`, `save NAME`, `remove NAME`, `reset`, `list`, or nothing."""
    start = cur.here[0]
    for word, act in (("list", LayoutAct.LIST), ("reset", LayoutAct.RESET)):
        if cur.accept(word) is not None:
            return ScreenLayout(act, span=cur.since(start))
    if cur.done:
        return ScreenLayout(LayoutAct.LIST, span=cur.since(start))
    acts = (LayoutAct.SAVE, LayoutAct.REMOVE)
    act = next((one for one in acts if cur.accept(one) is not None), LayoutAct.SHOW)
    name = _name(cur, "the layout's name", "layout save scalp").lower()
    if name in set(LayoutAct):
        raise CommandError(
            f"a layout cannot be called '{name}'", cur.since(start), "for example: layout save scalp"
        )
    return ScreenLayout(act, name, cur.since(start))


def read_away(cur: Cursor) -> Away:
    """Read how far back, or nothing."""
    start = cur.here[0]
    if cur.done:
        return Away(None, cur.since(start))
    token = cur.take("how long ago", "away 8h")
    return Away(read_duration(token.text, (token.start, token.end), "away 8h"), cur.since(start))


def read_tour(cur: Cursor) -> Tour:
    """Read `off`, or nothing."""
    start = cur.here[0]
    return Tour(cur.accept("off") is not None, cur.since(start))


def read_journal(cur: Cursor) -> Record:
    """Read `reopen`, or nothing."""
    start = cur.here[0]
    return Record(cur.accept("reopen") is not None, cur.since(start))


def read_lock(cur: Cursor) -> Lock:
    """Read nothing."""
    return Lock(cur.since(cur.here[0]))


def _unquoted(raw: Raw) -> Raw:
    """`alias dip = "buy $1 BTC.p"`: the quotes are not part of the line."""
    text = raw.text
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'" or text[0] in text[1:-1]:
        return raw
    return Raw(text[1:-1], (raw.span[0] + 1, raw.span[1] - 1))


def read_help(cur: Cursor) -> Help:
    """Read the topic, or nothing; whether there is such a topic is for `help_for` to say."""
    start = cur.here[0]
    topic = "" if cur.done else cur.take("a command", "help buy").low
    return Help(topic, cur.since(start))


def _name(cur: Cursor, what: str, example: str) -> str:
    token = cur.take(what, example)
    if NAME.fullmatch(token.text) is None:
        raise CommandError(f"{shown(token.text)} is not a name", token.span, f"for example: {example}")
    return token.text


def _refuse_braces(cur: Cursor) -> None:
    for token in cur.tokens[cur.at :]:
        if token.kind is not Kind.WORD:
            raise CommandError(f"{shown(token.text)} has no place in an expression", token.span, IND_EXAMPLE)
