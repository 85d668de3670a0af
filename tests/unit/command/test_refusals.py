"""Every refusal points at the right characters and says what would work."""

from __future__ import annotations

import pytest

from hedge_tui.command import parse
from hedge_tui.domain.errors import CommandError


def refuse(text: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        parse(text)
    return caught.value


def pointed(text: str) -> str:
    start, end = refuse(text).span
    return text[start:end]


@pytest.mark.parametrize(
    ("text", "at", "said", "hint"),
    [
        ("", "", "nothing was typed", "buy 500usd"),
        ("byu 500usd BTC.p", "byu", "not a command", "did you mean buy?"),
        ("long 500usd BTC.p", "long", "not a command here", "buy 500usd BTC.p long"),
        ("500usd BTC.p", "500usd", "buy or sell comes first", "buy 500usd BTC.p"),
        ("buy", "", "a size is missing", "buy 500usd"),
        ("buy BTC.p 500usd", "BTC.p", "size comes before the symbol", "buy 500usd"),
        ("buy 500usd", "", "a symbol is missing", "buy 500usd"),
        ("buy 500usd at 64000", "at", "the symbol is missing before 'at'", "AT/USDT"),
        ("buy 500usd BTC.p at", "", "a price is missing", "at 64000"),
        ("buy 500usd BTC.p at market", "market", "a market order has no price", "leave out"),
        ("buy 500usd BTC.p @ 64000", "@", "a price follows 'at'", "at 64000"),
        ("buy 500usd BTC.p limit 64000", "limit", "no word of an order", "at 64000"),
        ("buy 500usd BTC.p psot", "psot", "not a word of an order", "post"),
        ("buy 500usd BTC.p ETH.p", "ETH.p", "not a word of an order", "BTC.p,ETH.p"),
        ("buy 500usd BTC.p /each", "/each", "right after the size", "500usd/each"),
        ("buy 500usd/evch BTC.p", "/evch", "not a way to share", "/each"),
        ("buy 500usd BTC.p gtd 30m", "gtd", "with a colon", "gtd:30m"),
        ("buy 500usd BTC.p post", "post", "an order that rests", "at bid"),
        ("buy 500usd BTC.p at bid post ioc", "ioc", "contradicts 'post'", "leave out"),
        ("buy 500usd BTC.p at bid ioc fok", "fok", "contradicts 'ioc'", "leave out"),
        ("buy 500usd BTC.p post at bid post", "post", "said twice", "leave one"),
        ("buy 500usd BTC.p stop:1 trig:2", "trig:2", "one trigger", "leave out"),
        ("buy 500usd BTC.p iso cross", "cross", "contradicts 'iso'", "leave out"),
        ("buy 500usd BTC.p long short", "short", "contradicts 'long'", "leave out"),
        ("buy 500usd BTC.p trail 1% ts 2% 1%", "ts", "contradicts 'trail'", "leave out"),
        ("buy 500usd BTC.p chase twap 5 over 1h", "twap", "worked in one way", "leave out"),
        ("buy 500usd BTC.p at mid scale 9 from 1 to 2", "at mid", "its own prices", "from P to P"),
        ("buy 500usd BTC.p scale 20", "", "'from' with the first price", "scale 20 from"),
        ("buy 500usd BTC.p scale 1 from 1 to 2", "1", "the least is 2", "scale 20"),
        ("buy 500usd BTC.p scale 9 from 1 to 1", "1", "same price", "scale 20"),
        ("buy 500usd BTC.p twap 10 over 30m jitter 20", "20", "has no %", "20%"),
        ("buy 500usd BTC.p iceberg 10%", "iceberg 10%", "'at' is missing", "at 64000"),
        ("buy 500usd BTC.p tp -6%", "-6%", "tp of a buy lies above", "tp 6%"),
        ("sell 500usd BTC.p sl -6%", "-6%", "sl of a sell lies above", "sl 4%"),
        ("buy 500usd BTC.p sl 4%@index", "@index", "not a trigger source", "sl 4%@mark"),
        ("buy 500usd BTC.p reduce sl 4%", "sl 4%", "opens nothing to protect", "leave out reduce"),
        ("buy risk:50usd BTC.p", "risk:50usd", "sl is missing", "sl 4%"),
        ("buy -0.5btc BTC.p", "-0.5btc", "no sign", "buy 500usd"),
        ("buy 0btc BTC.p", "0btc", "zero", "buy 500usd"),
        ("buy 500usd BTC.p at 0", "0", "zero", "at 64000"),
        ("buy 0,5btc BTC.p", "0,5btc", "decimals take a point", "0.5"),
        ("buy 1e5usd BTC.p", "1e5usd", "not a size", "number and its unit"),
        ("buy $500usd BTC.p", "$500usd", "the unit already", "$500"),
        ("buy 500usd BTC.p,btc.P", "btc.P", "said twice", "leave one"),
        ("buy 500usd BTC.p lev:0", "0", "outside 1 to 1000", "lev:5"),
        ("buy 500usd BTC.p at bid gtd:25:00", "25:00", "no time of day", "gtd:30m"),
        ("buy 500usd BTC.p at bid gtd:2026-02-30T10:00", "2026-02-30T10:00", "does not exist", "gtd:30m"),
        ("@a,a cancel all", "a", "said twice", "leave one"),
        ("@ cancel all", "", "right after the @", "@desk-1"),
        ("@a @b cancel all", "@b", "one scope", "@a,b"),
        ("@desk-1 chart BTC.p", "@desk-1", "works on no account", "leave out"),
        ("chart BTC.p ?", "?", "no preview", "leave it out"),
        ("buy 500usd BTC.p?!", "!", "one ? or one !", "previews only"),
        ("amend BTC.p at 64000", "BTC.p", "does not name one order", "amend #3"),
        ("amend #3", "", "'to' a size or 'at' a price", "amend #3"),
        ("cancel #scalp", "#scalp", "rows are numbers", "@#scalp cancel all"),
        ("cancel #0", "#0", "count upwards from 1", "cancel"),
        ("close BTC.p at ask", "at", "close has no price", "chase"),
        ("close BTC.p 0.5btc", "0.5btc", "expected a percentage", "sell 0.5btc"),
        ("sell all BTC.p", "all", "not a size", "100%pos"),
        ("equalise 4f2a", "4f2a", "run:ID", "run:4f2a"),
        ("arm 5m", "", "'cap'", "arm 5m cap 5kusd"),
        ("arm 5m cap 5btc", "5btc", "not money", "usd"),
        ("lev BTC.p iso", "", "the leverage is missing", "margin BTC.p iso"),
        ("alarm close > 5 do { byu 1usd BTC }", "byu", "not a command", "buy"),
        ("alarm close > 5 do buy", "do", "line in braces", "do { line }"),
        ("alarm close > 5 do { cancel all", "{", "has no }", "do { line }"),
        ("cancel all }", "}", "closes nothing", "do { line }"),
        ("rule dip when a > 1", "", "what the rule does", "do { buy"),
        ("cancel all ;", ";", "missing after ';'", "cancel"),
        ("; cancel all", ";", "missing before ';'", "cancel"),
        ('note "open', '"open', "no end", "quotes"),
        ("buy 500usd BTC.p\ncancel all", "\n", "line break", ";"),
        ("buy 500usd BTC\u202e.p", "\u202e", "U+202E", "instead of pasting"),
        ("alias buy { x }", "buy", "cannot be an alias", "another name"),
    ],
)
def test_where_and_what(text: str, at: str, said: str, hint: str) -> None:
    error = refuse(text)
    start, end = error.span
    assert text[start:end] == at
    assert said in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "at", "readings"),
    [
        ("buy 0.5 BTC.p", "0.5", ["0.5btc", "0.5usd", "at 0.5"]),
        ("buy 2 eth", "2", ["2eth", "2usd", "at 2"]),
        ("buy 500usd BTC.p 64000", "64000", ["at 64000", "tp 64000", "sl 64000"]),
        ("buy 10% BTC.p", "10%", ["10%free", "10%eq", "10%pos"]),
        ("buy 2m usd BTC.p", "2m usd", ["2mmusd", "2kusd"]),
        ("buy 2Musd BTC.p", "2Musd", ["2mmusd", "2kusd"]),
        ("buy 500usd BTC.p at 1m", "1m", ["1mm", "1k"]),
        ("buy 5kava ETH.p", "5kava", ["5 kava", "5k ava"]),
        ("buy 1,000usd BTC.p", "1,000usd", ["1000", "1.000"]),
        ("buy 500usd BTC.p at -1%", "-1%", ["bid-1%", "ask-1%", "mid-1%"]),
        ("buy 500usd BTC.p trail 20", "20", ["20%", "20t", "20bp"]),
        ("buy 500usd BTC.p stop 62000", "stop", ["stop:62000", "sl 62000"]),
        ("buy 1btc BTC.p twap 9 over 30", "30", ["30s", "30m", "30h"]),
        ("buy 500usd BTC.p at bid gtd:2026-11-30", "2026-11-30", ["2026-11-30T00:00", "2026-11-30T23:59"]),
        ("buy 500usd BTC.p at mid chase", "at mid", ["chase to P", "at P without chase"]),
        ("@a,b buy 500usd BTC.p", "500usd", ["500usd/each", "500usd/split"]),
        ("buy 500usd BTC.p,ETH.p", "500usd", ["500usd/each", "500usd/split"]),
        (
            "@a,b buy 500usd/split:eq BTC.p,ETH.p",
            "/split:eq",
            ["500usd/split:eq/each:sym", "500usd/split:eq/split:sym"],
        ),
        ("cancel", "", ["cancel all", "cancel BTC.p", "cancel buys", "cancel #3"]),
        ("close", "", ["close all", "close BTC.p", "close longs"]),
        ("flatten", "", ["flatten all", "flatten BTC.p"]),
        ("amend #3 64000", "64000", ["to 64000", "at 64000"]),
        ("@desk-1 panic", "@desk-1", ["panic", "@desk-1 cancel all"]),
        ("alias x = a ; b", ";", ["alias x { a ; b }", "alias x { a } ; b"]),
        ("alias x { buy $1k BTC.p }", "buy $1k BTC.p", ["1kusd", "$1"]),
        ("alias x { buy $5 BTC.p }", "buy $5 BTC.p", ["5usd", "$5"]),
        ("chart 1M", "1M", ["1m", "1mo"]),
        ("close BTC.p 50", "50", ["50%", "sell 50btc"]),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_the_readings(
    text: str, at: str, readings: list[str]
) -> None:
    error = refuse(text)
    assert text[error.span[0] : error.span[1]] == at
    assert len(error.readings) == len(readings)
    for shown, expected in zip(error.readings, readings, strict=True):
        assert shown.startswith(expected)


def test_a_dollar_sign_eaten_by_the_shell_is_explained() -> None:
    assert "500usd instead of $500" in refuse("buy 00 BTC.p").hint


def test_too_long_a_line_is_refused() -> None:
    assert "8000" in refuse("note " + "x" * 9_000).message


def test_too_many_actions_inside_one_another_are_refused() -> None:
    line = "cancel all"
    for _ in range(5):
        line = f"alarm a > 1 do {{ {line} }}"
    assert "more than 4 actions" in refuse(line).message


def test_messages_show_long_words_cut() -> None:
    error = refuse("buy 500usd " + "-" * 200)
    assert len(error.message) < 120
