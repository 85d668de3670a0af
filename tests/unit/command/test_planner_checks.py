"""The checks that the planner calls once it knows accounts, instruments and the time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hedge_tui.command import moment_ns, parse, require_spread, unit_role
from hedge_tui.command.ast import ClockTime, DateTime, Duration, Order, Size
from hedge_tui.command.grammar.units import UnitRole
from hedge_tui.domain.errors import CommandError


def size(typed: str) -> Size:
    body = parse(f"buy {typed} BTC.p sl 1%").cmds[0].body
    assert isinstance(body, Order)
    return body.size


@pytest.mark.parametrize(
    ("typed", "accounts", "symbols", "readings"),
    [
        ("500usd", 20, 1, ("500usd/each (20 x 500 = 10,000 USD)", "500usd/split (500 USD in all)")),
        ("500usd", 3, 2, ("500usd/each (6 x 500 = 3,000 USD)", "500usd/split (500 USD in all)")),
        ("10%eq", 2, 1, ("10%eq/each (2 x 10 = 20 %eq)", "10%eq/split (10 %eq in all)")),
        ("=0.5btc", 2, 1, ("=0.5btc/each (2 x 0.5 = 1.0 BTC)", "=0.5btc/split (0.5 BTC in all)")),
        ("1btc/each:acct", 2, 2, ("1btc/each:acct/each:sym", "1btc/each:acct/split:sym")),
    ],
)
def test_a_size_over_many_must_say_how(
    typed: str, accounts: int, symbols: int, readings: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError) as caught:
        require_spread(size(typed), accounts, symbols)
    assert caught.value.readings == readings


@pytest.mark.parametrize(
    ("typed", "accounts", "symbols"),
    [("500usd", 1, 1), ("500usd/each", 9, 9), ("500usd/split:eq", 9, 1), ("500usd/split:eq/each:sym", 9, 9)],
)
def test_what_says_how_passes(typed: str, accounts: int, symbols: int) -> None:
    require_spread(size(typed), accounts, symbols)


@pytest.mark.parametrize(
    ("typed", "base", "quote", "role"),
    [
        ("0.5btc", "BTC", "USDT", UnitRole.BASE),
        ("500usdt", "BTC", "USDT", UnitRole.QUOTE),
        ("500usd", "BTC", "USDT", UnitRole.DOLLARS),
        ("500usd", "BTC", "USD", UnitRole.QUOTE),
        ("500usdc", "USDC", "USDT", UnitRole.BASE),
        ("0.1btc", "ETH", "BTC", UnitRole.QUOTE),
    ],
)
def test_unit_roles(typed: str, base: str, quote: str, role: UnitRole) -> None:
    assert unit_role(size(typed), base, quote) is role


def test_a_unit_of_another_market_is_refused() -> None:
    with pytest.raises(CommandError) as caught:
        unit_role(size("5eth"), "BTC", "USDT")
    assert caught.value.span == (4, 8)
    assert caught.value.readings == ("5btc (quantity)", "5usdt (notional)")


NOW = int(datetime(2026, 11, 20, 15, 0, tzinfo=UTC).timestamp()) * 10**9
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (Duration(90 * 10**9), "2026-11-20T15:01:30"),
        (ClockTime(17, 30), "2026-11-20T16:30:00"),
        (ClockTime(16, 0), "2026-11-21T15:00:00"),
        (ClockTime(15, 30), "2026-11-21T14:30:00"),
        (ClockTime(17, 30, utc=True), "2026-11-20T17:30:00"),
        (DateTime(2026, 12, 1, 9, 0), "2026-12-01T08:00:00"),
        (DateTime(2026, 7, 1, 9, 0, 5, utc=True), "2026-07-01T09:00:05"),
    ],
)
def test_moments(moment: Duration | ClockTime | DateTime, expected: str) -> None:
    when = datetime.fromtimestamp(moment_ns(moment, NOW, BERLIN) / 10**9, UTC)
    assert when.strftime("%Y-%m-%dT%H:%M:%S") == expected
