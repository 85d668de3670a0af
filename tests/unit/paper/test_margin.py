"""USD-M money: margins, leverage, funding, liquidation, isolated margin, hedge mode."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.events import (
    BalanceChanged,
    Liquidated,
    OrderCancelled,
    PaperRefusal,
    PositionChanged,
    RefusalCode,
)
from adapters.paper.ledger import FEES, INSURANCE
from hedge_tui.domain.order import OrderType, PositionSide

D = Decimal

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def income(floor, account: str = "ana") -> list[tuple[str, D]]:
    return [(i.kind.value, i.quantity) for i in floor.venue.income(account)]


def test_a_position_needs_margin_at_mark_and_commission_in_settle(perp) -> None:
    perp.buy("10")  # at 100.1, mark 100, leverage 20, maintenance 1 %
    assert perp.usdt() == D(1_000) - D("0.5005")
    margin = perp.venue.margin("ana", "USDT")
    assert (margin.unrealized, margin.position_initial, margin.maintenance) == (D(-1), D(50), D(10))
    assert margin.available == D(1_000) - D("0.5005") - 1 - 50
    position = perp.position()
    assert (position.quantity, position.entry_price, position.mark) == (D(10), D("100.1"), D(100))
    assert position.break_even == D("100.1") + D("0.05005")
    assert perp.venue.ledger.total(FEES, "USDT") == D("0.5005")


def test_an_execution_tells_wallet_then_position(perp) -> None:
    kinds = [type(e).__name__ for e in perp.buy("1")]
    assert kinds == ["OrderAccepted", "OrderTraded", "BalanceChanged", "PositionChanged", "PublicTrade"]


def test_open_orders_need_margin_only_for_the_larger_side(perp) -> None:
    perp.buy("10", "99.0")
    assert perp.venue.margin("ana", "USDT").order_initial == D("49.5")
    perp.sell("5", "101.0")
    assert perp.venue.margin("ana", "USDT").order_initial == D("49.5")
    perp.sell("10", "101.0")
    assert perp.venue.margin("ana", "USDT").order_initial == D("75.75")
    perp.venue.cancel_all("ana", perp.id, 1)
    margin = perp.venue.margin("ana", "USDT")
    assert (margin.order_initial, margin.available) == (0, D(1_000))


def test_an_order_against_the_position_needs_none_until_it_turns_it(free_perp) -> None:
    free_perp.buy("10")
    free_perp.sell("20", "101.0")
    margin = free_perp.venue.margin("ana", "USDT")
    assert margin.position_initial == D(50)
    assert margin.order_initial == D(1)  # 2020 of asks less 1000 of position is 1020, 20 more than held


def test_what_the_margin_cannot_carry_is_refused(perp) -> None:
    perp.venue.set_leverage("ana", perp.id, D(5))
    perp.buy("50", "100.0")
    with pytest.raises(PaperRefusal, match=r"needs 2\.\d+ USDT of margin, available is 0\.0+$") as caught:
        perp.buy("0.1", "100.0")
    assert caught.value.code is RefusalCode.INSUFFICIENT_MARGIN
    assert perp.venue.margin("ana", "USDT").order_initial == D(1_000)
    assert len(perp.venue.open_orders("ana")) == 1


def test_opening_at_a_loss_needs_the_loss_too(free_perp) -> None:
    free_perp.book("99x50", "105x50")
    free_perp.venue.set_leverage("ana", free_perp.id, D(10))
    free_perp.venue.transfer("ana", "USDT", D(-850), 1)
    with pytest.raises(PaperRefusal, match=r"needs 155\.0"):  # 1050 / 10 and 10 x (105 - 100)
        free_perp.buy("10", "105.0")
    free_perp.venue.transfer("ana", "USDT", D(5), 1)
    free_perp.buy("10", "105.0")
    assert free_perp.position().unrealized == D(-50)


def test_closing_is_never_refused_for_want_of_margin(free_perp) -> None:
    free_perp.buy("10")
    free_perp.venue.transfer("ana", "USDT", D(-945), 1)
    free_perp.mark("97")
    assert free_perp.venue.margin("ana", "USDT").available == 0
    free_perp.sell("10")
    assert free_perp.position().quantity == 0


def test_realized_pnl_moves_the_wallet_on_reduce_and_turn(free_perp) -> None:
    free_perp.buy("2")  # 100.1
    free_perp.book("110x50", "111x50")
    events = free_perp.sell("1")
    assert [e.delta for e in events if isinstance(e, BalanceChanged)] == [D("9.9")]
    assert free_perp.position().entry_price == D("100.1")
    free_perp.sell("3")
    position = free_perp.position()
    assert (position.quantity, position.entry_price, position.realized) == (D(-2), D(110), D("19.8"))
    assert free_perp.usdt() == D("1019.8")
    assert free_perp.venue.outside_position(free_perp.id) == D(2)


def test_funding_is_paid_by_longs_and_kept_apart(free_perp) -> None:
    free_perp.buy("10")
    free_perp.sell("4", account="bo")
    events = free_perp.venue.pay_funding(free_perp.id, D("0.0001"), 9_000)
    paid = {e.account: (e.delta, e.reason) for e in events if isinstance(e, BalanceChanged)}
    assert paid == {"ana": (D("-0.1"), "FUNDING_FEE"), "bo": (D("0.04"), "FUNDING_FEE")}
    assert ("FUNDING_FEE", D("-0.1")) in income(free_perp)
    assert not any(isinstance(e, PositionChanged) for e in events)


def test_liquidation_comes_at_the_told_price_and_not_before(free_perp) -> None:
    free_perp.buy("10")  # cost 1001
    free_perp.venue.transfer("ana", "USDT", D(-940), 1)  # wallet 60
    told = free_perp.position().liquidation_price
    assert told.quantize(D("0.0001")) == D("95.0505")  # (1001 - 60) / (10 - 10 x 1 %)
    assert not free_perp.mark("95.06")
    free_perp.sell("10", "101.0")
    events = free_perp.mark("95.05")
    (cancelled,) = [e for e in events if isinstance(e, OrderCancelled)]
    assert cancelled.reason == "LIQUIDATION"
    (liquidated,) = [e for e in events if isinstance(e, Liquidated)]
    assert liquidated.order.client_order_id.startswith("autoclose-")
    assert (liquidated.trade.price, liquidated.trade.realized_pnl) == (D("95.05"), D("-50.5"))
    assert liquidated.fee == D("9.5")  # 1.25 % would be 11.88, and 9.5 is all there is
    assert (free_perp.usdt(), free_perp.position().quantity) == (0, 0)
    assert free_perp.venue.ledger.total(INSURANCE, "USDT") == D("9.5")


def test_the_insurance_pays_what_a_gap_takes_below_zero(free_perp) -> None:
    free_perp.buy("10")
    free_perp.venue.transfer("ana", "USDT", D(-940), 1)
    free_perp.mark("90")
    assert free_perp.usdt() == 0
    assert income(free_perp)[-2:] == [("REALIZED_PNL", D(-101)), ("INSURANCE_CLEAR", D(41))]
    assert free_perp.venue.ledger.total(INSURANCE, "USDT") == D(-41)
    assert free_perp.venue.ledger.sums()["USDT"] == 0


def test_a_short_is_liquidated_by_a_rise(free_perp) -> None:
    free_perp.sell("10")  # 99.9
    free_perp.venue.transfer("ana", "USDT", D(-940), 1)
    told = free_perp.position().liquidation_price
    assert told.quantize(D("0.0001")) == D("104.8515")  # (999 + 60) / (10 + 10 x 1 %)
    assert not free_perp.mark("104.85")
    assert any(isinstance(e, Liquidated) for e in free_perp.mark("104.86"))


def test_leverage_changes_the_margin_and_its_limits_hold(free_perp) -> None:
    free_perp.buy("10")
    free_perp.venue.set_leverage("ana", free_perp.id, D(10))
    assert free_perp.venue.margin("ana", "USDT").position_initial == D(100)
    assert free_perp.position().leverage == D(10)
    for wrong in ("0", "51", "2.5"):
        with pytest.raises(PaperRefusal, match=f"leverage {wrong}") as caught:
            free_perp.venue.set_leverage("ana", free_perp.id, D(wrong))
        assert caught.value.code is RefusalCode.LEVERAGE
    free_perp.venue.transfer("ana", "USDT", D(-800), 1)
    with pytest.raises(PaperRefusal) as caught:
        free_perp.venue.set_leverage("ana", free_perp.id, D(1))
    assert caught.value.code is RefusalCode.INSUFFICIENT_MARGIN
    assert free_perp.venue.margin("ana", "USDT").position_initial == D(100)


def test_the_default_leverage_is_held_to_the_instrument(perp) -> None:
    perp.venue.add_account("dan", {"USDT": D(10)}, leverage=D(125))
    assert perp.venue.leverage("dan", perp.id) == D(50)


def test_a_position_above_its_bracket_is_refused(free_perp) -> None:
    free_perp.venue.add_account("whale", {"USDT": D(10_000_000)})
    free_perp.venue.set_leverage("whale", free_perp.id, D(50))
    for step in range(50):
        free_perp.buy("100", "99.0", account="whale", client_order_id=f"w{step}")
    with pytest.raises(PaperRefusal, match="is above 500000 at leverage 50") as caught:
        free_perp.buy("100", "99.0", account="whale")
    assert caught.value.code is RefusalCode.MAX_POSITION
    free_perp.venue.set_leverage("whale", free_perp.id, D(25))
    free_perp.buy("100", "99.0", account="whale")


def test_unrealized_profit_can_be_used_but_not_withdrawn(free_perp) -> None:
    free_perp.buy("10")
    free_perp.mark("150")
    balance = free_perp.venue.balances("ana")["USDT"]
    assert balance.free == D(1_000) + D(499) - D(75)
    assert balance.locked == balance.total - balance.free
    with pytest.raises(PaperRefusal, match="free is 1000"):
        free_perp.venue.transfer("ana", "USDT", D(-1_001), 1)


def test_isolated_margin_is_set_apart_and_given_back(free_perp) -> None:
    free_perp.venue.set_margin_mode("ana", free_perp.id, isolated=True)
    assert free_perp.venue.is_isolated("ana", free_perp.id)
    free_perp.buy("10")
    assert free_perp.position().isolated_wallet == D("50.05")
    assert free_perp.venue.margin("ana", "USDT").available == D("949.95")
    free_perp.sell("5")  # 99.9
    assert free_perp.position().isolated_wallet == D("25.025")
    with pytest.raises(PaperRefusal) as caught:
        free_perp.venue.set_margin_mode("ana", free_perp.id, isolated=False)
    assert caught.value.code is RefusalCode.OPEN_EXPOSURE
    free_perp.sell("5")
    assert free_perp.position().isolated_wallet == 0
    assert free_perp.usdt() == D(998)
    free_perp.venue.set_margin_mode("ana", free_perp.id, isolated=False)


def test_an_isolated_position_loses_no_more_than_its_margin(free_perp) -> None:
    free_perp.venue.set_margin_mode("ana", free_perp.id, isolated=True)
    free_perp.buy("10")
    told = free_perp.position().liquidation_price
    assert told.quantize(D("0.0001")) == D("96.0556")  # (1001 - 50.05) / 9.9
    assert not free_perp.mark("96.06")
    assert any(isinstance(e, Liquidated) for e in free_perp.mark("90"))
    assert free_perp.usdt() == D("949.95")
    assert free_perp.venue.ledger.total(INSURANCE, "USDT") == D("50.05") - D(101)


def test_isolated_funding_comes_from_the_position_s_margin(free_perp) -> None:
    free_perp.venue.set_margin_mode("ana", free_perp.id, isolated=True)
    free_perp.buy("10")
    events = free_perp.venue.pay_funding(free_perp.id, D("0.001"), 1)
    assert free_perp.position().isolated_wallet == D("49.05")
    assert [e.reason for e in events if isinstance(e, PositionChanged)] == ["FUNDING_FEE"]


def test_hedge_mode_holds_long_and_short_apart(free_perp) -> None:
    free_perp.venue.set_hedge_mode("ana", enabled=True)
    free_perp.buy("10", position_side=LONG)
    free_perp.sell("4", position_side=SHORT)
    legs = {p.side: p for p in free_perp.venue.positions("ana")}
    assert (legs[LONG].quantity, legs[SHORT].quantity) == (D(10), D(-4))
    assert free_perp.venue.margin("ana", "USDT").position_initial == D(70)
    closed = free_perp.order(free_perp.buy("6", position_side=SHORT))
    assert (closed.executed, closed.reason) == (D(4), "REDUCE_ONLY")
    with pytest.raises(PaperRefusal) as caught:
        free_perp.venue.set_hedge_mode("ana", enabled=False)
    assert caught.value.code is RefusalCode.OPEN_EXPOSURE


@pytest.mark.parametrize(
    ("hedge", "fields"),
    [
        (False, {"position_side": LONG}),
        (True, {}),
        (True, {"position_side": LONG, "reduce_only": True}),
    ],
)
def test_the_position_side_must_fit_the_mode(free_perp, hedge, fields) -> None:
    if hedge:
        free_perp.venue.set_hedge_mode("ana", enabled=True)
    with pytest.raises(PaperRefusal) as caught:
        free_perp.buy("1", "99.0", **fields)
    assert caught.value.code is RefusalCode.POSITION_SIDE


def test_settings_that_already_are_say_so(perp) -> None:
    for call in (
        lambda: perp.venue.set_hedge_mode("ana", enabled=False),
        lambda: perp.venue.set_margin_mode("ana", perp.id, isolated=False),
    ):
        with pytest.raises(PaperRefusal) as caught:
            call()
        assert caught.value.code is RefusalCode.UNCHANGED


def test_a_new_mark_revalues_everybody(free_perp) -> None:
    free_perp.buy("10")
    free_perp.sell("10", account="bo")
    free_perp.mark("103")
    assert free_perp.position("ana").unrealized == D(29)
    assert free_perp.position("bo").unrealized == D(-31)
    assert free_perp.position("ana").notional == D(1_030)
    assert free_perp.order(free_perp.buy("1", type=OrderType.MARKET)).executed == D(1)
