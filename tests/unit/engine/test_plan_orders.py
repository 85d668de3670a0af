"""Prices, triggers, flags, the venue's rules, effects, margin and fees of planned orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from plan_bench import BTC, BTCS, ETH, NOW_NS, PlanBench

from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import OrderType, PositionSide, Side, TimeInForce, TriggerSource
from hedge_tui.domain.plan import Act, Effect
from hedge_tui.engine.reduce import apply

D = Decimal


@pytest.mark.parametrize(
    ("typed", "price", "reference"),
    [
        ("bid", "60000.0", "60000"),
        ("ask", "60000.1", "60000.1"),
        ("mid", "60000.0", "60000.05"),  # a buy rounds down
        ("ask+2t", "60000.3", "60000.1"),
        ("bid-5bp", "59970.0", "60000"),
        ("bid-1%", "59400.0", "60000"),
        ("bid-20.55", "59979.4", "60000"),
        ("mark", "60005.0", "60005"),
        ("last-0.01%", "59994.9", "60001"),
        ("entry", "61000.0", "61000"),
        ("64000.19", "64000.1", None),
    ],
)
def test_prices_of_a_buy(bench: PlanBench, typed: str, price: str, reference: str | None) -> None:
    bench.stats(BTC, mark=60005.0, last=60001.0)
    bench.position("desk-1", BTC, "0.1", "61000")
    leg = bench.leg(f"@desk-1 buy 0.1btc BTC.p at {typed}")
    assert leg.request is not None
    assert leg.request.price == D(price)
    assert leg.typed_price == ("" if reference is None else typed)
    if reference is not None:
        assert leg.reference_price == D(reference)
    else:
        assert "rounded to the tick" in leg.note


def test_a_sell_rounds_up(bench: PlanBench) -> None:
    leg = bench.leg("@desk-1 sell 0.1btc BTC.p at mid")
    assert leg.request is not None
    assert leg.request.price == D("60000.1")


def test_a_reference_that_one_account_lacks_is_that_legs_problem(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "0.1", "61000")
    first, second = bench.legs("@desk-1,desk-2 sell 0.1btc/each BTC.p at entry")
    assert not first.problem
    assert "entry of BTC/USDT:USDT" in second.problem


@pytest.mark.parametrize(
    ("text", "type_", "side", "trigger"),
    [
        ("sell 0.1btc BTC.p stop:59000", OrderType.STOP_MARKET, Side.SELL, "59000"),
        ("sell 0.1btc BTC.p at 58900 stop:59000", OrderType.STOP_LIMIT, Side.SELL, "59000"),
        ("sell 0.1btc BTC.p trig:61000", OrderType.TAKE_PROFIT_MARKET, Side.SELL, "61000"),
        ("buy 0.1btc BTC.p at 59000 trig:59100", OrderType.TAKE_PROFIT_LIMIT, Side.BUY, "59100"),
        ("buy 0.1btc BTC.p stop:bid+1%", OrderType.STOP_MARKET, Side.BUY, "60600"),
    ],
)
def test_triggers(bench: PlanBench, text: str, type_: OrderType, side: Side, trigger: str) -> None:
    leg = bench.leg(f"@desk-1 {text}")
    assert leg.request is not None
    assert not leg.problem
    assert (leg.request.type, leg.request.side) == (type_, side)
    assert leg.request.trigger_price == D(trigger)
    assert leg.request.trigger_source is TriggerSource.LAST


@pytest.mark.parametrize(
    "text",
    [
        "buy 0.1btc BTC.p stop:59000",
        "sell 0.1btc BTC.p stop:61000",
        "sell 0.1btc BTC.p trig:59000",
        "buy 0.1btc BTC.p trig:61000",
        "buy 0.1btc BTC.p at 59000 stop:59500",
    ],
)
def test_a_trigger_on_the_wrong_side_is_a_problem(bench: PlanBench, text: str) -> None:
    assert "would be set off at once" in bench.leg(f"@desk-1 {text}").problem


def test_a_trigger_by_mark_is_judged_by_the_mark(bench: PlanBench) -> None:
    bench.stats(BTC, mark=59400.0, last=60000.0)
    assert bench.leg("@desk-1 buy 0.1btc BTC.p stop:59500@mark").problem == ""
    assert "mark price 59400" in bench.leg("@desk-1 sell 0.1btc BTC.p stop:59500@mark").problem


def test_a_stop_needs_no_fresh_quote(bench: PlanBench) -> None:
    bench.now_ns += 30 * 10**9
    assert bench.leg("@desk-1 sell 0.1btc BTC.p stop:59000").problem == ""
    assert bench.leg("@desk-1 sell 0.1btc BTC.p at 61000").problem == ""
    assert bench.leg("@desk-1 sell 0.1btc BTC.p").problem == "its quotes are 30 s old"
    assert bench.leg("@desk-1 sell 0.1btc BTC.p at ask").problem == "its quotes are 30 s old"


def test_time_in_force(bench: PlanBench) -> None:
    leg = bench.leg("@desk-1 buy 0.1btc BTC.p at ask ioc")
    assert leg.request is not None
    assert leg.request.time_in_force is TimeInForce.IOC
    for text in ("buy 0.1btc BTC.p ioc", "buy 0.1btc BTC.p post", "buy 0.1btc BTC.p stop:61000 fok"):
        with pytest.raises(CommandError):
            bench.plan(f"@desk-1 {text}")
    with pytest.raises(CommandError):
        bench.plan("@desk-1 buy 0.1btc BTC.p at bid post ioc")


def test_gtd_is_read_in_the_traders_zone(bench: PlanBench) -> None:
    def expires(text: str) -> datetime:
        leg = bench.leg(f"@desk-1 buy 0.1btc BTC.p at bid {text}", zone=ZoneInfo("Europe/Berlin"))
        assert leg.request is not None
        assert leg.request.expire_ns is not None
        return datetime.fromtimestamp(leg.request.expire_ns / 1e9, UTC)

    assert expires("gtd:17:30") == datetime(2025, 11, 20, 16, 30, tzinfo=UTC)
    assert expires("gtd:17:30z") == datetime(2025, 11, 20, 17, 30, tzinfo=UTC)
    assert expires("gtd:30m") == datetime.fromtimestamp(NOW_NS / 1e9 + 1800, UTC)
    with pytest.raises(CommandError, match="is in the past"):
        expires("gtd:2025-11-01T12:00")


def test_crossing_and_post_only(bench: PlanBench) -> None:
    assert bench.leg("@desk-1 buy 0.1btc BTC.p at 60000 post").note == ""
    assert "refuse a post-only" in bench.leg("@desk-1 buy 0.1btc BTC.p at ask post").note
    assert "takes at once" in bench.leg("@desk-1 buy 0.1btc BTC.p at 60000.1").note


def test_an_own_order_on_the_other_side_is_noted_over_all_accounts(bench: PlanBench) -> None:
    bench.order("desk-2", side=Side.SELL, price="59900")
    assert "own order" in bench.leg("@desk-1 buy 0.1btc BTC.p at 59900").note
    assert bench.leg("@desk-1 buy 0.1btc BTC.p at 59899.9").note == ""
    assert bench.leg("@desk-1 sell 0.1btc BTC.p at 61000").note == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("buy 0.0005btc BTC.p", "quantity 0.0005 is below the lot 0.001"),
        ("buy 150btc BTC.p", "quantity 150.000 is above the largest 120"),
        ("buy 150btc BTC.p stop:61000", "quantity 150.000 is above the largest 120"),
        ("buy 0.001btc BTC.p at 100", "notional 0.10 is below the smallest 5 USDT"),
        ("buy 40btc BTC.p at 60000", "of margin at 20x, free is 100000.00"),
    ],
)
def test_the_venues_rules(bench: PlanBench, text: str, problem: str) -> None:
    bench.accounts["desk-1"].leverage[BTC] = D(20)
    assert problem in bench.leg(f"@desk-1 {text}").problem


def test_a_leverage_that_nobody_told_is_a_doubt_not_a_bar(bench: PlanBench) -> None:
    leg = bench.leg("@desk-1 buy 40btc BTC.p at 60000")
    assert leg.problem == ""
    assert "the venue has not told the leverage" in leg.note


@pytest.mark.parametrize(
    ("held", "text", "effect"),
    [
        ("0", "buy 0.1btc BTC.p", Effect.OPENS),
        ("0.2", "buy 0.1btc BTC.p", Effect.INCREASES),
        ("0.2", "sell 0.1btc BTC.p", Effect.REDUCES),
        ("0.2", "sell 0.2btc BTC.p", Effect.CLOSES),
        ("0.2", "sell 0.3btc BTC.p", Effect.FLIPS),
        ("-0.2", "buy 0.3btc BTC.p", Effect.FLIPS),
        ("0.2", "sell 0.3btc BTC.p reduce", Effect.CLOSES),
    ],
)
def test_effects(bench: PlanBench, held: str, text: str, effect: Effect) -> None:
    if D(held):
        bench.position("desk-1", BTC, held)
    leg = bench.leg(f"@desk-1 {text}")
    assert leg.problem == ""
    assert leg.effect is effect


def test_legs_of_one_line_use_up_what_is_there(bench: PlanBench) -> None:
    bench.accounts["desk-1"].leverage[BTC] = D(10)
    legs = bench.legs("@desk-1 buy 10btc BTC.p at 60000 ; @desk-1 buy 10btc BTC.p at 60000")
    assert [bool(leg.problem) for leg in legs] == [False, True]
    assert legs[0].margin_after == D(100_000) - 60_000 - legs[0].fee
    # What could not be sent changed nothing: the next one still increases a position of 10.
    third = bench.legs(
        "@desk-1 buy 10btc BTC.p at 60000 ; @desk-1 buy 10btc BTC.p at 60000 ; @desk-1 sell 10btc BTC.p"
    )[2]
    assert third.effect is Effect.CLOSES


def test_reduce_only(bench: PlanBench) -> None:
    assert "nothing to reduce" in bench.leg("@desk-1 sell 0.1btc BTC.p reduce").problem
    bench.position("desk-1", BTC, "0.2")
    assert "nothing to reduce" in bench.leg("@desk-1 buy 0.1btc BTC.p reduce").problem
    assert "reduces no more than the 0.2 held" in bench.leg("@desk-1 sell 0.3btc BTC.p reduce").note
    bench.account("spot-1", "binance", {"BTC": 1})
    assert bench.leg("@spot-1 sell 0.1btc BTC.s reduce").problem == "spot knows no reduce-only"


def test_a_stop_and_a_target_protect_the_same_position(bench: PlanBench) -> None:
    bench.position("desk-1", BTC, "0.2")
    legs = bench.legs(
        "@desk-1 sell 100%pos BTC.p stop:59000 reduce & @desk-1 sell 100%pos BTC.p trig:61000 reduce"
    )
    assert [(leg.problem, leg.effect) for leg in legs] == [("", Effect.CLOSES)] * 2


def test_fees_are_those_of_how_the_order_trades(bench: PlanBench) -> None:
    def rate(text: str) -> Decimal:
        leg = bench.leg(f"@desk-1 {text}")
        assert leg.fee is not None
        assert leg.notional is not None
        return leg.fee / leg.notional

    assert rate("buy 0.1btc BTC.p at bid") == D("0.0002")
    for text in ("buy 0.1btc BTC.p", "buy 0.1btc BTC.p at ask", "buy 0.1btc BTC.p stop:61000"):
        assert rate(text) == D("0.0005"), text


def test_the_fee_and_margin_of_an_inverse_contract_are_in_its_base(bench: PlanBench) -> None:
    account = bench.account("coin-1", "binancecoinm", {"BTC": 1})
    account.leverage[bench.legs("@coin-1 buy 600usd BTC.i at 60000")[0].instrument] = D(10)
    leg = bench.leg("@coin-1 buy 600usd BTC.i at 60000")
    assert leg.fee_asset == "BTC"
    assert leg.fee == D(600) * D("0.0002") / 60_000
    assert leg.margin_after == 1 - D(600) / 10 / 60_000 - leg.fee


def test_spot_pays_with_what_is_free(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"USDT": 1000, "BTC": "0.01"})
    assert "needs 6000" in bench.leg("@spot-1 buy 0.1btc BTC.s at 60000").problem
    assert "needs 0.1 BTC, free is 0.01" in bench.leg("@spot-1 sell 0.1btc BTC.s").problem


@pytest.mark.parametrize(
    ("state", "opening", "closing"),
    [
        (FeedState.RECONNECTING, "its private stream is reconnecting", ""),
        (FeedState.STALE, "its private stream is stale", ""),
        (FeedState.FAILED, "its private stream is failed", "its private stream is failed"),
        (
            FeedState.LOCKED,
            "the vault is locked; run `hedge unlock`",
            "the vault is locked; run `hedge unlock`",
        ),
    ],
)
def test_a_silent_stream_bars_entries_and_not_exits(
    bench: PlanBench, state: FeedState, opening: str, closing: str
) -> None:
    account = bench.accounts["desk-1"]
    assert account.health is not None
    account.health = replace(account.health, state=state)
    bench.position("desk-1", BTC, "0.2")
    assert bench.leg("@desk-1 buy 0.1btc BTC.p").problem == opening
    assert bench.leg("@desk-1 close BTC.p").problem == closing


def test_problems_are_shown_not_dropped(bench: PlanBench) -> None:
    bench.account("desk-2", "binanceusdm", {"USDT": 100}, groups=("core",), read_only=True)
    apply(bench.state, acts.TradingHeld(1, "account:desk-3", "halted", "keyboard", "fat thumb"))
    plan = bench.plan("@core buy 0.1btc/each BTC.p")
    assert [leg.problem for leg in plan.legs] == [
        "",
        "the account is read-only",
        "desk-3 is HALTED (fat thumb): only cancels go through; to lift it: resume desk-3",
    ]
    assert len(plan.sendable) == 1
    assert plan.warnings[0] == "2 of 3 legs cannot be sent; the others will be"
    assert plan.headline.endswith("2 cannot be sent")


def test_hedge_mode_wants_long_or_short(bench: PlanBench) -> None:
    bench.account("hedge-1", "binanceusdm", {"USDT": 100_000}, hedge=True)
    bench.position("hedge-1", BTC, "0.2", side="long")
    bench.position("hedge-1", BTC, "-0.1", side="short")
    assert "write long (opens it) or short (closes it)" in bench.leg("@hedge-1 buy 0.1btc BTC.p").problem
    opens = bench.leg("@hedge-1 buy 0.1btc BTC.p long")
    assert (opens.problem, opens.effect) == ("", Effect.INCREASES)
    assert opens.request is not None
    assert opens.request.position_side is PositionSide.LONG
    closes = bench.leg("@hedge-1 buy 0.1btc BTC.p short")
    assert (closes.problem, closes.effect) == ("", Effect.CLOSES)
    assert "0.1 is held" in bench.leg("@hedge-1 buy 0.2btc BTC.p short").problem
    assert bench.leg("@hedge-1 sell 100%pos BTC.p long").request.quantity == D("0.2")  # type: ignore[union-attr]
    assert "one-way mode" in bench.leg("@desk-1 buy 0.1btc BTC.p long").problem


def test_leverage_is_a_row_of_its_own_and_counts(bench: PlanBench) -> None:
    bench.accounts["desk-1"].leverage[BTC] = D(5)
    lev, order = bench.legs("@desk-1 buy 10btc BTC.p at 60000 lev:20")
    assert (lev.act, lev.quantity, lev.change.old) == (Act.LEVERAGE, D(20), "5")  # type: ignore[union-attr]
    assert order.problem == ""
    assert "at 5x" in bench.leg("@desk-1 buy 10btc BTC.p at 60000").problem
    assert len(bench.legs("@desk-1 buy 1btc BTC.p at 60000 lev:5")) == 1
    lev, order = bench.legs("@desk-1 buy 1btc BTC.p at 60000 lev:126")
    assert lev.problem == "126x is above the highest 125x"
    assert "leverage: 126x" in order.problem


@pytest.mark.parametrize(
    "text",
    [
        "buy 0.1btc BTC.p tp 61000",
        "buy 0.1btc BTC.p scale 5 from 60000 to 59000",
        "hedge BTC",
        "equalise run:abc",
        "buy 0.1btc BTC.p then sell 0.1btc BTC.p",
    ],
)
def test_what_is_not_carried_out_yet_says_so(bench: PlanBench, text: str) -> None:
    with pytest.raises(CommandError, match="not in this release"):
        bench.plan(f"@desk-1 {text}")


def test_the_fingerprint_knows_every_leg(bench: PlanBench) -> None:
    first = bench.plan("@core buy 0.1btc/each BTC.p at 59000")
    assert first.hash == bench.plan("@core buy 0.1btc/each BTC.p at 59000").hash
    seen = {first.hash}
    for text in (
        "@core buy 0.1btc/each BTC.p at 59000.1",
        "@core buy 0.101btc/each BTC.p at 59000",
        "@core sell 0.1btc/each BTC.p at 59000",
        "@core buy 0.1btc/each BTC.p at 59000 post",
        "@desk-1,desk-2 buy 0.1btc/each BTC.p at 59000",
        "@core buy 0.1eth/each ETH.p at 59000",
    ):
        seen.add(bench.plan(text).hash)
    bench.accounts["desk-2"].balances.clear()
    bench.accounts["desk-2"].leverage[BTC] = D(20)
    seen.add(bench.plan("@core buy 0.1btc/each BTC.p at 59000").hash)
    bench.now_ns += 1
    seen.add(bench.plan("@core buy 0.1btc/each BTC.p at 59000").hash)
    assert len(seen) == 9


def test_what_stands_behind_and_and_a_hole_is_announced(bench: PlanBench) -> None:
    plan = bench.plan("@desk-1 buy 0.0001btc BTC.p && @desk-1 sell 0.1btc BTC.p")
    assert any("&&" in warning for warning in plan.warnings)
    assert not any(
        "&&" in w for w in bench.plan("@desk-1 buy 0.1btc BTC.p && @desk-1 sell 0.1btc BTC.p").warnings
    )
    assert BTCS in bench.markets.instruments
    assert ETH in bench.markets.instruments


def test_named_venues_go_to_the_accounts_that_are_there(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"USDT": 100_000})
    legs = bench.legs(f"@desk-1,spot-1 buy 100usd/each {BTC},{BTCS}")
    assert [(leg.account, leg.instrument, leg.problem) for leg in legs] == [
        ("desk-1", BTC, ""),
        ("spot-1", BTCS, ""),
    ]


def test_a_share_that_no_account_can_take_is_a_row_that_says_so(bench: PlanBench) -> None:
    bench.account("spot-1", "binance", {"USDT": 100_000})
    legs = bench.legs(f"@desk-1,spot-1 buy 1000usd/split {BTC},{BTCS}")
    assert sum(bool(leg.problem) for leg in legs) == 2
    # Nor is a market left out that nobody in the scope can trade.
    legs = bench.legs(f"@desk-1,desk-2 buy 100usd/each {BTCS},{BTC}")
    assert [leg.instrument for leg in legs if leg.problem] == [BTCS, BTCS]
