"""Whatever is asked for and wherever the venue's windows lie: no limit is overrun, and lanes are strict.

The judge is the sandbox's own limiter, with windows aligned to its clock, which is off from ours by any
amount; requests reach it with any delay below the one that is planned with.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox.limits import SPOT_LIMITS, USDM_LIMITS, RateLimiter
from adapters.sandbox.refusal import VenueRefusal
from adapters.traffic.balancer import Balancer
from adapters.traffic.budget import PLANNED, SHARE
from adapters.traffic.home import Home
from adapters.traffic.window import LATE_S
from adapters.via_ccxt.quirk_tables import limits_of
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Spend
from tests.simulated_desk import SimulatedClock, simulate

TABLES = {"binance": SPOT_LIMITS, "binanceusdm": USDM_LIMITS}
ADDRESS = "127.0.0.1"
ACCOUNTS = ("a", "b", "c")


@dataclass(frozen=True)
class Shot:
    """Requests that are wanted together at one time."""

    at_s: float
    lane: Lane
    count: int
    weight: float
    orders: int
    account: str


shots = st.builds(
    Shot,
    at_s=st.floats(0, 150),
    lane=st.sampled_from(list(Lane)),
    count=st.integers(1, 150),
    weight=st.sampled_from([0.0, 1.0, 2.0, 5.0, 20.0, 40.0]),
    orders=st.sampled_from([0, 0, 0, 1, 5]),
    account=st.sampled_from(("", *ACCOUNTS)),
)


@dataclass
class Judge:
    """The venue: counts what arrives by its own clock.

    Attributes:
        offset_ms: its clock minus ours.
        left: when, lane, owner of each.
    """

    venue: str
    offset_ms: int
    limiter: RateLimiter = field(init=False)
    refusals: list[str] = field(default_factory=list)
    left: list[tuple[float, Lane, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limiter = RateLimiter(TABLES[self.venue], enforce=True)

    def take(self, at_s: float, spend: Spend) -> Heard:
        now_ms = 1_750_000_000_000 + round(at_s * 1000) + self.offset_ms
        try:
            used = self.limiter.charge(ADDRESS, int(spend.weight), now_ms)
            if spend.orders:
                self.limiter.count_orders(spend.account, spend.orders, now_ms)
        except VenueRefusal as refusal:
            self.refusals.append(f"{at_s:.3f}: {refusal}")
            return Heard(refusal.status, spend.account, 1.0)
        return Heard(200, spend.account, used=(("x-mbx-used-weight-1m", float(used)),))


async def fire(judge: Judge, pacer, shot: Shot, rng: random.Random, loop) -> None:
    await asyncio.sleep(shot.at_s)
    spend = Spend(shot.lane, shot.weight, shot.orders if shot.account else 0, shot.account)

    async def one() -> None:
        await pacer.acquire(spend)
        judge.left.append((loop.now, spend.lane, spend.account))
        await asyncio.sleep(rng.random() * 0.9 * LATE_S)
        pacer.heard(judge.take(loop.now, spend))

    await asyncio.gather(*(one() for _ in range(shot.count)))


@pytest.mark.parametrize("venue", list(TABLES))
@settings(max_examples=15, deadline=None)
@given(
    plan=st.lists(shots, min_size=1, max_size=12), offset_ms=st.integers(0, 86_400_000), seed=st.integers()
)
def test_no_window_of_the_venue_is_ever_overrun(venue, plan, offset_ms, seed):
    judge = Judge(venue, offset_ms)

    async def run(loop) -> None:
        balancer = Balancer(limits_of, SimulatedClock(loop))
        pacer, rng = balancer.pacer(Home(venue)), random.Random(seed)
        await asyncio.gather(*(fire(judge, pacer, shot, rng, loop) for shot in plan))
        assert [one.waiting for one in balancer.snapshot().lanes] == [0] * len(Lane)

    simulate(run)
    assert judge.refusals == []
    assert len(judge.left) == sum(shot.count for shot in plan)


@settings(max_examples=25, deadline=None)
@given(
    plan=st.lists(shots, min_size=1, max_size=8),
    others=st.lists(st.tuples(st.floats(0, 150), st.integers(0, 500)), max_size=6),
    seed=st.integers(),
)
def test_no_lane_leaves_before_one_that_waited_ahead_of_it(plan, others, seed):
    """By what the balancer lets go: nothing of a later lane that draws on what an earlier one waits for."""
    rng = random.Random(seed)
    waiting: dict[int, tuple[Lane, str]] = {}
    wrong: list[str] = []

    async def run(loop) -> None:
        balancer = Balancer(limits_of, SimulatedClock(loop))
        pacer = balancer.pacer(Home("binanceusdm"))

        async def ask(shot: Shot, number: int) -> None:
            await asyncio.sleep(shot.at_s)
            # One budget and one cost, so that whoever waits, waits for the same.
            waiting[number] = (shot.lane, shot.account)
            await pacer.acquire(Spend(shot.lane, 20.0, account=shot.account))
            del waiting[number]
            ahead = [lane for lane, _ in waiting.values() if lane < shot.lane and loop.now > shot.at_s]
            if ahead:
                wrong.append(f"{shot.lane.name} left at {loop.now:.2f} before {min(ahead).name}")

        async def other(at_s: float, used: int) -> None:
            await asyncio.sleep(at_s)
            pacer.heard(Heard(200, used=(("x-mbx-used-weight-1m", float(used)),)))

        asks = [
            ask(shot, number * 1000 + i) for number, shot in enumerate(plan) for i in range(shot.count % 60)
        ]
        rng.shuffle(asks)
        await asyncio.gather(*asks, *(other(*one) for one in others))

    simulate(run)
    assert wrong == []


@settings(max_examples=10, deadline=None)
@given(burst=st.integers(1, 2000), lane=st.sampled_from(list(Lane)[1:]))
def test_a_cancel_never_waits_for_what_orders_and_crawls_have_used_up(burst, lane):
    async def run(loop) -> int:
        pacer = Balancer(limits_of, SimulatedClock(loop)).pacer(Home("binanceusdm"))
        crowd = [
            asyncio.ensure_future(pacer.acquire(Spend(lane, 1.0, account=f"desk-{number % 20}")))
            for number in range(burst)
        ]
        await asyncio.sleep(0)
        for number in range(int(2400 * PLANNED * (1 - SHARE[Lane.ORDER]))):
            await pacer.acquire(Spend(Lane.CANCEL, 1.0, account=f"desk-{number % 20}", patience_s=0.0))
        for one in crowd:
            one.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return loop.now

    assert simulate(run) == 0.0


def test_twenty_accounts_at_full_crawl_wait_for_no_order_and_no_order_waits_for_them():
    """Simulated minutes of crawls, snapshots, orders, cancels; and the budget is made use of."""
    judges = {venue: Judge(venue, 17_345) for venue in TABLES}
    waits: list[float] = []
    used = dict.fromkeys(TABLES, 0.0)
    minutes = 5

    async def run(loop) -> None:
        balancer = Balancer(limits_of, SimulatedClock(loop))
        rng = random.Random(1)
        stop_s = minutes * 60.0

        async def crawl(venue: str, weight: float) -> None:
            pacer = balancer.pacer(Home(venue))
            while loop.now < stop_s:
                spend = Spend(Lane.HISTORY, weight)
                await pacer.acquire(spend)
                used[venue] += weight
                await asyncio.sleep(rng.uniform(0.02, 0.3))
                pacer.heard(judges[venue].take(loop.now, spend))

        async def trade(account: str, venue: str) -> None:
            pacer = balancer.pacer(Home(venue))
            while loop.now < stop_s:
                await asyncio.sleep(rng.expovariate(1.0))
                lane = rng.choice([Lane.ORDER, Lane.ORDER, Lane.CANCEL, Lane.ACCOUNT])
                orders = int(lane is Lane.ORDER)
                weight = 0.0 if orders and venue == "binanceusdm" else 5.0 if lane is Lane.ACCOUNT else 1.0
                spend, asked = Spend(lane, weight, orders, account, 2.0), loop.now
                try:
                    await pacer.acquire(spend)
                except Unavailable:
                    waits.append(2.0)
                    continue
                used[venue] += weight
                if lane <= Lane.ORDER:
                    waits.append(loop.now - asked)
                await asyncio.sleep(rng.uniform(0.02, 0.3))
                pacer.heard(judges[venue].take(loop.now, spend))

        crawls = [crawl(venue, 5.0 if venue == "binanceusdm" else 2.0) for venue in TABLES for _ in range(40)]
        trades = [trade(f"desk-{n}", list(TABLES)[n % 2]) for n in range(20)]
        await asyncio.gather(*crawls, *trades)

    simulate(run)
    assert [judge.refusals for judge in judges.values()] == [[], []]
    assert len(waits) > minutes * 60 * 10
    assert max(waits) == 0.0
    for venue, judge in judges.items():
        most = judge.limiter.table.weight.limit * PLANNED * SHARE[Lane.HISTORY] * minutes
        assert used[venue] > 0.95 * most
