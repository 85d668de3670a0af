"""Streams that lose frames, go silent or stay away: the truth or UNKNOWN within 10 s, truth within 40 s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from simulated_desk import BTC, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import OrderStatus

S = OrderStatus
SEEN_S = 10.0
SETTLED_S = 40.0


def run(scenario: Callable[[SimulatedDesk], object], seed: int = 1, **more: object) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, **more)  # type: ignore[arg-type]
        await desk.start()
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def wrong(desk: SimulatedDesk) -> list[str]:
    """What is shown otherwise than it is at the venue, and not shown as UNKNOWN."""
    found = []
    for name in desk.names:
        state = desk.engine.desk.accounts[name]
        theirs = {o.client_order_id: o for o in desk.venue.all_orders(name, BTC)}
        for order in desk.engine.desk.state.orders.values():
            r = order.request
            if r.account != name or order.status.value.endswith("unknown"):
                continue
            there = theirs.get(r.client_order_id)
            rests = there is not None and there.client_order_id in {
                one.client_order_id for one in desk.venue.open_orders(name)
            }
            if order.status.working is not rests:
                found.append(f"{name} {order.status} {'rests' if rests else 'does not rest'}")
        quantity = sum((p.quantity for p in desk.venue.positions(name)), Decimal(0))
        shown = state.position_quantity(BTC)
        if shown != quantity and state.dispute_of(BTC, "net") is None:
            found.append(f"{name} holds {shown}, at the venue {quantity}")
    return found


def doubts(desk: SimulatedDesk) -> int:
    unknown = sum(o.status.value.endswith("unknown") for o in desk.engine.desk.state.working_orders())
    return unknown + sum(len(a.in_doubt) for a in desk.engine.desk.accounts.values())


async def judged(desk: SimulatedDesk) -> None:
    """From now on: right or UNKNOWN after 10 s and ever after, right after 40 s."""
    begun = desk.loop.now
    await asyncio.sleep(SEEN_S)
    while desk.loop.now < begun + SETTLED_S:
        assert wrong(desk) == [], f"{desk.loop.now - begun:.1f} s after the fault"
        await asyncio.sleep(0.5)
    assert doubts(desk) == 0
    assert wrong(desk) == []


async def trade(desk: SimulatedDesk) -> None:
    await desk.send("@all buy 0.2btc/each BTC.p")
    await desk.send("@all buy 0.1btc/each BTC.p at 59000 & @all buy 0.1btc/each BTC.p at 58000")
    await asyncio.sleep(3)
    assert wrong(desk) == []


def cancelled(desk: SimulatedDesk) -> None:
    for name in desk.names:
        desk.hub.publish(desk.venue.cancel_all(name, BTC, desk.clock.now_ns()))


def filled(desk: SimulatedDesk) -> None:
    desk.price(BTC, 58_500)


def partly(desk: SimulatedDesk) -> None:
    desk.thin(BTC, 58_990, "0.05")


@pytest.mark.parametrize("what", [cancelled, filled, partly])
@pytest.mark.parametrize("seed", range(3))
def test_frames_lost_on_a_stream_that_lives(what: Callable[[SimulatedDesk], None], seed: int) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await trade(desk)
        desk.faults.stream_cut = True  # the socket stays open, and its health says live
        what(desk)
        await judged(desk)

    run(scenario, seed)


@pytest.mark.parametrize("what", [cancelled, filled, partly])
def test_a_stream_that_stays_away(what: Callable[[SimulatedDesk], None]) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await trade(desk)
        for client in desk.clients.values():
            client._say(FeedState.RECONNECTING)
        desk.faults.stream_cut = True
        what(desk)
        await judged(desk)

    run(scenario)


def test_neither_stream_nor_answers() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await trade(desk)
        for client in desk.clients.values():
            client._say(FeedState.RECONNECTING)
        desk.faults.stream_cut, desk.faults.lookup_fails = True, 1.0
        desk.faults.settings_unreadable = True
        cancelled(desk)
        await asyncio.sleep(SEEN_S)
        working = list(desk.engine.desk.state.working_orders())
        assert [o.status for o in working] == [S.UNKNOWN] * 4
        log = desk.engine.desk.state.log
        assert sum("neither its stream nor its answers tell: 2" in note.text for _, note in log) == 2
        await asyncio.sleep(120)
        desk.faults.lookup_fails, desk.faults.stream_cut = 0.0, False
        desk.faults.settings_unreadable = False
        for client in desk.clients.values():
            client._say(FeedState.LIVE)
        await judged(desk)

    run(scenario)


def test_the_looks_keep_to_their_weight() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        asked = 0
        for client in desk.clients.values():
            listed = client.open_orders

            async def counted(instruments: object = (), listed: object = listed) -> object:
                nonlocal asked
                asked += 2 if instruments else 80
                return await listed(instruments)  # type: ignore[operator]

            client.open_orders = counted  # type: ignore[method-assign, assignment]
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        asked = 0
        await asyncio.sleep(240)
        assert 500 < asked < 4 * 400 * 1.1

    run(scenario, accounts=40, faults=Faults(stream_lag_s=0.05))


def test_looking_at_what_rests_fills_no_journal() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        for i in range(3):
            await desk.send(f"@desk-1,desk-2 buy 0.01btc/each BTC.p at {59_000 - i}")
        await desk.until(lambda: desk.loop.now > 60, 90)
        before = [act for _, act in desk.journal.replay()]
        await desk.until(lambda: desk.loop.now > 960, 960)
        after = [act for _, act in desk.journal.replay()][len(before) :]
        assert all(o.status is S.LIVE for o in desk.engine.desk.state.orders.values())
        assert [act for act in after if act.kind == "reported"] == []

    run(scenario)
