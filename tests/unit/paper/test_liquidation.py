"""Liquidation by steps, auto-deleveraging and its queue, stops that close a whole position."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.paper.events import BalanceChanged, Liquidated, PaperRefusal, RefusalCode
from adapters.paper.ledger import INSURANCE
from adapters.paper.margin_brackets import MarginBracket
from adapters.paper.records import IncomeKind, PaperStatus
from hedge_tui.domain.order import OrderType, PositionSide
from tests.unit.paper.conftest import PERP, Floor

D = Decimal
NET = PositionSide.NET
FREE = replace(PERP, maker_fee=D(0), taker_fee=D(0))
BRACKETS = (
    MarginBracket(1, D(0), D(1_000), D("0.01"), D(0), D(50)),
    MarginBracket(2, D(1_000), D(5_000), D("0.05"), D(40), D(20)),
    MarginBracket(3, D(5_000), D(50_000), D("0.25"), D(1_040), D(10)),
)


@pytest.fixture
def floor() -> Floor:
    floor = Floor(FREE, brackets={FREE.id: BRACKETS})
    for account in ("ana", "bo", "cy"):
        floor.venue.add_account(account, {"USDT": D(1_000)}, leverage=D(10))
    floor.book("100x500", "100x500")
    floor.mark("100")
    return floor


def forced(events) -> list[Liquidated]:
    return [event for event in events if isinstance(event, Liquidated)]


def test_a_large_position_comes_down_by_brackets_until_it_can_be_carried(floor) -> None:
    for _ in range(5):
        floor.buy("16")  # 8000 at 100: bracket 3, maintenance 8000 x 25 % - 1040 = 960
    events = floor.mark("99")  # margin balance 920, maintenance 7920 x 25 % - 1040 = 940
    (first,) = forced(events)
    assert first.trade.quantity == D("29.495")  # 7920 down to the floor of 5000, at 99 each
    assert first.fee > 0
    position = floor.position()
    assert position.quantity == D("50.505")
    assert position.notional <= D(5_000)
    margin = floor.venue.margin("ana", "USDT")
    assert margin.margin_balance > margin.maintenance
    assert not floor.mark("98.9")


def test_a_bankrupt_position_is_closed_at_once(floor) -> None:
    for _ in range(5):
        floor.buy("16")
    events = floor.mark("85")
    assert sum(one.trade.quantity for one in forced(events)) == D(80)
    assert len(forced(events)) == 1
    assert floor.usdt() == 0
    assert floor.venue.ledger.sums()["USDT"] == 0


def test_an_isolated_position_comes_down_by_steps_too(floor) -> None:
    floor.venue.set_margin_mode("ana", floor.id, isolated=True)
    for _ in range(4):
        floor.buy("16")  # margin 640
    events = floor.mark("98.3")  # 640 - 108.8 = 531.2 against 6291.2 x 25 % - 1040 = 532.8
    assert [one.kind for one in forced(events)] == ["LIQUIDATION"]
    position = floor.position()
    assert 0 < position.notional <= D(5_000)
    assert 0 < position.isolated_wallet < D(640)
    assert floor.venue.margin("ana", "USDT").available >= D(360)


def bankrupt(floor) -> list:
    """`ana` long 50, `bo` and `cy` short 20 and 40, and a fall that takes more than ana has."""
    floor.buy("50", "100")
    floor.sell("20", account="bo")
    floor.venue.transfer("cy", "USDT", D(-400), floor.now_ns)
    floor.sell("40", "100", account="cy")
    return floor.mark("70")


def test_who_gains_most_on_least_money_gives_way_first(floor) -> None:
    floor.venue.limit_insurance("USDT", D(100))
    events = forced(bankrupt(floor))
    assert [(one.account, one.kind, one.trade.quantity) for one in events] == [
        ("ana", "LIQUIDATION", D(40)),
        ("cy", "ADL", D(40)),
        ("ana", "LIQUIDATION", D(10)),
        ("bo", "ADL", D(10)),
    ]
    assert {one.trade.price for one in events} == {D(80)}  # where ana has lost exactly her 1000
    assert events[1].order.client_order_id.startswith("adl_autoclose")
    assert floor.usdt("ana") == 0
    assert floor.usdt("cy") == D(600) + D(800)
    assert floor.venue.ledger.total(INSURANCE, "USDT") == D(100)
    assert floor.venue.outside_position(floor.id) == D(10)


def test_while_the_insurance_can_pay_nobody_gives_way(floor) -> None:
    floor.venue.limit_insurance("USDT", D(500))
    assert [one.account for one in forced(bankrupt(floor))] == ["ana"]
    assert floor.venue.ledger.total(INSURANCE, "USDT") == 0


def test_the_queue_shows_who_is_next(floor) -> None:
    floor.sell("20", account="bo")
    floor.sell("40", "100", account="cy")
    floor.buy("10")
    floor.mark("95")
    quantiles = [floor.venue.adl_quantile(account, floor.id, NET) for account in ("cy", "bo", "ana")]
    assert quantiles == [4, 2, 0]


def test_a_position_can_be_made_to_give_way(floor) -> None:
    floor.sell("20", account="bo")
    floor.mark("90")
    (event,) = forced(floor.venue.deleverage("bo", floor.id, NET, D(5), floor.now_ns))
    assert (event.kind, event.trade.price, event.trade.realized_pnl) == ("ADL", D(90), D(50))
    assert floor.position("bo").quantity == D(-15)
    with pytest.raises(PaperRefusal) as caught:
        floor.venue.deleverage("cy", floor.id, NET, D(5), floor.now_ns)
    assert caught.value.code is RefusalCode.REDUCE_ONLY


def test_reduce_only_orders_go_when_a_position_was_taken_away(floor) -> None:
    floor.sell("20", account="bo")
    resting = floor.order(floor.buy("20", "99", account="bo", reduce_only=True))
    floor.mark("98")
    floor.venue.deleverage("bo", floor.id, NET, D(20), floor.now_ns)
    assert floor.venue.order("bo", floor.id, resting.order_id).status is PaperStatus.EXPIRED


def test_stops_that_close_a_position_go_with_it(perp) -> None:
    perp.buy("10")
    stop = perp.order(perp.sell("10", type=OrderType.STOP_MARKET, trigger_price="90", close_position=True))
    perp.sell("4")
    assert perp.venue.order("ana", perp.id, stop.order_id).status is PaperStatus.NEW
    perp.sell("6")
    gone = perp.venue.order("ana", perp.id, stop.order_id)
    assert (gone.status, gone.reason) == (PaperStatus.EXPIRED, "REDUCE_ONLY")


def test_income_of_other_kinds_is_booked_and_told(perp) -> None:
    events = perp.venue.adjust("ana", "USDT", D("1.5"), IncomeKind.COMMISSION_REBATE, perp.now_ns)
    assert [(e.delta, e.reason) for e in events if isinstance(e, BalanceChanged)] == [
        (D("1.5"), "COMMISSION_REBATE")
    ]
    assert perp.venue.income("ana")[-1].kind is IncomeKind.COMMISSION_REBATE
    assert perp.venue.ledger.sums()["USDT"] == 0
