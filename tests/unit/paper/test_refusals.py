"""Every rule that an order can break, and that the words name both values."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.paper.events import PaperRefusal, RefusalCode
from adapters.paper.venue import PaperVenue
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import OrderType, PositionSide, Side, TimeInForce, TriggerSource

D = Decimal

C = RefusalCode
STOP = {"type": OrderType.STOP_MARKET, "trigger_price": "105"}


@pytest.mark.parametrize(
    ("quantity", "price", "fields", "code", "words"),
    [
        ("1", "99.95", {}, C.TICK, "price 99.95 is not a multiple of the tick 0.1"),
        ("1", None, {"type": OrderType.LIMIT}, C.ORDER_TYPE, "limit without a price"),
        ("1.0001", "99.9", {}, C.LOT, "quantity 1.0001 is not a multiple of the lot 0.001"),
        ("0", "99.9", {}, C.LOT, "quantity 0"),
        ("0.001", "99.9", {}, C.MIN_QUANTITY, "quantity 0.001 is below the smallest, 0.002"),
        ("101", "99.9", {}, C.MAX_QUANTITY, "quantity 101 is above the largest, 100"),
        ("21", None, {}, C.MAX_QUANTITY, "quantity 21 is above the largest, 20"),
        ("0.05", "99.9", {}, C.MIN_NOTIONAL, "notional 4.995 is below the smallest, 5"),
        ("0.04", None, {}, C.MIN_NOTIONAL, "notional 4.00 is below the smallest, 5"),
        ("1", "116", {}, C.PRICE_BAND, "price 116 is above the limit 115.00"),
        ("1", "0.5", {}, C.PRICE_BAND, "price 0.5 is below the lowest, 1"),
        ("1", "1000.1", {}, C.PRICE_BAND, "price 1000.1 is above the highest, 1000"),
        ("1", "100.1", {"post_only": True}, C.WOULD_TAKE, "100.1 would take: the other side is at 100.1"),
        ("1", None, STOP | {"trigger_price": "105.05"}, C.TICK, "trigger price 105.05"),
        ("1", None, {"type": OrderType.STOP_MARKET}, C.ORDER_TYPE, "without a trigger price"),
        ("1", None, {"type": OrderType.TRAILING_STOP}, C.TRAIL, "trail of None %"),
        ("1", None, {"post_only": True}, C.ORDER_TYPE, "post-only with type market"),
        ("1", "99", {"post_only": True, "time_in_force": TimeInForce.IOC}, C.ORDER_TYPE, "post-only"),
        ("1", None, {"close_position": True}, C.ORDER_TYPE, "close-position with type market"),
        ("1", None, STOP | {"close_position": True, "reduce_only": True}, C.ORDER_TYPE, "with reduce-only"),
        ("1", "99", {"time_in_force": TimeInForce.GTD}, C.EXPIRE_TIME, "is not after now"),
        ("1", "99", {"time_in_force": TimeInForce.GTD, "expire_ns": 1_000}, C.EXPIRE_TIME, "1000 ns"),
    ],
)
def test_each_rule_refuses_with_its_code_and_both_values(
    perp, quantity, price, *, fields, code, words
) -> None:
    request = perp.request(Side.BUY, quantity, price, **fields)
    for call in (perp.venue.test, perp.venue.place):
        with pytest.raises(PaperRefusal) as caught:
            call(request, perp.now_ns)
        assert caught.value.code is code
        assert words in str(caught.value)
    assert perp.venue.all_orders("ana", perp.id) == []


@pytest.mark.parametrize("absurd", ["NaN", "sNaN", "Infinity", "1E+30", "1E+400", "-1"])
def test_absurd_numbers_are_refused_like_others(perp, absurd) -> None:
    with pytest.raises(PaperRefusal) as caught:
        perp.buy("1", absurd)
    assert caught.value.code is C.TICK
    with pytest.raises(PaperRefusal) as caught:
        perp.buy(absurd, "99.0")
    assert caught.value.code is C.LOT


@pytest.mark.parametrize(
    "fields",
    [
        {"reduce_only": True},
        {"position_side": PositionSide.LONG},
        STOP | {"trigger_source": TriggerSource.MARK},
        STOP | {"close_position": True},
    ],
)
def test_spot_has_nothing_of_positions(spot, fields) -> None:
    with pytest.raises(PaperRefusal) as caught:
        spot.buy("1", None if "type" in fields else "99.0", **fields)
    assert caught.value.code is C.ORDER_TYPE


def test_the_band_of_usdm_holds_buys_above_and_sells_below(perp) -> None:
    perp.buy("1", "50.0")
    perp.sell("1", "190.0")
    with pytest.raises(PaperRefusal):
        perp.sell("1", "84.9")


def test_the_band_of_spot_holds_both(spot) -> None:
    spot.print("1", "100", Side.BUY)
    for price in ("19.9", "500.1"):
        with pytest.raises(PaperRefusal) as caught:
            spot.buy("1", price)
        assert caught.value.code is C.PRICE_BAND


def test_a_client_id_may_come_back_once_its_order_is_gone(spot) -> None:
    spot.buy("1", "99.0", client_order_id="mine")
    with pytest.raises(PaperRefusal, match="mine is that of open order 1") as caught:
        spot.buy("1", "98.0", client_order_id="mine")
    assert caught.value.code is C.DUPLICATE_CLIENT_ID
    spot.buy("1", "99.0", client_order_id="mine", account="bo")
    spot.venue.cancel_all("ana", spot.id, 1)
    spot.buy("1", "98.0", client_order_id="mine")


def test_unknown_things(spot) -> None:
    calls = {
        C.UNKNOWN_ACCOUNT: lambda: spot.buy("1", "99.0", account="nobody"),
        C.UNKNOWN_INSTRUMENT: lambda: spot.venue.book(InstrumentId("binance:XYZ/USDT")),
        C.UNKNOWN_ORDER: lambda: spot.venue.cancel("ana", spot.id, order_id=7, now_ns=1),
    }
    for code, call in calls.items():
        with pytest.raises(PaperRefusal) as caught:
            call()
        assert caught.value.code is code


def test_another_account_s_order_is_unknown(spot) -> None:
    order = spot.order(spot.buy("1", "99.0", account="bo"))
    with pytest.raises(PaperRefusal):
        spot.venue.cancel("ana", spot.id, order_id=order.order_id, now_ns=1)


def test_a_finished_order_cannot_be_cancelled(spot) -> None:
    order = spot.order(spot.buy("1"))
    with pytest.raises(PaperRefusal, match="it is FILLED"):
        spot.venue.cancel("ana", spot.id, order_id=order.order_id, now_ns=1)


def test_a_closed_instrument_takes_cancels_only(spot) -> None:
    order = spot.order(spot.buy("1", "99.0"))
    spot.venue.set_instrument(replace(spot.instrument, active=False))
    with pytest.raises(PaperRefusal) as caught:
        spot.buy("1", "99.0")
    assert caught.value.code is C.INSTRUMENT_CLOSED
    spot.venue.cancel("ana", spot.id, order_id=order.order_id, now_ns=1)


def test_too_many_orders(spot) -> None:
    venue = PaperVenue("spot", [spot.instrument], max_orders=2, max_triggers=1)
    venue.add_account("ana", {"USDT": D(1_000)})
    venue.print_trade(spot.id, D(100), D(1), Side.BUY, 1)
    stop = spot.request(Side.BUY, "1", **STOP)
    venue.place(stop, 1)
    with pytest.raises(PaperRefusal, match="1 stops are waiting, 1 may be"):
        venue.place(stop, 1)
    venue.place(spot.request(Side.BUY, "1", "99.0"), 1)
    with pytest.raises(PaperRefusal, match="2 orders are open, 2 may be") as caught:
        venue.place(spot.request(Side.BUY, "1", "99.0"), 1)
    assert caught.value.code is C.MAX_ORDERS


def test_a_market_order_without_anybody_on_the_other_side(spot) -> None:
    spot.book("99.9x1", "")
    with pytest.raises(PaperRefusal) as caught:
        spot.buy("1")
    assert caught.value.code is C.NO_LIQUIDITY


def test_an_account_name_is_taken_once(spot) -> None:
    with pytest.raises(ValueError, match="ana exists"):
        spot.venue.add_account("ana", {})


def test_inverse_instruments_are_not_simulated(perp) -> None:
    with pytest.raises(ValueError, match="inverse"):
        PaperVenue("usdm", [replace(perp.instrument, inverse=True)])
