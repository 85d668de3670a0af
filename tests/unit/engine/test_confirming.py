"""What is confirmed is what was previewed: in time, once, on a market that has not run away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from simulated_desk import BTC, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.order import OrderStatus
from hedge_tui.wire import messages as m


def run(scenario: Callable[[SimulatedDesk], object]) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        await scenario(desk)  # type: ignore[misc]

    simulate(main)


async def preview(desk: SimulatedDesk, text: str, by: str = "test") -> m.Preview:
    desk.quote()
    answer = await desk.engine.lines.submit(m.Submit(1, text), by, may_trade=True)
    assert isinstance(answer, m.Preview), answer
    return answer


async def confirm(desk: SimulatedDesk, made: m.Preview, by: str = "test") -> m.ServerMessage:
    return await desk.engine.lines.confirm(m.Confirm(2, made.hash, wait=True), by)


def refused(answer: m.ServerMessage, kind: str, words: str) -> None:
    assert isinstance(answer, m.Failure), answer
    assert answer.kind == kind
    assert words in answer.message


def sent(desk: SimulatedDesk) -> int:
    return sum(len(client.placed) for client in desk.clients.values())


def test_within_ten_seconds() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        await asyncio.sleep(9.9)
        assert isinstance(await confirm(desk, made), m.Result)
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        await asyncio.sleep(10.1)
        refused(await confirm(desk, made), "stale", "the limit is 10 s")
        assert sent(desk) == 1

    run(scenario)


def test_once_and_by_the_same_client() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        refused(await confirm(desk, made, "somebody else"), "stale", "no such preview")
        first, second = await asyncio.gather(confirm(desk, made), confirm(desk, made))
        assert isinstance(first, m.Result)
        refused(second, "stale", "no such preview")
        assert sent(desk) == 1

    run(scenario)


@pytest.mark.parametrize(
    ("text", "moved_to", "goes"),
    [
        ("buy 0.1btc BTC.p", 60_100, True),  # 17 bp
        ("buy 0.1btc BTC.p", 60_200, False),  # 33 bp
        ("sell 0.1btc BTC.p", 59_800, False),
        ("buy 0.1btc BTC.p at bid", 60_200, False),
        ("buy 0.1btc BTC.p at bid-1%", 60_200, False),
        ("buy 0.1btc BTC.p at ask+2t", 60_050, True),
        ("buy 0.1btc BTC.p at 59000", 60_200, True),  # a plain number is what it is
        ("sell 0.1btc BTC.p stop:59000", 60_200, True),
    ],
)
def test_drift(text: str, moved_to: int, *, goes: bool) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, f"@desk-1 {text}")
        desk.price(BTC, moved_to)
        desk.quote()
        answer = await confirm(desk, made)
        if goes:
            assert isinstance(answer, m.Result), answer
        else:
            refused(answer, "stale", "bp since the preview")
            assert sent(desk) == 0

    run(scenario)


def test_a_wide_spread_is_no_drift() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.price(BTC, 60_000, spread="300")
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at bid")
        assert isinstance(await confirm(desk, made), m.Result)

    run(scenario)


def test_quotes_that_fell_silent_since() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p")
        resting = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        await asyncio.sleep(7)
        refused(await confirm(desk, made), "stale", "quotes of BTC/USDT:USDT are stale")
        assert isinstance(await confirm(desk, resting), m.Result)

    run(scenario)


def test_an_account_that_fell_out_since() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, "@all buy 0.1btc/each BTC.p at 59000")
        now = desk.clock.now_ns()
        lost = FeedHealth("desk-2:private", "desk-2", "binanceusdm", FeedState.RECONNECTING, now, now)
        desk.engine.intake.put(lost)
        await asyncio.sleep(0.1)
        refused(await confirm(desk, made), "stale", "desk-2: its private stream is reconnecting")
        assert sent(desk) == 0

    run(scenario)


def test_the_gate_looks_again() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        one = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        two = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 58999")
        limits = desk.engine.limits
        settings = replace(limits.settings, max_day_notional=Decimal(6_000))
        desk.engine.limits = replace(limits, settings=settings)
        assert isinstance(await confirm(desk, one), m.Result)
        refused(await confirm(desk, two), "denied", "max_day_notional")
        assert sent(desk) == 1

    run(scenario)


def test_a_preview_only_line_and_a_read_only_console_have_nothing_to_confirm() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000 ?")
        assert (made.preview_only, made.sendable) == (True, 0)
        refused(await confirm(desk, made), "stale", "no such preview")
        shown = await desk.engine.lines.submit(
            m.Submit(1, "@desk-1 buy 0.1btc BTC.p at 59000"), "test", may_trade=False
        )
        assert isinstance(shown, m.Preview)
        refused(await confirm(desk, shown), "stale", "no such preview")

    run(scenario)


def test_lev_without_a_number_tells() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        done = await desk.send("@desk-1 lev BTC.p")
        assert isinstance(done, m.Done)
        assert "desk-1 BTC/USDT:USDT:" in done.text

    run(scenario)


def test_results_name_every_leg() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        result = await desk.send("@desk-1 buy 0.1btc BTC.p & @desk-2 buy 0.0001btc BTC.p at 59000")
        assert isinstance(result, m.Result)
        assert [(leg.account, leg.status, leg.filled) for leg in result.legs] == [
            ("desk-1", "filled", "0.100"),
            ("desk-2", "not sent", ""),
        ]
        assert "below the lot" in result.legs[1].reason
        assert OrderStatus.FILLED in {o.status for o in desk.engine.desk.state.orders.values()}

    run(scenario)


def test_what_was_picked_stands_by_name_in_preview_and_record() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.quote()
        lines = desk.engine.lines
        message = m.Submit(
            1, "@desk-1 buy 0.1btc/each picked at 59000", selection=(str(BTC), "no-row-of-ours")
        )
        made = await lines.submit(message, "test", may_trade=True)
        assert isinstance(made, m.Preview), made
        assert made.text == f"@desk-1 buy 0.1btc/each {BTC} at 59000"
        assert [row.instrument for row in made.rows] == [BTC]
        result = await confirm(desk, made)
        assert isinstance(result, m.Result)
        assert desk.engine.desk.state.runs[result.run].text == made.text
        # The order just sent, picked on Orders.
        (order,) = desk.engine.desk.state.working
        cancel = await lines.submit(m.Submit(3, "cancel picked", selection=(order,)), "test", may_trade=True)
        assert isinstance(cancel, m.Preview), cancel
        assert cancel.text == f"cancel id:{order}"
        nothing = await lines.submit(m.Submit(4, "cancel picked"), "test", may_trade=True)
        assert isinstance(nothing, m.Failure)
        assert nothing.span == (7, 13)

    run(scenario)
