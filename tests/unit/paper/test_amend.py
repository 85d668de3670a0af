"""Amending resting orders: what keeps its place, what takes, what is cancelled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import OrderAmended, OrderCancelled, OrderTraded, PaperRefusal, RefusalCode
from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import OrderType, Side

D = Decimal


def amend(floor, order, quantity: str | None = None, price: str | None = None):
    return floor.venue.amend(
        order.account,
        floor.id,
        order_id=order.order_id,
        quantity=D(quantity) if quantity else None,
        price=D(price) if price else None,
        now_ns=floor.now_ns + 1,
    )


def served_first(floor) -> str:
    events = floor.print("0.5", "99.4", Side.SELL)
    return next(e.trade.account for e in events if isinstance(e, OrderTraded))


@pytest.mark.parametrize(
    ("quantity", "price", "first"),
    [("0.5", None, "bo"), ("2", None, "cy"), ("1", "99.4", "cy"), ("0.5", "99.5", "bo")],
)
def test_only_a_smaller_quantity_at_the_same_price_keeps_its_place(spot, quantity, price, first) -> None:
    order = spot.order(spot.buy("1", "99.5", account="bo"))
    spot.buy("1", "99.5", account="cy")
    amend(spot, order, quantity, price)
    assert served_first(spot) == first


def test_the_new_values_and_the_same_id(spot) -> None:
    order = spot.order(spot.buy("1", "99.5"))
    (event, _) = amend(spot, order, "2", "99.6")
    assert isinstance(event, OrderAmended)
    assert (event.order.order_id, event.order.quantity, event.order.price) == (
        order.order_id,
        D(2),
        D("99.6"),
    )
    assert event.order.updated_ns == spot.now_ns + 1
    assert spot.venue.balances("ana")["USDT"].locked == D("199.2")


def test_a_price_that_crosses_takes(spot) -> None:
    order = spot.order(spot.buy("1", "99.5"))
    events = amend(spot, order, None, "100.1")
    assert [e.trade.price for e in events if isinstance(e, OrderTraded)] == [D("100.1")]


def test_a_post_only_that_would_take_is_cancelled(spot) -> None:
    order = spot.order(spot.buy("1", "99.5", post_only=True))
    events = amend(spot, order, None, "100.1")
    assert isinstance(events[0], OrderCancelled)
    assert events[0].reason == "AMEND"
    assert spot.venue.balances("ana")["USDT"].locked == 0


def test_a_quantity_that_is_executed_already_cancels(spot) -> None:
    order = spot.order(spot.buy("6", "100.1"))
    assert order.executed == D(5)
    amend(spot, order, "4")
    found = spot.venue.order("ana", spot.id, order.order_id)
    assert (found.status, found.executed) == (PaperStatus.CANCELED, D(5))


def test_executed_quantity_counts_into_the_new_total(spot) -> None:
    order = spot.order(spot.buy("6", "100.1"))
    amend(spot, order, "7")
    found = spot.venue.order("ana", spot.id, order.order_id)
    assert (found.status, found.remaining) == (PaperStatus.PARTIALLY_FILLED, D(2))


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        ("1", "99.5", RefusalCode.UNCHANGED),
        ("1.0005", None, RefusalCode.LOT),
        (None, "99.55", RefusalCode.TICK),
        ("0.01", None, RefusalCode.MIN_NOTIONAL),
        ("99", "101.9", RefusalCode.INSUFFICIENT_BALANCE),
    ],
)
def test_a_refused_amendment_changes_nothing(spot, quantity, price, code) -> None:
    order = spot.order(spot.buy("1", "99.5", account="bo"))
    spot.buy("1", "99.5", account="cy")
    spot.venue.transfer("bo", "USDT", D(-5_000), 1)
    with pytest.raises(PaperRefusal) as caught:
        amend(spot, order, quantity, price)
    assert caught.value.code is code
    assert spot.venue.order("bo", spot.id, order.order_id) == order
    assert spot.venue.balances("bo")["USDT"].locked == D("99.5")
    assert served_first(spot) == "bo"


def test_what_does_not_rest_cannot_be_amended(perp) -> None:
    stop = perp.order(perp.buy("1", type=OrderType.STOP_MARKET, trigger_price="105"))
    with pytest.raises(PaperRefusal) as caught:
        amend(perp, stop, "2")
    assert caught.value.code is RefusalCode.NOT_AMENDABLE
    done = perp.order(perp.buy("1"))
    with pytest.raises(PaperRefusal) as caught:
        amend(perp, done, "2")
    assert caught.value.code is RefusalCode.UNKNOWN_ORDER


def test_margin_follows_the_amendment(perp) -> None:
    order = perp.order(perp.buy("10", "99.0"))
    amend(perp, order, "20", "98.0")
    assert perp.venue.margin("ana", "USDT").order_initial == D(98)
    perp.venue.transfer("ana", "USDT", D(-900), 1)
    with pytest.raises(PaperRefusal):
        amend(perp, order, "50")
    assert perp.venue.margin("ana", "USDT").order_initial == D(98)
