"""Start, stop, start again: in time, with nothing lost, whatever hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from simulated_desk import Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.order import OrderStatus

S = OrderStatus


def run(scenario: Callable[[SimulatedDesk], object], **more: object) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 3, **more)  # type: ignore[arg-type]
        await desk.start()
        await scenario(desk)  # type: ignore[misc]

    simulate(main)


async def stop_and_start(desk: SimulatedDesk, limit_s: float = 5.0) -> float:
    """A clean stop and a new engine on the same journal; returns how long the stop took."""
    begun = desk.loop.now
    await desk.engine.stop()
    took = desk.loop.now - begun
    assert took < limit_s
    await desk.engine._supervisor.stop(0.0)
    desk.journal = desk.journal.crash()
    desk.boot()
    return took


def test_a_clean_stop_is_known_as_one() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        await stop_and_start(desk)
        *_, (_, last) = desk.journal.replay()
        assert isinstance(last, acts.EngineStopped)
        assert desk.engine.desk.replay() > 0
        assert desk.engine.desk.state.clean_stop
        assert len(desk.engine.desk.state.working) == 2

    run(scenario)


def test_a_stop_in_the_middle_of_a_bulk_loses_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " ; ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(30))
        sending = asyncio.ensure_future(desk.send(line))
        await asyncio.sleep(1.0)
        placed = {id_ for client in desk.clients.values() for id_ in client.placed}
        assert 0 < len(placed) < 60
        await stop_and_start(desk)
        sending.cancel()
        placed = {id_ for client in desk.clients.values() for id_ in client.placed}
        await desk.start()
        await desk.agree(40)
        state = desk.engine.desk.state
        assert len(state.orders) == 60
        assert {i for i, o in state.orders.items() if o.status is not S.DENIED} == placed
        assert not any(client.placed for client in desk.clients.values())

    run(scenario, faults=Faults(delay_s=0.3))


def test_whatever_hangs_does_not_hold_the_stop_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        async def hang(*_: object) -> None:
            await asyncio.sleep(3600)

        await desk.send("@desk-2 buy 0.01btc BTC.p at 59000")
        desk.clients["desk-1"].place = hang  # type: ignore[method-assign, assignment]
        desk.clients["desk-1"].stop = hang  # type: ignore[method-assign]
        desk.clients["desk-1"].find_order = hang  # type: ignore[method-assign, assignment]
        sending = asyncio.ensure_future(desk.send("@all buy 0.01btc/each BTC.p at 59000"))
        await asyncio.sleep(1)
        await stop_and_start(desk)
        sending.cancel()
        await desk.start()
        unknown = [o for o in desk.engine.desk.state.orders.values() if o.request.account == "desk-1"]
        assert [o.status for o in unknown] == [S.UNKNOWN]
        await desk.agree(40)

    run(scenario)


def test_starting_and_stopping_again_and_again_changes_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        await desk.send("@all buy 0.5btc/each BTC.p")
        await asyncio.sleep(2)
        orders = dict(desk.engine.desk.state.orders)
        holdings = dict(desk.engine.desk.state.holdings)
        for _ in range(5):
            await stop_and_start(desk)
            await desk.start()
            await asyncio.sleep(2)
        state = desk.engine.desk.state
        assert {i: o.status for i, o in state.orders.items()} == {i: o.status for i, o in orders.items()}
        assert state.holdings == holdings
        assert desk.engine.desk.faults == 0

    run(scenario)


def test_no_task_and_no_timer_is_left_behind() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        before = {t.get_name() for t in asyncio.all_tasks()}
        assert any(name == "days" for name in before)
        await desk.engine.stop()
        await asyncio.sleep(0.1)
        left = {t.get_name() for t in asyncio.all_tasks() if t is not asyncio.current_task()}
        assert left == set()

    run(scenario)
