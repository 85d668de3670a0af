"""If all orders fill; the portfolio by asset; and the typed stress test."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from plan_bench import BTC, BTCS, ETH, INVERSE, NOW_NS, PlanBench

from hedge_tui.command.parser import parse
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import OrderType, PositionSide, Side
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine import portfolio
from hedge_tui.engine.asset_sums import by_asset
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.risk.account_risk import AccountRisk, assess
from hedge_tui.engine.risk.margin_book import MarginBook, gather
from hedge_tui.engine.risk.stress import stress
from hedge_tui.engine.risk.stress_words import moves_of, stress_text
from hedge_tui.engine.risk.worst_case import Filled, doubtful, fill_orders

D = Decimal


def book_of(bench: PlanBench, which: Filled | None = None) -> MarginBook:
    book = gather(bench.accounts.values(), bench.markets)
    return book if which is None else fill_orders(book, bench.state.working_orders(), which, bench.markets)


def risk_of(bench: PlanBench, which: Filled | None = None, name: str = "desk-1") -> AccountRisk:
    book = book_of(bench, which)
    return next(assess(one, book) for one in book.holders if one.name == name)


def marked() -> PlanBench:
    bench = PlanBench()
    for id_, price in ((BTC, 60000.0), (ETH, 3000.0), (BTCS, 60000.0), (INVERSE, 60000.0)):
        bench.stats(id_, last=price, mark=price)
    return bench


def test_buys_and_sells_are_filled_apart() -> None:
    bench = marked()
    bench.position("desk-1", BTC, "1")
    bench.order(quantity="0.5", price="59000")
    bench.order(side=Side.SELL, quantity="3", price="61000")
    assert risk_of(bench).exposure == D(60000)
    assert risk_of(bench, Filled.BUYS).exposure == D(90000)
    assert risk_of(bench, Filled.SELLS).exposure == D(-120000)
    assert risk_of(bench, Filled.BUYS, "desk-2") == risk_of(bench, None, "desk-2")


def test_a_fill_better_than_the_mark_gains_nothing_and_one_that_is_worse_costs() -> None:
    bench = marked()
    bench.order(quantity="1", price="50000")
    fee = D(60000) * D("0.0005")
    assert risk_of(bench, Filled.BUYS).equity == D(100_000) - fee
    bench = marked()
    bench.order(quantity="1", price="61000", type=OrderType.STOP_LIMIT, trigger_price=D(60900))
    assert risk_of(bench, Filled.BUYS).equity == D(100_000) - D(1_000) - D(61000) * D("0.0005")


def test_an_order_in_doubt_counts_as_filled_and_a_way_out_does_not() -> None:
    bench = marked()
    bench.position("desk-1", BTC, "1")
    bench.order(side=Side.SELL, quantity="1", price="61000", reduce_only=True)
    stop = {"type": OrderType.STOP_MARKET, "price": None, "trigger_price": D(55000)}
    bench.order(side=Side.SELL, quantity="0", close_position=True, **stop)
    assert risk_of(bench, Filled.SELLS).exposure == D(60000)
    row = bench.order(side=Side.SELL, quantity="2", price="61000")
    id_ = bench.state.by_row[row]
    lost = Report(ReportKind.CANCEL_NO_ANSWER, "desk-1", BTC, id_, NOW_NS)  # type: ignore[arg-type]
    apply(bench.state, acts.CancelsSending(NOW_NS, (id_,)))
    apply(bench.state, acts.Reported(NOW_NS, lost))
    assert doubtful(bench.state.working_orders("desk-1")) == 1
    assert risk_of(bench, Filled.SELLS).exposure == D(-60000)


def test_sides_held_apart_and_spot_orders() -> None:
    bench = marked()
    bench.account("spot-1", "binance", {"USDT": 10_000})
    bench.position("desk-1", BTC, "1", side="long")
    bench.order(side=Side.SELL, quantity="1", price="61000", position_side=PositionSide.LONG)
    bench.order(side=Side.SELL, quantity="1", price="61000", position_side=PositionSide.SHORT)
    bench.order("spot-1", BTCS, quantity="0.1", price="60000")
    # Selling the long is a way out; the short is opened beside it.
    assert risk_of(bench, Filled.SELLS).gross_exposure == D(120000)
    assert risk_of(bench, Filled.SELLS).exposure == 0
    spot = risk_of(bench, Filled.BUYS, "spot-1")
    assert (spot.exposure, spot.equity) == (D(6000), D(10_000) - D(6000) * D("0.0005"))


def test_money_by_asset_adds_up_to_the_desk() -> None:
    bench = marked()
    bench.account("spot-1", "binance", {"USDT": 1000, "BTC": 2})
    bench.account("coin-1", "binancecoinm", {"BTC": 3})
    bench.position("desk-1", BTC, "2", "50000")
    bench.position("desk-2", ETH, "-9", "3100")
    bench.position("coin-1", INVERSE, "-500", "58000")
    found = by_asset(bench.accounts.values(), bench.state, bench.markets, book_of(bench))
    parts = [portfolio.summarise(a, bench.state, bench.markets) for a in bench.accounts.values()]
    assert sum(s.equity for s in found.values()) == sum(p.equity for p in parts)
    assert abs(sum(s.exposure for s in found.values()) - sum(p.exposure for p in parts)) < D("1e-12")
    assert found["ETH"].unrealized == D(900)
    assert found["BTC"].accounts == {"desk-1", "spot-1", "coin-1"}


def stressed(bench: PlanBench, text: str) -> str:
    body = parse(text).cmds[0].body
    result = stress(book_of(bench), moves_of(body))  # type: ignore[arg-type]
    return stress_text(result, "USDT", bench.markets.instruments)


def test_stress_says_who_is_liquidated_and_where() -> None:
    bench = marked()
    bench.position("desk-1", BTC, "10")
    position = bench.accounts["desk-1"].positions[BTC, "net"]
    bench.accounts["desk-1"].positions[BTC, "net"] = replace(
        position, maintenance_steps=((D(0), D("0.004")), (D(300_000), D("0.005")))
    )
    text = stressed(bench, "stress -30%")
    # 100,000 + 10 (x - 60,000) = 300,000 x 0.004 + (10 x - 300,000) x 0.005, so x = 499,700 / 9.95.
    assert "desk-1 (cross USDT) is liquidated after -16.30 %: BTC/USDT:USDT at 50,221.1" in text
    assert "LIQUIDATED" in text
    assert "LIQUIDATED" not in stressed(bench, "stress BTC -10% ETH -90%")
    assert "stress BTC -10% ETH -90%, in USDT" in stressed(bench, "stress btc -10% eth -90%")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stress", "a move"),
        ("stress -10", "has no %"),
        ("stress BTC", "the move of BTC"),
        ("stress BTC -5% btc -6%", "btc"),
        ("stress -100%", "out of bounds"),
        ("stress BTC/USDT -5%", "is not an asset"),
        ("stress -5%?", "no meaning after stress"),
    ],
)
def test_what_stress_refuses(text: str, says: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse(text)
    assert says in caught.value.message
