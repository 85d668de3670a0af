"""Which instrument a typed symbol means."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hedge_tui.command import Ambiguous, Resolved, SymbolIndex, Unknown, resolve_symbol, symbol_error
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id

GRID = Grid(tick=Decimal("0.01"), lot=Decimal("0.001"))


def make(venue: str, symbol: str, raw: str, *, active: bool = True) -> Instrument:
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    settle, _, dated = settle.partition("-")
    kind = InstrumentKind.FUTURE if dated else InstrumentKind.PERPETUAL if settle else InstrumentKind.SPOT
    return Instrument(
        instrument_id(venue, symbol),
        raw,
        kind,
        base,
        quote,
        settle or quote,
        GRID,
        inverse=settle == base,
        active=active,
    )


INDEX = SymbolIndex(
    [
        make("binance", "BTC/USDT", "BTCUSDT"),
        make("binance", "BTC/USDC", "BTCUSDC"),
        make("binance", "ETH/USDT", "ETHUSDT"),
        make("binance", "ETH/BTC", "ETHBTC"),
        make("binance", "SOL/TRY", "SOLTRY"),
        make("binance", "SOL/BRL", "SOLBRL"),
        make("binanceusdm", "BTC/USDT:USDT", "BTCUSDT"),
        make("binanceusdm", "BTC/USDC:USDC", "BTCUSDC"),
        make("binanceusdm", "BTC/USDT:USDT-261225", "BTCUSDT_261225"),
        make("binanceusdm", "1000PEPE/USDT:USDT", "1000PEPEUSDT"),
        make("bybit", "BTC/USDT", "BTCUSDT"),
        make("bybit", "BTC/USDT:USDT", "BTCUSDT"),
        make("bybit", "BTC/USD:BTC", "BTCUSD"),
        make("bybit", "DOGE/USDT:USDT", "DOGEUSDT"),
        make("bybit", "OLD/USDT", "OLDUSDT", active=False),
        make("bybit", "OLD/USDT:USDT", "OLDUSDT"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "venue", "expected"),
    [
        ("BTC", "binance", "binance:BTC/USDT"),
        ("btc", "binanceusdm", "binanceusdm:BTC/USDT:USDT"),
        ("BTC.p", "binanceusdm", "binanceusdm:BTC/USDT:USDT"),
        ("BTC/USDC.p", "binanceusdm", "binanceusdm:BTC/USDC:USDC"),
        ("BTC/USDC", "binanceusdm", "binanceusdm:BTC/USDC:USDC"),
        ("BTC.s", "bybit", "bybit:BTC/USDT"),
        ("BTC.p", "bybit", "bybit:BTC/USDT:USDT"),
        ("BTC.i", "bybit", "bybit:BTC/USD:BTC"),
        ("BTC/USDT", "bybit", "bybit:BTC/USDT"),
        ("BTC/USDT:USDT", "bybit", "bybit:BTC/USDT:USDT"),
        ("BTCUSD", "bybit", "bybit:BTC/USD:BTC"),
        ("BTCUSDT.p", "bybit", "bybit:BTC/USDT:USDT"),
        ("btcusdt", "binance", "binance:BTC/USDT"),
        ("ETHBTC", "binance", "binance:ETH/BTC"),
        ("BTCUSDT_261225", "binanceusdm", "binanceusdm:BTC/USDT:USDT-261225"),
        ("BTC/USDT:USDT-261225", "binanceusdm", "binanceusdm:BTC/USDT:USDT-261225"),
        ("1000pepe.p", "binanceusdm", "binanceusdm:1000PEPE/USDT:USDT"),
        ("bybit:BTC/USDT:USDT", "binance", "bybit:BTC/USDT:USDT"),
        ("Bybit:btc.i", "binance", "bybit:BTC/USD:BTC"),
        ("binanceusdm:BTC/USDT:USDT", None, "binanceusdm:BTC/USDT:USDT"),
        ("DOGE", None, "bybit:DOGE/USDT:USDT"),
        ("OLD", "bybit", "bybit:OLD/USDT:USDT"),
        ("OLD/USDT", "bybit", "bybit:OLD/USDT"),
    ],
)
def test_resolved(typed: str, venue: str | None, expected: str) -> None:
    result = resolve_symbol(typed, INDEX, venue)
    assert isinstance(result, Resolved)
    assert result.id == expected


@pytest.mark.parametrize(
    ("typed", "venue", "readings"),
    [
        ("BTC", "bybit", ["BTC.s", "BTC.p", "BTC.i"]),
        ("BTCUSDT", "bybit", ["BTC.s", "BTC.p"]),
        ("SOL", "binance", ["SOL/TRY", "SOL/BRL"]),
        ("BTC/USDC", None, ["binance:BTC/USDC", "binanceusdm:BTC/USDC:USDC"]),
    ],
)
def test_ambiguous(typed: str, venue: str | None, readings: list[str]) -> None:
    result = resolve_symbol(typed, INDEX, venue)
    assert isinstance(result, Ambiguous)
    shown = [reading.partition(" ")[0] for reading in result.readings]
    assert [one.removesuffix(".s") for one in shown] == [one.removesuffix(".s") for one in readings]
    for one, candidate in zip(shown, result.candidates, strict=True):
        again = resolve_symbol(one, INDEX, venue)
        assert isinstance(again, Resolved)
        assert again.id == candidate
    error = symbol_error(result, (4, 7))
    assert error.span == (4, 7)
    assert error.readings == result.readings


def test_unknown_names_the_three_nearest() -> None:
    result = resolve_symbol("BTTC.p", INDEX, "binanceusdm")
    assert isinstance(result, Unknown)
    assert result.nearest[0] == "BTC.p"
    assert len(result.nearest) == 3
    assert "nearest: BTC.p" in symbol_error(result, (0, 6)).hint


def test_unknown_pairs_and_venues_name_the_nearest() -> None:
    pair = resolve_symbol("BTC/UDST", INDEX, "binance")
    assert isinstance(pair, Unknown)
    assert pair.nearest[0] == "BTC/USDT"
    venue = resolve_symbol("binanec:BTC/USDT", INDEX, "bybit")
    assert isinstance(venue, Unknown)
    assert "binance:BTC/USDT" in venue.nearest


def test_another_venue_is_named_and_never_chosen() -> None:
    result = resolve_symbol("DOGE", INDEX, "binance")
    assert isinstance(result, Unknown)
    assert result.elsewhere == ("bybit:DOGE/USDT:USDT",)
    assert "it exists as bybit:DOGE/USDT:USDT" in symbol_error(result, (0, 4)).hint


def test_a_venue_without_instruments_knows_nothing() -> None:
    result = resolve_symbol("BTC", INDEX, "kraken")
    assert isinstance(result, Unknown)
    assert "on kraken" in symbol_error(result, (0, 3)).message


def test_words_for_completion_all_resolve() -> None:
    for venue in ("binance", "binanceusdm", "bybit"):
        for word in INDEX.words(venue):
            assert not isinstance(resolve_symbol(word, INDEX, venue), Unknown), word
