"""Live money and simulated money in one line: refused where one word takes both, named where both are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import CommandError
from tests.plan_bench import BTC, PlanBench


@pytest.fixture
def mixed() -> PlanBench:
    bench = PlanBench()
    for name, mode in (("real-1", Mode.LIVE), ("real-2", Mode.LIVE), ("paper-1", Mode.PAPER)):
        state = bench.account(name, "binanceusdm", {"USDT": 100_000}, groups=("both",))
        state.account = replace(state.account, mode=mode)
    return bench


@pytest.mark.parametrize("scope", ["@all", "@both", "@binanceusdm", "@real-1,both"])
@pytest.mark.parametrize("verb", ["buy 0.01btc/each BTC.p at 59000", "lev BTC.p 5"])
def test_one_word_for_both_kinds_of_money_is_refused(mixed, scope, verb):
    with pytest.raises(CommandError, match=r"live money .* and simulated money") as told:
        mixed.plan(f"{scope} {verb}")
    assert told.value.hint.startswith("name one side, or both: @real-1,")
    assert told.value.readings[0].startswith("@real-1,real-2")
    assert "paper-1" in told.value.readings[1]
    start, end = told.value.span
    assert f"{scope} {verb}"[start:end].strip("@") in ("all", "both", "binanceusdm")


def test_the_active_scope_is_no_excuse(mixed):
    with pytest.raises(CommandError, match="both is live money"):
        mixed.plan("buy 0.01btc/each BTC.p at 59000", scope="both")


def test_both_named_go_out_with_their_mode_at_each_leg(mixed):
    plan = mixed.plan("@real-1,paper-1,desk-1 buy 0.01btc/each BTC.p at 59000")
    words = {leg.account: leg.note.split(";")[0] for leg in plan.legs}
    assert words == {"real-1": "LIVE", "paper-1": "paper", "desk-1": "sandbox"}
    assert plan.warnings[0] == "more than one kind of money: 1 LIVE, 1 paper, 1 sandbox"
    assert len(plan.sendable) == 3


def test_simulated_money_mixes_freely_and_is_named(mixed):
    plan = mixed.plan("@core,paper-1 buy 0.01btc/each BTC.p at 59000")
    assert [leg.note for leg in plan.legs] == ["sandbox"] * 3 + ["paper"]


def test_one_kind_of_money_needs_no_word(mixed):
    plan = mixed.plan("@real-1,real-2 buy 0.01btc/each BTC.p at 59000")
    assert [leg.note for leg in plan.legs] == ["", ""]
    assert plan.warnings == ()


def test_what_only_takes_off_is_never_held_up(mixed):
    for name in ("real-1", "paper-1"):
        mixed.order(name, BTC)
    plan = mixed.plan("@all cancel all")
    assert {leg.note for leg in plan.legs} == {"LIVE", "paper"}
