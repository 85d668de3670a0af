"""What ccxt's own structures become."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.via_ccxt.generic_frames import GenericFrames
from adapters.via_ccxt.numbers import decimal_of
from adapters.via_ccxt.parse_account import balances_of, positions_of
from adapters.via_ccxt.parse_fill import fill_of
from adapters.via_ccxt.parse_order import kind_of, report_of
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.speech import Speech
from hedge_tui.domain.account import AccountDelta
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import (
    ClientOrderId,
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


def ccxt_order(**fields):
    return {
        "id": "5",
        "clientOrderId": OURS,
        "symbol": "BTC/USDT:USDT",
        "status": "open",
        "side": "buy",
        "type": "limit",
        "amount": "2",
        "filled": "0",
        "average": None,
        "price": "10",
        "info": {},
    } | fields


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, ReportKind.LIVE),
        ({"filled": "1", "average": "9.5"}, ReportKind.FILL),
        ({"status": "closed", "filled": "2"}, ReportKind.LAST_FILL),
        ({"status": "closed", "filled": "1"}, ReportKind.CANCELLED),
        ({"status": "canceled"}, ReportKind.CANCELLED),
        ({"status": "expired"}, ReportKind.EXPIRED),
        ({"status": "rejected"}, ReportKind.REJECTED),
        ({"status": None}, ReportKind.ACKED),
        ({"status": "closed", "info": {"algoStatus": "TRIGGERED"}}, ReportKind.LIVE),
        ({"status": "closed", "filled": "2", "info": {"algoStatus": "FINISHED"}}, ReportKind.LAST_FILL),
    ],
)
def test_ccxts_statuses(fields, kind):
    assert kind_of(ccxt_order(**fields), Decimal(2), decimal_of(fields.get("filled", "0"))) is kind
    report = report_of(ccxt_order(**fields), speech(), with_request=True)
    assert report.kind is kind
    assert report.request.price == Decimal(10)
    assert report.average_price == (Decimal("9.5") if fields.get("average") else None)


def test_an_order_without_any_id_is_no_order():
    with pytest.raises(ValueError, match="without any id"):
        report_of(ccxt_order(id=None, clientOrderId=None), speech())


def test_rows_of_watch_answers_are_skipped_one_by_one():
    said, skipped = [], []
    frames = GenericFrames(speech(), said.append, skipped.append)
    frames.take("watch_orders", [ccxt_order(), {"id": None}, "rubbish", ccxt_order(symbol=None)])
    frames.take("watch_my_trades", [{"id": "1"}, None])
    frames.take("watch_positions", [{"symbol": "BTC/USDT:USDT", "contracts": None}])
    frames.take("watch_balance", {"USDT": {"free": "1", "used": "2"}, "BAD": {}, "info": {}})
    frames.take("watch_balance", {"USDT": {"free": "1", "used": "2"}})
    frames.take("watch_balance", None)
    assert [type(one) for one in said] == [Report, AccountDelta]
    assert said[1].balances[0].total == Decimal(3)
    assert len(skipped) == 8


def test_a_trade_needs_its_facts():
    trade = {
        "id": "1",
        "order": "5",
        "symbol": "BTC/USDT:USDT",
        "side": "sell",
        "amount": "0.1",
        "price": "7",
        "fee": {"cost": "0.01", "currency": "USDT"},
        "takerOrMaker": "taker",
        "timestamp": 3,
        "info": {"orderLinkId": OURS, "realizedPnl": "0.5"},
    }
    fill = fill_of(trade, speech())
    assert (fill.client_order_id, fill.commission, fill.realized_pnl) == (
        OURS,
        Decimal("0.01"),
        Decimal("0.5"),
    )
    for missing in ("id", "side", "amount", "price"):
        with pytest.raises(ValueError, match="without"):
            fill_of(trade | {missing: None}, speech())


def test_wallets_are_without_unrealized_pnl():
    row = {
        "asset": "USDT",
        "walletBalance": "100",
        "marginBalance": "150",
        "availableBalance": "90",
        "initialMargin": "60",
    }
    structure = {"info": {"assets": [row]}, "USDT": {"total": "150", "free": "90", "used": "60"}}
    (balance,) = balances_of(structure, speech(), print)
    assert (balance.total, balance.free, balance.locked) == (Decimal(100), Decimal(90), Decimal(60))
    with pytest.raises(ValueError, match="wallet"):
        balances_of({"info": {"assets": [row | {"walletBalance": "?"}]}}, speech(), print)


def test_positions_keep_the_venues_sign_and_margins():
    row = {
        "symbol": "BTC/USDT:USDT",
        "contracts": "2",
        "side": "short",
        "entryPrice": "10",
        "notional": "20",
        "info": {
            "positionAmt": "-2",
            "maintMargin": "0.1",
            "positionInitialMargin": "4",
            "positionSide": "BOTH",
        },
    }
    skipped = []
    short, long_ = positions_of(
        [row, {**row, "side": "long", "info": {}}, {}, None], speech(), skipped.append
    )
    assert (short.quantity, short.maintenance_margin, short.leverage) == (
        Decimal(-2),
        Decimal("0.1"),
        Decimal(5),
    )
    assert (long_.quantity, long_.leverage) == (Decimal(2), None)
    assert len(skipped) == 2


def test_a_position_tells_its_place_in_the_queue_its_margin_ladder_and_what_sets_it_apart():
    info = {"positionAmt": "2", "adl": "3", "isolatedWallet": "250.5", "breakEvenPrice": "10.02"}
    row = {"symbol": "BTC/USDT:USDT", "contracts": "2", "marginMode": "isolated", "info": info}
    ladder = {"BTC/USDT:USDT": [["0", "0.004"], ["50000", "0.005"]]}
    (position,) = positions_of([row], speech(), print, ladder)
    assert (position.adl, position.isolated_wallet) == (3, Decimal("250.5"))
    assert position.break_even == Decimal("10.02")
    assert position.maintenance_steps == (
        (Decimal(0), Decimal("0.004")),
        (Decimal(50_000), Decimal("0.005")),
    )
    broken = {"BTC/USDT:USDT": [["0", "0.004"], ["x", "0.005"]]}
    cross = {**row, "marginMode": "cross", "info": {**info, "adl": "9"}}
    (other,) = positions_of([cross], speech(), print, broken)
    assert (other.adl, other.isolated_wallet, other.maintenance_steps) == (None, None, ())
