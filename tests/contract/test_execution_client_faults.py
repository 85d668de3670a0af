"""The cards of `test_execution_client` about what goes wrong: lost answers, bans, dead and mad streams."""

from __future__ import annotations

import asyncio

import pytest

from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import OutcomeUnknown, Unavailable
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.report import ReportKind
from tests.contract.ccxt_fixtures import BENCHES, RESTING, ExecutionBench, execution_bench


@pytest.fixture(params=list(BENCHES))
async def bench(request, sandbox, control):
    venue, by_ccxt = BENCHES[request.param]
    async with execution_bench(sandbox, control, venue, parsed_by_ccxt=by_ccxt) as made:
        yield made


@pytest.fixture
async def usdm(sandbox, control):
    async with execution_bench(sandbox, control, "binanceusdm") as made:
        yield made


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "reset", "accepted": True},
        {"kind": "status", "status": 503, "accepted": True},
        {"kind": "html", "accepted": True},
        {"kind": "empty", "accepted": True},
        {"kind": "truncate"},
    ],
    ids=lambda fault: fault["kind"],
)
async def test_e18_a_lost_answer_is_unknown_and_found(bench: ExecutionBench, fault):
    request = bench.request()
    await bench.arm(**fault, method="POST", path="order", count=1)
    (report,) = await bench.client.place([request])
    assert report.kind is ReportKind.NO_ANSWER, report
    found = await bench.client.find_order(bench.ref(request))
    assert found is not None
    assert found.kind in RESTING
    assert len(await bench.truth(request)) == 1
    posts = [r for r in await bench.control.requests("/order") if r["method"] == "POST"]
    assert len(posts) == 1


async def test_e19_an_order_lost_on_the_way_is_absent(bench: ExecutionBench):
    request = bench.request()
    await bench.arm("drop_before", method="POST", path="order", count=1)
    (report,) = await bench.client.place([request])
    assert report.kind is ReportKind.NO_ANSWER
    assert await bench.client.find_order(bench.ref(request)) is None


async def test_e20_no_answer_to_a_question_is_not_no(bench: ExecutionBench):
    request = bench.request()
    await bench.client.place([request])
    for kind in ("drop_after", "html", "empty"):
        await bench.arm(kind, method="GET", path="(?i)order", count=None)
        with pytest.raises((Unavailable, OutcomeUnknown)):
            await bench.client.find_order(bench.ref(request))
        with pytest.raises((Unavailable, OutcomeUnknown)):
            await bench.client.open_orders()
        await bench.control.disarm()


async def test_e21_a_ban_stops_every_request(bench: ExecutionBench):
    await bench.arm("rate_limit", method="POST", path="order", seconds=30, count=1)
    (report,) = await bench.client.place([bench.request()])
    assert report.kind is ReportKind.REJECTED
    before = len(await bench.control.requests())
    (refused,) = await bench.client.place([bench.request()])
    assert refused.kind is ReportKind.NOT_SENT
    assert "asked for a pause" in refused.reason
    cancelling = asyncio.create_task(bench.client.cancel([bench.ref(bench.request())]))
    await asyncio.sleep(0.05)
    assert len(await bench.control.requests()) == before
    bench.clock.skipped_s += 31
    bench.balancer.wake()
    await cancelling
    assert (await bench.client.place([bench.request()]))[0].kind in RESTING


async def test_e22_lost_cancels_are_unknown(bench: ExecutionBench):
    request = bench.request()
    await bench.client.place([request])
    await bench.arm("drop_after", method="DELETE", path="order", count=1)
    (report,) = await bench.client.cancel([bench.ref(request)])
    assert report.kind is ReportKind.CANCEL_NO_ANSWER
    assert (await bench.client.find_order(bench.ref(request))).kind is ReportKind.CANCELLED


async def test_e23_what_happened_during_a_disconnect_is_told_after_it(bench: ExecutionBench):
    request = bench.market()
    await bench.client.place([bench.market()])
    await bench.seen.until(Fill)
    await bench.arm("ws_refuse", account="", path="", count=2, status=503)
    mark = len(bench.seen.events)
    assert await bench.strike("ws_abort", count=None) >= 1
    await bench.seen.state(FeedState.RECONNECTING, after=mark)
    await bench.client.place([request])
    live = await bench.seen.state(FeedState.LIVE, after=mark)
    assert live.reconnects >= 1
    told = 0
    while told < request.quantity:  # the best level may hold less than was asked
        fill = await bench.seen.until(
            Fill, lambda f: f.client_order_id == request.client_order_id, after=mark
        )
        told, mark = told + fill.quantity, bench.seen.events.index(fill) + 1
    assert told == request.quantity
    assert bench.seen.of(AccountSnapshot)


@pytest.mark.parametrize("kind", ["ws_close", "ws_abort"])
async def test_e24_a_closed_stream_comes_back(bench: ExecutionBench, kind):
    mark = len(bench.seen.events)
    await bench.strike(kind)
    await bench.seen.state(FeedState.RECONNECTING, after=mark)
    await bench.seen.state(FeedState.LIVE, after=mark)
    request = bench.market()
    await bench.client.place([request])
    await bench.seen.until(Fill, lambda f: f.client_order_id == request.client_order_id)


@pytest.mark.parametrize("body", ["", "[1,2", '{"e":"ACCOUNT_UPDATE","a":7}', '{"e":"executionReport"}'])
async def test_e25_a_malformed_frame_ends_nothing_and_is_repaired(bench: ExecutionBench, body):
    mark = len(bench.seen.events)
    await bench.strike("ws_malformed", count=None, body=body)
    request = bench.market()
    await bench.client.place([request])
    await bench.seen.until(Fill, lambda f: f.client_order_id == request.client_order_id)
    if body.startswith("{") and not bench.client._parts.quirks.private_tap:
        return  # ccxt takes what it can of such a frame and says nothing
    said = await bench.seen.until(FeedHealth, lambda h: "unreadable" in h.detail, after=mark)
    assert said.state is FeedState.LIVE
    await bench.seen.until(AccountSnapshot, after=mark)


async def test_e26_an_expired_listen_key_is_replaced(usdm: ExecutionBench):
    mark = len(usdm.seen.events)
    assert await usdm.strike("listen_key_expired") == 1
    lost = await usdm.seen.state(FeedState.RECONNECTING, after=mark)
    assert "listenKeyExpired" in lost.detail
    await usdm.seen.state(FeedState.LIVE, after=mark)
    request = usdm.market()
    await usdm.client.place([request])
    await usdm.seen.until(Fill, lambda f: f.client_order_id == request.client_order_id)


async def test_e27_a_silent_stream_is_stale_within_fifteen_seconds_and_replaced(bench: ExecutionBench):
    mark = len(bench.seen.events)
    await bench.strike("ws_silence", count=None, seconds=0)
    bench.clock.skipped_s += 13
    await bench.seen.state(FeedState.STALE, after=mark)
    await bench.seen.state(FeedState.LIVE, after=mark)
    request = bench.market()
    await bench.client.place([request])
    await bench.seen.until(Fill, lambda f: f.client_order_id == request.client_order_id)


async def test_e28_accept_then_close_is_backed_off(bench: ExecutionBench):
    mark = len(bench.seen.events)
    fault = await bench.arm("ws_accept_close", count=None)
    await bench.strike("ws_abort", count=None)
    await asyncio.sleep(0.8)
    struck = next(f["struck"] for f in await bench.control.faults() if f["id"] == fault)
    assert 1 <= struck <= 9
    await bench.control.disarm()
    await bench.seen.until(FeedHealth, lambda h: h.state is FeedState.LIVE, after=mark + 1)


async def test_e29_a_clock_that_is_off_is_measured_again(bench: ExecutionBench):
    await bench.control.shift_clock(-60_000)
    (report,) = await bench.client.place([bench.request()])
    assert report.kind is ReportKind.REJECTED
    assert report.code == "-1021"
    for _ in range(100):
        (again,) = await bench.client.place([bench.request()])
        if again.kind in RESTING:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the clock was not measured again")


async def test_e38_a_dead_venue_is_tried_again(sandbox, control):
    await control.fault("drop_before", path="exchangeInfo", count=2)
    async with execution_bench(sandbox, control, "binanceusdm") as bench:
        details = [h.detail for h in bench.seen.of(FeedHealth)]
    assert any(detail.startswith("markets:") for detail in details)
