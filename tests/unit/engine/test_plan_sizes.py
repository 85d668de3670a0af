"""How much: every kind of size, on spot, linear and inverse instruments, over accounts and symbols."""

from __future__ import annotations

from decimal import Decimal

import pytest
from plan_bench import BTC, BTCS, ETH, ETHBTC, INVERSE, PlanBench

from hedge_tui.domain.errors import CommandError

D = Decimal


def quantities(bench: PlanBench, text: str) -> list[Decimal]:
    legs = bench.legs(text)
    assert not any(leg.problem for leg in legs), [leg.problem for leg in legs]
    return [leg.request.quantity for leg in legs]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("@desk-1 buy 0.5btc BTC.p", "0.5"),
        ("@desk-1 buy 500usd BTC.p", "0.008"),  # 0.00833 at 60,000.1
        ("@desk-1 buy 500usdt BTC.p at 50000", "0.010"),
        ("@desk-1 buy $2k BTC.p at 50000", "0.040"),
        ("@desk-1 sell 500usd BTC.p at 62500", "0.008"),
        ("@desk-1 buy 10%eq BTC.p at 50000", "0.200"),
        ("@desk-1 buy 10%free BTC.p at 50000", "0.200"),
        ("@desk-1 buy =0.5btc BTC.p", "0.5"),
        ("@desk-1 sell =-0.5btc BTC.p", "0.5"),
        ("@desk-1 buy 0.0019999btc BTC.p", "0.001"),
    ],
)
def test_perpetuals(bench: PlanBench, text: str, quantity: str) -> None:
    assert bench.quantity(text) == D(quantity)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("@spot-1 buy 0.5btc BTC.s", "0.5"),
        ("@spot-1 buy 500usd BTC.s at 50000", "0.01"),
        ("@spot-1 buy 10%free BTC.s at 50000", "0.1"),
        ("@spot-1 sell 10%free BTC.s at 70000", "0.2"),
        ("@spot-1 sell 50%pos BTC.s", "1"),
        ("@spot-1 sell =0.5btc BTC.s", "1.5"),
        ("@spot-1 buy 0.1eth ETH/BTC", "0.1"),
        ("@spot-1 buy 0.01btc ETH/BTC at 0.05", "0.2"),
        ("@spot-1 buy 600.2usd ETH/BTC at 0.05", "0.2"),  # a hundredth of a BTC
    ],
)
def test_spot(bench: PlanBench, text: str, quantity: str) -> None:
    bench.account("spot-1", "binance", {"USDT": 50_000, "BTC": 2})
    assert bench.quantity(text) == D(quantity)


@pytest.mark.parametrize(
    ("text", "contracts"),
    [
        ("@coin-1 buy 500usd BTC.i", "5"),
        ("@coin-1 buy 0.01btc BTC.i at 60000", "6"),
        ("@coin-1 buy 10%free BTC.i at 60000", "60"),  # a tenth of one BTC as notional
        ("@coin-1 buy 590usd BTC.i", "5"),
    ],
)
def test_inverse_contracts(bench: PlanBench, text: str, contracts: str) -> None:
    bench.account("coin-1", "binancecoinm", {"BTC": 1})
    assert bench.quantity(text) == D(contracts)


def test_dollars_are_not_the_quote_where_the_quote_is_a_coin(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"BTC": 2})
    leg = bench.leg("@spot-1 buy 600.2usd ETH/BTC at 0.05")
    assert leg.notional == D("0.01")
    bench.markets.quotes.pop(BTCS)  # type: ignore[arg-type]
    bench.markets.quotes.pop(BTC)  # type: ignore[arg-type]
    bench.markets.quotes.pop(INVERSE)  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="no market tells what"):
        bench.plan("@spot-1 buy 600usd ETH/BTC at 0.05")


def test_percent_of_the_position(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "-0.8")
    assert bench.quantity("@desk-1 buy 50%pos BTC.p") == D("0.4")
    assert "no position" in bench.leg("@desk-2 buy 50%pos BTC.p").problem


@pytest.mark.parametrize(
    ("held", "text", "quantity", "problem"),
    [
        ("0.2", "@desk-1 buy =0.5btc BTC.p", "0.3", ""),
        ("0.2", "@desk-1 sell =0btc BTC.p", "0.2", ""),
        ("0.2", "@desk-1 sell =-0.3btc BTC.p", "0.5", ""),
        ("0.2", "@desk-1 buy =0.1btc BTC.p", "0", "does not lead to"),
        ("0.5", "@desk-1 buy =0.5btc BTC.p", "0", "does not lead to"),
        ("0", "@desk-1 buy =30kusd BTC.p at 60000", "0.5", ""),
    ],
)
def test_target_positions(bench: PlanBench, held: str, text: str, quantity: str, problem: str) -> None:
    if D(held):
        bench.position("desk-1", BTC, held)
    leg = bench.leg(text)
    assert problem in leg.problem
    if not problem:
        assert not leg.problem
        assert leg.request is not None
        assert leg.request.quantity == D(quantity)


@pytest.mark.parametrize("text", ["@desk-1 buy 5eth BTC.p", "@desk-1 buy 500eur BTC.p"])
def test_a_unit_that_is_neither_base_nor_quote_gives_the_readings(bench: PlanBench, text: str) -> None:
    with pytest.raises(CommandError, match="is neither BTC nor USDT") as caught:
        bench.plan(text)
    assert len(caught.value.readings) == 2
    start, end = caught.value.span
    assert text[start:end] in ("5eth", "500eur")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@core buy 0.3btc/each BTC.p", ["0.3", "0.3", "0.3"]),
        ("@core buy 0.3btc/split BTC.p", ["0.1", "0.1", "0.1"]),
        ("@core buy 0.3btc/split:acct BTC.p", ["0.1", "0.1", "0.1"]),
        ("@core buy 0.1btc/split BTC.p", ["0.033", "0.033", "0.033"]),
        ("@core buy 6btc/split:weight BTC.p", ["1", "2", "3"]),
        ("@core buy 0.4btc/split:eq BTC.p", ["0.1", "0.1", "0.2"]),
        ("@desk-1 buy 1200usd/each BTC.p,ETH.p at 1000", ["1.2", "1.2"]),
        ("@desk-1 buy 1200usd/split BTC.p,ETH.p at 1000", ["0.6", "0.6"]),
        ("@desk-1 buy 1200usd/split:sym BTC.p,ETH.p at 1000", ["0.6", "0.6"]),
        ("@desk-1,desk-2 buy 1200usd/split BTC.p,ETH.p at 1000", ["0.3"] * 4),
        ("@desk-1,desk-2 buy 1200usd/split:acct/each:sym BTC.p,ETH.p at 1000", ["0.6"] * 4),
    ],
)
def test_one_size_over_many(bench: PlanBench, text: str, expected: list[str]) -> None:
    for name, funds, weight in (("desk-1", 10**6, 1), ("desk-2", 10**6, 2), ("desk-3", 2 * 10**6, 3)):
        bench.account(name, "binanceusdm", {"USDT": funds}, groups=("core",), weight=D(weight))
    assert quantities(bench, text) == [D(q) for q in expected]


def test_what_a_split_leaves_over_is_said(bench: PlanBench) -> None:
    (warning,) = bench.plan("@core buy 0.1btc/split BTC.p").warnings
    assert warning == "left over by rounding to the lot: 0.001 of 0.1 BTC"
    assert bench.plan("@core buy 0.3btc/split BTC.p").warnings == ()
    (warning,) = bench.plan("@desk-1 buy 500usd BTC.p at 60000").warnings
    assert warning == "left over by rounding to the lot: 0.00033333 of 0.00833333 BTC"


def test_a_split_never_sends_more_than_was_typed(bench: PlanBench) -> None:
    for typed in ("0.1", "0.2", "0.7", "1", "1.001"):
        legs = bench.legs(f"@core buy {typed}btc/split BTC.p")
        assert sum(leg.request.quantity for leg in legs) <= D(typed)  # type: ignore[union-attr]


def test_one_typed_symbol_is_one_symbol_on_venues_that_name_it_differently(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"USDT": 50_000})
    legs = bench.legs("@desk-1,spot-1 buy 1200usd/split BTC at 50000")
    assert [leg.instrument for leg in legs] == [BTC, BTCS]
    assert [leg.request.quantity for leg in legs] == [D("0.012"), D("0.012")]  # type: ignore[union-attr]
    assert len(bench.legs("@desk-1,spot-1 buy 1200usd/split:acct BTC at 50000")) == 2


def test_the_share_of_an_account_that_cannot_trade_goes_to_nobody(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"USDT": 50_000})
    legs = bench.legs("@desk-1,desk-2,spot-1 buy 0.3btc/split ETH/BTC,BTC.p")
    sent = [leg for leg in legs if not leg.problem]
    assert all(leg.request.quantity == D("0.05") for leg in sent)  # type: ignore[union-attr]
    assert {leg.account for leg in legs if leg.problem} >= {"desk-1", "desk-2", "spot-1"}


def test_several_accounts_must_say_how(bench: PlanBench) -> None:
    with pytest.raises(CommandError) as caught:
        bench.plan("@core buy 0.1btc BTC.p")
    assert any("/each" in reading and "0.3" in reading for reading in caught.value.readings)
    assert any("/split" in reading for reading in caught.value.readings)
    with pytest.raises(CommandError):
        bench.plan("buy 0.1btc BTC.p", scope="core")


def test_an_account_that_lacks_the_instrument_is_shown_and_the_size_still_counts_it(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"USDT": 50_000, "BTC": 1})
    legs = bench.legs("@desk-1,spot-1 buy 0.2eth/each ETH/BTC")
    assert [(leg.account, bool(leg.problem)) for leg in legs] == [("desk-1", True), ("spot-1", False)]
    with pytest.raises(CommandError, match="there is no"):
        bench.plan("@desk-1 buy 0.2eth ETH/BTC")
    assert legs[0].instrument == "binanceusdm:ETH/BTC"
    assert legs[1].instrument == ETHBTC


def test_no_size_survives_a_market_without_a_price(bench: PlanBench) -> None:
    bench.markets.quotes.pop(ETH)  # type: ignore[arg-type]
    leg = bench.leg("@desk-1 buy 500usd ETH.p")
    assert leg.problem == "no quote yet"
    assert INVERSE in bench.markets.instruments
