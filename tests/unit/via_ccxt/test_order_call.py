"""How orders are told to ccxt."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.via_ccxt.order_call import CannotSay, order_call
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.speech import Speech
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    TriggerSource,
)

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


REQUEST = OrderRequest(OURS, "desk-1", BTC, Side.BUY, OrderType.LIMIT, Decimal("1E+2"), Decimal("0.00000001"))


def call(**fields):
    from dataclasses import replace

    quirks = quirks_of(fields.pop("venue", "binanceusdm"))
    return order_call(replace(REQUEST, **fields), quirks)


def test_numbers_go_out_as_plain_digits():
    made = call()
    assert (made.amount, made.price) == ("100", "0.00000001")
    assert made.params == {"clientOrderId": OURS, "timeInForce": "GTC"}


def test_flags_in_the_venues_words():
    assert call(post_only=True).params == {"clientOrderId": OURS, "postOnly": True}
    assert call(reduce_only=True).params["reduceOnly"] is True
    hedged = call(reduce_only=True, position_side=PositionSide.SHORT).params
    assert hedged["positionSide"] == "SHORT"
    assert "reduceOnly" not in hedged
    closing = call(
        type=OrderType.STOP_MARKET, trigger_price=Decimal(5), close_position=True, reduce_only=True
    ).params
    assert (closing["closePosition"], closing["stopLossPrice"]) == (True, "5")
    assert "reduceOnly" not in closing
    assert call(time_in_force=TimeInForce.GTD, expire_ns=5_000_000).params["goodTillDate"] == 5
    target = call(
        type=OrderType.TAKE_PROFIT_LIMIT, trigger_price=Decimal(5), trigger_source=TriggerSource.MARK
    )
    assert (target.type, target.params["takeProfitPrice"], target.params["workingType"]) == (
        "limit",
        "5",
        "MARK_PRICE",
    )


def test_a_trailing_stop_says_its_distance_and_where_it_begins():
    made = call(type=OrderType.TRAILING_STOP, trail_pct=Decimal("1.5"), trigger_price=Decimal(65_000))
    assert (made.type, made.price) == ("market", None)
    assert made.params == {
        "clientOrderId": OURS,
        "trailingPercent": "1.5",
        "trailingTriggerPrice": "65000",
        "workingType": "CONTRACT_PRICE",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"price": None},
        {"type": OrderType.STOP_MARKET},
        {"type": OrderType.TRAILING_STOP, "trigger_price": Decimal(1)},
        {"type": OrderType.TRAILING_STOP, "trail_pct": Decimal(1), "venue": "binance"},
        {"time_in_force": TimeInForce.GTD},
        {"time_in_force": TimeInForce.GTD, "expire_ns": 5, "venue": "binance"},
        {"time_in_force": TimeInForce.GTD, "expire_ns": 5, "post_only": True},
    ],
)
def test_what_cannot_be_said_is_refused(fields):
    with pytest.raises(CannotSay):
        call(**fields)


def test_a_spot_venue_has_neither_sides_nor_marks():
    from dataclasses import replace

    spot = quirks_of("binance")
    with pytest.raises(CannotSay, match="apart"):
        order_call(replace(REQUEST, position_side=PositionSide.LONG), spot)
    stop = replace(
        REQUEST, type=OrderType.STOP_LIMIT, trigger_price=Decimal(1), trigger_source=TriggerSource.MARK
    )
    with pytest.raises(CannotSay, match="mark"):
        order_call(stop, spot)
