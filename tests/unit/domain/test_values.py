"""Rounding, candles, timeframes and secrets."""

from __future__ import annotations

import copy
import pickle
import traceback
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.order import Side
from hedge_tui.domain.rounding import ceil_to, floor_to, price_on_grid
from hedge_tui.domain.secret import Secret

D = Decimal


@pytest.mark.parametrize(
    ("value", "step", "down", "up"),
    [
        ("1.0049", "0.001", "1.004", "1.005"),
        ("1.005", "0.001", "1.005", "1.005"),
        ("120000", "10", "120000", "120000"),
        ("120001", "10", "120000", "120010"),
        ("0.00000001", "0.00000001", "1E-8", "1E-8"),
        ("7.3", "0.5", "7.0", "7.5"),
        ("0.0004", "0.001", "0.000", "0.001"),
    ],
)
def test_rounding(value: str, step: str, down: str, up: str) -> None:
    assert floor_to(D(value), D(step)) == D(down)
    assert ceil_to(D(value), D(step)) == D(up)


def test_rounded_numbers_are_written_plainly() -> None:
    assert str(floor_to(D("123456"), D("1E+2"))) == "123400"
    assert "E" not in f"{floor_to(D('0.00000123'), D('1E-8')):f}"


def test_a_venue_without_a_step_keeps_the_number() -> None:
    assert floor_to(D("1.23456"), D(0)) == D("1.23456")


def test_no_price_is_worse_than_typed() -> None:
    assert price_on_grid(Side.BUY, D("64000.19"), D("0.1")) == D("64000.1")
    assert price_on_grid(Side.SELL, D("64000.11"), D("0.1")) == D("64000.2")


@pytest.mark.parametrize(
    ("timeframe", "at", "opens"),
    [
        ("1m", "2026-03-01T12:34:56", "2026-03-01T12:34:00"),
        ("4h", "2026-03-01T11:59:59", "2026-03-01T08:00:00"),
        ("1d", "2026-03-01T00:00:00", "2026-03-01T00:00:00"),
        ("1w", "2026-11-22T23:59:59", "2026-11-16T00:00:00"),  # a Sunday: the week began on Monday
        ("1w", "2026-11-23T00:00:00", "2026-11-23T00:00:00"),
    ],
)
def test_the_candle_that_holds_a_moment(timeframe: str, at: str, opens: str) -> None:
    assert Timeframe(timeframe).open_of(_ns(at)) == _ns(opens)


def test_a_candle_is_half_open() -> None:
    for timeframe in Timeframe:
        opened = timeframe.open_of(_ns("2026-11-20T10:00:00"))
        assert timeframe.open_of(opened) == opened
        assert timeframe.open_of(opened + timeframe.width_ns - 1) == opened
        assert timeframe.open_of(opened + timeframe.width_ns) == opened + timeframe.width_ns


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("hunter2")
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", repr([secret]), "%s" % secret):  # noqa: UP031 - a log call formats so
        assert "hunter2" not in text
    for act in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not serialised"):
            act(secret)
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == "hunter2"
    assert secret
    assert not Secret("")


def test_a_secret_is_not_in_a_traceback_with_locals() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"cannot sign with {secret}")

    try:
        fail(Secret("hunter2"))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "hunter2" not in shown.replace('fail(Secret("hunter2"))', "")


def _ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9
