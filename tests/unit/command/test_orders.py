"""What `buy` and `sell` read as."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hedge_tui.command import parse
from hedge_tui.command.ast import (
    Chase,
    Distance,
    Duration,
    Iceberg,
    MarginMode,
    Offset,
    OffsetUnit,
    Order,
    Price,
    PriceRef,
    Scale,
    Shape,
    Share,
    Size,
    SizeKind,
    Spread,
    Swarm,
    Symbol,
    Trail,
    Trigger,
    Twap,
)
from hedge_tui.domain.order import PositionSide, Side, TimeInForce, TriggerSource

MINUTE = 60 * 10**9


def order(text: str) -> Order:
    body = parse(text).cmds[0].body
    assert isinstance(body, Order)
    return body


def size(typed: str, symbol: str = "BTC.p", tail: str = "") -> Size:
    return order(f"buy {typed} {symbol} {tail}").size


@pytest.mark.parametrize(
    ("typed", "kind", "value", "unit"),
    [
        ("0.5btc", SizeKind.AMOUNT, "0.5", "BTC"),
        (".5BTC", SizeKind.AMOUNT, "0.5", "BTC"),
        ("0.5 btc", SizeKind.AMOUNT, "0.5", "BTC"),
        ("500usd", SizeKind.AMOUNT, "500", "USD"),
        ("500 usdt", SizeKind.AMOUNT, "500", "USDT"),
        ("2kusd", SizeKind.AMOUNT, "2000", "USD"),
        ("2k usd", SizeKind.AMOUNT, "2000", "USD"),
        ("1.5mm usd", SizeKind.AMOUNT, "1500000", "USD"),
        ("2mmusdc", SizeKind.AMOUNT, "2000000", "USDC"),
        ("$500", SizeKind.AMOUNT, "500", "USD"),
        ("$2.5k", SizeKind.AMOUNT, "2500", "USD"),
        ("5 kava", SizeKind.AMOUNT, "5", "KAVA"),
        ("5k ava", SizeKind.AMOUNT, "5000", "AVA"),
        ("5mkr", SizeKind.AMOUNT, "5", "MKR"),
        ("100 1000pepe", SizeKind.AMOUNT, "100", "1000PEPE"),
        ("10%free", SizeKind.FREE, "10", ""),
        ("10% free", SizeKind.FREE, "10", ""),
        ("2.5%eq", SizeKind.EQUITY, "2.5", ""),
        ("50%pos", SizeKind.POSITION, "50", ""),
        ("=0.5btc", SizeKind.TARGET, "0.5", "BTC"),
        ("=-0.5btc", SizeKind.TARGET, "-0.5", "BTC"),
        ("=0btc", SizeKind.TARGET, "0", "BTC"),
        ("=2kusd", SizeKind.TARGET, "2000", "USD"),
        ("=$500", SizeKind.TARGET, "500", "USD"),
    ],
)
def test_sizes(typed: str, kind: SizeKind, value: str, unit: str) -> None:
    assert size(typed) == Size(kind, Decimal(value), unit)


def test_risk_needs_its_stop() -> None:
    assert size("risk:50usd", tail="sl 4%") == Size(SizeKind.RISK, Decimal(50), "USD")


def test_numbers_are_kept_exactly() -> None:
    typed = "0.123456789012345678901234567"
    assert str(size(f"{typed}btc").value) == typed
    assert size("12345678901234567890.123456789kusd").value == Decimal("12345678901234567890123.456789")


@pytest.mark.parametrize(
    ("symbol", "unit", "value"),
    [
        ("KAVA.p", "KAVA", "5"),
        ("AVA.p", "AVA", "5000"),
        ("binance:AVA/USDT", "AVA", "5000"),
        ("ETH/KAVA", "KAVA", "5"),
    ],
)
def test_the_symbol_decides_between_a_multiplier_and_a_unit(symbol: str, unit: str, value: str) -> None:
    assert size("5kava", symbol) == Size(SizeKind.AMOUNT, Decimal(value), unit)


@pytest.mark.parametrize(
    ("typed", "accounts", "symbols"),
    [
        ("/each", Share.EACH, Share.EACH),
        ("/split", Share.EQUAL, Share.EQUAL),
        ("/each:sym", None, Share.EACH),
        ("/split:acct", Share.EQUAL, None),
        ("/split:sym", None, Share.EQUAL),
        ("/split:eq", Share.EQUITY, None),
        ("/split:weight", Share.WEIGHT, None),
        ("/split:eq/each:sym", Share.EQUITY, Share.EACH),
        ("/each:sym /split:eq", Share.EQUITY, Share.EACH),
        (" /each", Share.EACH, Share.EACH),
    ],
)
def test_spreads(typed: str, accounts: Share | None, symbols: Share | None) -> None:
    assert size(f"500usd{typed}").spread == Spread(accounts, symbols)


@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("64000", Price(PriceRef.NUMBER, Decimal(64000))),
        ("64.5k", Price(PriceRef.NUMBER, Decimal(64500))),
        ("bid", Price(PriceRef.BID)),
        ("bid-2t", Price(PriceRef.BID, offset=Offset(Decimal(-2), OffsetUnit.TICKS))),
        ("ask+5bp", Price(PriceRef.ASK, offset=Offset(Decimal(5), OffsetUnit.BASIS_POINTS))),
        ("MID-1%", Price(PriceRef.MID, offset=Offset(Decimal(-1), OffsetUnit.PERCENT))),
        ("mark-20", Price(PriceRef.MARK, offset=Offset(Decimal(-20), OffsetUnit.PRICE))),
        ("last - 0.2%", Price(PriceRef.LAST, offset=Offset(Decimal("-0.2"), OffsetUnit.PERCENT))),
        ("entry +1%", Price(PriceRef.ENTRY, offset=Offset(Decimal(1), OffsetUnit.PERCENT))),
        ("line:TL3", Price(PriceRef.LINE, line="TL3")),
        (
            "line:TL3-5bp",
            Price(PriceRef.LINE, line="TL3", offset=Offset(Decimal(-5), OffsetUnit.BASIS_POINTS)),
        ),
        ('line:"weekly high"', Price(PriceRef.LINE, line="weekly high")),
    ],
)
def test_prices(typed: str, price: Price) -> None:
    assert order(f"buy 1btc BTC.p at {typed}").price == price


def _at(value: int) -> Price:
    return Price(PriceRef.NUMBER, Decimal(value))


@pytest.mark.parametrize(
    ("typed", "algo"),
    [
        ("scale 20 from 60000 to 64000", Scale(20, _at(60000), _at(64000))),
        ("scale 20 from 60000 to 64000 geo", Scale(20, _at(60000), _at(64000), Shape.GEOMETRIC)),
        ("scale 5 from 60000 to 64000 skew 3", Scale(5, _at(60000), _at(64000), Shape.SKEWED, Decimal(3))),
        ("twap 12 over 1h30m", Twap(12, Duration(90 * MINUTE))),
        ("twap 12 over 30m jitter 20% chase", Twap(12, Duration(30 * MINUTE), Decimal(20), chase=True)),
        ("chase", Chase()),
        ("chase to 64000", Chase(_at(64000))),
        ("at 64000 iceberg 0.05btc", Iceberg(Size(SizeKind.AMOUNT, Decimal("0.05"), "BTC"))),
        ("at 64000 iceberg 10%", Iceberg(Size(SizeKind.ORDER, Decimal(10)))),
        ("swarm 8", Swarm(8)),
    ],
)
def test_algos(typed: str, algo: Any) -> None:
    assert order(f"buy 1btc BTC.p {typed}").algo == algo


def test_attachments() -> None:
    attach = order("buy 1btc BTC.p tp 66000@last sl 4%@mark ts 2% 0.5%@mark").attach
    assert attach.tp == Trigger(_at(66000), TriggerSource.LAST)
    assert attach.sl == Trigger(Distance(Decimal(4), OffsetUnit.PERCENT), TriggerSource.MARK)
    two, half = Distance(Decimal(2), OffsetUnit.PERCENT), Distance(Decimal("0.5"), OffsetUnit.PERCENT)
    assert attach.trail == Trail(half, two, TriggerSource.MARK)


def test_a_signed_distance_counts_from_the_entry() -> None:
    attach = order("sell 1btc BTC.p tp -6% sl +20t").attach
    assert attach.tp == Trigger(Price(PriceRef.ENTRY, offset=Offset(Decimal(-6), OffsetUnit.PERCENT)))
    assert attach.sl == Trigger(Price(PriceRef.ENTRY, offset=Offset(Decimal(20), OffsetUnit.TICKS)))


def test_flags() -> None:
    flags = order("buy 1btc BTC.p at bid post gtd:30m reduce stop:62000@mark lev:5x iso").flags
    assert flags.post
    assert flags.reduce
    assert flags.time_in_force is TimeInForce.GTD
    assert flags.expires == Duration(30 * MINUTE)
    assert flags.stop == Trigger(_at(62000), TriggerSource.MARK)
    assert flags.leverage == Decimal(5)
    assert flags.margin_mode is MarginMode.ISOLATED


def test_the_tail_may_come_in_any_order_and_case() -> None:
    one = parse("buy 1btc BTC.p long at bid twap 2 over 1h tp 6% sl 4% post lev:5")
    other = parse("B 1BTC BTC.p POST sl 4% Lev:5 TWAP 2 OVER 1h AT BID tp 6% LONG")
    assert one == other


def test_symbols_and_position() -> None:
    read = order("sell 50%pos/each BTC.p, eth/usdt ,binanceusdm:SOL/USDT:USDT short")
    assert read.side is Side.SELL
    assert read.symbols == (Symbol("BTC.p"), Symbol("eth/usdt"), Symbol("binanceusdm:SOL/USDT:USDT"))
    assert read.position is PositionSide.SHORT


def test_every_node_knows_where_it_was_typed() -> None:
    text = "@core buy 2k usd/each BTC.p,ETH.p at mid - 0.2% twap 12 over 1h sl 4%@mark post gtd:17:30"
    cmd = parse(text).cmds[0]
    read = cmd.body
    assert isinstance(read, Order)
    assert cmd.scope is not None

    def cut(span: tuple[int, int]) -> str:
        return text[span[0] : span[1]]

    assert cut(cmd.scope.span) == "@core"
    assert cut(cmd.verb_span) == "buy"
    assert cut(read.size.span) == "2k usd/each"
    assert read.size.spread is not None
    assert cut(read.size.spread.span) == "/each"
    assert [cut(symbol.span) for symbol in read.symbols] == ["BTC.p", "ETH.p"]
    assert read.price is not None
    assert cut(read.price.span) == "mid - 0.2%"
    assert read.algo is not None
    assert cut(read.algo.span) == "twap 12 over 1h"
    assert read.attach.sl is not None
    assert cut(read.attach.sl.span) == "4%@mark"
    assert cut(read.flags.span_of("gtd")) == "gtd:17:30"
    assert cut(read.flags.span) == "post gtd:17:30"
