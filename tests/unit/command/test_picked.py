"""The word `picked`: written out as names wherever symbols or orders are listed, and nowhere else."""

from __future__ import annotations

import pytest

from hedge_tui.command import parse_expanded
from hedge_tui.domain.errors import CommandError

NAMES = ("binanceusdm:BTC/USDT:USDT", "binance:ETH/USDT")
JOINED = ",".join(NAMES)


def written(typed: str, names: tuple[str, ...] = NAMES, **aliases: str) -> str:
    return parse_expanded(typed, aliases, names).expansion.text


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("buy 100usd/each picked", f"buy 100usd/each {JOINED}"),
        ("@core sell 100usd/each PICKED at ask post", f"@core sell 100usd/each {JOINED} at ask post"),
        ("buy 100usd/each SOL.p,picked", f"buy 100usd/each SOL.p,{JOINED}"),
        ("buy 100usd/each SOL.p, picked", f"buy 100usd/each SOL.p, {JOINED}"),
        ("close picked 50%", f"close {JOINED} 50%"),
        ("cancel picked ; buy 5usd/each picked", f"cancel {JOINED} ; buy 5usd/each {JOINED}"),
        ("watch picked", f"watch {JOINED}"),
        ("note picked these today", "note picked these today"),
        ("alias dip { buy $1 picked }", "alias dip { buy $1 picked }"),
        ("buy 100usd PICKED/USDT", "buy 100usd PICKED/USDT"),
    ],
)
def test_where_it_is_written_out(typed: str, becomes: str):
    assert written(typed) == becomes


def test_an_alias_may_hold_the_word():
    assert written("dip 50usd", dip="buy $1/each picked at bid-1%") == f"buy 50usd/each {JOINED} at bid-1%"


def test_without_rows_the_word_itself_is_blamed():
    with pytest.raises(CommandError, match="nothing is picked") as raised:
        written("buy 100usd/each picked at bid", names=())
    assert raised.value.span == (16, 22)


def test_a_mistake_elsewhere_is_blamed_where_it_was_typed():
    with pytest.raises(CommandError) as raised:
        written("buy 100usd/each picked at bidd")
    assert raised.value.span == (26, 30)
    assert "picked is binanceusdm:BTC/USDT:USDT, binance:ETH/USDT" in raised.value.hint


def test_a_size_over_several_rows_must_say_how_it_is_shared():
    with pytest.raises(CommandError) as raised:
        written("buy 100usd picked")
    assert raised.value.span == (4, 10)


def test_too_many_rows_for_a_line():
    with pytest.raises(CommandError, match="with 400 picked rows"):
        written("buy 1usd/each picked", names=tuple(f"binanceusdm:COIN{n}/USDT:USDT" for n in range(400)))


def test_the_same_row_twice_is_refused_as_ever():
    with pytest.raises(CommandError, match="twice"):
        written("buy 100usd/each binance:ETH/USDT,picked")
