"""A worker's requests leave by the engine's leave, over a real pipe in one process."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest

from adapters.traffic.balancer import Balancer
from adapters.traffic.lease import GOOD_S, AcrossLoops, LeasedPacer, leave_service
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Spend, Went
from hedge_tui.wire.pipe import open_pipe, socket_pair
from tests.unit.traffic.test_balancer import HOME, LIMITS, Hands, settle, spend_all


@asynccontextmanager
async def worker(balancer, clock, slept_s=0.0):
    """(a worker's pacer, its end of the pipe)."""
    ours, theirs = socket_pair()
    pacer = balancer.pacer(HOME)
    engine = await open_pipe(ours, leave_service(pacer, clock))
    end = await open_pipe(theirs)
    tasks = [asyncio.create_task(engine.run()), asyncio.create_task(end.run())]

    class Late:
        def monotonic(self) -> float:
            return clock.monotonic() + slept_s

    def tell(what: Heard | Went) -> None:
        pacer.heard(what) if isinstance(what, Heard) else pacer.went(what)

    try:
        yield LeasedPacer(end, Late(), tell), end
    finally:
        await end.close()
        await asyncio.gather(*tasks)


@pytest.fixture
def clock():
    return Hands()


@pytest.fixture
def balancer(clock):
    return Balancer(LIMITS.__getitem__, clock)


async def test_workers_and_accounts_draw_on_the_same_budget(balancer, clock):
    async with worker(balancer, clock) as (one, _), worker(balancer, clock) as (two, _):
        sent = await spend_all(one, Lane.MARKET)
        assert sent > 0
        assert await spend_all(two, Lane.MARKET) == 0
        assert await spend_all(balancer.pacer(HOME), Lane.MARKET) == 0


async def test_a_ban_that_a_worker_hears_of_stops_everybody(balancer, clock):
    async with worker(balancer, clock) as (one, _), worker(balancer, clock) as (two, _):
        one.heard(Heard(418, retry_after_s=30.0))
        for pacer in (one, two, balancer.pacer(HOME)):
            with pytest.raises(Unavailable, match="a ban runs") as caught:
                await pacer.acquire(Spend(Lane.MARKET, patience_s=5.0))
            assert caught.value.retry_after_s == 31.0


async def test_a_dead_worker_waits_for_nothing_any_more(balancer, clock):
    await spend_all(balancer.pacer(HOME), Lane.CANCEL)
    async with worker(balancer, clock) as (one, end):
        waiting = asyncio.create_task(one.acquire(Spend(Lane.RECONCILE, 50.0)))
        async with asyncio.timeout(5):
            while not sum(lane.waiting for lane in balancer.snapshot().lanes):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0)
        await end.close()
        with pytest.raises(Unavailable, match="the engine has gone"):
            await waiting
    await settle()
    assert sum(lane.waiting for lane in balancer.snapshot().lanes) == 0


async def test_a_worker_that_sleeps_over_its_leave_sends_nothing(balancer, clock):
    async with worker(balancer, clock, slept_s=GOOD_S + 0.1) as (one, _):
        with pytest.raises(Unavailable, match="slept over its leave"):
            await one.acquire(Spend(Lane.MARKET))


async def test_another_threads_loop_asks_too(balancer):
    across = AcrossLoops(balancer.pacer(HOME), asyncio.get_running_loop())
    found: list[str] = []

    async def there() -> None:
        found.append(await across.acquire(Spend(Lane.RECONCILE, 40.0)))
        across.heard(Heard(200, used=(("x-used", 50.0),)))

    thread = threading.Thread(target=lambda: asyncio.run(there()))
    thread.start()
    await asyncio.to_thread(thread.join)
    await settle()
    weight = balancer.snapshot().budgets[0]
    assert (found, weight.spent, weight.others) == ([""], 40.0, 10.0)
