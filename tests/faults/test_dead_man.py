"""The dead-man switch: wound up over entries alone, taken off for a stop and at a clean end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace

from simulated_desk import BTC, ETH, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.errors import OutcomeUnknown
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.engine.accounts import AccountState

Call = tuple[float, InstrumentId, int]


def run(scenario: Callable[[SimulatedDesk, list[Call]], object]) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        desk.engine._specs = [replace(one, dead_man_s=30) for one in desk.engine._specs]
        for one in desk.engine._specs:
            desk.engine.desk.accounts[one.name] = AccountState(one)
        desk.engine.desk.on_changes.append(desk.engine.dead_man._changed)
        await desk.start()
        calls: list[Call] = []

        async def wind(instrument: InstrumentId, seconds: int) -> None:
            calls.append((desk.loop.now, instrument, seconds))

        desk.clients["desk-1"].dead_man = wind  # type: ignore[method-assign]
        await scenario(desk, calls)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def test_it_is_wound_up_three_times_within_its_time_while_entries_rest() -> None:
    async def scenario(desk: SimulatedDesk, calls: list[Call]) -> None:
        await asyncio.sleep(40)
        assert calls == []
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        await asyncio.sleep(61)
        assert {call[1:] for call in calls} == {(BTC, 30)}
        assert 6 <= len(calls) <= 8
        assert all(b[0] - a[0] < 12 for a, b in itertools.pairwise(calls))
        await desk.send("@desk-1 cancel all")
        await asyncio.sleep(2)
        assert calls[-1][1:] == (BTC, 0)
        count = len(calls)
        await asyncio.sleep(60)
        assert len(calls) == count

    run(scenario)


def test_a_protective_stop_takes_its_instrument_out_before_it_is_there() -> None:
    async def scenario(desk: SimulatedDesk, calls: list[Call]) -> None:
        desk.price(ETH, 3_000)
        await desk.send("@desk-1 buy 0.1btc BTC.p & @desk-1 buy 0.01btc BTC.p at 59000")
        await desk.send("@desk-1 buy 1eth ETH.p at 2900")
        await asyncio.sleep(3)
        assert desk.engine.dead_man.armed == [("desk-1", BTC), ("desk-1", ETH)]
        asked = desk.loop.now
        await desk.send("@desk-1 sell 0.1btc BTC.p stop:58000 reduce")
        assert calls[-1][1:] == (BTC, 0)
        assert calls[-1][0] - asked < 0.1
        calls.clear()
        await asyncio.sleep(40)
        assert {call[1:] for call in calls} == {(ETH, 30)}
        notes = [note.text for _, note in desk.engine.desk.state.log]
        assert any("does not cover BTC/USDT:USDT: a protective stop rests there" in note for note in notes)

    run(scenario)


def test_what_could_not_be_taken_off_is_tried_until_it_is() -> None:
    async def scenario(desk: SimulatedDesk, calls: list[Call]) -> None:
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        await asyncio.sleep(3)
        wind = desk.clients["desk-1"].dead_man

        async def silence(_instrument: InstrumentId, _seconds: int) -> None:
            raise OutcomeUnknown("time-out")

        desk.clients["desk-1"].dead_man = silence  # type: ignore[method-assign]
        await desk.send("@desk-1 cancel all")
        await asyncio.sleep(5)
        assert desk.engine.dead_man.armed == [("desk-1", BTC)]
        desk.clients["desk-1"].dead_man = wind  # type: ignore[method-assign]
        await asyncio.sleep(2)
        assert desk.engine.dead_man.armed == []
        assert calls[-1][1:] == (BTC, 0)

    run(scenario)


def test_an_engine_that_ends_on_purpose_takes_it_off() -> None:
    async def scenario(desk: SimulatedDesk, calls: list[Call]) -> None:
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        await asyncio.sleep(3)
        await desk.engine.stop()
        assert calls[-1][1:] == (BTC, 0)
        assert len(desk.venue.open_orders("desk-1")) == 1

    run(scenario)
