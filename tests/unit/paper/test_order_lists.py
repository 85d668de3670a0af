"""Orders that hang together: OCO, OTO, and an OTO whose pending orders are an OCO."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import OrderListChanged, PaperRefusal, RefusalCode
from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import OrderType, Side

D = Decimal
STOP = {"type": OrderType.STOP_MARKET}
S = PaperStatus


def sell_pair(floor, above: str = "101", below: str = "99"):
    return [
        floor.request(Side.SELL, "2", above, client_order_id="above", post_only=True),
        floor.request(Side.SELL, "2", trigger_price=below, client_order_id="below", **STOP),
    ]


def oco(floor, **fields):
    floor.print("0.1", "100", Side.BUY)
    return floor.venue.place_list(None, sell_pair(floor, **fields), floor.now_ns, client_id="pair")


def statuses(floor, *names: str):
    return [floor.venue.order("ana", floor.id, client_order_id=name).status for name in names]


def locked(floor, asset: str) -> Decimal:
    return floor.venue.balances("ana")[asset].locked


def lists(events):
    return [(event.started, event.orders.done) for event in events if isinstance(event, OrderListChanged)]


def test_a_pair_sets_aside_what_one_of_them_needs(spot) -> None:
    events = oco(spot)
    assert lists(events) == [(True, False)]
    assert locked(spot, "ABC") == D(2)
    assert statuses(spot, "above", "below") == [S.NEW, S.NEW]
    assert {order.list_id for order in spot.venue.open_orders("ana")} == {
        spot.venue.order_list("ana", client_id="pair").list_id
    }


def test_a_buying_pair_sets_aside_the_dearer_one(spot) -> None:
    spot.print("0.1", "100", Side.BUY)
    pair = [
        spot.request(Side.BUY, "2", "99", client_order_id="below", post_only=True),
        spot.request(
            Side.BUY, "2", "103", trigger_price="102", client_order_id="above", type=OrderType.STOP_LIMIT
        ),
    ]
    spot.venue.place_list(None, pair, spot.now_ns, client_id="pair")
    assert locked(spot, "USDT") == D(206)
    spot.print("1", "99", Side.SELL)
    assert statuses(spot, "below", "above") == [S.PARTIALLY_FILLED, S.EXPIRED]
    assert locked(spot, "USDT") == D(99)


def test_the_first_execution_takes_the_other_one_off(spot) -> None:
    oco(spot)
    spot.book("99.9x5", "101.5x5")
    events = spot.print("0.5", "101", Side.BUY)
    assert statuses(spot, "above", "below") == [S.PARTIALLY_FILLED, S.EXPIRED]
    assert (locked(spot, "ABC"), lists(events)) == (D("1.5"), [])
    events = spot.print("1.5", "101", Side.BUY)
    assert lists(events) == [(False, True)]
    assert locked(spot, "ABC") == 0
    assert not spot.venue.open_orders("ana")


def test_a_stop_that_is_set_off_takes_the_other_one_off(spot) -> None:
    oco(spot)
    events = spot.print("0.1", "98.9", Side.SELL)
    assert statuses(spot, "above", "below") == [S.EXPIRED, S.FILLED]
    assert lists(events) == [(False, True)]
    assert (locked(spot, "ABC"), spot.venue.balances("ana")["ABC"].total) == (0, D(98))


@pytest.mark.parametrize("by_list", [True, False])
def test_cancelling_one_or_the_list_cancels_both(spot, by_list) -> None:
    oco(spot)
    if by_list:
        events = spot.venue.cancel_list("ana", client_id="pair", now_ns=spot.now_ns)
    else:
        events = spot.venue.cancel("ana", spot.id, client_order_id="below", now_ns=spot.now_ns)
    assert lists(events) == [(False, True)]
    assert statuses(spot, "above", "below") == [S.CANCELED, S.CANCELED]
    assert locked(spot, "ABC") == 0
    with pytest.raises(PaperRefusal) as caught:
        spot.venue.cancel_list("ana", client_id="pair", now_ns=spot.now_ns)
    assert caught.value.code is RefusalCode.UNKNOWN_ORDER


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"above": "99.9"}, RefusalCode.WOULD_TAKE),
        ({"below": "100.5"}, RefusalCode.WOULD_TRIGGER),
        ({"above": "101.05"}, RefusalCode.TICK),
    ],
)
def test_a_pair_of_which_one_is_refused_leaves_nothing(spot, fields, code) -> None:
    with pytest.raises(PaperRefusal) as caught:
        oco(spot, **fields)
    assert caught.value.code is code
    assert not spot.venue.open_orders("ana")
    assert locked(spot, "ABC") == 0


def test_a_pair_that_nothing_pays_for_leaves_nothing(spot) -> None:
    spot.sell("99", "105")
    with pytest.raises(PaperRefusal) as caught:
        oco(spot)
    assert caught.value.code is RefusalCode.INSUFFICIENT_BALANCE
    assert locked(spot, "ABC") == D(99)


def entry(floor, price: str = "99.5"):
    return floor.request(Side.BUY, "2", price, client_order_id="entry")


def test_a_pending_order_waits_without_money_until_the_first_has_filled(spot) -> None:
    target = spot.request(Side.SELL, "2", "104", client_order_id="target")
    spot.venue.place_list(entry(spot), [target], spot.now_ns, client_id="oto")
    assert statuses(spot, "entry", "target") == [S.NEW, S.PENDING_NEW]
    assert (locked(spot, "USDT"), locked(spot, "ABC")) == (D(199), 0)
    spot.book("99x5", "99.7x5")
    spot.print("1", "99.5", Side.SELL)
    assert statuses(spot, "entry", "target") == [S.PARTIALLY_FILLED, S.PENDING_NEW]
    spot.print("1", "99.5", Side.SELL)
    assert statuses(spot, "entry", "target") == [S.FILLED, S.NEW]
    assert locked(spot, "ABC") == D(2)
    assert spot.venue.book(spot.id)[1][-1] == (D(104), D(2))


def test_a_bracket_follows_its_entry_at_once(spot) -> None:
    events = spot.venue.place_list(
        entry(spot, "100.1"), sell_pair(spot, "104", "97"), spot.now_ns, client_id="bracket"
    )
    assert statuses(spot, "entry", "above", "below") == [S.FILLED, S.NEW, S.NEW]
    assert (locked(spot, "ABC"), lists(events)) == (D(2), [(True, False)])
    spot.print("0.1", "96.9", Side.SELL)
    assert statuses(spot, "above", "below") == [S.EXPIRED, S.FILLED]
    assert spot.venue.order_lists("ana")[0].done


def test_pending_orders_go_with_their_entry(spot) -> None:
    spot.venue.place_list(entry(spot), sell_pair(spot, "104", "97"), spot.now_ns, client_id="bracket")
    events = spot.venue.cancel("ana", spot.id, client_order_id="entry", now_ns=spot.now_ns)
    assert statuses(spot, "entry", "above", "below") == [S.CANCELED] * 3
    assert lists(events) == [(False, True)]


def test_a_pending_order_that_nothing_pays_for_is_rejected(spot) -> None:
    second = spot.request(Side.BUY, "2", "99", client_order_id="second")
    spot.venue.place_list(entry(spot, "100.1"), [second], spot.now_ns, client_id="oto")
    assert statuses(spot, "entry", "second") == [S.FILLED, S.NEW]
    third = spot.request(Side.BUY, "98", "99.9", client_order_id="third")
    spot.venue.place_list(
        spot.request(Side.BUY, "2", "100.1", client_order_id="again"), [third], spot.now_ns, client_id="more"
    )
    assert statuses(spot, "again", "third") == [S.FILLED, S.REJECTED]
    assert spot.venue.order_list("ana", client_id="more").done


def test_futures_have_none(perp) -> None:
    with pytest.raises(PaperRefusal) as caught:
        perp.venue.place_list(None, sell_pair(perp), perp.now_ns, client_id="pair")
    assert caught.value.code is RefusalCode.ORDER_TYPE


def test_cancelling_everything_meets_a_list_once(spot) -> None:
    oco(spot)
    alone = spot.order(spot.buy("1", "95"))
    events = spot.venue.cancel_all("ana", spot.id, spot.now_ns)
    assert statuses(spot, "above", "below") == [S.CANCELED, S.CANCELED]
    assert spot.venue.order("ana", spot.id, alone.order_id).status is S.CANCELED
    assert lists(events) == [(False, True)]
