from __future__ import annotations

import asyncio

import pytest

from adapters.traffic.balancer import Balancer
from adapters.traffic.bans import DEFAULT_S
from adapters.traffic.budget import BURST, LAST, PLANNED, SHARE
from adapters.traffic.home import Home
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Per, RateLimit, Spend

WEIGHT = RateLimit("weight_1m", "weight", Per.ADDRESS, 100, 60.0, "x-used")
ORDERS = RateLimit("orders_10s", "orders", Per.ACCOUNT, 10, 10.0, "x-orders")
CONNECTS = RateLimit("connects_5m", "connects", Per.ADDRESS, 20, 300.0)
LIMITS = {"here": (WEIGHT, ORDERS, CONNECTS), "there": (WEIGHT,)}
HOME = Home("here")


class Hands:
    """A clock moved by the test; the balancer's timers are woken by hand."""

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
def balancer(clock):
    return Balancer(LIMITS.__getitem__, clock)


@pytest.fixture
def pacer(balancer):
    return balancer.pacer(HOME)


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
    clock.now += 60.9
    assert await spend_all(pacer, Lane.CANCEL) == 0
    clock.now += 0.5
    assert await spend_all(pacer, Lane.CANCEL) == 80


@pytest.mark.parametrize("lane", list(Lane)[:-1])
async def test_each_lane_leaves_room_for_those_before_it(pacer, lane):
    assert await spend_all(pacer, lane) == int(100 * PLANNED * SHARE[lane])


async def test_a_crawl_is_spread_over_its_window(pacer, clock):
    """What a crawl may send at once is small: no order stands behind a burst of it."""
    room = 100 * PLANNED * SHARE[Lane.HISTORY]
    sent = await spend_all(pacer, Lane.HISTORY)
    assert sent <= BURST * room + 1
    for _ in range(590):
        clock.now += 0.1
        sent += await spend_all(pacer, Lane.HISTORY)
    assert 0.95 * room <= sent <= room


async def test_a_trader_who_plans_less_is_obeyed_but_not_by_cancels(clock):
    pacer = Balancer(LIMITS.__getitem__, clock, lambda _system, _route: 0.25).pacer(HOME)
    assert await spend_all(pacer, Lane.ORDER) == int(25 * SHARE[Lane.ORDER])
    assert await spend_all(pacer, Lane.CANCEL) == 95 - int(25 * SHARE[Lane.ORDER])


async def test_cancels_have_what_no_other_lane_is_given(pacer):
    sent = await spend_all(pacer, Lane.ORDER)
    assert sent == int(80 * SHARE[Lane.ORDER])
    assert await spend_all(pacer, Lane.CANCEL) == 100 * LAST - sent
    assert await spend_all(pacer, Lane.ORDER) == 0


async def test_order_limits_are_each_accounts_own(pacer):
    sent = await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="a")
    assert sent == int(10 * PLANNED * SHARE[Lane.ORDER])
    assert await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="b") == sent
    await pacer.acquire(Spend(Lane.CANCEL, account="a", patience_s=0.0))


async def test_cancels_leave_before_orders_and_orders_before_the_rest(pacer, balancer, clock):
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
    clock.now += 61.5
    balancer.wake()
    await asyncio.gather(*tasks)
    assert left == ["cancel 1", "cancel 2", "order", "history"]


async def test_accounts_of_one_lane_take_turns(pacer, balancer, clock):
    await spend_all(pacer, Lane.CANCEL)
    left: list[str] = []

    async def wait(account: str) -> None:
        await pacer.acquire(Spend(Lane.RECONCILE, account=account))
        left.append(account)

    tasks = [asyncio.create_task(wait(account)) for account in "aaaaabbc"]
    await settle()
    clock.now += 61.5
    balancer.wake()
    await asyncio.gather(*tasks)
    assert "".join(left) == "abcabaaa"


async def test_a_heavy_request_is_not_starved_by_light_ones_behind_it(pacer, balancer, clock):
    """Every second room for one frees, and light requests of every lane would take each of them."""
    for _ in range(61):
        await pacer.acquire(Spend(Lane.RECONCILE, patience_s=0.0))
        clock.now += 1.0
    crowd = [asyncio.create_task(pacer.acquire(Spend(Lane.RECONCILE, 30.0, account="a")))]
    await settle()
    for _ in range(40):
        light = Spend(Lane.RECONCILE, account="b"), Spend(Lane.ACCOUNT), Spend(Lane.MARKET, account="a")
        crowd += [asyncio.create_task(pacer.acquire(spend)) for spend in light]
        clock.now += 1.0
        balancer.wake()
        await settle()
        if crowd[0].done():
            break
    assert crowd[0].done()
    for one in crowd[1:]:
        one.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


async def test_a_ban_stops_every_account_of_the_address(pacer, balancer, clock):
    pacer.heard(Heard(418, "a", retry_after_s=30.0))
    for lane in Lane:
        with pytest.raises(Unavailable, match="ban") as caught:
            await pacer.acquire(Spend(lane, account="b", patience_s=5.0))
        assert caught.value.retry_after_s == pytest.approx(31.0)
    (ban,) = balancer.snapshot().bans
    assert (ban.status, ban.left_s, ban.until_ns) == (418, 31.0, 1_031_000_000_000)
    waiting = asyncio.create_task(pacer.acquire(Spend(Lane.CANCEL)))
    await settle()
    assert not waiting.done()
    clock.now += 31.1
    balancer.wake()
    await waiting
    assert not balancer.snapshot().bans


async def test_an_order_is_not_kept_during_a_ban_and_a_cancel_is(pacer):
    pacer.heard(Heard(418, retry_after_s=30.0))
    with pytest.raises(
        Unavailable, match=r"until 00:17:11 UTC, 31 s from now \(HTTP 418\); the order was not"
    ):
        await pacer.acquire(Spend(Lane.ORDER, patience_s=None))
    kept = asyncio.create_task(pacer.acquire(Spend(Lane.CANCEL, patience_s=None)))
    await settle()
    assert not kept.done()
    kept.cancel()
    await asyncio.gather(kept, return_exceptions=True)


async def test_a_ban_of_one_system_or_place_says_nothing_of_another(balancer):
    here, demo = balancer.pacer(HOME), balancer.pacer(Home("here", "demo"))
    here.heard(Heard(418, retry_after_s=30.0))
    await demo.acquire(Spend(Lane.MARKET, patience_s=0.0))
    await here.acquire(Spend(Lane.MARKET, patience_s=0.0, system="there"))
    with pytest.raises(Unavailable):
        await here.acquire(Spend(Lane.MARKET, patience_s=0.0))


async def test_a_full_order_count_pauses_its_account_alone(pacer):
    pacer.heard(Heard(429, "a", 7.0, per=Per.ACCOUNT))
    with pytest.raises(Unavailable, match="asked for a pause"):
        await pacer.acquire(Spend(Lane.ORDER, orders=1, account="a", patience_s=2.0))
    await pacer.acquire(Spend(Lane.ORDER, orders=1, account="b", patience_s=2.0))
    await pacer.acquire(Spend(Lane.MARKET, patience_s=0.0))


async def test_a_full_order_count_without_a_time_lasts_as_long_as_its_window(pacer, balancer):
    await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="a")
    pacer.heard(Heard(429, "a", per=Per.ACCOUNT))
    assert [(one.account, one.left_s) for one in balancer.snapshot().bans] == [("a", ORDERS.window_s)]


async def test_a_limit_answer_without_a_time_still_stops_for_a_while(pacer, balancer):
    pacer.heard(Heard(429))
    assert balancer.snapshot().bans[0].left_s == DEFAULT_S[429]
    pacer.heard(Heard(418))
    assert balancer.snapshot().bans[0].left_s == DEFAULT_S[418]
    pacer.heard(Heard(429, retry_after_s=1.0))
    assert balancer.snapshot().bans[0].left_s == DEFAULT_S[418]


async def test_a_pause_longer_than_the_ban_does_not_hide_it(pacer, balancer):
    pacer.heard(Heard(418, retry_after_s=5.0))
    pacer.heard(Heard(429, retry_after_s=50.0))
    assert [(ban.status, ban.left_s) for ban in balancer.snapshot().bans] == [(418, 50.0)]


async def test_what_the_venue_has_counted_is_believed(pacer, balancer):
    pacer.heard(Heard(200, "", None, (("x-used", 69.0),)))
    assert await spend_all(pacer, Lane.ORDER) == int(80 * SHARE[Lane.ORDER]) - 69
    pacer.heard(Heard(200, "", None, (("x-used", 3.0),)))
    assert await spend_all(pacer, Lane.ORDER) == 0
    (weight, *_) = balancer.snapshot().budgets
    assert (weight.name, weight.spent, weight.others) == ("weight_1m", 8.0, 69.0)


async def test_a_cancel_leaves_when_others_have_used_up_what_was_planned(pacer):
    pacer.heard(Heard(200, "", None, (("x-used", 85.0),)))
    assert await spend_all(pacer, Lane.ORDER) == 0
    assert await spend_all(pacer, Lane.CANCEL) == round(100 * LAST) - 85


async def test_a_request_asked_elsewhere_is_counted_there(pacer, balancer):
    assert await spend_all(pacer, Lane.CANCEL, system="there") == 80
    assert await spend_all(pacer, Lane.CANCEL) == 80
    pacer.heard(Heard(200, used=(("x-used", 90.0),), system="there"))
    used = {(one.system, one.name): one.others for one in balancer.snapshot().budgets}
    assert used["there", "weight_1m"] == 10.0
    assert used["here", "weight_1m"] == 0.0


async def test_a_stated_limit_overrules_the_table(pacer, balancer):
    assert await spend_all(pacer, Lane.CANCEL) == 80
    stated = RateLimit("weight_1m", "weight", Per.ADDRESS, 200, 60.0)
    more = RateLimit("requests_5m", "requests", Per.ADDRESS, 500, 300.0)
    nonsense = RateLimit("orders_10s", "orders", Per.ACCOUNT, float("nan"), 10.0)
    pacer.heard(Heard(200, limits=(stated, more, nonsense)))
    assert await spend_all(pacer, Lane.CANCEL) == 80
    found = {one.name: one.limit for one in balancer.snapshot().budgets}
    assert found == {"weight_1m": 200, "requests_5m": 500, "connects_5m": 20}
    pacer.heard(Heard(200, used=(("x-used", 190.0),)))
    assert balancer.snapshot().budgets[0].others == 30.0


async def test_opening_a_websocket_is_no_request(pacer):
    assert await spend_all(pacer, Lane.CANCEL, weight=0.0, connects=1) == 16
    assert await spend_all(pacer, Lane.CANCEL) == 80


async def test_a_full_order_limit_of_one_account_does_not_hold_up_another(pacer, balancer):
    await spend_all(pacer, Lane.ORDER, weight=0.0, orders=1, account="a")
    stuck = asyncio.create_task(pacer.acquire(Spend(Lane.ORDER, orders=1, account="a")))
    await settle()
    free = asyncio.create_task(pacer.acquire(Spend(Lane.ORDER, orders=1, account="b")))
    await settle()
    assert free.done()
    assert not stuck.done()
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)
    balancer.wake()
    assert balancer._timer is None


async def test_a_request_heavier_than_its_share_leaves_from_an_empty_window(pacer):
    await pacer.acquire(Spend(Lane.HISTORY, weight=90.0, patience_s=0.0))
    with pytest.raises(Unavailable):
        await pacer.acquire(Spend(Lane.HISTORY, weight=90.0, patience_s=1.0))


async def test_giving_up_leaves_nothing_behind(pacer, balancer):
    pacer.heard(Heard(429, retry_after_s=0.01))
    with pytest.raises(Unavailable, match="did not free up"):
        await pacer.acquire(Spend(Lane.CANCEL, patience_s=0.02))
    balancer.wake()
    assert balancer._timer is None
    assert [one.waiting for one in balancer.snapshot().lanes] == [0] * len(Lane)


async def test_lanes_tell_who_waits_and_what_left(pacer, balancer, clock):
    await spend_all(pacer, Lane.CANCEL)
    waiting = asyncio.create_task(pacer.acquire(Spend(Lane.MARKET)))
    await settle()
    clock.now += 5.0
    lanes = {one.name: one for one in balancer.snapshot().lanes}
    assert (lanes["market"].waiting, lanes["market"].longest_s) == (1, 5.0)
    assert lanes["cancel"].sent_1m == 80
    clock.now += 57.0
    balancer.wake()
    await waiting
    lanes = {one.name: one for one in balancer.snapshot().lanes}
    assert (lanes["market"].waiting, lanes["market"].worst_1m_s) == (0, 62.0)
