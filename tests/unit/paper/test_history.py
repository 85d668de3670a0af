"""What the venue remembers, and how long."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper import paper_account
from adapters.paper.records import IncomeKind
from hedge_tui.domain.order import Side

D = Decimal


def test_orders_and_trades_are_listed_in_order(perp) -> None:
    perp.buy("1", "99.0")
    perp.buy("1")
    perp.sell("1", "101.0")
    perp.sell("0.5")
    assert [o.order_id for o in perp.venue.all_orders("ana", perp.id)] == [1, 2, 3, 4]
    assert [o.order_id for o in perp.venue.open_orders("ana")] == [1, 3]
    assert [o.order_id for o in perp.venue.open_orders("ana", perp.id)] == [1, 3]
    assert [t.order_id for t in perp.venue.trades("ana", perp.id)] == [2, 4]
    assert perp.venue.trades("bo", perp.id) == []


def test_the_oldest_finished_orders_are_forgotten_open_ones_never(perp, monkeypatch) -> None:
    monkeypatch.setattr(paper_account, "KEPT", 3)
    resting = perp.order(perp.buy("1", "99.0", client_order_id="open"))
    for number in range(5):
        perp.buy("0.1", client_order_id=f"c{number}")
    assert [o.client_order_id for o in perp.venue.all_orders("ana", perp.id)] == ["open", "c2", "c3", "c4"]
    assert perp.venue.order("ana", perp.id, order_id=resting.order_id + 1) is None
    assert perp.venue.order("ana", perp.id, client_order_id="c0") is None
    assert perp.venue.order("ana", perp.id, client_order_id="open") == resting


def test_a_reused_client_id_survives_the_forgetting_of_its_first_bearer(perp, monkeypatch) -> None:
    monkeypatch.setattr(paper_account, "KEPT", 2)
    for _ in range(4):
        perp.buy("0.1", client_order_id="same")
    assert perp.venue.order("ana", perp.id, client_order_id="same").order_id == 4


def test_income_tells_every_movement_of_the_wallet(perp) -> None:
    perp.venue.transfer("ana", "USDT", D(5), 1, "DEPOSIT")
    perp.buy("1")
    perp.sell("1")
    perp.buy("1")
    perp.venue.pay_funding(perp.id, D("0.01"), 2_000)
    rows = perp.venue.income("ana")
    assert [r.kind for r in rows] == [
        IncomeKind.TRANSFER,
        IncomeKind.COMMISSION,
        IncomeKind.REALIZED_PNL,
        IncomeKind.COMMISSION,
        IncomeKind.COMMISSION,
        IncomeKind.FUNDING_FEE,
    ]
    assert D(1_000) + sum(r.quantity for r in rows) == perp.usdt()
    assert [r.income_id for r in rows] == sorted({r.income_id for r in rows})
    assert (rows[2].trade_id, rows[2].quantity) == (2, D("-0.2"))


def test_time_never_goes_back(perp) -> None:
    perp.now_ns = 5_000
    perp.buy("1", "99.0")
    perp.now_ns = 4_000
    (event, *_) = perp.buy("1", "98.0")
    assert event.at_ns == 5_000


def test_the_book_shows_outside_and_resting_orders_together(perp) -> None:
    perp.buy("1", "99.9")
    perp.buy("2", "99.7")
    bids, asks = perp.venue.book(perp.id, 3)
    assert bids == [(D("99.9"), D(51)), (D("99.8"), D(70)), (D("99.7"), D(2))]
    assert asks == [(D("100.1"), D(50)), (D("100.2"), D(70))]
    assert perp.venue.book(perp.id, 1)[0] == [(D("99.9"), D(51))]


@pytest.mark.parametrize("side", list(Side))
def test_an_empty_book_is_empty(perp, side) -> None:
    perp.book("", "")
    assert perp.venue.book(perp.id) == ([], [])
    assert perp.venue.place(perp.request(side, "1", "100.0"), 1)
