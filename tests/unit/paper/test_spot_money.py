"""Spot balances: what orders lock, what executions move, what commissions take."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import BalanceChanged, OrderCancelled, PaperRefusal, RefusalCode
from adapters.paper.ledger import FEES, MARKET, WORLD
from hedge_tui.domain.order import Side

D = Decimal


def changes(events):
    return {e.asset: (e.total, e.free, e.locked, e.delta) for e in events if isinstance(e, BalanceChanged)}


def test_a_resting_buy_locks_quote_and_a_sell_locks_base(spot) -> None:
    assert changes(spot.buy("2", "99.0")) == {"USDT": (D(10_000), D(9_802), D(198), 0)}
    assert changes(spot.sell("3", "101.0")) == {"ABC": (D(100), D(97), D(3), 0)}


def test_a_cancel_unlocks(spot) -> None:
    order = spot.order(spot.buy("2", "99.0"))
    events = spot.venue.cancel("ana", spot.id, order_id=order.order_id, now_ns=2_000)
    assert isinstance(events[0], OrderCancelled)
    assert changes(events) == {"USDT": (D(10_000), D(10_000), 0, 0)}


def test_commission_is_taken_from_what_is_received(spot) -> None:
    spot.buy("1")
    held = spot.venue.balances("ana")
    assert held["USDT"].total == D(10_000) - D("100.1")
    assert held["ABC"].total == D(101) - D("0.002")
    spot.sell("1")
    held = spot.venue.balances("ana")
    assert held["USDT"].total == D(10_000) - D("100.1") + D("99.9") * D("0.998")
    (bought, sold) = spot.venue.trades("ana", spot.id)
    assert (bought.commission, bought.commission_asset) == (D("0.002"), "ABC")
    assert (sold.commission, sold.commission_asset) == (D("99.9") * D("0.002"), "USDT")


def test_the_maker_pays_the_maker_rate(spot) -> None:
    spot.sell("1", "100.0", account="bo")
    spot.buy("1", "100.0")
    (trade,) = spot.venue.trades("bo", spot.id)
    assert (trade.maker, trade.commission) == (True, D("0.1"))


def test_a_better_price_gives_the_difference_back(spot) -> None:
    spot.buy("6", "101.0")  # 5 at 100.1, 1 at 100.2
    held = spot.venue.balances("ana")["USDT"]
    assert (held.total, held.locked) == (D(10_000) - D("500.5") - D("100.2"), 0)


def test_money_goes_round_and_nothing_comes_from_nowhere(spot) -> None:
    spot.buy("1")
    ledger = spot.venue.ledger
    assert ledger.total(MARKET, "USDT") == D("100.1")
    assert ledger.total(MARKET, "ABC") == D(-1)
    assert ledger.total(FEES, "ABC") == D("0.002")
    assert ledger.total(WORLD, "USDT") == D(-30_000)
    assert ledger.sums() == {"ABC": 0, "USDT": 0}


def test_more_than_is_free_is_refused_and_both_values_are_named(spot) -> None:
    spot.buy("90", "99.0")
    with pytest.raises(PaperRefusal, match=r"needs 1188\.0 USDT, free is 1090\.0 USDT") as caught:
        spot.buy("12", "99.0")
    assert caught.value.code is RefusalCode.INSUFFICIENT_BALANCE
    spot.sell("99", "101.0", account="bo")
    with pytest.raises(PaperRefusal, match="needs 2 ABC, free is 1 ABC"):
        spot.sell("2", account="bo")


def test_a_market_buy_may_spend_the_last_cent(spot) -> None:
    spot.venue.transfer("ana", "USDT", -(D(10_000) - D("500.5") - D("100.2")), 1)
    spot.buy("6")
    assert spot.venue.balances("ana")["USDT"].total == 0
    with pytest.raises(PaperRefusal):
        spot.buy("1")


def test_transfers_are_told_and_recorded(spot) -> None:
    (event,) = spot.venue.transfer("ana", "EUR", D(50), 7_000, "DEPOSIT")
    assert (event.asset, event.total, event.delta, event.reason) == ("EUR", D(50), D(50), "DEPOSIT")
    (income,) = spot.venue.income("ana")
    assert (income.kind.value, income.info, income.quantity, income.at_ns) == (
        "TRANSFER",
        "DEPOSIT",
        D(50),
        7_000,
    )
    with pytest.raises(PaperRefusal, match="withdrawal of 51 EUR, free is 50"):
        spot.venue.transfer("ana", "EUR", D(-51), 8_000)


def test_both_sides_of_a_match_settle_at_once(spot) -> None:
    spot.sell("2", "100.0", account="bo")
    events = spot.buy("2", "100.0")
    assert [(e.account, e.asset) for e in events if isinstance(e, BalanceChanged)] == [
        ("bo", "ABC"),
        ("bo", "USDT"),
        ("ana", "USDT"),
        ("ana", "ABC"),
    ]
    assert spot.venue.ledger.total(MARKET, "ABC") == 0
    spot.print("1", "99.9", Side.SELL)
    assert spot.venue.ledger.sums() == {"ABC": 0, "USDT": 0}
