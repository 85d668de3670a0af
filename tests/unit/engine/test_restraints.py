"""Halts, limits typed while running, order rates and identical rejects, on a desk under simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import pytest
from simulated_desk import BTC, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.order import OrderRequest, OrderStatus
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine import checkpoint
from hedge_tui.engine.state import DeskState
from hedge_tui.wire import messages as m

Scenario = Callable[[SimulatedDesk], Coroutine[Any, Any, None]]
BUY = "@desk-1 buy 0.1btc BTC.p at 59000"


def run(scenario: Scenario) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        await scenario(desk)

    simulate(main)


async def typed(
    desk: SimulatedDesk, text: str, *, origin: str = "keyboard", by: str = "test"
) -> m.ServerMessage:
    desk.quote()
    return await desk.engine.lines.submit(m.Submit(1, text, origin=origin), by, may_trade=True)


async def again(desk: SimulatedDesk, text: str, word: str) -> m.ServerMessage:
    question = await typed(desk, text)
    assert isinstance(question, m.Preview), question
    assert question.retype
    return await desk.engine.lines.confirm(m.Confirm(2, question.hash, typed=word), "test")


def denied(answer: m.ServerMessage, words: str) -> None:
    assert isinstance(answer, m.Failure), answer
    assert answer.kind == "denied"
    assert words in answer.message


def working(desk: SimulatedDesk) -> int:
    return sum(1 for _ in desk.engine.desk.state.working_orders())


# -- states


def test_halted_lets_only_cancels_and_panic_through() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p")
        await desk.send(BUY)
        await desk.until(lambda: bool(desk.engine.desk.accounts["desk-1"].positions))
        said = await typed(desk, "halt because fills look wrong")
        assert isinstance(said, m.Done)
        assert "the desk is HALTED (fills look wrong)" in said.text
        for line in (BUY, "@desk-1 close BTC.p", "@desk-1 lev BTC.p 5", "amend #2 at 58000"):
            denied(await typed(desk, line), "the desk is HALTED (fills look wrong)")
        assert isinstance(await desk.send("cancel #2"), m.Result)
        assert working(desk) == 0
        assert isinstance(await typed(desk, "panic"), m.Done)

    run(scenario)


def test_reducing_lets_only_through_what_reduces() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.2btc BTC.p")
        await desk.send(BUY)
        await desk.until(lambda: bool(desk.engine.desk.accounts["desk-1"].positions))
        await typed(desk, "reducing desk-1")
        denied(await typed(desk, BUY), "desk-1 is REDUCING")
        denied(await typed(desk, "@desk-1 sell 0.1btc BTC.p"), "desk-1 is REDUCING")
        denied(await typed(desk, "amend #2 at 59500"), "desk-1 is REDUCING")
        denied(await typed(desk, "amend #2 to 0.2btc"), "desk-1 is REDUCING")
        assert isinstance(await desk.send("amend #2 to 0.05btc"), m.Result)
        assert isinstance(await desk.send("@desk-1 sell 0.1btc BTC.p reduce"), m.Result)
        assert isinstance(await desk.send("@desk-1 close BTC.p stop:58000"), m.Result)
        assert isinstance(await desk.send("@desk-1 close BTC.p"), m.Result)
        assert isinstance(await typed(desk, "@desk-2 buy 0.1btc BTC.p"), m.Preview)

    run(scenario)


def test_the_worst_of_desk_and_account_holds() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await typed(desk, "halt desk-1")
        await typed(desk, "reducing")
        denied(await typed(desk, BUY), "desk-1 is HALTED")
        denied(await typed(desk, BUY.replace("desk-1", "desk-2")), "the desk is REDUCING")
        said = await again(desk, "resume", "resume")
        assert isinstance(said, m.Result)
        assert "still held: desk-1 HALTED" in said.text
        assert isinstance(await typed(desk, BUY.replace("desk-1", "desk-2")), m.Preview)
        await again(desk, "resume all", "resume")
        assert isinstance(await typed(desk, BUY), m.Preview)

    run(scenario)


def test_one_halted_account_leaves_the_others_their_legs() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await typed(desk, "halt desk-2")
        preview = await typed(desk, "@all buy 0.1btc/each BTC.p")
        assert isinstance(preview, m.Preview)
        assert [bool(row.problem) for row in preview.rows] == [False, True]
        assert preview.sendable == 1

    run(scenario)


def test_what_was_previewed_before_a_halt_is_denied_at_its_confirmation() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        preview = await typed(desk, BUY)
        assert isinstance(preview, m.Preview)
        await typed(desk, "halt")
        denied(await desk.engine.lines.confirm(m.Confirm(2, preview.hash), "test"), "the desk is HALTED")
        assert working(desk) == 0

    run(scenario)


def test_a_halt_stops_what_is_confirmed_and_has_not_left() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.delay_s = 2.0
        line = " & ".join(f"@desk-1 buy 0.01btc BTC.p at {59000 - i}" for i in range(60))
        preview = await typed(desk, line)
        assert isinstance(preview, m.Preview)
        await desk.engine.lines.confirm(m.Confirm(2, preview.hash), "test")
        await asyncio.sleep(0.2)
        await typed(desk, "halt desk-1")
        await asyncio.sleep(20)
        orders = desk.engine.desk.state.orders.values()
        stopped = [order for order in orders if order.status in (OrderStatus.DENIED, OrderStatus.REJECTED)]
        assert stopped
        assert len(stopped) + working(desk) == 60
        assert all("desk-1 is HALTED" in order.reason for order in stopped)
        assert sum(len(client.placed) for client in desk.clients.values()) == working(desk)

    run(scenario)


def test_a_halt_ends_armed_mode() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        assert isinstance(await desk.send("@desk-1 arm 5m cap 5kusd on BTC.p"), m.Result)
        assert desk.engine.armed.in_force is not None
        await typed(desk, "halt desk-1")
        assert desk.engine.armed.in_force is None
        denied(await typed(desk, "@desk-1 buy 0.01btc BTC.p !"), "desk-1 is HALTED")

    run(scenario)


def test_states_and_limits_outlive_a_crash() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await typed(desk, "halt desk-2 because of a bug")
        await typed(desk, "limit max_order_notional 700 @desk-1")
        await asyncio.sleep(1)
        before = desk.engine.desk.state.restraints
        await desk.crash()
        await desk.start()
        assert desk.engine.desk.state.restraints == before
        denied(await typed(desk, BUY.replace("desk-1", "desk-2")), "desk-2 is HALTED (of a bug)")
        denied(await typed(desk, BUY), "max_order_notional 700 of desk-1")

    run(scenario)


def test_resume_asks_for_the_word_and_for_the_trading_lock() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await typed(desk, "halt")
        question = await typed(desk, "resume")
        assert isinstance(question, m.Preview)
        assert question.retype == "resume"
        for word in ("", "halt", "resum"):
            denied(
                await desk.engine.lines.confirm(m.Confirm(2, question.hash, typed=word), "test"), "asked for"
            )
        answer = await desk.engine.lines.confirm(m.Confirm(2, question.hash, typed="resume"), "somebody else")
        assert isinstance(answer, m.Failure)
        reader = await desk.engine.lines.submit(m.Submit(1, "resume"), "reader", may_trade=False)
        assert isinstance(reader, m.Failure)
        assert reader.kind == "read_only"
        halted = await desk.engine.lines.submit(m.Submit(1, "halt desk-1"), "reader", may_trade=False)
        assert isinstance(halted, m.Done)  # whoever sees it may stop it
        await asyncio.sleep(61)
        late = await desk.engine.lines.confirm(m.Confirm(2, question.hash, typed="resume"), "test")
        assert isinstance(late, m.Failure)
        assert late.kind == "stale"
        denied(await typed(desk, BUY), "HALTED")

    run(scenario)


# -- limits


def test_a_plan_previewed_under_a_wider_limit_is_denied_after_tightening() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        preview = await typed(desk, BUY)
        assert isinstance(preview, m.Preview)
        await typed(desk, "limit max_order_notional 5000", by="another console")
        answer = await desk.engine.lines.confirm(m.Confirm(2, preview.hash), "test")
        denied(answer, "notional 5,900.00 is above the cap max_order_notional 5,000")

    run(scenario)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("limit max_order_notional 6k", "6000"),
        ("limit max_order_notional default", "default"),
        ("limit max_order_quantity BTC 1", "1.0"),
        ("limit deny default", "default"),
        ("limit deny ETH/*", "eth/*"),
    ],
)
def test_loosening_is_typed_again_and_tightening_is_not(line: str, word: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        for tight in (
            "limit max_order_notional 500",
            "limit max_order_quantity BTC 0.01",
            "limit deny ETH/*,BTC/*",
        ):
            assert isinstance(await typed(desk, tight), m.Done)
        denied(await again(desk, line, "something"), "asked for")
        assert isinstance(await again(desk, line, word), m.Result)
        assert isinstance(await typed(desk, "limit max_order_notional 1"), m.Done)

    run(scenario)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("limit max_order_notional 10000001", "above the cap 10,000,000 of the config"),
        ("limit max_ordr_notional 5", "max_order_notional"),
        ("limit max_order_notional BTC/*", "is not a value"),
        ("limit max_order_count 1.5", "whole number"),
        ("limit max_order_quantity 5", "is no asset or instrument"),
        ("limit max_order_quantity NOPE 5", "no venue of this desk lists NOPE"),
        ("limit max_order_rate 5 @desk-1", "of the whole desk"),
        ("limit max_order_notional 5 @nobody", "no account, group, tag or venue"),
        ("@desk-1 limit max_order_notional 5 @desk-2", "stand there twice"),
        ("limit max_order_notional default", "as configured already"),
        ("halt desk-1 ; @desk-1 cancel all", "cancel does not stand beside"),
        ("resume", "the desk is ACTIVE already"),
        ("resume all", "nothing is held"),
    ],
)
def test_mistakes_name_what_is_wrong(line: str, words: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        answer = await typed(desk, line)
        assert isinstance(answer, m.Failure), answer
        assert words in f"{answer.message} {answer.hint}"

    run(scenario)


def test_limit_alone_tells_what_is_used_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send(BUY)
        await typed(desk, "limit max_position_notional 10k @desk-1")
        said = await typed(desk, "limit")
        assert isinstance(said, m.Done)
        lines = {" ".join(line.split()) for line in said.text.splitlines()}
        assert "the desk max_day_notional 1,000,000,000 config used 5,900.00 = 0 %" in lines
        (own,) = (one for one in lines if one.startswith("desk-1 max_position_notional"))
        assert own.startswith("desk-1 max_position_notional 10,000 typed used 6,000.0")  # half a cent
        assert own.endswith("= 60 % (desk-1 BTC/USDT:USDT)")
        one = await typed(desk, "limit max_position_notional @desk-1")
        assert isinstance(one, m.Done)
        assert len(one.text.splitlines()) == 1

    run(scenario)


def test_limits_hold_for_armed_lines_too() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 arm 5m cap 50kusd on BTC.p")
        await typed(desk, "limit max_order_notional 500 @desk-1")
        denied(await typed(desk, "@desk-1 buy 0.01btc BTC.p !"), "max_order_notional 500")

    run(scenario)


def test_the_same_line_over_two_consoles_at_once_is_counted_twice() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await typed(desk, "limit max_position_notional 10k @desk-1")
        first = await typed(desk, BUY, by="one")
        await asyncio.sleep(0.01)
        second = await typed(desk, BUY, by="two")
        assert isinstance(first, m.Preview)
        assert isinstance(second, m.Preview)
        answers = await asyncio.gather(
            desk.engine.lines.confirm(m.Confirm(2, first.hash), "one"),
            desk.engine.lines.confirm(m.Confirm(3, second.hash), "two"),
        )
        assert isinstance(answers[0], m.Result)
        denied(answers[1], "above the cap max_position_notional 10,000")

    run(scenario)


def test_two_amendments_over_two_consoles_at_once_are_counted_twice() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send(BUY)
        await desk.send(BUY)
        await typed(desk, "limit max_position_notional 16k @desk-1")
        first = await typed(desk, "amend #1 to 0.15btc", by="one")
        second = await typed(desk, "amend #2 to 0.15btc", by="two")
        third = await typed(desk, "amend #1 to 0.12btc", by="three")
        assert isinstance(first, m.Preview)
        assert isinstance(second, m.Preview)
        assert isinstance(third, m.Preview)
        answers = await asyncio.gather(
            desk.engine.lines.confirm(m.Confirm(2, first.hash, wait=True), "one"),
            desk.engine.lines.confirm(m.Confirm(3, second.hash, wait=True), "two"),
            desk.engine.lines.confirm(m.Confirm(4, third.hash, wait=True), "three"),
        )
        assert isinstance(answers[0], m.Result)
        denied(answers[1], "above the cap max_position_notional 16,000")
        denied(answers[2], "another change of #1 is on its way")
        assert desk.engine.desk.state.restraints.amends == {}

    run(scenario)


# -- rates


def test_a_source_may_send_so_many_orders_in_a_window() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await typed(desk, "limit max_order_rate 3")
        for _ in range(3):
            assert isinstance(await desk.send(BUY), m.Result)
        denied(await typed(desk, BUY), "keyboard: 1 orders on top of 3 in the last 60 s")
        denied(await typed(desk, "amend #1 to 0.2btc"), "max_order_rate 3")
        assert isinstance(await typed(desk, BUY, origin="cli"), m.Preview)  # counted alone
        assert isinstance(await desk.send("cancel #1"), m.Result)
        await asyncio.sleep(61)
        assert isinstance(await desk.send(BUY), m.Result)

    run(scenario)


# -- identical rejects


def refusing(desk: SimulatedDesk, words: str = "Margin is insufficient.") -> None:
    """From here on the venue takes no order of desk-1."""

    async def place(requests: Sequence[OrderRequest]) -> list[Report]:
        desk.clients["desk-1"].placed.extend(request.client_order_id for request in requests)
        await asyncio.sleep(0.1)
        now = desk.clock.now_ns()
        return [
            Report(
                ReportKind.REJECTED,
                "desk-1",
                request.instrument,
                request.client_order_id,
                now,
                reason=f"{words} {now}",
                code="-2019",
            )
            for request in requests
        ]

    desk.clients["desk-1"].place = place  # type: ignore[method-assign]


async def refuse(
    desk: SimulatedDesk, count: int, every_s: float, words: str = "Margin is insufficient."
) -> None:
    """So many orders that the venue refuses."""
    refusing(desk, words)
    for _ in range(count):
        await desk.send(BUY)
        await asyncio.sleep(every_s)
    await asyncio.sleep(0.1)


def test_five_identical_rejects_within_a_minute_halt_their_source() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await refuse(desk, 4, 1)
        assert desk.engine.desk.state.restraints.holds == {}
        await refuse(desk, 1, 0)
        denied(await typed(desk, BUY), "source keyboard is HALTED (5 identical rejects in 60 s")
        denied(await typed(desk, BUY), "resume source:keyboard")
        assert isinstance(await typed(desk, BUY, origin="cli"), m.Preview)
        notes = [note.text for _, note in desk.engine.desk.state.log if note.level == "alarm"]
        assert any("source keyboard is HALTED" in text for text in notes)
        await desk.crash()
        await desk.start()
        denied(await typed(desk, BUY), "source keyboard is HALTED")
        await again(desk, "resume source:keyboard", "resume")
        assert isinstance(await typed(desk, BUY), m.Preview)

    run(scenario)


def test_a_crash_does_not_forget_the_rejects_before_it() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await refuse(desk, 4, 1)
        await desk.crash()
        await desk.start()
        await refuse(desk, 1, 0)
        denied(await typed(desk, BUY), "source keyboard is HALTED")

    run(scenario)


def test_rejects_that_are_slow_or_differ_halt_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await refuse(desk, 6, 16)
        for words in ("Margin", "Price", "Filter", "Quantity", "Order"):
            await refuse(desk, 1, 0, words)
        assert desk.engine.desk.state.restraints.holds == {}

    run(scenario)


def test_five_rejects_of_one_line_stop_what_of_it_has_not_left() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        refusing(desk)
        await desk.send(" & ".join(f"@desk-1 buy 0.01btc BTC.p at {59000 - i}" for i in range(100)))
        await asyncio.sleep(20)
        tried = sum(len(client.placed) for client in desk.clients.values())
        assert 5 <= tried < 100
        assert all(order.status.terminal for order in desk.engine.desk.state.orders.values())

    run(scenario)


def test_our_own_words_are_no_rejects_of_a_venue() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        def bent(reports: list[Report]) -> list[Report]:
            return [replace(r, kind=ReportKind.NOT_SENT, reason="the line is down") for r in reports]

        desk.hooks.placed = bent
        for _ in range(6):
            await desk.send(BUY)
        assert desk.engine.desk.state.restraints.holds == {}

    run(scenario)


def test_what_the_venue_turned_away_unread_halts_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        def bent(reports: list[Report]) -> list[Report]:
            busy = {"reason": "Too many requests", "code": "-1003", "turned_away": True}
            return [replace(r, kind=ReportKind.REJECTED, **busy) for r in reports]

        desk.hooks.placed = bent
        for _ in range(6):
            await desk.send(BUY)
        assert desk.engine.desk.state.restraints.holds == {}

    run(scenario)


def test_a_checkpoint_keeps_what_restrains() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await refuse(desk, 5, 1)
        await desk.send("@desk-2 buy 0.1btc BTC.p at 59000")
        await typed(desk, "halt desk-2 because of a test")
        state, copy = desk.engine.desk.state, DeskState()
        state.restraints.amends[next(iter(state.orders))] = state.orders[
            next(iter(state.orders))
        ].request.quantity
        checkpoint.load(copy, checkpoint.dump(state))
        assert copy.restraints == state.restraints
        assert state.restraints.day_counts
        assert BTC in {instrument for _, instrument in state.restraints.day_quantity}
        assert acts.TradingHeld.kind in acts.ACT_TYPES

    run(scenario)
