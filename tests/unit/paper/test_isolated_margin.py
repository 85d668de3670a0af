"""Margin that an isolated position has for itself, moved by its owner."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import BalanceChanged, PaperRefusal, PositionChanged, RefusalCode
from hedge_tui.domain.order import PositionSide

D = Decimal
NET = PositionSide.NET


@pytest.fixture
def isolated(free_perp):
    free_perp.venue.set_margin_mode("ana", free_perp.id, isolated=True)
    free_perp.buy("10")  # cost 1001, margin 50.05
    return free_perp


def move(floor, delta: str):
    return floor.venue.move_margin("ana", floor.id, NET, D(delta), floor.now_ns)


def test_added_margin_moves_the_liquidation_price_and_is_told(isolated) -> None:
    before = isolated.position().liquidation_price
    events = move(isolated, "100")
    assert isolated.position().isolated_wallet == D("150.05")
    assert isolated.position().liquidation_price < before
    assert isolated.venue.margin("ana", "USDT").available == D("849.95")
    assert isolated.usdt() == D(1_000)
    told = [(type(event), event.reason) for event in events]
    assert told == [(BalanceChanged, "MARGIN_TRANSFER"), (PositionChanged, "MARGIN_TRANSFER")]
    kinds = [(change.kind, change.quantity) for change in isolated.venue.margin_changes("ana")]
    assert kinds == [("TRADE", D("50.05")), ("USER_ADJUST", D(100))]


def test_only_what_the_position_can_spare_comes_back(isolated) -> None:
    move(isolated, "100")
    with pytest.raises(PaperRefusal, match=r"can spare 99\.05") as caught:  # 1 is lost, 50 are needed
        move(isolated, "-99.06")
    assert caught.value.code is RefusalCode.INSUFFICIENT_BALANCE
    move(isolated, "-99.05")
    assert isolated.position().isolated_wallet == D(51)


def test_more_than_is_available_cannot_be_added(isolated) -> None:
    with pytest.raises(PaperRefusal, match=r"available is 949\.95") as caught:
        move(isolated, "950")
    assert caught.value.code is RefusalCode.INSUFFICIENT_MARGIN


def test_a_cross_position_has_none(free_perp) -> None:
    free_perp.buy("10")
    with pytest.raises(PaperRefusal) as caught:
        move(free_perp, "1")
    assert caught.value.code is RefusalCode.NOT_ISOLATED


def test_a_flat_position_has_none(isolated) -> None:
    isolated.sell("10")
    with pytest.raises(PaperRefusal) as caught:
        move(isolated, "1")
    assert caught.value.code is RefusalCode.NOT_ISOLATED
