"""Leverage, margin mode, isolated margin and position mode: what a preview says before they change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hedge_tui.command.parser import parse
from hedge_tui.domain.account import Position
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.margin import LeverageBracket, MarginTerms
from hedge_tui.domain.order import PositionSide, Side
from hedge_tui.domain.plan import Act
from hedge_tui.engine.execution.leverage import tell_leverage
from hedge_tui.engine.previews import row_of
from tests.plan_bench import BTC, PlanBench

D = Decimal
BRACKETS = tuple(
    LeverageBracket(D(cap), D(most), D(rate))
    for cap, most, rate in ((50_000, 125, "0.004"), (250_000, 100, "0.005"), (1_000_000, 50, "0.01"))
)


@pytest.fixture
def bench() -> PlanBench:
    made = PlanBench()
    made.stats(BTC, mark=60_000.0)
    for account in made.accounts.values():
        account.brackets = {BTC: BRACKETS}
        account.take_terms([MarginTerms(account.name, BTC, D(10), isolated=False)])
    return made


def row(bench: PlanBench, text: str) -> tuple[str, str, str, str]:
    """(kind, quantity, problem, note) as the confirm dialog shows them."""
    shown = row_of(bench.leg(text), bench.view())
    return shown.type, shown.quantity, shown.problem, shown.note


def isolate(bench: PlanBench, quantity: str = "0.3", wallet: str = "2000", side: str = "net") -> None:
    account = bench.accounts["desk-1"]
    account.isolated[BTC] = True
    position = Position(
        "desk-1", BTC, PositionSide(side), D(quantity), D(60_000), D(60_000), None, D(54_000), D(10),
        isolated=True, initial_margin=D(1800), isolated_wallet=D(wallet),
    )  # fmt: skip
    account.positions[BTC, side] = position


@pytest.mark.parametrize("text", ["lev BTC.p 20", "lev 20 BTC.p", "lev 20x BTC.p"])
def test_a_leverage_change_says_old_and_new_and_what_it_costs(bench: PlanBench, text: str) -> None:
    bench.position("desk-1", BTC, "0.3")
    bench.order(quantity="0.5", price="58000")
    bench.order(side=Side.SELL, quantity="0.3", price="62000", reduce_only=True)
    assert row(bench, f"@desk-1 {text}") == (
        "leverage",
        "10x -> 20x",
        "",
        "changes the open long 0.3; margin 4,700.00 -> 2,350.00 USDT; positions up to 1,000,000 USDT",
    )
    assert bench.leg(f"@desk-1 {text}").margin_after == 102_350


def test_the_bracket_that_forbids_it_is_named(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "4")
    assert bench.leg("@desk-1 lev BTC.p 100").problem == ""
    assert bench.leg("@desk-1 lev BTC.p 125").problem == (
        "positions and orders of 240,000 USDT are above the 50,000 of 125x; at that size at most 100x"
    )
    assert bench.leg("@desk-1 lev BTC.p 126").problem == "126x is above the highest 125x"
    assert bench.leg("@desk-1 lev BTC.p 2.5").problem == "leverage 2.5 is not a whole number"


def test_less_leverage_than_the_margin_carries_is_refused(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "3")
    leg = bench.leg("@desk-1 lev BTC.p 1")
    assert leg.problem == "1x needs 162,000.00 USDT more margin, free is 100,000.00"


def test_the_margin_that_a_change_takes_is_not_there_for_the_orders_after_it(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "1")
    lev, order = bench.legs("@desk-1 lev BTC.p 1 ; @desk-1 buy 0.8btc BTC.p at 60000")
    assert (lev.margin_after, lev.problem) == (46_000, "")
    assert order.problem.startswith("needs 48009.60 USDT of margin at 1x, free is 46000.00")


def test_liquidation_of_a_position_stays_when_its_leverage_changes(bench: PlanBench) -> None:
    isolate(bench)
    assert "liquidation stays 54000; positions up to" in bench.leg("@desk-1 lev BTC.p 20").note
    assert "Binance refuses to lower it" in bench.leg("@desk-1 lev BTC.p 5").note


def test_a_margin_mode_is_a_row_and_waits_for_nothing_open(bench: PlanBench) -> None:
    assert row(bench, "@desk-1 margin BTC.p iso") == ("margin mode", "cross -> isolated", "", "")
    assert bench.leg("@desk-1 margin BTC.p cross").problem == "margin is cross already"
    bench.order()
    bench.position("desk-1", BTC, "0.3")
    assert bench.leg("@desk-1 margin BTC.p iso").problem == (
        "1 position and 1 order open: the venue changes the margin mode only without;"
        " flatten BTC/USDT:USDT first"
    )


def test_flags_put_their_rows_before_the_order(bench: PlanBench) -> None:
    legs = bench.legs("@desk-1 buy 0.1btc BTC.p at 59000 lev:20 iso")
    assert [leg.act for leg in legs] == [Act.MARGIN_MODE, Act.LEVERAGE, Act.PLACE]
    assert not any(leg.problem for leg in legs)
    assert [leg.act for leg in bench.legs("@desk-1 buy 0.1btc BTC.p at 59000 cross")] == [Act.PLACE]
    bench.position("desk-1", BTC, "0.3")
    mode, order = bench.legs("@desk-1 buy 0.1btc BTC.p at 59000 iso")
    assert order.problem == f"margin mode: {mode.problem}"
    assert [leg.act for leg in bench.legs("@desk-1 lev BTC.p 20 iso")] == [Act.MARGIN_MODE, Act.LEVERAGE]


@pytest.mark.parametrize("text", ["margin BTC.p add 500usdt", "margin BTC.p +500usdt", "margin BTC.p +500"])
def test_margin_put_into_a_position_moves_its_liquidation(bench: PlanBench, text: str) -> None:
    isolate(bench)
    assert row(bench, f"@desk-1 {text}") == (
        "margin",
        "+500",
        "",
        "its margin 2,000.00 -> 2,500.00 USDT; liquidation 54000 -> about 52326.6",
    )
    isolate(bench, "-0.3")
    assert "liquidation 54000 -> about 55660" in bench.leg(f"@desk-1 {text}").note


def test_no_more_margin_leaves_than_the_position_can_spare(bench: PlanBench) -> None:
    isolate(bench)
    assert bench.leg("@desk-1 margin BTC.p -200").problem == ""
    assert bench.leg("@desk-1 margin BTC.p -201").problem == "the position can spare 200.00 USDT"
    assert bench.leg("@desk-1 margin BTC.p +100001").problem == "needs 100,001.00 USDT, free is 100,000.00"
    assert bench.leg("@desk-2 margin BTC.p +1").problem == "no position in BTC/USDT:USDT"
    bench.position("desk-2", BTC, "0.3")
    assert "in cross margin" in bench.leg("@desk-2 margin BTC.p +1").problem
    with pytest.raises(CommandError, match="margin is held in USDT"):
        bench.plan("@desk-1 margin BTC.p add 1btc")


def test_in_hedge_mode_margin_belongs_to_a_side(bench: PlanBench) -> None:
    bench.accounts["desk-1"].hedge_mode = True
    isolate(bench, side="long")
    assert bench.leg("@desk-1 margin BTC.p +100").change.position_side == "long"  # type: ignore[union-attr]
    isolate(bench, "-0.3", side="short")
    assert "write long or short" in bench.leg("@desk-1 margin BTC.p +100").problem
    leg = bench.leg("@desk-1 margin BTC.p short +100")
    assert (leg.problem, leg.change.position_side) == ("", "short")  # type: ignore[union-attr]


def test_the_position_mode_waits_for_an_empty_account(bench: PlanBench) -> None:
    assert row(bench, "@desk-1 mode hedge") == (
        "position mode",
        "one-way -> hedge",
        "",
        "orders will need long or short",
    )
    assert bench.leg("@desk-1 mode one-way").problem == "the account is in one-way mode already"
    bench.order("desk-2")
    assert [bool(leg.problem) for leg in bench.legs("@desk-1,desk-2 mode hedge")] == [False, True]
    assert bench.leg("@desk-2 mode hedge").problem == (
        "1 order open: the venue changes the position mode only without; flatten all first"
    )
    bench.account("spot-1", "binance", {"BTC": 1}, hedge=None)
    with pytest.raises(CommandError, match="no account of the scope has a position mode"):
        bench.plan("@spot-1 mode hedge")
    with pytest.raises(CommandError, match="set at the venue") as caught:
        parse("set position mode hedge")
    assert caught.value.hint == "write: mode hedge, or mode one-way"


def test_lev_without_a_number_tells(bench: PlanBench) -> None:
    line: Any = parse("@desk-1 lev BTC.p")
    assert tell_leverage(line.cmds[0], line.cmds[0].body, bench.view()) == (
        "desk-1 BTC/USDT:USDT: 10x cross, at most 125x"
    )
