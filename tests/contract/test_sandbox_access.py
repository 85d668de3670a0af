"""Who is let in: signatures, clocks, permissions, limits, unknown paths; and the headers they watch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ccxt
import pytest

from adapters.sandbox.accounts import demo_accounts, sandbox_account
from adapters.sandbox.loopback import loopback_session
from adapters.sandbox.options import LimitMode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import aiohttp

    from adapters.sandbox.control import SandboxControl
    from adapters.sandbox.options import SandboxOptions
    from adapters.sandbox.serve import RunningSandbox

READER = sandbox_account("reader", usdm={"USDT": "1000"}, permissions=frozenset({"read"}))


@pytest.fixture
def sandbox_options(sandbox_options: SandboxOptions) -> SandboxOptions:
    return replace(sandbox_options, accounts=(*demo_accounts(), READER), limits=LimitMode.REAL)


@pytest.fixture
def usdm(ccxt_client: Callable[[str, str], Any]) -> Any:
    return ccxt_client("binanceusdm", "desk-1")


async def test_a_wrong_secret_is_an_invalid_signature(usdm: Any):
    usdm.secret = "0" * 64
    with pytest.raises(ccxt.AuthenticationError, match="-1022"):
        await usdm.fapiPrivateV3GetBalance()


async def test_a_changed_body_is_an_invalid_signature(usdm: Any, session: aiohttp.ClientSession):
    signed = usdm.sign("order", ["fapiPrivate"], "POST", {"symbol": "BTCUSDT", "side": "BUY"})
    body = signed["body"].replace("BUY", "SELL")
    async with session.post(signed["url"], data=body, headers=signed["headers"]) as response:
        assert (response.status, (await response.json())["code"]) == (400, -1022)


async def test_an_unknown_key_and_a_malformed_one(usdm: Any):
    usdm.apiKey = "a" * 64
    with pytest.raises(ccxt.AuthenticationError, match="-2015"):
        await usdm.fapiPrivateV3GetBalance()
    usdm.apiKey = "nonsense"
    with pytest.raises(ccxt.AuthenticationError, match="-2014"):
        await usdm.fapiPrivateV3GetBalance()


async def test_a_key_that_may_only_read(ccxt_client: Callable[[str, str], Any]):
    reader = ccxt_client("binanceusdm", "reader")
    assert await reader.fapiPrivateV3GetBalance()
    with pytest.raises(ccxt.ExchangeError, match="-2015"):
        await reader.fapiPrivatePostLeverage({"symbol": "BTCUSDT", "leverage": 5})
    rights = await reader.sapiGetAccountApiRestrictions()
    assert (rights["enableReading"], rights["enableFutures"], rights["enableWithdrawals"]) == (
        True,
        False,
        False,
    )


async def test_a_clock_that_is_off(usdm: Any, control: SandboxControl):
    await control.shift_clock(20_000)
    with pytest.raises(ccxt.InvalidNonce, match="outside of the recvWindow"):
        await usdm.fapiPrivateV3GetBalance()
    await control.shift_clock(-20_000)
    with pytest.raises(ccxt.InvalidNonce, match="ahead of the server"):
        await usdm.fapiPrivateV3GetBalance()
    usdm.options["timeDifference"] = 0
    await usdm.load_time_difference()
    assert await usdm.fapiPrivateV3GetBalance()


async def test_unknown_paths_and_hosts(session: aiohttp.ClientSession):
    async with session.get("https://fapi.binance.com/fapi/v1/nothing") as response:
        assert (response.status, (await response.json())["code"]) == (404, -5000)
    async with session.get("https://fapi.binance.com/elsewhere") as response:
        assert response.status == 404


async def test_only_the_sandboxs_own_ca_is_trusted(sandbox: RunningSandbox, tmp_path: Path):
    import trustme

    foreign = tmp_path / "foreign.pem"
    trustme.CA().cert_pem.write_to_path(str(foreign))
    import aiohttp

    async with loopback_session(sandbox.port, foreign) as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get("https://api.binance.com/api/v3/ping")


async def test_weight_and_order_headers(usdm: Any):
    await usdm.load_markets()
    headers = usdm.last_response_headers
    before = int(headers["X-MBX-USED-WEIGHT-1M"])
    book = await usdm.fetch_order_book("BTC/USDT:USDT", 1000)
    assert int(usdm.last_response_headers["X-MBX-USED-WEIGHT-1M"]) == before + 20
    price = usdm.price_to_precision("BTC/USDT:USDT", book["bids"][0][0] * 0.97)
    await usdm.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, float(price))
    assert usdm.last_response_headers["X-MBX-ORDER-COUNT-10S"] == "1"
    assert usdm.last_response_headers["X-MBX-ORDER-COUNT-1M"] == "1"


async def test_spending_the_weight_is_refused_with_retry_after_and_then_banned(
    session: aiohttp.ClientSession, sandbox: RunningSandbox
):
    sandbox.world.usdm.limiter.charge("127.0.0.1", 2400, sandbox.world.clock.now_ms())
    statuses = []
    for _ in range(12):
        async with session.get("https://fapi.binance.com/fapi/v1/ping") as response:
            statuses.append(response.status)
            retry_after = int(response.headers["Retry-After"])
            assert (await response.json())["code"] == -1003
    if statuses[0] == 200:
        pytest.skip("the minute turned over between two lines")
    assert statuses[0] == 429
    assert statuses[-1] == 418
    assert retry_after > 60
    async with session.get("https://api.binance.com/api/v3/ping") as response:
        assert response.status == 200


@pytest.fixture
async def limits_off(sandbox_options: SandboxOptions) -> AsyncIterator[RunningSandbox]:
    from adapters.sandbox.serve import serve

    running = await serve(replace(sandbox_options, limits=LimitMode.OFF))
    yield running
    await running.stop()


async def test_limits_can_be_off(limits_off: RunningSandbox):
    limits_off.world.usdm.limiter.charge("127.0.0.1", 50_000, limits_off.world.clock.now_ms())
    address = "https://fapi.binance.com/fapi/v1/ping"
    async with (
        loopback_session(limits_off.port, limits_off.ca_file) as session,
        session.get(address) as response,
    ):
        assert response.status == 200
        assert int(response.headers["X-MBX-USED-WEIGHT-1M"]) > 50_000


async def test_too_many_messages_a_second_end_a_stream(session: aiohttp.ClientSession):
    import aiohttp

    for address, allowed in (
        ("wss://fstream.binance.com/public/ws", 10),
        ("wss://stream.binance.com:9443/ws", 5),
    ):
        socket = await session.ws_connect(address)
        for number in range(allowed + 1):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
        answers = 0
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            answers += 1
        assert (answers, socket.close_code) == (allowed, 1008)
