"""Whatever is typed, the parser answers with a tree or a CommandError whose span lies in the text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedge_tui.command import Vocabulary, complete, parse, parse_expanded, to_text
from hedge_tui.command.ast import Line
from hedge_tui.command.help import HELP
from hedge_tui.domain.errors import CommandError

# fmt: off
WORDS = (
    "buy", "sell", "b", "s", "cancel", "amend", "close", "flatten", "hedge", "equalise", "panic", "flat",
    "abort",
    "arm", "disarm", "alarm", "rule", "note", "tag", "draw", "ind", "chart", "watch", "lev", "margin",
    "account", "session", "start", "set", "alias", "help", "500usd", "0.5btc", "2k", "usd", "$500",
    "10%free", "10%eq", "50%pos", "risk:50usd", "=0.5btc", "=-2kusd", "0.5", "10%", "2m", "5kava",
    "1,000usd", "BTC", "BTC.p", "BTC/USDT:USDT", "ETH.p,", "binanceusdm:BTC/USDT:USDT", "at", "bid-2t",
    "mid", "-", "0.2%", "+5bp", "ask", "mark", "last", "entry", "line:TL3", "64000", "scale", "20",
    "from", "to", "geo", "linear", "skew", "3", "twap", "12", "over", "30m", "jitter", "20%", "chase",
    "iceberg", "0.1btc", "swarm", "8", "tp", "6%", "sl", "4%@mark", "trail", "1%", "ts", "2%", "0.5%",
    "@last", "post", "ioc", "fok", "gtd:30m", "gtd:17:30", "reduce", "stop:62000", "trig:1@mark",
    "lev:5", "iso", "cross", "long", "short", ";", "&", "&&", "then", "?", "!", "do", "{", "}", "once",
    "every", "for", "until", "on", "when", "=", "all", "buys", "longs", "#3", "#1-4", "#tag", "id:4f2a",
    "run:9b", "@desk-1", "@core,desk-2", "@#scalp", "@all", "/each", "/split:eq", ",", '"', "$1", "$*",
    "off", "as", "pane",
)
# fmt: on
LINES = [example.line for text in HELP.values() for example in text.examples]

anything = st.text(max_size=60)
word_salad = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
glued = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(["", " ", "  "])), max_size=12).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good line with a stretch of it cut, doubled or replaced."""
    line = draw(st.sampled_from(LINES))
    start = draw(st.integers(0, len(line)))
    end = draw(st.integers(start, min(len(line), start + 6)))
    middle = draw(
        st.one_of(st.just(""), st.just(line[start:end] * 2), st.text(max_size=3), st.sampled_from(WORDS))
    )
    return line[:start] + middle + line[end:]


T = TypeVar("T")
lines = st.one_of(anything, word_salad, glued, damaged())


def read(reader: Callable[[], T]) -> tuple[T | None, CommandError | None]:
    """What `reader` returns, or the CommandError it raises; anything else passes through."""
    try:
        return reader(), None
    except CommandError as error:
        return None, error


def spans_of(node: Any) -> list[tuple[int, int]]:
    if isinstance(node, tuple):
        return [span for item in node for span in spans_of(item)]
    if not dataclasses.is_dataclass(node):
        return []
    found = []
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if field.name.endswith("span"):
            found.append(value)
        elif field.name != "spans":
            found += spans_of(value)
    return found


def check_spans(line: Line, text: str) -> None:
    for start, end in spans_of(line):
        assert 0 <= start <= end <= len(text)


@settings(max_examples=600, deadline=None)
@given(lines)
def test_only_command_errors_and_spans_inside_the_text(text: str) -> None:
    line, error = read(lambda: parse(text))
    if line is not None:
        check_spans(line, text)
    if error is not None:
        assert 0 <= error.span[0] <= error.span[1] <= len(text)
        assert error.message


@settings(max_examples=500, deadline=None)
@given(lines)
def test_what_parses_has_a_canonical_text_that_parses_to_the_same(text: str) -> None:
    try:
        line = parse(text)
    except CommandError:
        return
    written = to_text(line)
    assert parse(written) == line
    assert to_text(parse(written)) == written


@settings(max_examples=300, deadline=None)
@given(lines, st.dictionaries(st.sampled_from(["dip", "out", "buy", "x"]), lines, max_size=3), st.data())
def test_aliases_never_break_the_promise(text: str, aliases: dict[str, str], data: st.DataObject) -> None:
    line = data.draw(st.sampled_from([text, f"dip {text}", f"@core x ; {text}", f"out 500usd {text} !"]))
    parsed, error = read(lambda: parse_expanded(line, aliases))
    spans = [error.span] if error is not None else []
    if parsed is not None:
        spans = [parsed.expansion.origin(span) for span in spans_of(parsed.line)]
    assert all(0 <= start <= end <= len(line) for start, end in spans)


VOCABULARY = Vocabulary(
    accounts=("desk-1", "desk-2"),
    groups=("core",),
    tags=("scalp",),
    venues=("binance", "binanceusdm"),
    symbols=("BTC.p", "ETH.p", "BTC/USDT:USDT", "binance:BTC/USDT"),
    aliases=("dip",),
    settings=("theme",),
    drawings=("TL3",),
    watchers=("dip",),
    runs=("9b1c",),
)


@settings(max_examples=400, deadline=None)
@given(lines, st.integers(-3, 80))
def test_completion_never_raises_and_replaces_inside_the_text(text: str, cursor: int) -> None:
    for completion in complete(text, cursor, VOCABULARY):
        assert 0 <= completion.start <= completion.end <= len(text)
        assert completion.text


@pytest.mark.parametrize("line", LINES)
def test_every_prefix_of_every_example_is_answered(line: str) -> None:
    for end in range(len(line) + 1):
        complete(line[:end], end, VOCABULARY)
        _, error = read(lambda end=end: parse(line[:end]))
        assert error is None or 0 <= error.span[0] <= error.span[1] <= end
