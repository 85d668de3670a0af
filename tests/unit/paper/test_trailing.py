"""Trailing stops: where they start to follow, what sets them off, what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import OrderTriggered, PaperRefusal, RefusalCode
from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import OrderType, Side, TriggerSource

D = Decimal
TRAIL = OrderType.TRAILING_STOP


def trail(floor, side: Side, percent: str, **fields):
    request = floor.request(side, "1", type=TRAIL, trail_pct=D(percent), **fields)
    return floor.venue.place(request, floor.now_ns)


def set_off(events) -> bool:
    return any(isinstance(event, OrderTriggered) for event in events)


def test_a_sell_follows_the_price_up_and_sells_when_it_turns(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    placed = trail(perp, Side.SELL, "2")
    for price in ("101", "99.5", "110", "107.9"):
        assert not set_off(perp.print("0.1", price, Side.BUY))
    assert set_off(perp.print("0.1", "107.8", Side.BUY))  # 110 less 2 %
    order = perp.order(placed)
    assert (order.status, order.type, order.original_type) == (PaperStatus.FILLED, OrderType.MARKET, TRAIL)
    assert order.trail_pct == D(2)


def test_a_buy_follows_the_price_down(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    trail(perp, Side.BUY, "1")
    for price in ("100.9", "95", "95.9"):
        assert not set_off(perp.print("0.1", price, Side.BUY))
    assert set_off(perp.print("0.1", "96", Side.BUY))  # 95 and 1 % are 95.95


def test_one_call_that_goes_up_and_down_is_seen_in_its_order(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    perp.book("99.9x5 97x5 96x50", "100.1x1 104x1 105x9")
    trail(perp, Side.SELL, "1", account="bo")
    assert not set_off(perp.buy("2"))  # prints 100.1, then 104
    assert set_off(perp.sell("6"))  # prints 99.9, then 97


def test_it_waits_for_its_activation_price(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    trail(perp, Side.SELL, "5", trigger_price="103")
    for price in ("102.9", "95", "103", "98"):
        assert not set_off(perp.print("0.1", price, Side.BUY))
    assert set_off(perp.print("0.1", "97.8", Side.BUY))  # 103 less 5 % is 97.85


def test_it_may_follow_the_mark(perp) -> None:
    trail(perp, Side.SELL, "1", trigger_source=TriggerSource.MARK)
    assert not set_off(perp.print("0.1", "90", Side.BUY))
    assert not set_off(perp.mark("101"))
    assert set_off(perp.mark("99.9"))


def test_a_cancelled_one_is_never_set_off(perp) -> None:
    perp.print("0.1", "100", Side.BUY)
    order = perp.order(trail(perp, Side.SELL, "1"))
    perp.venue.cancel("ana", perp.id, order_id=order.order_id, now_ns=perp.now_ns)
    assert not set_off(perp.print("0.1", "90", Side.BUY))
    assert perp.venue.order("ana", perp.id, order.order_id).status is PaperStatus.CANCELED


@pytest.mark.parametrize(
    ("percent", "fields", "code"),
    [
        ("0.05", {}, RefusalCode.TRAIL),
        ("10.1", {}, RefusalCode.TRAIL),
        ("NaN", {}, RefusalCode.TRAIL),
        ("1", {"trigger_price": "99"}, RefusalCode.WOULD_TRIGGER),
        ("1", {"trigger_price": "101.05"}, RefusalCode.TICK),
        ("1", {"close_position": True}, RefusalCode.ORDER_TYPE),
    ],
)
def test_what_is_refused(perp, percent: str, fields: dict, code: RefusalCode) -> None:
    perp.print("0.1", "100", Side.BUY)
    with pytest.raises(PaperRefusal) as caught:
        trail(perp, Side.SELL, percent, **fields)
    assert caught.value.code is code


def test_spot_has_none(spot) -> None:
    with pytest.raises(PaperRefusal) as caught:
        trail(spot, Side.SELL, "1")
    assert caught.value.code is RefusalCode.ORDER_TYPE
