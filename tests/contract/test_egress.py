"""Real clients over real proxies and own addresses, against a sandbox that counts and tells by address."""

from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import asynccontextmanager
from decimal import Decimal

import ccxt
import pytest

from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.factory import make_data
from adapters.via_ccxt.instance import close_instance, open_instance
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of, quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import Wiring
from hedge_tui.bootstrap.route_checks import try_routes
from hedge_tui.config import AccountSettings, EgressSettings, Settings
from hedge_tui.domain.account import Mode
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.report import ReportKind
from hedge_tui.domain.rounding import floor_to
from hedge_tui.domain.route import DIRECT, Route, RouteKind
from hedge_tui.domain.secret import Secret
from hedge_tui.engine.clock import SystemClock
from tests.contract.ccxt_fixtures import ExecutionBench, Recorder, SkippingClock, build_client, last_price
from tests.proxies import Proxy, a_proxy

SECOND = Route("second", RouteKind.SOURCE, "127.0.0.2")
VENUE = "binanceusdm"
PAIR = "BTC/USDT:USDT"
OWN = {"tokyo": "127.0.0.13", "stranger": "127.0.0.14"}


@asynccontextmanager
async def two_proxies():
    """One that keys may take, and one that they may not."""
    async with (
        a_proxy(RouteKind.HTTP, source=OWN["tokyo"]) as tokyo,
        a_proxy(RouteKind.SOCKS5, source=OWN["stranger"]) as stranger,
    ):
        yield tokyo, stranger


def egress_over(sandbox, *routes: Route, keys_over: tuple[str, ...] | None = None) -> Egress:
    return Egress(f"127.0.0.1:{sandbox.port}", str(sandbox.ca_file), routes, keys_over)


def routes_over(tokyo: Proxy, stranger: Proxy) -> tuple[Route, ...]:
    return (DIRECT, SECOND, tokyo.route("tokyo"), stranger.route("stranger", trusted=False))


@asynccontextmanager
async def account_over(sandbox, control, egress: Egress, name: str = "desk-1"):
    """A started account, with the bench's helpers for orders."""
    client, balancer, clock, markets = build_client(
        sandbox, quirks_of(VENUE), name, shelf=MarketShelf(), egress=egress
    )
    seen = Recorder()
    await client.start(seen.one)
    try:
        await seen.state(FeedState.LIVE)
        instrument = next(i for i in (await markets()).instruments if i.symbol == PAIR)
        last = floor_to(Decimal(await last_price(client, instrument)), instrument.grid.tick)
        yield ExecutionBench(
            client, seen, control, clock, instrument, "BTCUSDT", name, last, balancer, sandbox
        )
    finally:
        await client.stop()


@pytest.mark.parametrize(
    ("keys_over", "addresses"),
    [
        (("tokyo",), {OWN["tokyo"]}),
        (("direct",), {"127.0.0.1"}),
        (None, {"127.0.0.1", OWN["tokyo"]}),
        (("tokyo", "stranger"), {OWN["tokyo"]}),
    ],
    ids=["pinned", "at home", "any trusted", "a stranger named"],
)
async def test_keys_take_their_own_routes_and_no_other(sandbox, control, keys_over, addresses):
    """Signed requests, listen keys and private streams; while public data goes over all."""
    async with two_proxies() as (tokyo, stranger):
        egress = egress_over(sandbox, *routes_over(tokyo, stranger), keys_over=keys_over)
        async with account_over(sandbox, control, egress) as bench:
            placed = [bench.request() for _ in range(6)]
            reports = await bench.client.place(placed)
            assert {report.kind for report in reports} <= {ReportKind.LIVE, ReportKind.ACKED}
            await bench.client.cancel([bench.ref(one) for one in placed])
            await bench.client.snapshot()
            await crawl(egress, bench.balancer, 100)
        signed = [row for row in await control.requests() if row["account"]]
        streams = [row for row in await control.ledger("stream") if row["account"]]
        public = {row["address"] for row in await control.requests("/klines")}
    assert len(signed) > 8
    assert {row["path"] for row in signed} >= {"/fapi/v1/listenKey", "/fapi/v1/batchOrders"}
    assert {row["address"] for row in signed} <= addresses
    assert streams
    assert {row["address"] for row in streams} <= addresses
    assert public >= {"127.0.0.2", OWN["stranger"]}, "what is nobody's secret goes over strangers too"
    key = sandbox.account("desk-1").key.encode()
    assert key not in tokyo.seen
    assert key not in stranger.seen
    assert set(tokyo.targets + stranger.targets) == {f"127.0.0.1:{sandbox.port}"}


async def crawl(egress: Egress, balancer: Balancer, count: int) -> int:
    """Ask for candles as a survey does; how many answers came."""
    wiring = Wiring(quirks_of(VENUE), balancer.pacer(Home(VENUE)), Redactor())
    instance = open_instance(wiring, egress)
    instance.timeout = 5000

    room = asyncio.Semaphore(16)

    async def one() -> bool:
        async with room:
            with attempting(Lane.HISTORY):
                return await ask()

    async def ask() -> bool:
        rows = await instance.fapiPublicGetKlines({"symbol": "BTCUSDT", "interval": "1m", "limit": 5})
        return len(rows) == 5

    try:
        return sum(await asyncio.gather(*(one() for _ in range(count))))
    finally:
        await close_instance(instance)


async def test_a_dead_route_never_sends_a_key_another_way_and_the_account_says_so(sandbox, control):
    async with two_proxies() as (tokyo, stranger):
        egress = egress_over(sandbox, *routes_over(tokyo, stranger), keys_over=("tokyo",))
        async with account_over(sandbox, control, egress) as bench:
            await tokyo.die()
            health = await bench.seen.until(
                object,
                lambda e: getattr(e, "state", None) is FeedState.RECONNECTING and "tokyo" in e.detail,
            )
            assert "127.0.0.1" in health.detail
            (report,) = await bench.client.place([bench.request()])
            assert report.kind is ReportKind.NOT_SENT
            assert "tokyo" in report.reason
            (state,) = [one for one in bench.balancer.snapshot().routes if one.name == "tokyo"]
            assert (state.state, state.failures > 0) == ("down", True) or state.state == "trial"
            seen = len(bench.seen.events)
            await tokyo.rise()
            await bench.seen.state(FeedState.LIVE, after=seen)
            (report,) = await bench.client.place([bench.request()])
            assert report.kind in (ReportKind.LIVE, ReportKind.ACKED)
        signed = [row for row in await control.requests() if row["account"]]
        streams = [row for row in await control.ledger("stream") if row["account"]]
    assert {row["address"] for row in signed} == {OWN["tokyo"]}
    assert {row["address"] for row in streams} == {OWN["tokyo"]}
    assert stranger.dials == 0


async def test_a_key_that_is_bound_to_an_address_works_over_that_route_alone(sandbox, control):
    await control.restrict_key("desk-2", [OWN["tokyo"]])
    async with two_proxies() as (tokyo, stranger):
        routes = routes_over(tokyo, stranger)
        bound = egress_over(sandbox, *routes, keys_over=("tokyo",))
        async with account_over(sandbox, control, bound, "desk-2") as bench:
            assert (await bench.client.snapshot()).account == "desk-2"
        home = egress_over(sandbox, *routes, keys_over=("direct",))
        client, *_ = build_client(sandbox, quirks_of(VENUE), "desk-2", egress=home)
        seen = Recorder()
        await client.start(seen.one)
        health = await seen.until(object, lambda e: "request ip: 127.0.0.1" in getattr(e, "detail", ""))
        assert health.state is not FeedState.LIVE
        await client.stop()


async def test_a_crawl_goes_on_without_a_proxy_that_dies_and_takes_it_up_again(sandbox, control):
    async with two_proxies() as (tokyo, stranger):
        clock = SkippingClock()
        balancer = Balancer(limits_of, clock)
        routes = routes_over(tokyo, stranger)
        egress = egress_over(sandbox, *routes)
        assert await crawl(egress, balancer, 100) == 100
        await tokyo.die()
        stranger.mode = "502 no"
        assert await crawl(egress, balancer, 100) == 100
        down = {one.name for one in balancer.snapshot().routes if one.state == "down"}
        assert down == {"tokyo", "stranger"}
        await tokyo.rise()
        clock.skipped_s += 5
        before = len(tokyo.targets)
        assert await crawl(egress, balancer, 100) == 100
        assert len(tokyo.targets) > before
        assert "tokyo" not in {one.name for one in balancer.snapshot().routes if one.state == "down"}
    assert await control.requests("/klines")


async def test_the_sandbox_counts_by_address_and_each_route_has_budgets_of_its_own(limited_sandbox):
    sandbox, clock = limited_sandbox, SkippingClock()
    routes = tuple(Route(f"own-{n}", RouteKind.SOURCE, f"127.0.0.{n}") for n in (21, 22, 23))
    balancer = Balancer(limits_of, clock)
    assert await crawl(egress_over(sandbox, *routes), balancer, 90) == 90
    limiter = sandbox.world.usdm.limiter
    used = [limiter.used_weight(one.host, sandbox.world.clock.now_ms()) for one in routes]
    assert sum(used) == 90
    assert max(used) - min(used) <= 50
    budgets = {one.route: one.spent for one in balancer.snapshot().budgets if one.counts == "weight"}
    assert budgets == {one.name: float(count) for one, count in zip(routes, used, strict=True)}


async def test_streams_leave_a_route_that_died(sandbox, control):
    """Public streams too: the subscription comes back over a sound route by itself."""
    async with a_proxy(RouteKind.HTTP, source=OWN["tokyo"]) as tokyo:
        balancer = Balancer(limits_of, SkippingClock())
        egress = egress_over(sandbox, tokyo.route("tokyo", trusted=False), DIRECT)
        wiring = Wiring(quirks_of(VENUE), balancer.pacer(Home(VENUE)), Redactor())
        instance = open_instance(wiring, egress)
        instance.set_markets_from_exchange((await markets_of(sandbox)).source)
        assert (await instance.watch_ticker(PAIR, {"name": "ticker"}))["last"]
        await tokyo.die()
        for _ in range(20):  # the closed connection says so once, and a dial finds the proxy dead
            with contextlib.suppress(ccxt.NetworkError):
                await instance.watch_ticker(PAIR, {"name": "ticker"})
            addresses = [row["address"] for row in await control.ledger("stream")]
            if len(addresses) > 1:
                break
        await close_instance(instance)
    assert addresses == [OWN["tokyo"], "127.0.0.1"]


async def markets_of(sandbox):
    pacer = Balancer(limits_of, SkippingClock()).pacer(Home(VENUE))
    return await MarketShelf().get(quirks_of(VENUE), "live", egress_over(sandbox, DIRECT), pacer)


async def test_a_trial_of_every_route_says_how_the_venue_sees_it(sandbox):
    async with two_proxies() as (tokyo, stranger):
        stranger.mode = "502 no"
        account = AccountSettings(
            "desk-1", VENUE, Mode.SANDBOX, f"127.0.0.1:{sandbox.port}", str(sandbox.ca_file)
        )
        egress = (
            EgressSettings("second", RouteKind.SOURCE, "127.0.0.2"),
            EgressSettings("tokyo", RouteKind.HTTP, f"127.0.0.1:{tokyo.port}"),
            EgressSettings("stranger", RouteKind.SOCKS5, f"127.0.0.1:{stranger.port}"),
        )
        settings = Settings(accounts=(account,), egress=egress)
        trials = {one.route: one for one in await asyncio.to_thread(try_routes, settings)}
    assert {name: one.seen_as for name, one in trials.items()} == {
        "direct": "127.0.0.1", "second": "127.0.0.2", "tokyo": OWN["tokyo"], "stranger": "",
    }  # fmt: skip
    assert [name for name, one in trials.items() if not one.reached] == ["stranger"]
    assert "stranger" in trials["stranger"].problem
    assert trials["tokyo"].answer_ms > 0


async def test_a_feed_worker_takes_all_routes_and_hears_passwords_late(sandbox, control):
    """A real worker process: its crawl leaves from every address, once the vault has told the password."""
    async with two_proxies() as (tokyo, stranger):
        stranger.login = ("desk", "hunter2")
        passwords: dict[str, Secret] = {}
        routes = (SECOND, stranger.route("stranger", trusted=False), tokyo.route("tokyo", trusted=False))
        egress = Egress(f"127.0.0.1:{sandbox.port}", str(sandbox.ca_file), routes, (), passwords)
        clock = SystemClock()
        balancer = Balancer(limits_of, clock)
        balancer.know(VENUE, routes)
        client = make_data(
            VENUE,
            egress,
            pacer=balancer.pacer(Home(VENUE)),
            clock=clock,
            rng=random.Random(1),
            mode=Mode.SANDBOX,
        )
        seen = Recorder()
        await client.start(seen.many)
        try:
            (first, *_) = await client.instruments()
            passwords["stranger"] = Secret("hunter2")
            client.tell_passwords()
            minute = 60_000_000_000
            until = clock.now_ns() // minute * minute
            async with asyncio.timeout(20):
                while len({row["address"] for row in await control.requests("/klines")}) < 3:
                    asks = (
                        client.candles(first.id, Timeframe("1m"), until - 30 * minute, until)
                        for _ in range(24)
                    )
                    await asyncio.gather(*asks)
        finally:
            await client.stop()
        rows = await control.requests("/klines")
    assert {row["address"] for row in rows} == {"127.0.0.2", *OWN.values()}
    assert "127.0.0.1" not in {row["address"] for row in await control.ledger("stream")}
