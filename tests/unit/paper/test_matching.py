"""Price-time matching against the outside and between our own accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.events import OrderAccepted, OrderExpired, OrderTraded, PublicTrade
from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import Side, TimeInForce

if TYPE_CHECKING:
    from adapters.paper.events import Event

D = Decimal


def executions(events: list[Event]) -> list[tuple[str, D, D, bool]]:
    return [
        (e.trade.account, e.trade.price, e.trade.quantity, e.trade.maker)
        for e in events
        if isinstance(e, OrderTraded)
    ]


def test_a_market_order_sweeps_the_outside_and_leaves_less_of_it(spot) -> None:
    events = spot.buy("8")
    assert executions(events) == [("ana", D("100.1"), D(5), False), ("ana", D("100.2"), D(3), False)]
    order = spot.order(events)
    assert order.status is PaperStatus.FILLED
    assert order.average_price == (D("100.1") * 5 + D("100.2") * 3) / 8
    assert spot.venue.book(spot.id)[1] == [(D("100.2"), D(4))]
    assert spot.venue.last(spot.id) == D("100.2")
    spot.book("99.9x5", "100.1x5")
    assert spot.venue.book(spot.id)[1] == [(D("100.1"), D(5))]


def test_a_market_order_expires_where_liquidity_ends(spot) -> None:
    events = spot.sell("15")
    order = spot.order(events)
    assert (order.status, order.executed, order.reason) == (PaperStatus.EXPIRED, D(12), "MARKET")
    assert [e.reason for e in events if isinstance(e, OrderExpired)] == ["MARKET"]


def test_a_limit_order_takes_up_to_its_limit_and_rests(spot) -> None:
    events = spot.buy("6", "100.1")
    assert executions(events) == [("ana", D("100.1"), D(5), False)]
    order = spot.order(events)
    assert (order.status, order.remaining) == (PaperStatus.PARTIALLY_FILLED, D(1))
    assert spot.venue.book(spot.id)[0][0] == (D("100.1"), D(1))


def test_own_accounts_match_by_price_then_time(spot) -> None:
    spot.sell("1", "100.0", account="bo")
    spot.sell("1", "100.0", account="cy")
    spot.sell("1", "100.0", account="bo")
    events = spot.buy("2.5", "100.1")
    assert executions(events) == [
        ("bo", D("100.0"), D(1), True),
        ("ana", D("100.0"), D(1), False),
        ("cy", D("100.0"), D(1), True),
        ("ana", D("100.0"), D(1), False),
        ("bo", D("100.0"), D("0.5"), True),
        ("ana", D("100.0"), D("0.5"), False),
    ]


def test_a_better_price_goes_before_an_earlier_order(spot) -> None:
    spot.buy("1", "99.9", account="bo")
    spot.buy("1", "100.0", account="cy")
    assert executions(spot.sell("1"))[0] == ("cy", D("100.0"), D(1), True)


def test_both_sides_share_the_trade_id_and_the_print(spot) -> None:
    spot.sell("1", "100.0", account="bo")
    events = spot.buy("1", "100.0")
    sides = [e.trade for e in events if isinstance(e, OrderTraded)]
    (tape,) = [e for e in events if isinstance(e, PublicTrade)]
    assert {trade.trade_id for trade in sides} == {tape.trade_id}
    assert (tape.price, tape.quantity, tape.taker_side, tape.outside) == (D("100.0"), D(1), Side.BUY, False)


def test_the_outside_queue_ahead_is_served_first(spot) -> None:
    spot.buy("1", "99.9", account="bo")  # behind 5 outside
    assert executions(spot.print("4", "99.9", Side.SELL)) == []
    assert executions(spot.print("1.4", "99.9", Side.SELL)) == [("bo", D("99.9"), D("0.4"), True)]
    assert executions(spot.sell("2"))[0] == ("bo", D("99.9"), D("0.6"), True)


def test_orders_queue_around_outside_that_joins_later(spot) -> None:
    spot.buy("1", "99.9", account="bo")  # 5 ahead
    spot.book("99.9x8 99.8x7", "100.1x5")
    spot.buy("1", "99.9", account="cy")  # 8 outside and bo ahead
    events = spot.sell("20", "99.9")
    assert [(who, quantity) for who, _, quantity, _ in executions(events)] == [
        ("ana", D(5)),
        ("bo", D(1)),
        ("ana", D(1)),
        ("ana", D(3)),
        ("cy", D(1)),
        ("ana", D(1)),
    ]


def test_a_queue_shrinks_with_the_outside(spot) -> None:
    spot.buy("1", "99.9", account="bo")
    spot.book("99.9x2 99.8x7", "100.1x5")
    spot.book("99.9x9 99.8x7", "100.1x5")
    assert executions(spot.print("2.5", "99.9", Side.SELL)) == [("bo", D("99.9"), D("0.5"), True)]


def test_an_order_beyond_the_known_depth_goes_behind_what_shows_there(spot) -> None:
    spot.buy("1", "99.5", account="bo")
    spot.book("99.6x1 99.5x3", "100.1x5")
    assert executions(spot.print("3", "99.5", Side.SELL)) == []
    assert executions(spot.print("3", "99.5", Side.SELL)) == [("bo", D("99.5"), D(1), True)]


def test_a_queue_that_leaves_the_known_depth_is_not_forgotten(spot) -> None:
    spot.buy("1", "99.9", account="bo")  # 5 ahead
    spot.book("100.0x3", "100.1x5")
    spot.book("99.9x6 99.8x1", "100.1x5")
    assert executions(spot.print("5", "99.9", Side.SELL)) == []
    assert executions(spot.print("1", "99.9", Side.SELL)) == [("bo", D("99.9"), D(1), True)]


def test_a_print_fills_better_priced_orders_first_and_at_their_price(spot) -> None:
    spot.buy("1", "100.0", account="bo")
    spot.buy("1", "99.9", account="cy")
    events = spot.print("1.5", "99.8", Side.SELL)
    assert executions(events) == [
        ("bo", D("100.0"), D(1), True),
        ("cy", D("99.9"), D("0.5"), True),
    ]
    assert not any(isinstance(e, PublicTrade) and e.outside for e in events)


def test_what_nobody_here_took_is_printed_as_outside(spot) -> None:
    (event,) = spot.print("3", "100.1", Side.BUY)
    assert isinstance(event, PublicTrade)
    assert (event.outside, event.quantity) == (True, D(3))
    assert spot.venue.book(spot.id)[1][0] == (D("100.1"), D(2))
    assert spot.venue.last(spot.id) == D("100.1")


def test_a_new_book_that_crosses_fills_resting_orders_as_makers(spot) -> None:
    spot.buy("3", "100.0", account="bo")
    events = spot.book("99.7x1", "99.8x1 99.9x1 100.1x5")
    assert executions(events) == [("bo", D("100.0"), D(1), True), ("bo", D("100.0"), D(1), True)]
    bids, asks = spot.venue.book(spot.id)
    assert bids[0] == (D("100.0"), D(1))
    assert asks[0] == (D("100.1"), D(5))


def test_ioc_expires_the_rest(spot) -> None:
    order = spot.order(spot.buy("6", "100.1", time_in_force=TimeInForce.IOC))
    assert (order.status, order.executed, order.reason) == (PaperStatus.EXPIRED, D(5), "IOC")


def test_fok_fills_whole_or_not_at_all(spot) -> None:
    spot.sell("1", "100.1", account="bo")
    missed = spot.buy("6.5", "100.1", time_in_force=TimeInForce.FOK)
    assert executions(missed) == []
    assert spot.order(missed).reason == "FOK"
    assert spot.order(spot.buy("6", "100.1", time_in_force=TimeInForce.FOK)).status is PaperStatus.FILLED


def test_fok_does_not_count_the_account_s_own_orders(spot) -> None:
    spot.sell("1", "100.1")
    assert spot.order(spot.buy("6", "100.1", time_in_force=TimeInForce.FOK)).reason == "FOK"


def test_an_account_never_trades_with_itself(spot) -> None:
    resting = spot.sell("1", "100.0")
    events = spot.buy("2", "100.1")
    assert executions(events) == [("ana", D("100.1"), D(2), False)]
    assert spot.order(resting).status is PaperStatus.EXPIRED_IN_MATCH
    assert spot.order(resting).reason == "SELF_TRADE"


def test_gtd_expires_at_its_time_in_whatever_call_comes_next(spot) -> None:
    events = spot.buy("1", "99.0", time_in_force=TimeInForce.GTD, expire_ns=2_000)
    assert spot.venue.next_expiry_ns == 2_000
    assert spot.venue.advance(1_999) == []
    (expired, _) = spot.venue.advance(2_000)
    assert isinstance(expired, OrderExpired)
    assert (expired.reason, expired.at_ns) == ("GTD", 2_000)
    assert spot.order(events).status is PaperStatus.EXPIRED
    assert spot.venue.next_expiry_ns is None


def test_order_ids_rise_and_client_ids_are_made_when_missing(spot) -> None:
    first, second = spot.buy("1", "99.0"), spot.buy("1", "99.0")
    assert isinstance(first[0], OrderAccepted)
    assert (spot.order(first).order_id, spot.order(second).order_id) == (1, 2)
    assert spot.order(first).client_order_id.startswith("x-")
    assert spot.order(first).client_order_id != spot.order(second).client_order_id


def test_a_client_id_finds_the_newest_order_that_bears_it(spot) -> None:
    spot.buy("1", "99.0", client_order_id="mine")
    spot.venue.cancel("ana", spot.id, client_order_id="mine", now_ns=1)
    newest = spot.order(spot.buy("1", "98.0", client_order_id="mine"))
    assert spot.venue.order("ana", spot.id, client_order_id="mine") == newest
    assert spot.venue.order("bo", spot.id, client_order_id="mine") is None


def test_each_part_of_an_iceberg_queues_up_anew(spot) -> None:
    spot.book("99.9x5", "100.1x5")
    spot.venue.place(spot.request(Side.BUY, "10", "99.9"), spot.now_ns, visible=D(4))
    assert spot.venue.book(spot.id)[0][0] == (D("99.9"), D(9))
    # five in front of it, then its first four
    events = spot.print("9", "99.9", Side.SELL)
    assert executions(events) == [("ana", D("99.9"), D(4), True)]
    assert spot.venue.book(spot.id)[0][0] == (D("99.9"), D(4))
    # who comes now is behind the second part, and in front of the last one
    spot.book("99.9x3", "100.1x5")
    assert executions(spot.print("4", "99.9", Side.SELL)) == [("ana", D("99.9"), D(4), True)]
    assert spot.venue.book(spot.id)[0][0] == (D("99.9"), D(5))
    assert executions(spot.print("4", "99.9", Side.SELL)) == [("ana", D("99.9"), D(1), True)]
