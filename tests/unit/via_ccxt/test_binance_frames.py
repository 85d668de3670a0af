"""Binance's private frames: inline ones, and the documented ones where they are present."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from adapters.via_ccxt.binance_frames import event_of, news_of
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.speech import Speech
from hedge_tui.domain.account import AccountDelta, CashFlow
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderType,
    PositionSide,
    Side,
    TriggerSource,
)
from hedge_tui.domain.report import Report, ReportKind

OURS = ClientOrderId("0123456789abcdef" * 2)
NOW = 1_700_000_000_000_000_000
BTC = InstrumentId("binanceusdm:BTC/USDT:USDT")


def speech(venue: str = "binanceusdm") -> Speech:
    symbols = (
        {"BTCUSDT": "BTC/USDT", "ETHBTC": "ETH/BTC"}
        if venue == "binance"
        else {"BTCUSDT": "BTC/USDT:USDT", "BNBUSDT": "BNB/USDT:USDT"}
    )
    return Speech("desk-1", quirks_of(venue), lambda: NOW, symbols)


def usdm_frame(**fields):
    order = {
        "s": "BTCUSDT",
        "c": OURS,
        "S": "SELL",
        "o": "LIMIT",
        "f": "GTX",
        "q": "0.010",
        "p": "60000.1",
        "ap": "60000.1",
        "sp": "0",
        "x": "TRADE",
        "X": "PARTIALLY_FILLED",
        "i": 77,
        "l": "0.004",
        "z": "0.006",
        "L": "60000.1",
        "n": "-0.0012",
        "N": "USDT",
        "T": 1_600_000_000_123,
        "t": 991,
        "m": True,
        "R": True,
        "wt": "MARK_PRICE",
        "ot": "LIMIT",
        "ps": "BOTH",
        "cp": False,
        "rp": "-1.5",
    }
    return {"e": "ORDER_TRADE_UPDATE", "T": 1, "o": order | fields}


def test_an_execution_frame_is_a_report_and_a_fill():
    report, fill = news_of(usdm_frame(), speech())
    assert (report.kind, report.filled, report.average_price) == (
        ReportKind.FILL,
        Decimal("0.006"),
        Decimal("60000.1"),
    )
    assert report.request.post_only
    assert report.request.reduce_only
    assert report.request.quantity == Decimal("0.010")
    assert report.venue_ns == 1_600_000_000_123_000_000
    assert fill == Fill(
        "desk-1",
        BTC,
        "991",
        OURS,
        "77",
        Side.SELL,
        Decimal("0.004"),
        Decimal("60000.1"),
        Decimal("-0.0012"),
        "USDT",
        Liquidity.MAKER,
        1_600_000_000_123_000_000,
        NOW,
        Decimal("-1.5"),
        PositionSide.NET,
    )


@pytest.mark.parametrize(
    ("execution", "status", "kind"),
    [
        ("NEW", "NEW", ReportKind.LIVE),
        ("AMENDMENT", "NEW", ReportKind.AMENDED),
        ("AMENDMENT", "PARTIALLY_FILLED", ReportKind.AMENDED),
        ("CANCELED", "CANCELED", ReportKind.CANCELLED),
        ("EXPIRED", "EXPIRED", ReportKind.EXPIRED),
        ("EXPIRED", "EXPIRED_IN_MATCH", ReportKind.EXPIRED),
        ("REJECTED", "REJECTED", ReportKind.REJECTED),
    ],
)
def test_frames_without_an_execution_are_reports_alone(execution, status, kind):
    (report,) = news_of(usdm_frame(x=execution, X=status, l="0"), speech())
    assert report.kind is kind
    assert (report.quantity is not None) == (kind is ReportKind.AMENDED)


def test_a_liquidation_is_an_execution_too():
    report, fill = news_of(usdm_frame(x="CALCULATED", X="FILLED", c="autoclose-1", z="0.010"), speech())
    assert report.kind is ReportKind.LAST_FILL
    assert fill.client_order_id == "autoclose-1"


def test_a_spot_cancel_names_the_order_and_not_the_cancel():
    event = {
        "e": "executionReport",
        "E": 1,
        "s": "ETHBTC",
        "c": "cancel-by-web",
        "C": OURS,
        "S": "BUY",
        "o": "LIMIT_MAKER",
        "f": "GTC",
        "q": "1.0",
        "p": "0.1",
        "P": "0.0",
        "x": "CANCELED",
        "X": "CANCELED",
        "r": "NONE",
        "i": 4,
        "l": "0",
        "z": "0.4",
        "Z": "0.0398",
        "T": 5,
        "t": -1,
        "m": False,
    }
    (report,) = news_of(event_of({"subscriptionId": 0, "event": event}), speech("binance"))
    assert report.client_order_id == OURS
    assert report.average_price == Decimal("0.0995")
    assert report.request.post_only


@pytest.mark.parametrize(
    ("status", "done", "kind"),
    [
        ("NEW", "0", ReportKind.LIVE),
        ("TRIGGERED", "0", ReportKind.LIVE),
        ("CANCELED", "0", ReportKind.CANCELLED),
        ("FINISHED", "0.01", ReportKind.LAST_FILL),
        ("FINISHED", "0.004", ReportKind.CANCELLED),
        ("REJECTED", "0", ReportKind.REJECTED),
        ("EXPIRED", "0", ReportKind.EXPIRED),
    ],
)
def test_conditional_orders_live_apart(status, done, kind):
    body = {
        "caid": OURS,
        "aid": 9,
        "at": "CONDITIONAL",
        "o": "TAKE_PROFIT",
        "s": "BNBUSDT",
        "S": "SELL",
        "ps": "LONG",
        "f": "GTC",
        "q": "0.01",
        "X": status,
        "ap": "749",
        "aq": done,
        "tp": "750",
        "p": "751",
        "wt": "MARK_PRICE",
        "cp": False,
        "R": False,
        "rm": "Reduce Only reject",
    }
    (report,) = news_of({"e": "ALGO_UPDATE", "T": 3, "o": body}, speech())
    assert report.kind is kind
    assert report.request.type is OrderType.TAKE_PROFIT_LIMIT
    assert report.request.trigger_source is TriggerSource.MARK
    assert report.request.position_side is PositionSide.LONG
    assert report.reason == (
        "Reduce Only reject" if kind in (ReportKind.REJECTED, ReportKind.EXPIRED) else ""
    )


def test_an_account_update_tells_balances_positions_and_money_moved():
    event = {
        "e": "ACCOUNT_UPDATE",
        "E": 2,
        "T": 7,
        "a": {
            "m": "FUNDING_FEE",
            "B": [{"a": "USDT", "wb": "100.5", "cw": "90.5", "bc": "-0.25"}],
            "P": [
                {"s": "BTCUSDT", "pa": "-0.3", "ep": "61000", "up": "4.5", "mt": "isolated", "ps": "SHORT"}
            ],
        },
    }
    delta, flow = news_of(event, speech())
    assert isinstance(delta, AccountDelta)
    assert (delta.reason, delta.balances[0].total, delta.positions[0].quantity) == (
        "FUNDING_FEE",
        Decimal("100.5"),
        Decimal("-0.3"),
    )
    assert delta.positions[0].isolated
    assert delta.positions[0].position_side is PositionSide.SHORT
    assert flow == CashFlow(
        "desk-1", "FUNDING_FEE:7000000:USDT", "funding", "USDT", Decimal("-0.25"), 7_000_000, told=True
    )


@pytest.mark.parametrize(
    "event",
    [
        usdm_frame(X="UNHEARD_OF"),
        usdm_frame(s="NEVERLISTED"),
        usdm_frame(S="UP"),
        {"e": "ORDER_TRADE_UPDATE", "o": {}},
        {"e": "ORDER_TRADE_UPDATE"},
        {"e": "ACCOUNT_UPDATE", "a": {"P": [{"s": "BTCUSDT"}]}},
        {"e": "outboundAccountPosition"},
    ],
)
def test_what_cannot_be_read_raises_what_the_guard_catches(event):
    with pytest.raises((KeyError, ValueError, TypeError)):
        news_of(event, speech())


def test_strange_events_say_nothing():
    for message in ({}, {"e": "TRADE_LITE"}, {"result": None, "id": 1}, {"e": "MARGIN_CALL"}):
        assert news_of(event_of(message), speech()) == []
    assert event_of([1, 2]) == {}


@pytest.mark.realdata
def test_the_documented_frames_are_all_read(realdata):
    folder = realdata / "venue_payloads" / "binance"
    count = 0
    for venue, path in (("binanceusdm", "futures"), ("binance", "spot")):
        for file in sorted((folder / path / "user_data_json").glob("*.json")):
            event = event_of(json.loads(file.read_text()))
            names = {"s", "symbol"}
            seen = speech(venue)
            for body in (event, event.get("o", {}) if isinstance(event.get("o"), dict) else {}):
                for name in names & set(body):
                    seen.symbols[body[name]] = "X/Y"
            for row in (event.get("a") or {}).get("P", ()) if isinstance(event.get("a"), dict) else ():
                seen.symbols[row["s"]] = "X/Y"
            try:
                news = news_of(event, seen)
            except (KeyError, ValueError, TypeError) as error:
                pytest.fail(f"{file.name}: {error!r}")
            assert all(isinstance(one, Report | Fill | AccountDelta | CashFlow) for one in news)
            if event.get("e") in ("executionReport", "ORDER_TRADE_UPDATE", "ALGO_UPDATE", "ACCOUNT_UPDATE"):
                assert news, file.name
                count += 1
    assert count >= 12
