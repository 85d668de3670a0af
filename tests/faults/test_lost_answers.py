"""Lost answers, lost requests and crashes under simulated time: nothing is doubled, nothing is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from faults.tally import Tally, seeds
from simulated_desk import Faults, SimulatedDesk, SimulatedLoop, simulate

from adapters.paper.records import PaperStatus
from hedge_tui.domain.order import OrderStatus
from hedge_tui.wire import messages as m

SEEDS = seeds(short=60, long=1_000)
"""Runs of each world."""
ORDERS = 50


def venue_orders(desk: SimulatedDesk) -> dict[str, list[object]]:
    """Every order the venue ever took, by client id."""
    found: dict[str, list[object]] = {}
    for name in desk.names:
        for instrument in desk.instruments:
            for order in desk.venue.all_orders(name, instrument.id):
                found.setdefault(order.client_order_id, []).append(order)
    return found


def check_agreement(desk: SimulatedDesk) -> None:
    """At most one venue order per intent; every settled order equals the venue's."""
    theirs = venue_orders(desk)
    for id_, orders in theirs.items():
        assert len(orders) == 1, f"{id_} is at the venue {len(orders)} times"
    for order in desk.engine.desk.state.orders.values():
        id_ = order.request.client_order_id
        there = theirs.get(id_)
        if there is None:
            assert order.status in (OrderStatus.ABSENT, OrderStatus.DENIED, OrderStatus.REJECTED), order
            continue
        venue = there[0]
        assert order.filled == venue.executed, (order, venue)
        expected = {
            PaperStatus.NEW: OrderStatus.LIVE,
            PaperStatus.PARTIALLY_FILLED: OrderStatus.PARTIAL,
            PaperStatus.FILLED: OrderStatus.FILLED,
            PaperStatus.CANCELED: OrderStatus.CANCELLED,
            PaperStatus.EXPIRED: OrderStatus.EXPIRED,
        }[venue.status]
        assert order.status is expected, (order, venue)


async def fifty_lost(loop: SimulatedLoop, seed: int) -> int:
    desk = SimulatedDesk(loop, seed, faults=Faults(lose_answer=1.0))
    await desk.start()
    desk.faults.lookup_fails, desk.faults.stream_cut = 1.0, True
    for i in range(ORDERS // 2):
        answer = await desk.send(f"@desk-1,desk-2 buy 0.01btc/each BTC.p at {59_000 - i}")
        assert isinstance(answer, m.Result)
    state = desk.engine.desk.state
    assert [o.status for o in state.orders.values()] == [OrderStatus.UNKNOWN] * ORDERS
    desk.faults.lookup_fails = 0.0
    await desk.until(lambda: all(o.status is OrderStatus.LIVE for o in state.orders.values()), 40)
    assert len(state.orders) == ORDERS == len(venue_orders(desk))
    check_agreement(desk)
    return len(state.orders)


async def anything_lost(loop: SimulatedLoop, seed: int) -> int:
    desk = SimulatedDesk(loop, seed, faults=Faults(0.2, 0.3, 0.2, 0.5, 4.0, 1.0))
    await desk.start()
    rng = desk.rng
    for step in range(12):
        side = rng.choice(("buy", "sell"))
        price = 60_000 + (-1 if side == "buy" else 1) * rng.randrange(1, 50)
        await desk.send(f"@all {side} 0.0{rng.randrange(1, 9)}btc/each BTC.p at {price}")
        if step % 4 == 3:
            await desk.send(f"@desk-{rng.randrange(1, 3)} cancel BTC.p")
        if step % 3 == 2:
            desk.price("binanceusdm:BTC/USDT:USDT", 60_000 + rng.randrange(-60, 60))
    state = desk.engine.desk.state
    desk.faults.lose_request = desk.faults.lose_answer = desk.faults.lookup_fails = 0.0

    def settled() -> bool:
        doubtful = ("unknown", "sending", "cancel_unknown", "amend_unknown", "acked")
        return not any(
            o.status.value in doubtful or (o.cancel_asked and o.status.working) for o in state.orders.values()
        )

    await desk.until(settled, 40)
    for name in desk.names:
        await desk.engine.reconciler.account(name)
    check_agreement(desk)
    return len(state.orders)


async def crash_in_the_middle(loop: SimulatedLoop, seed: int) -> int:
    desk = SimulatedDesk(loop, seed, accounts=3, faults=Faults(0.05, 0.1, 0.0, 0.3, 1.0, 0.5))
    await desk.start()
    sending = loop.create_task(
        desk.send("@all buy 0.01btc/each BTC.p at 59000 & @all buy 0.02btc/each BTC.p at 58000")
    )
    await asyncio.sleep(desk.rng.random() * 0.6)
    before = len(venue_orders(desk))
    await desk.crash()
    sending.cancel()
    at_crash = {id_ for client in desk.clients.values() for id_ in client.placed}
    assert before <= len(at_crash)
    desk.faults.lose_request = desk.faults.lose_answer = 0.0
    await desk.start()
    state = desk.engine.desk.state
    await desk.until(lambda: not any(o.status.value.endswith("unknown") for o in state.orders.values()), 45)
    after = {id_ for client in desk.clients.values() for id_ in client.placed}
    assert after <= at_crash, "the restarted engine sent something"
    check_agreement(desk)
    return len(state.orders)


@pytest.mark.parametrize("world", [fifty_lost, anything_lost, crash_in_the_middle])
def test_seeds(world: Callable[[SimulatedLoop, int], Coroutine[Any, Any, int]]) -> None:
    with Tally("simulated time", world.__name__.replace("_", " ")) as tally:
        for seed in range(SEEDS):
            try:
                orders = simulate(lambda loop, seed=seed: world(loop, seed))  # type: ignore[misc]
            except BaseException as error:
                raise AssertionError(f"{world.__name__} fails with seed {seed}: {error}") from error
            tally.add(orders=orders)


def test_a_run_is_repeatable_from_its_seed() -> None:
    async def run(loop: SimulatedLoop) -> list[object]:
        desk = SimulatedDesk(loop, 11, faults=Faults(0.2, 0.3, 0.2, 0.5, 4.0, 1.0))
        await desk.start()
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        await desk.until(lambda: loop.now > 30, 60)
        return [act for _, act in desk.journal.replay()]

    assert simulate(run) == simulate(run)
