from __future__ import annotations

import gc
import warnings

import aiohttp
import pytest

from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.instance import close_instance, declared_hosts, open_instance
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.session import HostRefused, RedirectRefused, close_session, open_session
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError
from tests.unit.via_ccxt.raw_venue import http, raw_venue


async def test_only_declared_hosts_are_contacted(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = http("{}")
        session = open_session(venue.egress, {"api.binance.com"})
        async with session.get("https://api.binance.com/api/v3/time") as response:
            assert response.status == 200
        seen = venue.connections
        for url in (
            "https://evil.example/",
            "http://api.binance.com/",
            "https://api.binance.com.evil.example/",
        ):
            with pytest.raises(HostRefused):
                await session.get(url)
        with pytest.raises(HostRefused):
            await session.ws_connect("wss://evil.example/ws")
        await close_session(session)
    assert venue.connections == seen


async def test_redirects_are_refused_for_requests_and_streams(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = http("", "307 Temporary Redirect", "Location: https://fapi.binance.com/elsewhere\r\n")
        session = open_session(venue.egress, {"api.binance.com", "fapi.binance.com"})
        with pytest.raises(RedirectRefused):
            await session.get("https://api.binance.com/", headers={"X-MBX-APIKEY": "k"})
        with pytest.raises(RedirectRefused):
            await session.ws_connect("wss://api.binance.com/ws")
        await close_session(session)
    assert len(venue.requests) == 2


async def test_closing_leaves_nothing_open(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with raw_venue(tmp_path) as venue:
            venue.reply = http("{}")
            wiring = Wiring(quirks_of("binance"), FreePacer(), Redactor())
            instance = open_instance(wiring, venue.egress)
            await instance.publicGetTime()
            connector = instance.session.connector
            await close_instance(instance)
            await close_instance(instance)
            assert connector.closed
            assert instance.session is None
            del instance, connector
            gc.collect()


async def test_an_instance_that_was_never_used_closes_silently(caplog):
    instance = open_instance(Wiring(quirks_of("binance"), FreePacer(), Redactor()), Egress("127.0.0.1:1"))
    await close_instance(instance)
    del instance
    gc.collect()
    assert "release all resources" not in caplog.text


async def test_the_hosts_of_a_venue_are_those_of_its_api():
    live = open_instance(Wiring(quirks_of("binance"), FreePacer(), Redactor()), Egress())
    demo = open_instance(Wiring(quirks_of("binance"), FreePacer(), Redactor()), Egress(), Mode.DEMO)
    hosts = declared_hosts(live)
    assert {"api.binance.com", "stream.binance.com", "ws-api.binance.com"} <= hosts
    assert "www.binance.com" not in hosts
    assert "demo-api.binance.com" in declared_hosts(demo)
    assert "api.binance.com" not in declared_hosts(demo)
    await close_instance(live)
    await close_instance(demo)


async def test_a_proxy_from_the_environment_is_ignored(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with raw_venue(tmp_path) as venue:
        venue.reply = http("{}")
        session = open_session(venue.egress, {"api.binance.com"})
        async with session.get("https://api.binance.com/") as response:
            assert response.status == 200
        await close_session(session)


@pytest.mark.parametrize("connect", ["127.0.0.1", "127.0.0.1:port", ":443", "127.0.0.1:70000"])
def test_a_wrong_address_says_how_it_should_look(connect):
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:18443"):
        _ = Egress(connect).endpoint


async def test_a_missing_ca_file_is_named():
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        open_session(Egress("127.0.0.1:1", "nowhere.pem"), {"api.binance.com"})


async def test_frames_over_tls_reach_the_fixed_address(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = http("no", "400 Bad Request")
        session = open_session(venue.egress, {"fstream.binance.com"})
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect("wss://fstream.binance.com/ws")
        await close_session(session)
    assert "Host: fstream.binance.com" in venue.requests[0]
