"""Orders without an answer count as if they had come about: in risk, in the preview's margin, in targets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from plan_bench import BTC, BTCS, NOW_NS, PlanBench

from hedge_tui.domain import acts
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, Side
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.risk.margin_book import gather
from hedge_tui.engine.risk.worst_case import Filled, fill_orders

D = Decimal


def say(bench: PlanBench, row: int, kind: ReportKind) -> None:
    id_ = bench.state.by_row[row]
    order = bench.state.orders[id_]
    request = order.request
    apply(
        bench.state,
        acts.Reported(NOW_NS, Report(kind, request.account, request.instrument, id_, NOW_NS)),
    )


def doubted(bench: PlanBench, **more: object) -> int:
    row = bench.order(**more)  # type: ignore[arg-type]
    say(bench, row, ReportKind.MISSING)
    return row


def free_after(bench: PlanBench, line: str) -> Decimal:
    leg = bench.leg(line)
    assert leg.margin_after is not None
    return leg.margin_after


def test_the_preview_takes_their_margin_off_what_is_free() -> None:
    bench = PlanBench()
    before = free_after(bench, "@desk-1 buy 0.1btc BTC.p at 60000")
    bench.order(quantity="2", price="60000")  # it rests: the venue's own figure knows it
    assert free_after(bench, "@desk-1 buy 0.1btc BTC.p at 60000") == before
    doubted(bench, quantity="2", price="60000")
    assert free_after(bench, "@desk-1 buy 0.1btc BTC.p at 60000") == before - D(120_000) / 20
    doubted(bench, quantity="40", price="60000")
    bench.accounts["desk-1"].leverage[InstrumentId(BTC)] = D(20)
    assert "free is -" in bench.leg("@desk-1 buy 0.1btc BTC.p at 60000").problem
    assert free_after(bench, "@desk-2 buy 0.1btc BTC.p at 60000") == before


def test_spot_is_paid_once_for_each_of_them() -> None:
    bench = PlanBench()
    bench.account("cash", "binance", {"USDT": 10_000, "BTC": 1}, hedge=None)
    doubted(bench, account="cash", id_=BTCS, quantity="0.1", price="60000")
    assert "free is 4000" in bench.leg("@cash buy 0.07btc BTC.s at 60000").problem
    doubted(bench, account="cash", id_=BTCS, side=Side.SELL, quantity="0.9", price="60000")
    assert "free is 0.1" in bench.leg("@cash sell 0.2btc BTC.s at 60000").problem


def test_a_target_position_waits_for_the_answer() -> None:
    bench = PlanBench()
    row = doubted(bench, quantity="0.5", price="60000")
    problem = bench.leg("@desk-1 buy =0.5btc BTC.p at 60000").problem
    assert problem.startswith(f"#{row} may have changed the position")
    say(bench, row, ReportKind.LIVE)
    assert not bench.leg("@desk-1 buy =0.5btc BTC.p at 60000").problem


@pytest.mark.parametrize(
    ("answer", "exposure"),
    [(None, 2), (ReportKind.AMEND_NO_ANSWER, 2), (ReportKind.AMEND_REFUSED, 1), (ReportKind.LIVE, 2)],
)
def test_an_amendment_nobody_answered_counts_with_the_larger_quantity(
    answer: ReportKind | None, exposure: int
) -> None:
    bench = PlanBench()
    bench.stats(BTC, last=60000.0, mark=60000.0)
    row = bench.order(quantity="1", price="60000")
    id_ = ClientOrderId(bench.state.by_row[row])
    apply(bench.state, acts.AmendSending(NOW_NS, id_, "2", "60000"))
    if answer is not None:
        say(bench, row, answer)
    book = fill_orders(
        gather(bench.accounts.values(), bench.markets),
        bench.state.working_orders(),
        Filled.BUYS,
        bench.markets,
    )
    held = {leg.instrument.id: leg.quantity for holder in book.holders for leg in holder.legs}
    assert held == {BTC: exposure}
    say(bench, row, ReportKind.AMENDED)
    assert bench.state.orders[id_].asked_quantity is None


def test_a_smaller_amendment_does_not_shrink_the_worst_case() -> None:
    bench = PlanBench()
    row = bench.order(quantity="1", price="60000")
    id_ = bench.state.by_row[row]
    apply(bench.state, acts.AmendSending(NOW_NS, id_, "0.2", "60000"))
    assert bench.state.orders[id_].at_most == 1
