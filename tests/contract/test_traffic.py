"""One balancer over real sockets: an account and a feed worker at a sandbox with the venue's real limits."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import pytest

from adapters.sandbox.control import SandboxControl
from adapters.traffic.home import Home
from adapters.via_ccxt.factory import make_data
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.system_clock import SystemClock
from hedge_tui.domain.account import Mode
from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, Timeframe
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import ClientOrderId, OrderRef
from hedge_tui.domain.ports.pacing import Lane, in_lane
from hedge_tui.domain.report import ReportKind
from tests.contract.ccxt_fixtures import Recorder, build_client, egress_of

VENUE = "binanceusdm"
BAN_S = 2.0


@pytest.fixture
async def desk(limited_sandbox):
    """(account client, worker client, balancer, what the worker said)."""
    clock = SystemClock()
    client, balancer, _, markets = build_client(limited_sandbox, quirks_of(VENUE), "desk-1", clock=clock)
    data = make_data(
        VENUE,
        egress_of(limited_sandbox),
        pacer=balancer.pacer(Home(VENUE)),
        clock=clock,
        rng=random.Random(1),
        mode=Mode.SANDBOX,
    )
    seen, public = Recorder(), Recorder()
    await client.start(seen.one)
    await data.start(public.many)
    await data.watch(["quotes"])
    await seen.state(FeedState.LIVE)
    await public.state(FeedState.LIVE, feed="quotes")
    yield client, data, balancer, next(iter((await markets()).instruments))
    await client.stop()
    await data.stop()


async def test_nothing_is_sent_during_a_ban_by_any_process(desk, limited_sandbox):
    client, data, balancer, instrument = desk
    now_ns = SystemClock().now_ns()
    async with SandboxControl(limited_sandbox.control_port) as control:
        await control.ban(VENUE, BAN_S)
        with contextlib.suppress(HedgeError):  # the worker is the first to hear of it
            await data.candles(instrument.id, Timeframe.M1, now_ns - HOUR_NS, now_ns)
        (ban,) = balancer.snapshot().bans
        assert (ban.status, ban.account) == (418, "")
        before = [len(await control.requests()), len(await control.ledger("stream"))]
        ref = OrderRef("desk-1", instrument.id, ClientOrderId("0" * 32))
        cancel = asyncio.create_task(client.cancel([ref]))
        await control.strike("ws_abort", account=None, count=None)  # everybody wants to connect again
        await asyncio.sleep(0.5 * ban.left_s)
        assert not cancel.done()
        assert [len(await control.requests()), len(await control.ledger("stream"))] == before
        (report,) = await cancel  # kept, and sent when the ban has ended
        assert report.kind is not ReportKind.NOT_SENT
        assert not balancer.snapshot().bans
        statuses = [row["status"] for row in await control.requests()]
        assert statuses.count(418) == 1


async def test_candles_on_screen_go_before_those_of_a_crawl(desk):
    _, data, balancer, instrument = desk
    now_ns = SystemClock().now_ns()

    async def page():
        return await data.candles(instrument.id, Timeframe.M1, now_ns - 1000 * MINUTE_NS, now_ns)

    crawl = [asyncio.create_task(page()) for _ in range(100)]
    try:
        await page_left(balancer, "history")
        with in_lane(Lane.MARKET):
            assert len(await page()) > 900
        lanes = {one.name: one for one in balancer.snapshot().lanes}
        assert lanes["market"].worst_1m_s < 1.0
        assert lanes["history"].waiting > 0
    finally:
        for task in crawl:
            task.cancel()
        await asyncio.gather(*crawl, return_exceptions=True)


async def page_left(balancer: Any, lane: str) -> None:
    """Return when the first request of a lane has left and more wait."""
    async with asyncio.timeout(10):
        while not any(one.name == lane and one.waiting for one in balancer.snapshot().lanes):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_the_limits_that_the_venue_states_and_counts_are_learnt(desk, limited_sandbox):
    client, _, balancer, _ = desk
    await client.open_orders()
    async with SandboxControl(limited_sandbox.control_port) as control:
        weight = {one.name: one for one in balancer.snapshot().budgets}["weight_1m"]
        assert weight.limit == 2400
        assert weight.others == 0.0  # our table weighs what was asked as the venue does
        assert weight.spent >= len(await control.requests())
