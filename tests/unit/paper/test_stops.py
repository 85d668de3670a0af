"""Stops and take-profits: what sets them off, and what becomes of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import (
    OrderExpired,
    OrderRejectedEvent,
    OrderTraded,
    OrderTriggered,
    PaperRefusal,
    RefusalCode,
)
from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import OrderType, Side, TriggerSource

D = Decimal

STOP, STOP_LIMIT = OrderType.STOP_MARKET, OrderType.STOP_LIMIT
TAKE, TAKE_LIMIT = OrderType.TAKE_PROFIT_MARKET, OrderType.TAKE_PROFIT_LIMIT


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "before", "at"),
    [
        (Side.BUY, STOP, "101", "100.9", "101"),
        (Side.SELL, STOP, "99", "99.1", "99"),
        (Side.BUY, TAKE, "99", "99.1", "99"),
        (Side.SELL, TAKE, "101", "100.9", "101"),
    ],
)
def test_each_kind_is_set_off_by_its_own_direction(perp, side, kind, *, trigger, before, at) -> None:
    perp.print("0.1", "100", Side.BUY)
    placed = perp.venue.place(perp.request(side, "1", type=kind, trigger_price=trigger), perp.now_ns)
    order = perp.order(placed)
    assert (order.working, order.triggered, order.working_ns) == (False, False, 0)
    assert not any(isinstance(e, OrderTriggered) for e in perp.print("0.1", before, Side.BUY))
    perp.now_ns += 5
    events = perp.print("0.1", at, Side.BUY)
    (set_off,) = [e for e in events if isinstance(e, OrderTriggered)]
    assert (set_off.order.type, set_off.order.original_type) == (OrderType.MARKET, kind)
    order = perp.order(placed)
    assert (order.status, order.executed, order.triggered_ns) == (PaperStatus.FILLED, D(1), perp.now_ns)


def test_a_stop_limit_becomes_a_limit_order_in_the_book(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    placed = perp.sell("1", "99.9", type=TAKE_LIMIT, trigger_price="100.1")
    perp.book("99.5x5", "101x5")
    perp.print("0.1", "100.1", Side.BUY)
    order = perp.order(placed)
    assert (order.status, order.type, order.working) == (PaperStatus.NEW, OrderType.LIMIT, True)
    assert perp.venue.book(perp.id)[1][0] == (D("99.9"), D(1))


def test_mark_stops_look_at_the_mark_only(perp) -> None:
    placed = perp.buy("1", type=STOP, trigger_price="101", trigger_source=TriggerSource.MARK)
    perp.print("0.1", "105", Side.BUY)
    assert perp.order(placed).status is PaperStatus.NEW
    perp.mark("101")
    assert perp.order(placed).status is PaperStatus.FILLED


def test_a_sweep_sets_off_stops_on_both_sides_of_where_it_ends(perp) -> None:
    perp.book("99.9x50", "100.1x1 101.2x50")
    perp.print("0.1", "100.5", Side.BUY)
    falling = perp.sell("1", type=STOP, trigger_price="100.3", account="bo")
    rising = perp.buy("1", type=STOP, trigger_price="101", account="cy")
    beyond = perp.buy("1", type=STOP, trigger_price="101.3", account="cy")
    perp.buy("2")  # at 100.1, then 101.2
    assert perp.order(falling).status is PaperStatus.FILLED
    assert perp.order(rising).status is PaperStatus.FILLED
    assert perp.order(beyond).status is PaperStatus.NEW


def test_one_stop_sets_off_the_next(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    perp.book("99.9x1 99.5x1 99.0x5", "100.1x5")
    first = perp.sell("2", type=STOP, trigger_price="99.9", account="bo")
    second = perp.sell("1", type=STOP, trigger_price="99.5", account="cy")
    events = perp.sell("0.5")
    assert [perp.order(o).status for o in (first, second)] == [PaperStatus.FILLED] * 2
    order_of = [e.order.account for e in events if isinstance(e, OrderTriggered)]
    assert order_of == ["bo", "cy"]


def test_a_trigger_that_is_reached_already_is_refused(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    for side, kind, trigger in (
        (Side.BUY, STOP, "100"),
        (Side.BUY, STOP, "99"),
        (Side.SELL, STOP, "100"),
        (Side.SELL, TAKE, "99"),
        (Side.BUY, TAKE, "101"),
    ):
        with pytest.raises(PaperRefusal) as caught:
            perp.venue.place(perp.request(side, "1", type=kind, trigger_price=trigger), 1)
        assert caught.value.code is RefusalCode.WOULD_TRIGGER
        assert trigger in str(caught.value)


def test_a_stop_needs_no_margin_until_it_is_set_off_and_is_rejected_then(perp) -> None:
    placed = perp.buy("15", type=STOP, trigger_price="101")
    assert perp.venue.margin("ana", "USDT").order_initial == 0
    perp.buy("14", account="ana", price="99.0")
    perp.venue.set_leverage("ana", perp.id, D(2))
    events = perp.print("0.1", "101", Side.BUY)
    (rejected,) = [e for e in events if isinstance(e, OrderRejectedEvent)]
    assert rejected.code is RefusalCode.INSUFFICIENT_MARGIN
    assert perp.order(placed).status is PaperStatus.REJECTED


def test_close_position_takes_what_is_there_when_set_off(perp) -> None:
    perp.buy("2")
    placed = perp.sell("0", type=STOP, trigger_price="99", close_position=True)
    perp.buy("1")
    events = perp.print("0.1", "99", Side.SELL)
    assert perp.order(placed).quantity == D(3)
    assert perp.position().quantity == 0
    assert any(isinstance(e, OrderTraded) for e in events)


def test_a_reducing_stop_without_a_position_expires_when_set_off(perp) -> None:
    placed = perp.sell("1", type=STOP, trigger_price="99", reduce_only=True)
    events = perp.print("0.1", "99", Side.SELL)
    assert any(isinstance(e, OrderExpired) and e.reason == "REDUCE_ONLY" for e in events)
    assert perp.order(placed).status is PaperStatus.EXPIRED


def test_a_triggered_post_only_that_would_take_expires(perp) -> None:
    placed = perp.buy("1", "101", type=STOP_LIMIT, trigger_price="100.5", post_only=True)
    events = perp.print("0.1", "100.5", Side.BUY)
    assert any(isinstance(e, OrderExpired) and e.reason == "POST_ONLY" for e in events)
    assert perp.order(placed).executed == 0


def test_a_cancelled_stop_stays_silent(perp) -> None:
    placed = perp.buy("1", type=STOP, trigger_price="101")
    perp.venue.cancel_all("ana", perp.id, 2, which="orders")
    assert perp.order(placed).status is PaperStatus.NEW
    perp.venue.cancel_all("ana", perp.id, 2, which="stops")
    assert perp.order(placed).status is PaperStatus.CANCELED
    assert not any(isinstance(e, OrderTriggered) for e in perp.print("1", "102", Side.BUY))


def test_a_spot_stop_locks_its_money_while_it_waits(spot) -> None:
    spot.print("0.1", "100", Side.BUY)
    spot.sell("3", type=STOP, trigger_price="99")
    spot.buy("2", "102", type=STOP_LIMIT, trigger_price="101")
    spot.buy("1", type=STOP, trigger_price="103")
    held = spot.venue.balances("ana")
    assert (held["ABC"].locked, held["USDT"].locked) == (D(3), D(2) * 102 + 103)
    spot.venue.cancel_all("ana", spot.id, 1)
    held = spot.venue.balances("ana")
    assert (held["ABC"].locked, held["USDT"].locked) == (0, 0)


def test_a_spot_stop_buys_no_more_than_it_can_pay(spot) -> None:
    spot.print("0.1", "100", Side.BUY)
    spot.venue.transfer("bo", "USDT", D(-7_900), 1)
    placed = spot.buy("20", type=STOP, trigger_price="101", account="bo")
    spot.book("99.9x5", "150x200")
    events = spot.print("0.1", "101", Side.BUY)
    (rejected,) = [e for e in events if isinstance(e, OrderRejectedEvent)]
    assert rejected.code is RefusalCode.INSUFFICIENT_BALANCE
    assert spot.order(placed).status is PaperStatus.REJECTED
    assert spot.venue.balances("bo")["USDT"].locked == 0
