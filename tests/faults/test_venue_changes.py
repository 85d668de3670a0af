"""What changes at the venue between preview and send: refused with both values, said, previewed anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from simulated_desk import BTC, ETH, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.instrument import Instrument
from hedge_tui.domain.margin import MarginTerms
from hedge_tui.wire import messages as m

D = Decimal


def run(scenario: Callable[[SimulatedDesk], object]) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def notes(desk: SimulatedDesk, topic: str) -> list[tuple[str, str]]:
    log = desk.engine.desk.state.log
    return [(note.level, note.text) for _, note in log if note.topic == topic]


async def preview(desk: SimulatedDesk, text: str) -> m.Preview:
    desk.quote()
    answer = await desk.engine.lines.submit(m.Submit(1, text), "test", may_trade=True)
    assert isinstance(answer, m.Preview), answer
    return answer


def lists(desk: SimulatedDesk, change: Callable[[Instrument], Instrument | None]) -> None:
    """The venue's list of instruments is another from now on."""
    changed = [(change(one) if one.id == BTC else one) for one in desk.instruments]
    desk.market._instruments = [one for one in changed if one is not None]


def with_grid(**grid: str) -> Callable[[Instrument], Instrument]:
    def change(one: Instrument) -> Instrument:
        return replace(one, grid=replace(one.grid, **{name: D(value) for name, value in grid.items()}))

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_grid(tick="1"), "its tick was 0.1 in the preview and is 1 now"),
        (with_grid(lot="0.01"), "its lot was 0.001 in the preview and is 0.01 now"),
        (with_grid(min_notional="100"), "its smallest notional was 5 in the preview and is 100 now"),
        (
            lambda one: replace(one, contract_size=D(10)),
            "its contract size was 1 in the preview and is 10 now",
        ),
        (lambda one: replace(one, active=False), "it was trading in the preview and is not now"),
        (lambda _one: None, "it was trading in the preview and is not now"),
    ],
)
@pytest.mark.parametrize("line", ["buy 0.1btc BTC.p at 59000", "amend #1 to 0.2btc"])
def test_the_rules_of_an_instrument(
    change: Callable[[Instrument], Instrument | None], words: str, line: str
) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 58000")
        sent = len(desk.clients["desk-1"].placed)
        made = await preview(desk, line if line.startswith("amend") else f"@desk-1 {line}")
        lists(desk, change)
        await desk.engine.rules.renew("binanceusdm")
        answer = await desk.engine.lines.confirm(m.Confirm(2, made.hash, wait=True), "test")
        assert isinstance(answer, m.Failure)
        assert (answer.kind, answer.hint) == ("stale", "preview the line again")
        assert answer.message == f"desk-1: BTC/USDT:USDT: {words}"
        assert len(desk.clients["desk-1"].placed) == sent, "nothing was sent, and nothing planned anew"
        ((level, text),) = notes(desk, "rules")
        assert level == "alarm", "an order rests in it"
        assert text.startswith("BTC/USDT:USDT of binanceusdm, with open orders or positions: ")

    run(scenario)


def test_instruments_are_read_anew_on_a_schedule_and_after_a_reject() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        lists(desk, with_grid(tick="1"))
        await asyncio.sleep(14 * 60)
        assert desk.engine.desk.instrument(BTC).grid.tick == D("0.1")
        await asyncio.sleep(2 * 60)
        assert desk.engine.desk.instrument(BTC).grid.tick == 1
        assert notes(desk, "rules") == [("info", "BTC/USDT:USDT of binanceusdm: tick 0.1 -> 1")]
        lists(desk, with_grid(lot="0.01"))
        await asyncio.sleep(60)
        await desk.send("@desk-1 buy 0.1btc BTC.p at 61000 post")
        await asyncio.sleep(10)
        assert desk.engine.desk.instrument(BTC).grid.lot == D("0.01")

    run(scenario)


def test_a_list_that_cannot_be_had_or_is_empty_changes_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        known = dict(desk.engine.desk.markets.instruments)
        desk.market._instruments = []
        await desk.engine.rules.renew("binanceusdm")
        assert desk.engine.desk.markets.instruments == known

    run(scenario)


def test_leverage_and_margin_mode() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        def say(**terms: Any) -> None:
            desk.engine.intake.put(MarginTerms("desk-1", BTC, **terms))
            desk.engine.intake.flush()

        say(leverage=D(20), isolated=False)
        assert notes(desk, "settings") == []
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        say(leverage=D(5))
        answer = await desk.engine.lines.confirm(m.Confirm(2, made.hash), "test")
        assert isinstance(answer, m.Failure)
        assert answer.message == "desk-1: BTC/USDT:USDT: its leverage was 20x in the preview and is 5x now"
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        say(isolated=True)
        answer = await desk.engine.lines.confirm(m.Confirm(2, made.hash), "test")
        assert isinstance(answer, m.Failure)
        assert answer.message.endswith("its margin was cross in the preview and is isolated now")
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        desk.engine.intake.put(MarginTerms("desk-1", ETH, leverage=D(3)))
        assert isinstance(await desk.engine.lines.confirm(m.Confirm(2, made.hash), "test"), m.Result)
        assert [text for _, text in notes(desk, "settings")] == [
            "BTC/USDT:USDT leverage 20x -> 5x, changed outside this desk",
            "BTC/USDT:USDT margin mode cross -> isolated, changed outside this desk",
        ]

    run(scenario)


def test_a_leverage_of_our_own_is_no_foreign_change() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 lev BTC.p 10")
        await asyncio.sleep(5)
        desk.engine.margin_book._begin("desk-1")
        await asyncio.sleep(5)
        assert desk.engine.desk.accounts["desk-1"].leverage[BTC] == 10
        assert [text for _, text in notes(desk, "settings")] == []

    run(scenario)


def test_position_mode() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        made = await preview(desk, "@desk-1 buy 0.1btc BTC.p at 59000")
        desk.venue.set_hedge_mode("desk-1", enabled=True)
        await desk.engine.reconciler.snapshot("desk-1")
        answer = await desk.engine.lines.confirm(m.Confirm(2, made.hash), "test")
        assert isinstance(answer, m.Failure)
        assert "was switched to hedge mode at the venue since the preview" in answer.message
        assert notes(desk, "settings") == [
            ("warning", "position mode one-way -> hedge, changed outside this desk")
        ]

    run(scenario)
