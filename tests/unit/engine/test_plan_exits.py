"""Cancel, amend, close, flatten, lev: what exists is named exactly, and a way out is never lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from plan_bench import BTC, BTCS, ETH, PlanBench

from hedge_tui.command.parser import parse
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import OrderType, PositionSide, Side
from hedge_tui.domain.plan import Act, Effect
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.execution.closing import in_parts
from hedge_tui.engine.execution.leverage import tell_leverage
from hedge_tui.engine.reduce import apply

D = Decimal


def cancelled(bench: PlanBench, text: str, scope: str = "") -> list[int]:
    legs = bench.legs(text, scope)
    assert all(leg.act is Act.CANCEL for leg in legs)
    return [bench.state.rows[leg.target.client_order_id] for leg in legs]  # type: ignore[union-attr]


@pytest.fixture
def orders(bench: PlanBench) -> PlanBench:
    bench.account("spot-1", "binance", {"USDT": 10_000, "BTC": 1})
    bench.order("desk-1")
    bench.order("desk-1", side=Side.SELL, price="61000")
    bench.order("desk-2", ETH, price="2900", quantity="1")
    bench.order("spot-1", BTCS, side=Side.SELL, price="61000", quantity="0.4", run="run-7")
    return bench


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("@desk-1 cancel all", [1, 2]),
        ("@all cancel all", [1, 2, 3, 4]),
        ("@desk-1 cancel buys", [1]),
        ("@all cancel sells", [2, 4]),
        ("@all cancel ETH", [3]),
        ("@all cancel BTC sells", [2, 4]),
        ("@all cancel BTC.p", [1, 2]),
        ("cancel #1,#3", [1, 3]),
        ("@desk-2 cancel #3", [3]),
        ("cancel run:run-7", [4]),
    ],
)
def test_cancel_names_exactly(orders: PlanBench, text: str, rows: list[int]) -> None:
    assert cancelled(orders, text) == rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@desk-1 cancel #3", "is of desk-2, which is not in the scope"),
        ("cancel #9", "#9 is no order"),
        ("cancel id:ffff", "no order has an id"),
        ("@desk-3 cancel all", "no live order fits"),
        ("cancel all", "no account is named"),
        ("@desk-1 cancel NOPE", "there is no"),
    ],
)
def test_cancel_refuses_what_it_cannot_name(orders: PlanBench, text: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        orders.plan(text)


def test_an_id_is_named_by_its_beginning_or_the_venues_own(orders: PlanBench) -> None:
    for order in orders.state.orders.values():
        client = order.request.client_order_id
        row = orders.state.rows[client]
        assert cancelled(orders, f"cancel id:{client[:12]}") == [row]
        assert cancelled(orders, f"cancel id:{order.venue_order_id}") == [row]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("amend #1 at 58000", ""),
        ("amend #1 to 0.2btc", ""),
        ("amend #1 to 11800usd", ""),
        ("amend #1 at bid", ""),
        ("amend #1 at 59000", "nothing would change"),
        ("amend #1 to 0.0001btc", "is not above the 0 that is filled"),
        ("amend #1 to 0.001btc at 100", "notional 0.10 is below the smallest 5 USDT"),
        ("amend #1 to 5000btc", "is above the largest 1000"),
    ],
)
def test_amend(orders: PlanBench, text: str, problem: str) -> None:
    leg = orders.leg(text)
    assert (problem in leg.problem) if problem else (leg.problem == "")


def test_amend_counts_only_what_it_adds(orders: PlanBench) -> None:
    assert orders.leg("amend #1 to 0.3btc").increase == D("0.2") * 59_000
    assert orders.leg("amend #1 to 0.05btc").increase == 0
    assert orders.leg("amend #1 at 59001").increase == D("0.1")


def test_an_order_in_doubt_is_not_amended(orders: PlanBench) -> None:
    order = next(iter(orders.state.orders.values()))
    silence = Report(ReportKind.CANCEL_NO_ANSWER, "desk-1", BTC, order.request.client_order_id, 5)
    apply(orders.state, acts.Reported(5, silence))
    assert "is cancel_unknown: wait" in orders.leg("amend #1 at 58000").problem


def test_a_stop_is_not_amended(bench: PlanBench) -> None:
    row = bench.order(price=None, type=OrderType.STOP_MARKET, trigger_price=D(59_000), side=Side.SELL)
    assert "cannot be amended" in bench.leg(f"amend #{row} to 0.2btc").problem


def test_close_is_reduce_only_at_the_market(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "0.3")
    bench.position("desk-1", ETH, "-2", "3000")
    bench.position("desk-2", BTC, "-0.1")
    rows = [(leg.account, leg.request.side, leg.request.quantity) for leg in bench.legs("@core close all")]  # type: ignore[union-attr]
    assert rows == [
        ("desk-1", Side.SELL, D("0.3")),
        ("desk-1", Side.BUY, D(2)),
        ("desk-2", Side.BUY, D("0.1")),
    ]
    assert all(leg.request.reduce_only for leg in bench.legs("@core close all"))  # type: ignore[union-attr]
    assert bench.quantity("@desk-1 close BTC.p 50%") == D("0.15")
    assert [leg.account for leg in bench.legs("@core close shorts")] == ["desk-1", "desk-2"]
    assert bench.leg("@desk-1 close longs").instrument == BTC
    with pytest.raises(CommandError, match="no position fits"):
        bench.plan("@desk-3 close all")


def test_close_knows_no_smallest_notional_and_no_fresh_quote(bench: PlanBench) -> None:
    bench.position("desk-1", ETH, "0.001", "3000")
    bench.now_ns += 60 * 10**9
    leg = bench.leg("@desk-1 close all")
    assert (leg.problem, leg.effect) == ("", Effect.CLOSES)


def test_a_position_above_the_largest_order_is_closed_in_parts(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "250")
    legs = bench.legs("@desk-1 close BTC.p")
    assert [leg.request.quantity for leg in legs] == [D(120), D(120), D(10)]  # type: ignore[union-attr]
    assert [leg.effect for leg in legs] == [Effect.REDUCES, Effect.REDUCES, Effect.CLOSES]
    assert not any(leg.problem for leg in legs)


def test_parts_add_up_and_fit() -> None:
    one = PlanBench().markets.instruments[BTC]
    for text in ("0.001", "120", "120.001", "359.999", "1000"):
        parts = in_parts(D(text), one)
        assert sum(parts) == D(text)
        assert max(parts) <= 120


def test_a_position_of_an_instrument_that_is_listed_no_more_is_shown(bench: PlanBench) -> None:
    bench.position("desk-1", "binanceusdm:OLD/USDT:USDT", "5")
    leg = bench.leg("@desk-1 close all")
    assert "does not list it any more; 5 is held" in leg.problem


def test_close_in_hedge_mode_closes_each_side(bench: PlanBench) -> None:
    bench.account("hedge-1", "binanceusdm", {"USDT": 100_000}, hedge=True)
    bench.position("hedge-1", BTC, "0.2", side="long")
    bench.position("hedge-1", BTC, "-0.1", side="short")
    legs = bench.legs("@hedge-1 close BTC.p")
    sides = [(leg.request.side, leg.request.position_side, leg.request.quantity) for leg in legs]  # type: ignore[union-attr]
    assert sides == [
        (Side.SELL, PositionSide.LONG, D("0.2")),
        (Side.BUY, PositionSide.SHORT, D("0.1")),
    ]
    assert not any(leg.problem for leg in legs)


def test_closing_by_symbol_passes_over_accounts_without_it(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"BTC": "0.5"})
    bench.position("desk-1", BTC, "0.3")
    legs = bench.legs("@desk-1,spot-1 close BTC")
    assert [(leg.account, leg.request.reduce_only) for leg in legs] == [("desk-1", True), ("spot-1", False)]  # type: ignore[union-attr]
    assert bench.leg("@desk-1,spot-1 close BTC.p").account == "desk-1"


def test_flatten_cancels_first_and_sells_what_the_cancels_free(orders: PlanBench) -> None:
    balance = orders.accounts["spot-1"].balances
    balance["BTC"] = type(balance["BTC"])("spot-1", "BTC", D(1), D("0.6"), D("0.4"))
    plan = orders.plan("@spot-1 flatten BTC.s")
    cancel, sell = plan.legs
    assert (cancel.act, sell.act) == (Act.CANCEL, Act.PLACE)
    assert sell.request.quantity == 1  # type: ignore[union-attr]
    assert plan.groups == (0, 1)
    assert plan.joiners == (";", ";")
    orders.position("desk-1", BTC, "0.3")
    acts_ = [leg.act for leg in orders.legs("@desk-1 flatten all")]
    assert acts_ == [Act.CANCEL, Act.CANCEL, Act.PLACE]
    with pytest.raises(CommandError, match="nothing to flatten"):
        orders.plan("@desk-3 flatten all")


def test_lev(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"BTC": 1})
    bench.accounts["desk-1"].leverage[BTC] = D(5)
    bench.position("desk-1", BTC, "0.3")
    leg = bench.leg("@desk-1 lev BTC.p 20")
    assert (leg.quantity, leg.problem) == (D(20), "")
    assert leg.note == "changes the open long 0.3; margin 3,600.00 -> 900.00 USDT"
    assert bench.leg("@spot-1 lev BTC 20").problem == "spot has no leverage"
    line = parse("@desk-1,desk-2 lev BTC.p")
    told = tell_leverage(line.cmds[0], line.cmds[0].body, bench.view())  # type: ignore[arg-type]
    assert told.splitlines() == [
        "desk-1 BTC/USDT:USDT: 5x, at most 125x",
        "desk-2 BTC/USDT:USDT: not told by the venue yet, at most 125x",
    ]
