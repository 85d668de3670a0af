"""File names: what venues call things never becomes a path of its own, and no two series share one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.domain.candle import Timeframe
from store.history.layout import (
    candle_folder,
    candle_period,
    encode_name,
    encode_symbol,
    equity_folder,
    period_range_us,
)


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("BTC/USDT:USDT", "BTC-USDT-USDT"),
        ("ETH/BTC", "ETH-BTC"),
        ("1000SHIB/USDT:USDT", "1000SHIB-USDT-USDT"),
        ("BTC/USD:BTC-241227", "BTC-USD-BTC-241227"),
        ("BTC/USD:BTC-241227-60000-C", "BTC-USD-BTC-241227-60000-C"),
    ],
)
def test_usual_symbols_read_as_the_design_says(symbol: str, name: str) -> None:
    assert encode_symbol(symbol) == name
    assert candle_folder("binanceusdm", symbol, Timeframe.M1) == f"candles/v=binanceusdm/s={name}/tf=1m"


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", ".", "", "a/b", "a\\b", "a\0b", "币安人生/USDT", "-rf", "~", "x" * 300, "a=b"],
)
def test_hostile_names_stay_inside_their_folder(name: str) -> None:
    for path in (candle_folder(name, name, Timeframe.D1), equity_folder(name)):
        parts = PurePosixPath(path).parts
        assert len(parts) == (4 if path.startswith("candles") else 2)
        assert not {"..", "."} & set(parts)
        assert path.isascii()
        assert path.isprintable()
        assert max(map(len, parts)) < 120


def test_names_that_differ_only_in_case_or_marks_do_not_collide() -> None:
    symbols = [
        "KPEPE/USDC:USDC",
        "kPEPE/USDC:USDC",
        "BTC/USDT:USDT",
        "BTC-USDT/USDT",
        "BTC/USDT/USDT",
        "BTC-USDT-USDT",
    ]
    assert len({encode_symbol(symbol).lower() for symbol in symbols}) == len(symbols)
    assert encode_name("Desk") != "desk"
    assert encode_name("Desk").lower() != encode_name("desk")


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_symbols_never_share_a_name(left: str, right: str) -> None:
    assert (encode_symbol(left) == encode_symbol(right)) == (left == right)
    assert (encode_name(left) == encode_name(right)) == (left == right)


def at_us(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("timeframe", "period"),
    [("1m", "2024-12"), ("5m", "2024-12"), ("15m", "2024"), ("4h", "2024"), ("6h", "all"), ("1d", "all")],
)
def test_a_file_holds_a_month_a_year_or_everything(timeframe: str, period: str) -> None:
    last = at_us(2024, 12, 31, 23, 59)
    assert candle_period(Timeframe(timeframe), last) == period
    first_us, until_us = period_range_us(period)
    assert first_us <= last < until_us


def test_periods_meet_without_overlap() -> None:
    assert period_range_us("2024-12")[1] == period_range_us("2025-01")[0] == at_us(2025, 1, 1)
    assert period_range_us("2024") == (at_us(2024, 1, 1), at_us(2025, 1, 1))
    assert candle_period(Timeframe.M1, at_us(2025, 1, 1) - 1) == "2024-12"
    assert candle_period(Timeframe.M1, at_us(1969, 12, 31)) == "1969-12"
