from __future__ import annotations

import asyncio

import pytest

from adapters.traffic.pacer import PLANNED, SHARE, WindowPacer
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Per, RateLimit, Spend

WEIGHT = RateLimit("weight_1m", "weight", Per.ADDRESS, 100, 60.0, "x-used")
ORDERS = RateLimit("orders_10s", "orders", Per.ACCOUNT, 10, 10.0)


class Hands:
    """A clock moved by the test; the pacer's timers are woken by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def now_ns(self) -> int:
        return int(self.now * 1e9)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Hands()


@pytest.fixture
def pacer(clock):
    return WindowPacer([WEIGHT, ORDERS], clock)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def spend_all(pacer, lane, **fields) -> int:
    """How many unit spends leave at once."""
    for count in range(1_000):
        try:
            await pacer.acquire(Spend(lane, patience_s=0.0, **fields))
        except Unavailable:
            return count
    raise AssertionError("no limit at all")


async def test_at_most_four_fifths_are_planned_in_any_window(pacer, clock):
    assert await spend_all(pacer, Lane.CANCEL) == 80
    clock.now += 59.9
    assert await spend_all(pacer, Lane.CANCEL) == 0
    clock.now += 0.2
    assert await spend_all(pacer, Lane.CANCEL) == 80


@pytest.mark.parametrize("lane", list(Lane))
async def test_each_lane_leaves_room_for_those_before_it(clock, lane):
    pacer = WindowPacer([WEIGHT], clock)
    assert await spend_all(pacer, lane) == int(100 * PLANNED * SHARE[lane])


async def test_order_limits_are_each_accounts_own(pacer):
    sent = await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="a")
    assert sent == int(10 * PLANNED * SHARE[Lane.ORDER])
    assert await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="b") == sent
    await pacer.acquire(Spend(Lane.CANCEL, account="a", patience_s=0.0))


async def test_cancels_leave_before_orders_and_orders_before_the_rest(pacer, clock):
    await spend_all(pacer, Lane.CANCEL)
    left: list[str] = []

    async def wait(name: str, lane: Lane) -> None:
        await pacer.acquire(Spend(lane, weight=10.0))
        left.append(name)

    names = (
        ("history", Lane.HISTORY),
        ("order", Lane.ORDER),
        ("cancel 1", Lane.CANCEL),
        ("cancel 2", Lane.CANCEL),
    )
    tasks = [asyncio.create_task(wait(name, lane)) for name, lane in names]
    await settle()
    assert left == []
    clock.now += 60.1
    pacer._wake()
    await asyncio.gather(*tasks)
    assert left == ["cancel 1", "cancel 2", "order", "history"]


async def test_a_ban_stops_every_account_of_the_address(pacer, clock):
    pacer.heard(Heard(418, "a", retry_after_s=30.0))
    for lane in Lane:
        with pytest.raises(Unavailable, match="ban") as caught:
            await pacer.acquire(Spend(lane, account="b", patience_s=5.0))
        assert caught.value.retry_after_s == pytest.approx(30.0)
    assert pacer.ban_left_s() == 30.0
    waiting = asyncio.create_task(pacer.acquire(Spend(Lane.CANCEL)))
    await settle()
    assert not waiting.done()
    clock.now += 30.1
    pacer._wake()
    await waiting


async def test_a_limit_answer_without_a_time_still_stops_for_a_while(pacer):
    pacer.heard(Heard(429))
    assert pacer.ban_left_s() == 10.0
    pacer.heard(Heard(418))
    assert pacer.ban_left_s() == 60.0
    pacer.heard(Heard(429, retry_after_s=1.0))
    assert pacer.ban_left_s() == 60.0


async def test_what_the_venue_has_counted_is_believed(pacer):
    pacer.heard(Heard(200, "", None, (("x-used", 79.0),)))
    assert await spend_all(pacer, Lane.CANCEL) == 1
    pacer.heard(Heard(200, "", None, (("x-used", 3.0),)))
    assert await spend_all(pacer, Lane.CANCEL) == 0


async def test_a_full_order_limit_of_one_account_does_not_hold_up_another(pacer, clock):
    await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="a")
    stuck = asyncio.create_task(pacer.acquire(Spend(Lane.ORDER, orders=1, account="a")))
    await settle()
    free = asyncio.create_task(pacer.acquire(Spend(Lane.ORDER, orders=1, account="b")))
    await settle()
    assert free.done()
    assert not stuck.done()
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)
    pacer._wake()
    assert pacer._timer is None


async def test_a_request_heavier_than_its_share_leaves_from_an_empty_window(pacer, clock):
    await pacer.acquire(Spend(Lane.HISTORY, weight=90.0, patience_s=0.0))
    with pytest.raises(Unavailable):
        await pacer.acquire(Spend(Lane.HISTORY, weight=90.0, patience_s=1.0))


async def test_giving_up_leaves_no_timer_behind(pacer):
    pacer.heard(Heard(429, retry_after_s=0.01))
    with pytest.raises(Unavailable, match="did not free up"):
        await pacer.acquire(Spend(Lane.CANCEL, patience_s=0.02))
    assert pacer._timer is None
