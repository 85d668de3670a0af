"""Which instruments a feed worker follows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.via_ccxt.followed import EVERYTHING, Followed, choose
from adapters.via_ccxt.known_venues import known_venues
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id


def instrument(symbol: str, *, active: bool = True) -> Instrument:
    base, quote = symbol.split("/")
    grid = Grid(Decimal("0.1"), Decimal("0.001"))
    return Instrument(
        instrument_id("binance", symbol),
        base + quote,
        InstrumentKind.SPOT,
        base,
        quote,
        quote,
        grid,
        active=active,
    )


LISTED = [instrument(s) for s in ("ETH/USDT", "BTC/USDT", "BTC/EUR", "XRP/USDT")]
LISTED.append(instrument("OLD/USDT", active=False))


async def never() -> Any:
    raise AssertionError("turnovers were asked for nothing")


async def volumes() -> Any:
    return {
        "BTC/USDT": {"quoteVolume": "9"},
        "XRP/USDT": {"quoteVolume": 5.0},
        "ETH/USDT": {"quoteVolume": None},
    }


@pytest.mark.parametrize(
    ("followed", "expected"),
    [
        (EVERYTHING, "ETH/USDT BTC/USDT BTC/EUR XRP/USDT"),
        (Followed(globs=("BTC/*",)), "BTC/USDT BTC/EUR"),
        (Followed(globs=("BTC/*", "X*")), "BTC/USDT BTC/EUR XRP/USDT"),
        (Followed(quotes=("EUR",)), "BTC/EUR"),
        (Followed(globs=("DOGE/*",)), ""),
        (Followed(most=4), "ETH/USDT BTC/USDT BTC/EUR XRP/USDT"),
    ],
)
async def test_globs_and_quotes(followed: Followed, expected: str) -> None:
    assert [i.symbol for i in await choose(LISTED, (), followed, never)] == expected.split()


async def test_the_largest_turnovers_in_the_order_listed() -> None:
    found = await choose(LISTED, (), Followed(most=2), volumes)
    assert [i.symbol for i in found] == ["BTC/USDT", "XRP/USDT"]


async def test_without_turnovers_the_first_listed() -> None:
    async def dead() -> Any:
        raise Unavailable("no answer")

    found = await choose(LISTED, (), Followed(most=2), dead)
    assert [i.symbol for i in found] == ["ETH/USDT", "BTC/USDT"]


async def test_named_symbols_are_followed_whatever_else() -> None:
    assert [i.symbol for i in await choose(LISTED, ("OLD/USDT",), Followed(most=1), never)] == ["OLD/USDT"]


def test_venues_are_known_without_importing_ccxt() -> None:
    assert {"binance", "binanceusdm", "bybit", "okx", "kraken"} <= known_venues()
    assert "__init__" not in known_venues()
