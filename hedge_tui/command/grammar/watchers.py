"""Reads `alarm` and `rule`: a condition kept as text, the words after it, and the line in `do { }`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import Raw
from hedge_tui.command.ast.watchers import Alarm, Firing, Repeat, Rule, WatcherAct, Watchers
from hedge_tui.command.grammar.instruments import read_list, read_symbols
from hedge_tui.command.grammar.moments import read_moment
from hedge_tui.command.grammar.numbers import read_duration
from hedge_tui.command.refusal import missing, shown, twice, unknown_word
from hedge_tui.command.tokens import Kind, Token, without_quotes
from hedge_tui.command.words import NAME, NOT_SYMBOLS
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.command.ast.line import Line, Symbol
    from hedge_tui.command.ast.moment import Duration, Moment
    from hedge_tui.command.grammar.cursor import Cursor

    Nested = Callable[[Cursor, list[Token], int], Line]

ALARM_EXAMPLE = "alarm close > 65000 on BTC.p once"
RULE_EXAMPLE = "rule dip when rsi(close, 14) < 25 on BTC.p do { buy 500usd BTC.p }"
FIRING_WORDS = ("once", "repeat", "every", "for", "until")
_STOPS = frozenset({*FIRING_WORDS, "on", "do"})
_NOT_SYMBOLS = NOT_SYMBOLS | _STOPS
_ACTS = {act.value: act for act in WatcherAct}


def read_alarm(cur: Cursor, nested: Nested) -> Alarm | Watchers:
    """Read what follows `alarm`; `nested` reads the line inside `do { }`."""
    start = cur.here[0]
    if (management := _read_management(cur, "alarm")) is not None:
        return management
    condition = _read_condition(cur, ALARM_EXAMPLE)
    symbols, firing, action = _read_rest(cur, nested, ALARM_EXAMPLE)
    return Alarm(condition, symbols, firing, action, cur.since(start))


def read_rule(cur: Cursor, nested: Nested) -> Rule | Watchers:
    """Read what follows `rule`: NAME when CONDITION ... do { line }."""
    start = cur.here[0]
    if (management := _read_management(cur, "rule")) is not None:
        return management
    token = cur.take("the rule's name", RULE_EXAMPLE)
    if NAME.fullmatch(token.text) is None:
        raise CommandError(f"{shown(token.text)} is not a name", token.span, f"for example: {RULE_EXAMPLE}")
    if cur.accept("when") is None:
        raise missing("'when' with the condition", cur.here, RULE_EXAMPLE)
    condition = _read_condition(cur, RULE_EXAMPLE)
    symbols, firing, action = _read_rest(cur, nested, RULE_EXAMPLE)
    if action is None:
        raise missing("what the rule does: do { line }", cur.here, RULE_EXAMPLE)
    return Rule(token.text, condition, action, symbols, firing, cur.since(start))


def _read_management(cur: Cursor, verb: str) -> Watchers | None:
    """Read `list`, or pause, resume, remove with names; None when a condition or a name follows."""
    token = cur.peek()
    if token is None:
        if verb == "rule":
            raise missing("the rule's name", cur.here, RULE_EXAMPLE)
        raise missing("the condition", cur.here, ALARM_EXAMPLE)
    act = _ACTS.get(token.low)
    follower = cur.peek(1)
    if act is None or (follower is not None and not _may_be_name(follower)):
        return None
    cur.at += 1
    if act is WatcherAct.LIST:
        return Watchers(act, (), token.span)
    names: dict[str, None] = {}
    for text, span in read_list(cur, "a name, or all", f"{verb} {act.value} NAME"):
        if NAME.fullmatch(text) is None:
            raise CommandError(f"{shown(text)} is not a name", span, f"write {verb} {act.value} NAME, or all")
        if text in names:
            raise twice(text, span)
        names[text] = None
    return Watchers(act, tuple(names), cur.since(token.start))


def _may_be_name(token: Token) -> bool:
    """Whether a word can be a name after `pause`, and not the operator of a condition or a rule's when."""
    return (
        token.kind is Kind.WORD
        and token.low != "when"
        and (token.text[0].isalnum() or token.text[0] in "#_,")
    )


def _read_condition(cur: Cursor, example: str) -> Raw:
    """Take everything up to a trigger word that stands outside parentheses."""
    first = cur.peek()
    if first is None:
        raise missing("the condition", cur.here, example)
    depth = 0
    while (token := cur.peek()) is not None:
        if token.kind is not Kind.WORD or (depth <= 0 and token.low in _STOPS):
            break
        bare = without_quotes(token.text)
        depth += bare.count("(") - bare.count(")")
        cur.at += 1
    span = cur.since(first.start)
    if span[1] == first.start:
        raise missing("the condition", first.span, example)
    return Raw(cur.text[span[0] : span[1]], span)


def _read_rest(cur: Cursor, nested: Nested, example: str) -> tuple[tuple[Symbol, ...], Firing, Line | None]:
    symbols: tuple[Symbol, ...] = ()
    firing = _FiringReader()
    while (token := cur.peek()) is not None and token.low != "do":
        if token.low == "on" and not symbols:
            cur.at += 1
            symbols = read_symbols(cur, example, _NOT_SYMBOLS)
        elif not firing.read(cur, example):
            if token.kind is not Kind.WORD:
                raise CommandError("an action starts with do", token.span, "write do { line }")
            raise unknown_word(token.text, token.span, "a trigger word", (*FIRING_WORDS, "on", "do"), example)
    action = None
    if (word := cur.accept("do")) is not None:
        action = nested(cur, _block(cur, word), cur.depth + 1)
        if not cur.done:
            raise CommandError("nothing may follow the } of an action", cur.here, "join lines with ;")
    return symbols, firing.firing(), action


def _block(cur: Cursor, word: Token) -> list[Token]:
    """Take the tokens between the braces at the cursor."""
    opening = cur.peek()
    if opening is None or opening.kind is not Kind.OPEN:
        raise CommandError("'do' is followed by a line in braces", word.span, "write do { line }")
    depth, first = 0, cur.at + 1
    while (token := cur.peek()) is not None:
        cur.at += 1
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        if depth == 0:
            return [opening, *cur.tokens[first : cur.at - 1], token]
    raise CommandError("this { has no }", opening.span, "write do { line }")


class _FiringReader:
    """Collects the trigger words of one condition."""

    def __init__(self) -> None:
        self._repeat: Repeat | None = None
        self._every: Duration | None = None
        self._hold: Duration | None = None
        self._until: Moment | None = None
        self._start: int | None = None
        self._end = 0

    def read(self, cur: Cursor, example: str) -> bool:
        """Read one trigger word with its value if it stands at the cursor."""
        word = cur.accept(*FIRING_WORDS)
        if word is None:
            return False
        given = {"every": self._every, "for": self._hold, "until": self._until}.get(word.low, self._repeat)
        if given is not None:
            raise twice(word.text, word.span)
        if word.low in {"once", "repeat"}:
            self._repeat = Repeat(word.low)
        else:
            value = cur.take("a length of time", example)
            if word.low == "until":
                self._until = read_moment(value.text, value.span, "until 17:30")
            elif word.low == "every":
                self._every = read_duration(value.text, value.span, "every 5m")
            else:
                self._hold = read_duration(value.text, value.span, "for 30s")
        self._start = word.start if self._start is None else self._start
        self._end = cur.end
        return True

    def firing(self) -> Firing:
        """Everything read, as one node."""
        if self._start is None:
            return Firing()
        if self._repeat is Repeat.ONCE and self._every is not None:
            raise CommandError(
                "'every' has no meaning with 'once'", (self._start, self._end), "leave one of them out"
            )
        return Firing(self._repeat, self._every, self._hold, self._until, (self._start, self._end))
