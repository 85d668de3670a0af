"""Reduce-only: never more than the position, and gone when there is nothing left to reduce."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import OrderExpired, PaperRefusal, RefusalCode
from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import Side, TimeInForce

D = Decimal


def expired(events) -> list[tuple[int, str]]:
    return [(e.order.order_id, e.reason) for e in events if isinstance(e, OrderExpired)]


@pytest.mark.parametrize("side", list(Side))
def test_without_a_position_it_is_refused(perp, side) -> None:
    with pytest.raises(PaperRefusal) as caught:
        perp.venue.place(perp.request(side, "1", reduce_only=True), 1)
    assert caught.value.code is RefusalCode.REDUCE_ONLY


def test_on_the_side_of_the_position_it_is_refused(perp) -> None:
    perp.buy("1")
    with pytest.raises(PaperRefusal, match="would not reduce a position of 1"):
        perp.buy("1", reduce_only=True)


def test_the_excess_of_a_market_order_expires(perp) -> None:
    perp.buy("2")
    order = perp.order(perp.sell("5", reduce_only=True))
    assert (order.status, order.executed, order.reason) == (PaperStatus.EXPIRED, D(2), "REDUCE_ONLY")
    assert perp.position().quantity == 0


def test_resting_ones_are_trimmed_to_what_is_left_and_then_expire(perp) -> None:
    perp.buy("2")
    first = perp.order(perp.sell("1.5", "101.0", reduce_only=True))
    second = perp.order(perp.sell("1.5", "101.0", reduce_only=True))
    events = perp.print("3", "101.1", Side.BUY)
    assert expired(events) == [(second.order_id, "REDUCE_ONLY")]
    executed = [perp.venue.order("ana", perp.id, o.order_id).executed for o in (first, second)]
    assert executed == [D("1.5"), D("0.5")]
    assert perp.position().quantity == 0


def test_closing_otherwise_expires_them(perp) -> None:
    perp.buy("2")
    resting = perp.order(perp.sell("1", "101.0", reduce_only=True))
    assert expired(perp.sell("2")) == [(resting.order_id, "REDUCE_ONLY")]
    assert perp.venue.open_orders("ana") == []


def test_turning_the_position_expires_them(perp) -> None:
    perp.buy("2")
    resting = perp.order(perp.sell("1", "101.0", reduce_only=True))
    assert expired(perp.sell("3")) == [(resting.order_id, "REDUCE_ONLY")]
    assert perp.position().quantity == D(-1)


def test_they_need_no_margin_and_no_least_notional(perp) -> None:
    perp.buy("1")
    before = perp.venue.margin("ana", "USDT").available
    perp.sell("0.01", "101.0", reduce_only=True)
    assert perp.venue.margin("ana", "USDT").available == before


def test_fok_counts_what_reducing_orders_of_one_position_can_give_together(perp) -> None:
    perp.buy("1", account="bo")
    for _ in range(2):
        perp.sell("1", "100.0", account="bo", reduce_only=True)
    missed = perp.order(perp.buy("2", "100.0", time_in_force=TimeInForce.FOK))
    assert (missed.executed, missed.reason) == (0, "FOK")
    assert perp.order(perp.buy("1", "100.0", time_in_force=TimeInForce.FOK)).status is PaperStatus.FILLED


def test_fok_beyond_the_position_expires_whole(perp) -> None:
    perp.buy("1")
    order = perp.order(perp.sell("2", "99.0", reduce_only=True, time_in_force=TimeInForce.FOK))
    assert (order.executed, order.reason) == (0, "FOK")
