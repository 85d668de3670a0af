"""Stops that stand alone, in one-way and in hedge mode: what is sent and what the preview says of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import OrderType, PositionSide, Side, TimeInForce, TriggerSource
from hedge_tui.domain.plan import Effect
from hedge_tui.engine.execution.legs import mode_moved
from hedge_tui.engine.previews import row_of
from tests.plan_bench import BTC, ETH, PlanBench

D = Decimal


@pytest.fixture
def bench() -> PlanBench:
    made = PlanBench()
    made.position("desk-1", BTC, "0.3", "58000")
    for id_, last in ((BTC, 60_000.0), (ETH, 3_000.0)):
        made.stats(id_, last=last, mark=last)
    return made


@pytest.fixture
def hedged(bench: PlanBench) -> PlanBench:
    bench.account("hedge-1", "binanceusdm", {"USDT": 100_000}, hedge=True)
    bench.position("hedge-1", BTC, "0.2", "58000", side="long")
    bench.position("hedge-1", BTC, "-0.1", "62000", side="short")
    return bench


def row(bench: PlanBench, text: str) -> tuple[str, str, str, str, str]:
    """(side, kind, quantity, flags, problem) as the confirm dialog shows them."""
    shown = row_of(bench.leg(text), bench.view())
    return shown.side, shown.type, shown.quantity, shown.flags, shown.problem


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "close BTC.p stop:57000",
            ("sell", "stop market", "0.300", "trigger 57000.0@last close-position", ""),
        ),
        (
            "close BTC.p stop:57000@mark",
            ("sell", "stop market", "0.300", "trigger 57000.0@mark close-position", ""),
        ),
        (
            "close BTC.p trig:63000",
            ("sell", "take profit market", "0.300", "trigger 63000.0@last close-position", ""),
        ),
        ("close BTC.p 50% stop:57000", ("sell", "stop market", "0.150", "trigger 57000.0@last reduce", "")),
        ("close BTC.p trail 1%", ("sell", "trailing stop", "0.300", "trail 1%@last reduce", "")),
        (
            "close BTC.p 50% trail 1.5%@mark trig:61000",
            ("sell", "trailing stop", "0.150", "trail 1.5%@mark from 61000.0 reduce", ""),
        ),
        ("close BTC.p trail 50bp", ("sell", "trailing stop", "0.300", "trail 0.5%@last reduce", "")),
        (
            "close BTC.p stop:entry-2%",
            ("sell", "stop market", "0.300", "trigger 56840.0@last close-position", ""),
        ),
        (
            "sell 0.1btc BTC.p at 56900 stop:57000@mark reduce",
            ("sell", "stop limit", "0.100", "trigger 57000.0@mark reduce", ""),
        ),
    ],
)
def test_what_a_stop_sends(bench: PlanBench, text: str, shown: tuple[str, ...]) -> None:
    assert row(bench, f"@desk-1 {text}") == shown


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("close BTC.p stop:61000", "would be set off at once: 61000.0 is not below the last price 60000"),
        ("close BTC.p trig:59000", "would be set off at once: 59000.0 is not above the last price 60000"),
        ("close BTC.p trail 1% trig:59000", "would begin to follow at once: 59000.0 is not above"),
        ("close BTC.p trail 0.15%", "0.15 % is no multiple of 0.1 %"),
    ],
)
def test_what_would_not_wait_is_said(bench: PlanBench, text: str, problem: str) -> None:
    assert problem in bench.leg(f"@desk-1 {text}").problem


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("close all stop:57000", "a price fits one instrument"),
        ("close BTC.p trail 100t", "a venue follows in percent"),
        ("close BTC.p stop:57000 trail 1%", "finds its own price"),
        ("close BTC.p chase stop:57000", "no algo works it"),
        ("close BTC.p stop:57000 trig:63000", "exclude each other|one trigger"),
        ("buy 0.1btc BTC.p at 59000 post gtd:30m", "exclude each other"),
    ],
)
def test_what_contradicts_itself_is_refused(bench: PlanBench, text: str, match: str) -> None:
    with pytest.raises(CommandError, match=match):
        bench.plan(f"@desk-1 {text}")


def test_one_order_of_a_kind_closes_the_whole_position(bench: PlanBench) -> None:
    stop = {"price": None, "type": OrderType.STOP_MARKET, "trigger_price": D(57_000), "side": Side.SELL}
    number = bench.order(close_position=True, **stop)  # type: ignore[arg-type]
    assert bench.leg("@desk-1 close BTC.p stop:56000").problem == (
        f"#{number} closes the whole position at 57000 already: cancel it first"
    )
    assert bench.leg("@desk-1 close BTC.p trig:63000").problem == ""
    assert bench.leg("@desk-1 close BTC.p 100% stop:56000").problem == ""


def test_an_order_until_a_time_says_the_time(bench: PlanBench) -> None:
    shown = row_of(bench.leg("@desk-1 buy 0.1btc BTC.p at 59000 gtd:30m"), bench.view())
    assert shown.flags == "gtd 01:23:20"
    request = bench.leg("@desk-1 buy 0.1btc BTC.p at 59000 gtd:30m").request
    assert request is not None
    assert (request.time_in_force, request.expire_ns) == (TimeInForce.GTD, bench.now_ns + 1800 * 10**9)


def test_a_hedged_account_closes_and_protects_each_side_alone(hedged: PlanBench) -> None:
    stop = hedged.leg("@hedge-1 close BTC.p long stop:57000@mark")
    assert stop.request is not None
    assert (stop.request.side, stop.request.position_side, stop.request.close_position) == (
        Side.SELL,
        PositionSide.LONG,
        True,
    )
    assert (stop.effect, stop.problem) == (Effect.CLOSES, "")
    assert stop.request.trigger_source is TriggerSource.MARK
    flags = "short trail 2%@last reduce"
    assert row(hedged, "@hedge-1 close BTC.p short trail 2%") == ("buy", "trailing stop", "0.100", flags, "")
    entry = hedged.leg("@hedge-1 close BTC.p short stop:entry+1%").request
    assert entry is not None
    assert entry.trigger_price == D("62620.0")


def test_without_long_or_short_the_readings_are_said(hedged: PlanBench) -> None:
    problem = hedged.leg("@hedge-1 buy 0.1btc BTC.p").problem
    assert problem == "hedge mode: write long (opens it) or short (closes it) after the symbol"
    assert hedged.leg("@desk-1 buy 0.1btc BTC.p long").problem == (
        "the account is in one-way mode: leave out long and short"
    )


@pytest.mark.parametrize(
    ("text", "effect", "problem"),
    [
        ("buy 0.1btc BTC.p long", Effect.INCREASES, ""),
        ("sell 0.1btc BTC.p long", Effect.REDUCES, ""),
        ("sell 0.1btc BTC.p short", Effect.INCREASES, ""),
        ("buy 0.1btc BTC.p short", Effect.CLOSES, ""),
        ("buy 0.2btc BTC.p short", Effect.NONE, "closes 0.200 of the short, 0.1 is held"),
        ("sell 50%pos BTC.p long", Effect.REDUCES, ""),
        ("buy 0.5eth ETH.p long", Effect.OPENS, ""),
    ],
)
def test_each_side_has_its_effect(hedged: PlanBench, text: str, effect: Effect, problem: str) -> None:
    leg = hedged.leg(f"@hedge-1 {text}")
    assert (leg.effect, leg.problem) == (effect, problem)


def test_a_close_of_one_side_passes_the_caps(hedged: PlanBench) -> None:
    hedged.risk(max_order_notional=D(100))
    assert hedged.review("@hedge-1 sell 0.1btc BTC.p long") == ""
    assert hedged.review("@hedge-1 sell 0.1btc BTC.p short") == "order_notional"


def test_a_changed_position_mode_asks_for_a_new_preview(hedged: PlanBench) -> None:
    leg = hedged.leg("@desk-1 buy 0.1btc BTC.p")
    assert mode_moved(leg, hedged.view()) == ""
    hedged.accounts["desk-1"].hedge_mode = True
    assert "switched to hedge mode at the venue since the preview" in mode_moved(leg, hedged.view())
    leg = hedged.leg("@hedge-1 close BTC.p long")
    hedged.accounts["hedge-1"].hedge_mode = False
    assert "switched to one-way mode" in mode_moved(leg, hedged.view())
