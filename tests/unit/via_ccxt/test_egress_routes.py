"""Routes over real sockets: proxies that work and that misbehave, own addresses, and what keys may take."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from adapters.via_ccxt.attempt import Stage
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.errors import Blame
from adapters.via_ccxt.instance import close_instance, open_instance
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.route_sessions import RouteRefused
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.ports.pacing import Spend, Went
from hedge_tui.domain.route import DIRECT, Route, RouteKind
from hedge_tui.domain.secret import Secret
from tests.proxies import a_proxy
from tests.unit.via_ccxt.raw_venue import drop, http, never, raw_venue
from tests.unit.via_ccxt.test_wire_outcomes import KEY, MARKET, SECRET, place

PROXIES = (RouteKind.HTTP, RouteKind.SOCKS5)
ORDER = http('{"orderId": 7, "clientOrderId": "x", "symbol": "BTCUSDT", "status": "NEW"}')


class Guide(FreePacer):
    """Names the routes in turn, those it was told, and remembers what it heard of them."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.asked: list[Spend] = []
        self.heard_of: list[Went] = []

    async def acquire(self, spend: Spend) -> str:
        self.asked.append(spend)
        return self.names.pop(0) if len(self.names) > 1 else self.names[0]

    def went(self, went: Went) -> None:
        self.heard_of.append(went)


def instance_over(venue, routes: tuple[Route, ...], pacer: Guide, *, keys: bool = True, password=None):
    known = {routes[0].name: password} if password is not None else {}
    egress = Egress(f"127.0.0.1:{venue.port}", venue.ca_file, routes, passwords=known)
    wiring = Wiring(quirks_of("binanceusdm"), pacer, Redactor([KEY, SECRET]))
    instance = open_instance(wiring, egress, keys={"apiKey": KEY, "secret": SECRET} if keys else None)
    instance.timeout = 1000
    instance.set_markets([MARKET])
    return instance


@pytest.mark.parametrize("kind", PROXIES)
@pytest.mark.parametrize("login", [None, ("desk", "hunter2")])
async def test_an_order_goes_through_a_proxy_that_learns_only_where_to(tmp_path, kind, login):
    async with raw_venue(tmp_path) as venue, a_proxy(kind, login=login) as proxy:
        venue.reply = ORDER
        pacer = Guide("proxy")
        instance = instance_over(venue, (proxy.route(),), pacer, password=proxy.password)
        order, _ = await place(instance)
        await close_instance(instance)
    assert order["id"] == "7"
    assert proxy.targets == [f"127.0.0.1:{venue.port}"]
    assert KEY.encode() not in proxy.seen
    assert b"X-MBX-APIKEY" not in proxy.seen
    assert f"X-MBX-APIKEY: {KEY}" in venue.requests[0]
    assert [went.problem for went in pacer.heard_of] == ["", ""]
    assert [went.dial for went in pacer.heard_of] == [True, False]


@pytest.mark.parametrize("kind", PROXIES)
async def test_without_a_fixed_address_the_proxy_resolves_the_name(tmp_path, kind):
    async with raw_venue(tmp_path) as venue, a_proxy(kind, connect=("127.0.0.1", venue.port)) as proxy:
        venue.reply = ORDER
        egress = Egress(None, venue.ca_file, (proxy.route(),))
        wiring = Wiring(quirks_of("binanceusdm"), Guide("proxy"), Redactor())
        instance = open_instance(wiring, egress, keys={"apiKey": KEY, "secret": SECRET})
        instance.set_markets([MARKET])
        order, _ = await place(instance)
        await close_instance(instance)
    assert order["id"] == "7"
    assert proxy.targets == ["fapi.binance.com:443"]


@pytest.mark.parametrize("kind", PROXIES)
@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("407 No", "refused"),
        ("502 Bad Gateway", "refused"),
        ("garbage", ""),
        ("closes", ""),
        ("hangs", "no connection in"),
        ("resets", ""),
        ("swallows", "no connection in"),
    ],
)
async def test_a_proxy_without_a_tunnel_means_that_nothing_left(tmp_path, monkeypatch, kind, mode, words):
    monkeypatch.setattr("adapters.via_ccxt.tunnel.DIAL_S", 0.2)
    async with raw_venue(tmp_path) as venue, a_proxy(kind, mode=mode) as proxy:
        pacer = Guide("proxy")
        instance = instance_over(venue, (proxy.route(),), pacer)
        verdict, attempt = await place(instance)
        await close_instance(instance)
    assert (verdict.blame, attempt.stage) == (Blame.NOT_SENT, Stage.OPENING)
    assert words in verdict.reason
    assert "proxy" in verdict.reason or mode == "resets"
    assert [bool(went.problem) and went.dial for went in pacer.heard_of] == [True]
    assert venue.requests == []
    assert KEY.encode() not in proxy.seen


async def test_a_login_that_the_proxy_refuses_is_told_without_the_password(tmp_path):
    for kind in PROXIES:
        async with raw_venue(tmp_path) as venue, a_proxy(kind, login=("desk", "right")) as proxy:
            route = proxy.route()
            proxy.login = ("desk", "other")
            instance = instance_over(venue, (route,), Guide("proxy"), password=Secret("right"))
            verdict, _ = await place(instance)
            await close_instance(instance)
        assert verdict.blame is Blame.NOT_SENT
        assert "right" not in verdict.reason
        assert str(proxy.port) in verdict.reason


async def test_a_password_that_is_not_there_is_said(tmp_path):
    async with raw_venue(tmp_path) as venue:
        route = Route("tokyo", RouteKind.HTTP, "127.0.0.1", 1, user="desk", trusted=True)
        instance = instance_over(venue, (route,), Guide("tokyo"))
        verdict, _ = await place(instance)
        await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT
    assert "hedge traffic password tokyo" in verdict.reason


async def test_an_answer_in_pieces_is_waited_for_and_bytes_in_the_tunnel_are_refused(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = ORDER
        async with a_proxy(mode="in pieces") as proxy:
            instance = instance_over(venue, (proxy.route(),), Guide("proxy"))
            order, _ = await place(instance)
            assert order["id"] == "7"
            await close_instance(instance)
        async with a_proxy(mode="chatty") as proxy:
            instance = instance_over(venue, (proxy.route(),), Guide("proxy"))
            verdict, _ = await place(instance)
            assert verdict.blame is Blame.NOT_SENT
            await close_instance(instance)


@pytest.mark.parametrize("kind", PROXIES)
async def test_a_proxy_that_shows_its_own_certificate_gets_no_byte_of_the_request(tmp_path, kind):
    """Even one from an authority that this machine would trust for another name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("fapi.binance.com").configure_cert(context)
    async with raw_venue(tmp_path) as venue, a_proxy(kind, mode="spies", certificate=context) as proxy:
        pacer = Guide("proxy")
        instance = instance_over(venue, (proxy.route(),), pacer)
        verdict, attempt = await place(instance)
        await close_instance(instance)
    assert (verdict.blame, attempt.stage) == (Blame.NOT_SENT, Stage.OPENING)
    assert "CERTIFICATE" in verdict.reason.upper()
    assert proxy.spied == b""
    assert pacer.heard_of[0].problem


@pytest.mark.parametrize("kind", PROXIES)
@pytest.mark.parametrize("end", ["cut", "silent"])
async def test_an_order_that_left_through_a_proxy_is_unknown(tmp_path, kind, end):
    async with raw_venue(tmp_path) as venue, a_proxy(kind) as proxy:
        if end == "cut":

            async def cut(_writer) -> None:
                proxy.cut()

            venue.reply = cut
        else:
            venue.reply = never
        pacer = Guide("proxy")
        instance = instance_over(venue, (proxy.route(),), pacer)
        verdict, attempt = await place(instance)
        await close_instance(instance)
    assert (verdict.blame, attempt.stage) == (Blame.UNKNOWN, Stage.SENT)
    assert len(venue.requests) == 1
    if end == "silent":
        assert not pacer.heard_of[-1].dial
        assert pacer.heard_of[-1].problem


async def test_no_pacer_can_send_a_key_over_a_route_that_is_not_trusted(tmp_path):
    """Whatever the balancer says: requests, listen keys and private streams stay on trusted routes."""
    async with raw_venue(tmp_path) as venue, a_proxy() as stranger, a_proxy(RouteKind.SOCKS5) as other:
        venue.reply = ORDER
        routes = (DIRECT, stranger.route("stranger", trusted=False), other.route("other", trusted=False))
        for name in ("stranger", "other", "nowhere"):
            instance = instance_over(venue, routes, Guide(name))
            assert instance.desk.over == ("direct",)
            verdict, attempt = await place(instance)
            assert (verdict.blame, attempt.stage) == (Blame.NOT_SENT, Stage.OPENING)
            assert "direct" in verdict.reason
            for call in (
                lambda x: x.fapiPrivatePostListenKey(),
                lambda x: x.fapiPrivateV3GetAccount(),
                lambda x: x.fapiPublicGetTime(),
            ):
                with pytest.raises(Exception, match=name):
                    await call(instance)
            client = instance.client("wss://fstream.binance.com/private/ws?listenKey=k")
            with pytest.raises(RouteRefused):
                await client.create_connection(None)
            await close_instance(instance)
        assert all(spend.over == ("direct",) for spend in instance.desk.pacer.asked)
    assert (stranger.dials, other.dials, venue.requests) == (0, 0, [])


async def test_a_removed_route_is_said_and_replaced_by_no_other(tmp_path):
    async with raw_venue(tmp_path) as venue:
        instance = instance_over(venue, (), Guide("direct"))
        verdict, _ = await place(instance)
        await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT
    assert "none that this key may take" in verdict.reason
    assert venue.requests == []


async def test_public_data_comes_another_way_when_a_route_is_dead_and_keys_do_not(tmp_path):
    async with raw_venue(tmp_path) as venue, a_proxy() as proxy:
        venue.reply = http('{"serverTime": 1}')
        routes = (DIRECT, proxy.route("proxy"))
        await proxy.die()
        open_one = instance_over(venue, routes, Guide("proxy", "direct"), keys=False)
        assert await open_one.fapiPublicGetTime() == {"serverTime": 1}
        await close_instance(open_one)
        keyed = instance_over(venue, routes, Guide("proxy", "direct"))
        with pytest.raises(Exception, match="proxy"):
            await keyed.fapiPrivateGetOpenOrders()
        await close_instance(keyed)
    assert len(venue.requests) == 1


async def test_an_address_that_the_venue_does_not_serve_counts_as_dead_for_public_data(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = http('{"msg": "restricted location"}', "451 Unavailable For Legal Reasons")
        pacer = Guide("direct")
        instance = instance_over(venue, (DIRECT,), pacer, keys=False)
        with pytest.raises(Exception, match="451"):
            await instance.fapiPublicGetTime()
        await close_instance(instance)
    assert "HTTP 451" in pacer.heard_of[-1].problem
    assert (pacer.heard_of[-1].dial, pacer.heard_of[-1].pause_s) == (True, 600)


async def test_own_addresses_are_left_from(tmp_path):
    async with raw_venue(tmp_path) as venue:
        seen: list[str] = []

        async def reply(writer: asyncio.StreamWriter) -> None:
            seen.append(writer.get_extra_info("peername")[0])
            await http('{"serverTime": 1}')(writer)

        venue.reply = reply
        routes = (DIRECT, Route("second", RouteKind.SOURCE, "127.0.0.2"))
        routes += (Route("third", RouteKind.SOURCE, "127.0.0.3"),)
        instance = instance_over(venue, routes, Guide("direct", "second", "third", "second"), keys=False)
        for _ in range(4):
            await instance.fapiPublicGetTime()
        await close_instance(instance)
    assert seen == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.2"]


async def test_an_address_that_is_not_ours_is_a_route_that_is_down(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = drop
        pacer = Guide("gone")
        instance = instance_over(venue, (Route("gone", RouteKind.SOURCE, "192.0.2.7", trusted=True),), pacer)
        verdict, _ = await place(instance)
        await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT
    assert pacer.heard_of[0].problem
    assert venue.connections == 0


@pytest.mark.parametrize("kind", PROXIES)
async def test_streams_take_the_route_they_are_given_at_each_dial(tmp_path, kind):
    async with raw_venue(tmp_path) as venue, a_proxy(kind) as proxy:
        venue.reply = http("no", "400 Bad Request")
        instance = instance_over(venue, (DIRECT, proxy.route()), Guide("proxy", "direct"), keys=False)
        client = instance.client("wss://fstream.binance.com/ws")
        for _ in range(2):
            with pytest.raises(Exception, match="400"):
                await client.create_connection(None)
        assert instance.desk.pacer.asked[0].connects == 1
        await close_instance(instance)
    assert len(proxy.targets) == 1
    assert len(venue.requests) == 2
