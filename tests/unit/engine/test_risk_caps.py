"""Caps by quantity, position, leverage, rate, instrument and group; each message names both values."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from plan_bench import BTC, BTCS, ETH, PlanBench

from hedge_tui.config.risk import HardCaps, RiskOverrides
from hedge_tui.domain import acts
from hedge_tui.domain.order import Side
from hedge_tui.domain.plan import Denied
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.execution.limits import limits_now
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.reduce import apply

D = Decimal


def caps(bench: PlanBench, **changes: Any) -> None:
    """Set caps; with groups counted as the engine does."""
    bench.risk(**changes)
    bench.limits = limits_now(bench.limits, bench.state, [one.account for one in bench.accounts.values()])


def refusal(bench: PlanBench, text: str) -> Denied:
    answer = RiskGate().review(bench.plan(text), bench.view())
    assert isinstance(answer, Denied), answer
    return answer


@pytest.mark.parametrize(
    ("changes", "text", "reason", "both"),
    [
        (
            {"max_order_quantity": {"BTC": D("0.1")}},
            "buy 0.2btc BTC.p",
            "order_quantity",
            ("0.2 BTC", "max_order_quantity.BTC 0.1"),
        ),
        (
            {"max_order_quantity": {str(BTC): D("0.1")}},
            "buy 0.2btc BTC.p",
            "order_quantity",
            ("0.2 BTC", f"{BTC} 0.1"),
        ),
        (
            {"max_bulk_quantity": {"BTC": D("0.3")}},
            "buy 0.2btc BTC.p & @desk-1 buy 0.2btc BTC.p",
            "bulk_quantity",
            ("0.4 BTC", "max_bulk_quantity.BTC 0.3"),
        ),
        (
            {"max_day_quantity": {"ETH": D(0)}},
            "buy 1eth ETH.p",
            "day_quantity",
            ("1 ETH on top of 0", "max_day_quantity.ETH 0"),
        ),
        ({"max_day_count": 0}, "buy 0.1btc BTC.p", "day_count", ("1 orders on top of 0", "max_day_count 0")),
        (
            {"max_order_rate": 1},
            "buy 0.1btc BTC.p ; @desk-1 buy 0.1btc BTC.p",
            "order_rate",
            ("2 orders on top of 0 in the last 60 s", "max_order_rate 1"),
        ),
        (
            {"max_position_notional": D(5_000)},
            "buy 0.1btc BTC.p at 59000",
            "position",
            ("6,000.0", "max_position_notional 5,000"),  # half a cent: ccxt sets another rounding
        ),
        (
            {"max_leverage": D(1)},
            "buy 2btc BTC.p",
            "leverage",
            ("120,000.20 is 1.20 times its equity 100,000.00", "max_leverage 1"),
        ),
        (
            {"max_leverage_setting": D(10)},
            "lev BTC.p 20",
            "leverage_setting",
            ("20x", "max_leverage_setting 10"),
        ),
        ({"allow": ("ETH/*",)}, "buy 0.1btc BTC.p", "instrument", ("BTC/USDT:USDT", "ETH/*")),
        ({"allow": ()}, "buy 0.1btc BTC.p", "instrument", ("BTC/USDT:USDT", "an empty list")),
        (
            {"deny": ("binanceusdm:BTC*",)},
            "buy 0.1btc BTC.p",
            "instrument",
            ("BTC/USDT:USDT", "binanceusdm:BTC*"),
        ),
    ],
)
def test_each_cap_names_both_values(
    bench: PlanBench, changes: dict[str, Any], text: str, reason: str, both: tuple[str, str]
) -> None:
    caps(bench, **changes)
    denied = refusal(bench, f"@desk-1 {text}")
    assert denied.reason == reason
    assert both[0] in denied.message, denied.message
    assert both[1] in denied.message, denied.message


@pytest.mark.parametrize(
    "changes",
    [
        {"max_order_quantity": {"BTC": D("0.2")}, "max_bulk_quantity": {"BTC": D("0.2")}},
        {"max_day_quantity": {"BTC": D("0.2")}, "max_day_count": 1, "max_order_rate": 1},
        {"max_position_notional": D("12000.02"), "max_leverage": D(1), "max_leverage_setting": D(20)},
        {"allow": ("binanceusdm:*",), "deny": ("ETH/*",)},
        {"max_order_quantity": {"ETH": D(0)}},
    ],
)
def test_what_is_within_them_goes(bench: PlanBench, changes: dict[str, Any]) -> None:
    caps(bench, **changes)
    assert bench.review("@desk-1 buy 0.2btc BTC.p") == ""


def test_a_groups_caps_count_its_accounts_together(bench: PlanBench) -> None:
    bench.account("lone", "binanceusdm", {"USDT": 100_000})
    own = RiskOverrides(max_bulk_notional=D(15_000), max_order_notional=D(7_000), max_day_count=2)
    caps(bench, groups={"core": own})
    assert bench.review("@desk-1,desk-2 buy 0.1btc/each BTC.p at 60000") == ""
    assert bench.review("@desk-1 buy 0.2btc BTC.p at 60000") == "order_notional"
    assert bench.review("@lone buy 0.2btc BTC.p at 60000") == ""
    assert "group core" in refusal(bench, "@core buy 0.1btc/each BTC.p at 60000").message
    for name in ("desk-1", "desk-2"):
        leg = bench.leg(f"@{name} buy 0.1btc BTC.p")
        assert leg.request is not None
        request = replace(leg.request, client_order_id=f"{name:0>32}")
        apply(bench.state, acts.OrdersIntended(1, (request,), (D(6_000),)))
    assert bench.review("@desk-3 buy 0.1btc BTC.p at 60000") == "day_count"
    assert bench.review("@lone buy 0.1btc BTC.p at 60000") == ""


def test_the_strictest_scope_decides_and_a_wider_one_below_changes_nothing(bench: PlanBench) -> None:
    caps(
        bench,
        max_order_notional=D(5_000),
        groups={"core": RiskOverrides(max_order_notional=D(9_000))},
        accounts={"desk-1": RiskOverrides(max_order_notional=D(50_000))},
    )
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 60000") == "order_notional"


# -- the worst case


@pytest.mark.parametrize("kind", [ReportKind.NO_ANSWER, ReportKind.CANCEL_NO_ANSWER, ReportKind.LIVE])
def test_orders_that_rest_or_are_in_doubt_count_as_filled(bench: PlanBench, kind: ReportKind) -> None:
    caps(bench, max_position_notional=D(20_000))
    bench.position("desk-1", BTC, "0.1")
    bench.order(quantity="0.2", price="59000")
    order = next(iter(bench.state.orders.values()))
    apply(bench.state, acts.Reported(5, Report(kind, "desk-1", BTC, order.request.client_order_id, 5)))
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 59000") == "position"
    assert bench.review("@desk-1 buy 0.03btc BTC.p at 59000") == ""
    assert bench.review("@desk-1 sell 0.3btc BTC.p at 61000") == ""
    assert bench.review("@desk-1 sell 0.4btc BTC.p at 61000") == "position"  # the long may be closed first
    assert bench.review("@desk-2 buy 0.3btc BTC.p at 59000") == ""


def test_a_position_above_its_cap_can_be_sold_and_closed(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "1")
    caps(bench, max_position_notional=D(30_000))
    assert bench.review("@desk-1 sell 0.4btc BTC.p at 61000") == ""
    assert bench.review("@desk-1 sell 0.5btc BTC.p at 61000") == "position"
    caps(bench, max_position_notional=D(0), max_leverage=D(0))
    assert bench.review("@desk-1 sell 0.4btc BTC.p at 61000 reduce") == ""
    assert bench.review("@desk-1 close BTC.p") == ""
    assert bench.review("@desk-1 buy 0.001btc BTC.p") == "position"


def test_a_fill_counts_though_the_venue_has_not_told_the_position(bench: PlanBench) -> None:
    caps(bench, max_position_notional=D(20_000))
    apply(bench.state, acts.LedgerSeeded(1, "desk-1", BTC, D("0.3"), D(60_000)))
    assert bench.review("@desk-1 buy 0.1btc BTC.p") == "position"


def test_both_legs_of_hedge_mode_count(bench: PlanBench) -> None:
    bench.account("hedge-1", "binanceusdm", {"USDT": 100_000}, hedge=True)
    bench.position("hedge-1", BTC, "0.2", side="long")
    bench.position("hedge-1", BTC, "-0.2", side="short")
    caps(bench, max_position_notional=D(25_000))
    assert bench.review("@hedge-1 sell 0.1btc BTC.p short") == "position"
    assert bench.review("@hedge-1 sell 0.1btc BTC.p long") == ""  # closes


def test_leverage_counts_every_instrument_on_its_worse_side(bench: PlanBench) -> None:
    caps(bench, max_leverage=D(2))
    bench.order(quantity="1", price="59000")
    bench.order(id_=ETH, side=Side.SELL, quantity="20", price="3100")
    assert bench.review("@desk-1 buy 1btc BTC.p") == ""  # 120,000 + 62,000
    assert bench.review("@desk-1 buy 1.5btc BTC.p") == "leverage"
    assert bench.review("@desk-1 sell 0.5btc BTC.p at 61000") == ""


def test_no_equity_no_exposure(bench: PlanBench) -> None:
    bench.account("broke", "binanceusdm", {"USDT": 0})
    denied = RiskGate().review(bench.plan("@desk-1 buy 0.1btc BTC.p"), bench.view())
    assert not isinstance(denied, Denied)
    bench.accounts["desk-1"].balances.clear()
    caps(bench)
    plan = bench.plan("@desk-2 buy 0.1btc BTC.p")
    moved = replace(plan, legs=tuple(replace(leg, account="desk-1") for leg in plan.legs))
    answer = RiskGate().review(moved, bench.view())
    assert isinstance(answer, Denied)
    assert "its equity is 0.00" in answer.message


# -- around the gate


def test_amending_up_counts_from_the_moment_it_is_confirmed(bench: PlanBench) -> None:
    caps(bench, max_position_notional=D(20_000))
    bench.order(quantity="0.1", price="59000")
    order = next(iter(bench.state.orders.values()))
    id_ = order.request.client_order_id
    assert bench.review("amend #1 to 0.4btc") == "position"
    meant = acts.AmendsIntended(5, (id_,), (D("0.3"),), (D("0.2"),), (D(11_800),), "keyboard")
    apply(bench.state, meant)
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 59000") == "position"
    assert bench.state.day_notional["desk-1"] == 11_800
    apply(bench.state, acts.AmendSending(6, id_, "0.3", "59000"))
    apply(bench.state, acts.Reported(7, Report(ReportKind.AMEND_NO_ANSWER, "desk-1", BTC, id_, 7)))
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 59000") == "position"
    apply(bench.state, acts.Reported(8, Report(ReportKind.AMEND_REFUSED, "desk-1", BTC, id_, 8)))
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 59000") == ""


def test_two_changes_of_one_order_do_not_pass_each_other(bench: PlanBench) -> None:
    bench.order(quantity="0.1", price="59000")
    id_ = next(iter(bench.state.orders))
    plan = bench.plan("amend #1 to 0.2btc")
    meant = acts.AmendsIntended(5, (id_,), (D("0.3"),), (D("0.2"),), (D(0),), "keyboard")
    apply(bench.state, meant)
    answer = RiskGate().review(plan, bench.view())
    assert isinstance(answer, Denied)
    assert answer.reason == "amending"
    assert "on its way" in bench.leg("amend #1 to 0.2btc").problem


def test_intents_of_another_console_count_before_they_leave(bench: PlanBench) -> None:
    caps(bench, max_position_notional=D(20_000), max_open_orders=1)
    leg = bench.leg("@desk-1 buy 0.3btc BTC.p at 59000")
    assert leg.request is not None
    apply(bench.state, acts.OrdersIntended(1, (replace(leg.request, client_order_id="a" * 32),), (D(1),)))
    assert bench.review("@desk-1 buy 0.1btc BTC.p") == "position"
    assert bench.review("@desk-1 buy 0.01btc BTC.p at 59000") == "open_orders"


def test_orders_below_a_cap_do_not_add_up_past_it(bench: PlanBench) -> None:
    caps(bench, max_position_notional=D(20_000))
    line = " & ".join(["@desk-1 buy 0.1btc BTC.p"] * 4)
    assert bench.review(line) == "position"
    assert bench.review(line.replace("&", ";")) == "position"
    assert bench.review(line.replace("&", "&&")) == "position"


def test_a_leverage_set_at_the_venue_stops_what_adds(bench: PlanBench) -> None:
    caps(bench, max_leverage_setting=D(20))
    bench.accounts["desk-1"].leverage[BTC] = D(50)
    bench.position("desk-1", BTC, "0.2")
    assert bench.review("@desk-1 buy 0.1btc BTC.p") == "leverage_setting"
    assert bench.review("@desk-1 buy 0.1btc BTC.p lev:10") == ""
    assert bench.review("@desk-1 lev BTC.p 30") == ""  # lower is better
    assert bench.review("@desk-1 lev BTC.p 60") == "leverage_setting"
    assert bench.review("@desk-1 close BTC.p") == ""


def test_selling_a_coin_is_a_way_out_only_when_it_is_called_so(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"BTC": 5, "USDT": 1000})
    caps(bench, max_order_notional=D(100), max_bulk_notional=D(100), max_day_notional=D(100))
    assert bench.review("@spot-1 sell 1btc BTC.s") == "order_notional"
    assert bench.review("@spot-1 close BTC.s") == ""
    assert BTCS in bench.markets.instruments


def test_reduce_only_orders_beyond_the_position_open_nothing(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "0.1")
    caps(bench, max_order_notional=D(0), max_position_notional=D(0), max_open_orders=0)
    assert (
        bench.review(
            "@desk-1 sell 0.1btc BTC.p at 61000 reduce ; @desk-1 sell 50%pos BTC.p stop:58000 reduce"
        )
        == ""
    )


def test_the_collar_judges_by_the_mark_too(bench: PlanBench) -> None:
    bench.quote(BTC, "66000", "66000.1")
    bench.stats(BTC, mark=60_000.0, last=66_000.0)
    caps(bench, price_collar_pct=D(5))
    denied = refusal(bench, "@desk-1 buy 0.1btc BTC.p at 66000")
    assert denied.reason == "collar"
    assert "10.0 % above the mark 60000" in denied.message
    assert refusal(bench, "@desk-1 buy 0.1btc BTC.p").reason == "collar"  # would take from such a book
    bench.position("desk-1", BTC, "-0.1")
    assert bench.review("@desk-1 close BTC.p") == ""


def test_a_trigger_that_is_met_already_is_no_anchor(bench: PlanBench) -> None:
    caps(bench, price_collar_pct=D(5))
    bench.quote(BTC, "69999", "70000")
    plan = bench.plan("@desk-1 buy 0.1btc BTC.p at 66000 trig:65000")
    assert not isinstance(RiskGate().review(plan, bench.view()), Denied)
    bench.quote(BTC, "59999", "60000")
    answer = RiskGate().review(plan, bench.view())
    assert isinstance(answer, Denied)
    assert "10.0 % above the ask 60000" in answer.message


# -- typed limits and the hard caps


def test_a_typed_limit_holds_and_never_beyond_the_ceiling(bench: PlanBench) -> None:
    caps(bench, max_order_notional=D(10_000))
    bench.limits = replace(bench.limits, typed={"max_order_notional": "5000"})
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 60000") == "order_notional"
    bench.limits = replace(bench.limits, typed={"max_order_notional": "99999999"})
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 60000") == ""
    assert bench.review("@desk-1 buy 0.2btc BTC.p at 60000") == "order_notional"
    caps(bench, max_order_notional=D(10_000), hard=HardCaps(max_order_notional=D(15_000)))
    assert bench.review("@desk-1 buy 0.2btc BTC.p at 60000") == "order_notional"
    bench.limits = replace(bench.limits, typed={"max_order_notional": "15000"})
    assert bench.review("@desk-1 buy 0.2btc BTC.p at 60000") == ""
    bench.limits = replace(bench.limits, typed={"max_order_notional@account:desk-1": "10"})
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 60000") == "order_notional"
    assert bench.review("@desk-2 buy 0.1btc BTC.p at 60000") == ""


def test_a_hard_quantity_holds_though_the_file_has_no_cap(bench: PlanBench) -> None:
    caps(bench, hard=HardCaps(max_order_quantity={"BTC": D("0.1")}))
    assert bench.review("@desk-1 buy 0.2btc BTC.p") == "order_quantity"


def test_a_typed_list_narrows_the_files(bench: PlanBench) -> None:
    caps(bench, allow=("binanceusdm:*",))
    bench.limits = replace(bench.limits, typed={"allow": "ETH/*,BTC/*", "deny@account:desk-1": "BTC/*"})
    assert bench.review("@desk-2 buy 0.1btc BTC.p") == ""
    assert bench.review("@desk-1 buy 0.1btc BTC.p") == "instrument"
    bench.limits = replace(bench.limits, typed={"allow": "none"})
    assert bench.review("@desk-2 buy 1eth ETH.p") == "instrument"
