"""Aliases are written out with their values, and mistakes point at what was typed."""

from __future__ import annotations

import pytest

from hedge_tui.command import expand, parse, parse_expanded
from hedge_tui.command.aliases import check_parameters
from hedge_tui.domain.errors import CommandError

ALIASES = {
    "dip": "buy $1 BTC.p at bid-1% post",
    "out": "cancel BTC.p ; close BTC.p",
    "remark": "note $*",
    "mine": "@desk-1 cancel all",
    "twice": "dip $1 ; dip $2",
    "loop": "pool",
    "pool": "loop",
    "broken": "buy 500usd BTC.p psot",
    "half": "close $1 50%",
}


def text(typed: str) -> str:
    return expand(typed, ALIASES).text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("dip 500usd", "buy 500usd BTC.p at bid-1% post"),
        ("DIP 500usd", "buy 500usd BTC.p at bid-1% post"),
        ("dip 500usd ?", "buy 500usd BTC.p at bid-1% post ?"),
        ("dip 500usd!", "buy 500usd BTC.p at bid-1% post !"),
        ("@core dip 500usd", "@core buy 500usd BTC.p at bid-1% post"),
        ("@core,desk-9 out ?", "@core,desk-9 cancel BTC.p ? ; @core,desk-9 close BTC.p ?"),
        ("out", "cancel BTC.p ; close BTC.p"),
        ("out ; panic", "cancel BTC.p ; close BTC.p ; panic"),
        ("remark late again #bad", "note late again #bad"),
        ("@core remark late ?", "@core note late"),
        ("twice 1usd 2usd", "buy 1usd BTC.p at bid-1% post ; buy 2usd BTC.p at bid-1% post"),
        ("cancel all && dip 500usd", "cancel all && buy 500usd BTC.p at bid-1% post"),
        (
            "alarm dip > 1 do { @core dip 500usd }",
            "alarm dip > 1 do { @core buy 500usd BTC.p at bid-1% post }",
        ),
        ("alias x { dip 500usd }", "alias x { dip 500usd }"),
        ("note dip", "note dip"),
        ("buy 500usd dip", "buy 500usd dip"),
    ],
)
def test_written_out(typed: str, written: str) -> None:
    assert text(typed).replace("  ", " ") == written


def test_without_aliases_nothing_changes() -> None:
    line = "buy 500usd BTC.p"
    assert expand(line, {}).text is line
    assert expand(line, ALIASES).text is line


def blamed(typed: str) -> tuple[str, CommandError]:
    with pytest.raises(CommandError) as caught:
        parse_expanded(typed, ALIASES)
    start, end = caught.value.span
    return typed[start:end], caught.value


@pytest.mark.parametrize(
    ("typed", "at", "said"),
    [
        ("dip", "dip", "needs 1 value, 0 given"),
        ("dip 1usd 2usd", "2usd", "one too many"),
        ("out 5", "5", "takes no values"),
        ("dip 0.5", "0.5", "a quantity, a worth or a price"),
        ("@core ; dip 5", "@core", ""),
        ("cancel all ; broken", "broken", "'psot' is not a word"),
        ("loop", "loop", "calls itself: loop > pool > loop"),
        ("@core mine", "mine", "names its own accounts"),
        ("panic && out", "panic && out", "cannot stand among others"),
        ("dip 5 {", "{", "has no }"),
    ],
)
def test_blame(typed: str, at: str, said: str) -> None:
    found, error = blamed(typed)
    if said:
        assert found == at
        assert said in error.message


def test_the_hint_shows_what_the_alias_became() -> None:
    assert "buy 500usd BTC.p psot" in blamed("broken")[1].hint


def test_spans_of_the_tree_lead_back_to_the_typed_text() -> None:
    typed = "@core half ETH.p"
    parsed = parse_expanded(typed, ALIASES)
    assert parsed.line == parse("@core close ETH.p 50%")
    symbol = parsed.line.cmds[0].body.symbols[0]  # type: ignore[union-attr]
    start, end = parsed.expansion.origin(symbol.span)
    assert typed[start:end] == "ETH.p"
    start, end = parsed.expansion.origin(parsed.line.cmds[0].verb_span)
    assert typed[start:end] == "half"


def test_nesting_ends_after_eight() -> None:
    chain = {f"a{n}": f"a{n + 1}" for n in range(12)} | {"a12": "cancel all"}
    with pytest.raises(CommandError, match="more than 8 aliases"):
        expand("a0", chain)
    assert expand("a5", chain).text == "cancel all"


def test_an_alias_that_grows_without_end_is_stopped() -> None:
    chain = {f"a{n}": " ; ".join([f"a{n + 1}"] * 50) for n in range(7)} | {"a7": "cancel all"}
    with pytest.raises(CommandError, match="more than 8000 characters"):
        expand("a0", chain)


@pytest.mark.parametrize(
    ("body", "highest"), [("cancel all", 0), ("buy $1 $2", 2), ("note $* $1", 1), ("buy $500 $1", 1)]
)
def test_parameters(body: str, highest: int) -> None:
    assert check_parameters(body, (0, 1)) == highest


def test_quotes_around_the_line_of_an_alias_are_not_part_of_it():
    for text in ('alias dip = "buy $1 BTC.p at bid post"', "alias dip = buy $1 BTC.p at bid post"):
        body = parse(text).cmds[0].body
        assert body.body.text == "buy $1 BTC.p at bid post"
        assert text[slice(*body.body.span)] == body.body.text
    kept = parse('alias say = note "a" and "b"').cmds[0].body
    assert kept.body.text == 'note "a" and "b"'


@pytest.mark.parametrize("text", ["alias a { buy 1btc BTC } x", "ALIAS 0{}0", "alias a {b} {c}"])
def test_nothing_follows_the_closing_brace(text):
    with pytest.raises(CommandError, match="ends with its closing brace"):
        parse(text)
