"""The caps: each of them, 0 means zero, overrides of accounts, exits exempt, the collar on both sides."""

from __future__ import annotations

from decimal import Decimal

import pytest
from plan_bench import BTC, BTCS, ETHBTC, INVERSE, PlanBench

from hedge_tui.config.risk import RiskOverrides
from hedge_tui.domain import acts
from hedge_tui.domain.order import OrderStatus, OrderType, Side
from hedge_tui.domain.plan import Approved, Denied
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.reduce import apply

D = Decimal


@pytest.mark.parametrize(
    ("caps", "text", "reason"),
    [
        ({"max_order_notional": D(6000)}, "@desk-1 buy 0.1btc BTC.p at 60000", ""),
        ({"max_order_notional": D(5999)}, "@desk-1 buy 0.1btc BTC.p at 60000", "order_notional"),
        ({"max_order_notional": D(6000)}, "@desk-1 buy 0.1btc BTC.p", "order_notional"),  # at the ask
        ({"max_order_notional": D(0)}, "@desk-1 buy 0.001btc BTC.p at 60000", "order_notional"),
        ({"max_bulk_notional": D(18_000)}, "@core buy 0.1btc/each BTC.p at 60000", ""),
        ({"max_bulk_notional": D(17_999)}, "@core buy 0.1btc/each BTC.p at 60000", "bulk_notional"),
        ({"max_bulk_notional": D(0)}, "@desk-1 buy 0.1btc BTC.p at 60000", "bulk_notional"),
        ({"max_day_notional": D(5_999)}, "@desk-1 buy 0.1btc BTC.p at 60000", "day_notional"),
        ({"max_day_notional": D(0)}, "@desk-1 buy 0.1btc BTC.p", "day_notional"),
        ({"max_order_count": 2}, "@core buy 0.1btc/each BTC.p at 60000", "order_count"),
        ({"max_order_count": 3}, "@core buy 0.1btc/each BTC.p at 60000", ""),
        ({"max_order_count": 0}, "@desk-1 buy 0.1btc BTC.p", "order_count"),
        ({"max_open_orders": 0}, "@desk-1 buy 0.1btc BTC.p at 60000", "open_orders"),
        ({"max_open_orders": 0}, "@desk-1 buy 0.1btc BTC.p", ""),  # rests nowhere
        ({"price_collar_pct": D(5)}, "@desk-1 buy 0.1btc BTC.p at 63000.1", ""),
        ({"price_collar_pct": D(5)}, "@desk-1 buy 0.1btc BTC.p at 63000.2", "collar"),
        ({"price_collar_pct": D(5)}, "@desk-1 sell 0.1btc BTC.p at 57000", ""),
        ({"price_collar_pct": D(5)}, "@desk-1 sell 0.1btc BTC.p at 56999.9", "collar"),
        ({"price_collar_pct": D(5)}, "@desk-1 buy 0.1btc BTC.p at 1000", ""),  # far away is harmless
        ({"price_collar_pct": D(0)}, "@desk-1 buy 0.1btc BTC.p at ask", ""),
        ({"price_collar_pct": D(0)}, "@desk-1 buy 0.1btc BTC.p at ask+1t", "collar"),
        ({"price_collar_pct": D(5)}, "@desk-1 buy 0.1btc BTC.p at 64000 stop:61000", ""),
        ({"price_collar_pct": D(5)}, "@desk-1 buy 0.1btc BTC.p at 65000 stop:61000", "collar"),
    ],
)
def test_each_cap(bench: PlanBench, caps: dict[str, object], text: str, reason: str) -> None:
    bench.risk(**caps)
    assert bench.review(text) == reason


def test_an_accounts_own_caps(bench: PlanBench) -> None:
    bench.risk(
        max_order_notional=D(50_000),
        accounts={
            "desk-2": RiskOverrides(max_order_notional=D(100)),
            "desk-3": RiskOverrides(max_open_orders=0, price_collar_pct=D(1)),
        },
    )
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 60000") == ""
    assert bench.review("@desk-2 buy 0.1btc BTC.p at 60000") == "order_notional"
    assert bench.review("@desk-3 buy 0.1btc BTC.p at 60000") == "open_orders"
    bench.risk(accounts={"desk-2": RiskOverrides(max_order_notional=D(10**6))}, max_order_notional=D(10))
    assert bench.review("@desk-2 buy 0.1btc BTC.p at 60000") == "order_notional"  # the desk's holds besides


def test_the_refusal_names_the_leg_and_both_numbers(bench: PlanBench) -> None:
    bench.risk(accounts={"desk-3": RiskOverrides(max_order_notional=D(100))})
    text = "@desk-1 buy 0.0001btc BTC.p at 60000 ; @core buy 0.1btc/each BTC.p at 60000"
    answer = RiskGate().review(bench.plan(text), bench.view())
    assert isinstance(answer, Denied)
    assert answer.leg == 3
    assert "6,000.00" in answer.message
    assert "100" in answer.message


def test_a_way_out_is_never_closed(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "0.3")
    bench.risk(
        max_order_notional=D(0),
        max_bulk_notional=D(0),
        max_day_notional=D(0),
        max_order_count=0,
        max_open_orders=0,
    )
    assert bench.review("@desk-1 close BTC.p") == ""
    assert bench.review("@desk-1 flatten all") == ""
    bench.order()
    assert bench.review("cancel #1") == ""


def test_the_days_cap_counts_market_orders_and_all_accounts(bench: PlanBench) -> None:
    bench.risk(max_day_notional=D(20_000))
    for name in ("desk-1", "desk-2"):
        leg = bench.leg(f"@{name} buy 0.15btc BTC.p")
        assert leg.request is not None
        request = leg.request.__class__(
            client_order_id=f"{name:0>32}",  # type: ignore[arg-type]
            account=name,
            instrument=BTC,
            side=Side.BUY,
            type=OrderType.MARKET,
            quantity=leg.request.quantity,
        )
        apply(bench.state, acts.OrdersIntended(1, (request,), (leg.notional or D(0),)))
    assert bench.review("@desk-1 buy 0.03btc BTC.p") == ""
    assert bench.review("@desk-1 buy 0.04btc BTC.p") == "day_notional"
    bench.risk(accounts={"desk-1": RiskOverrides(max_day_notional=D(10_000))})
    assert bench.review("@desk-1 buy 0.04btc BTC.p") == "day_notional"
    assert bench.review("@desk-3 buy 0.04btc BTC.p") == ""


@pytest.mark.parametrize("kind", [ReportKind.NO_ANSWER, ReportKind.CANCEL_NO_ANSWER])
def test_an_order_in_doubt_counts_as_open(bench: PlanBench, kind: ReportKind) -> None:
    bench.order()
    order = next(iter(bench.state.orders.values()))
    apply(bench.state, acts.Reported(5, Report(kind, "desk-1", BTC, order.request.client_order_id, 5)))
    assert next(iter(bench.state.orders.values())).status is not OrderStatus.ABSENT
    bench.risk(max_open_orders=1)
    assert bench.review("@desk-1 buy 0.1btc BTC.p at 59000") == "open_orders"
    assert bench.review("@desk-2 buy 0.1btc BTC.p at 59000") == ""


def test_amendments_are_held_to_the_caps_by_what_they_add(bench: PlanBench) -> None:
    bench.order(quantity="1", price="59000")
    bench.risk(max_order_notional=D(60_000), max_bulk_notional=D(3_000), max_day_notional=D(3_000))
    assert bench.review("amend #1 to 1.05btc") == "order_notional"
    assert bench.review("amend #1 at 59500") == ""
    assert bench.review("amend #1 to 0.9btc") == ""
    bench.risk(max_bulk_notional=D(3_000))
    assert bench.review("amend #1 to 1.1btc") == "bulk_notional"
    bench.risk(max_order_notional=D(10), price_collar_pct=D(5))
    assert bench.review("amend #1 to 0.5btc") == ""  # smaller is always allowed
    assert bench.review("amend #1 at 64000") == "order_notional"


def test_amending_up_in_steps_uses_the_day_up(bench: PlanBench) -> None:
    bench.order(quantity="1", price="50000")
    bench.risk(max_day_notional=D(10_000))
    order = next(iter(bench.state.orders.values()))
    leg = bench.leg("amend #1 to 1.15btc")
    apply(bench.state, acts.AmendSending(1, order.request.client_order_id, "1.15", "50000", leg.increase))
    apply(
        bench.state,
        acts.Reported(
            5,
            Report(ReportKind.AMENDED, "desk-1", BTC, order.request.client_order_id, 5, quantity=D("1.15")),
        ),
    )
    assert bench.review("amend #1 to 1.3btc") == "day_notional"


def test_caps_are_counted_in_the_reporting_currency(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"BTC": 5})
    bench.account("coin-1", "binancecoinm", {"BTC": 5})
    bench.risk(max_order_notional=D(600))
    assert bench.review("@spot-1 buy 0.2eth ETH/BTC at 0.05") == "order_notional"  # 0.01 BTC is 600.10
    assert bench.review("@spot-1 buy 0.19eth ETH/BTC at 0.05") == ""
    assert bench.review("@coin-1 buy 600usd BTC.i") == ""
    assert bench.review("@coin-1 buy 700usd BTC.i") == "order_notional"


def test_what_cannot_be_valued_cannot_be_held_to_a_cap(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"BTC": 5})
    for id_ in (BTC, BTCS, INVERSE):
        bench.markets.quotes.pop(id_)
    assert ETHBTC in bench.markets.quotes
    assert bench.review("@spot-1 buy 0.2eth ETH/BTC at 0.05") == "no_value"


def test_only_the_gate_makes_approvals(bench: PlanBench) -> None:
    plan = bench.plan("@desk-1 buy 0.1btc BTC.p")
    approved = RiskGate().review(plan, bench.view())
    assert isinstance(approved, Approved)
    assert RiskGate.minted(approved)
    assert not RiskGate.minted(Approved(plan, object()))
