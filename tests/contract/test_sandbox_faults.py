"""Faults armed through the control port, and what an unmodified ccxt makes of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import ccxt
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.control import SandboxControl

SYMBOL = "BTC/USDT:USDT"
ORDER = {"method": "POST", "path": "/order$"}


@pytest.fixture
async def client(ccxt_client: Callable[[str, str], Any]) -> Any:
    made = ccxt_client("binanceusdm", "desk-1")
    await made.load_markets()
    return made


async def place(client: Any) -> Any:
    book = await client.fetch_order_book(SYMBOL, 5)
    price = float(client.price_to_precision(SYMBOL, book["bids"][0][0] * 0.97))
    return await client.create_order(SYMBOL, "limit", "buy", 0.01, price)


@pytest.mark.parametrize(
    ("fault", "kind", "placed"),
    [
        ({"kind": "drop_before"}, ccxt.ExchangeNotAvailable, False),
        ({"kind": "drop_after"}, ccxt.ExchangeNotAvailable, True),
        ({"kind": "reset"}, ccxt.ExchangeNotAvailable, False),
        ({"kind": "reset", "accepted": True}, ccxt.ExchangeNotAvailable, True),
        ({"kind": "truncate"}, ccxt.ExchangeError, True),
        ({"kind": "status", "status": 503, "accepted": True}, ccxt.ExchangeNotAvailable, True),
        ({"kind": "status", "status": 502}, ccxt.ExchangeNotAvailable, False),
        (
            {"kind": "refuse", "code": -1007, "body": "Timeout waiting for response.", "accepted": True},
            ccxt.RequestTimeout,
            True,
        ),
        ({"kind": "rate_limit", "seconds": 7}, ccxt.DDoSProtection, False),
        ({"kind": "ban", "seconds": 90}, ccxt.DDoSProtection, False),
    ],
)
async def test_what_ccxt_says_and_whether_the_order_exists(
    client: Any, control: SandboxControl, fault: dict[str, Any], kind: type[Exception], placed: bool
):
    await control.fault(**fault, **ORDER)
    with pytest.raises(kind):
        await place(client)
    assert len(await control.orders("desk-1")) == int(placed)
    (row,) = await control.requests("/fapi/v1/order")
    assert (row["outcome"], row["carried_out"]) == (fault["kind"], placed)
    assert (await place(client))["status"] == "open"


@pytest.mark.parametrize("kind", ["html", "empty"])
async def test_success_without_json_is_an_order_without_id(client: Any, control: SandboxControl, kind: str):
    await control.fault(kind, accepted=True, **ORDER)
    order = await place(client)
    assert order["id"] is None
    assert len(await control.orders("desk-1")) == 1


async def test_retry_after_is_sent(client: Any, control: SandboxControl):
    await control.fault("rate_limit", seconds=7, **ORDER)
    with pytest.raises(ccxt.DDoSProtection):
        await place(client)
    assert client.last_response_headers["Retry-After"] == "7"


async def test_a_stalled_answer_times_out_and_the_order_may_exist(client: Any, control: SandboxControl):
    await control.fault("stall", accepted=True, **ORDER)
    client.timeout = 100
    with pytest.raises(ccxt.RequestTimeout):
        await place(client)
    client.timeout = 10_000
    assert len(await control.orders("desk-1")) == 1


async def test_a_delayed_and_a_dripping_answer_arrive_whole(client: Any, control: SandboxControl):
    await control.fault("delay", seconds=0.05, **ORDER)
    assert (await place(client))["status"] == "open"
    await control.fault("drip", seconds=0.05, **ORDER)
    assert (await place(client))["status"] == "open"


async def test_a_fault_meets_only_its_account(
    client: Any, control: SandboxControl, ccxt_client: Callable[[str, str], Any]
):
    await control.fault("drop_before", account="desk-2", count=None, **ORDER)
    assert (await place(client))["status"] == "open"
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await place(ccxt_client("binanceusdm", "desk-2"))
    await control.disarm()
    assert await control.faults() == []
    assert (await place(ccxt_client("binanceusdm", "desk-2")))["status"] == "open"


async def test_the_third_of_many_is_struck(client: Any, control: SandboxControl):
    await control.fault("drop_after", skip=2, count=1, **ORDER)
    outcomes = []
    for _ in range(4):
        try:
            await place(client)
            outcomes.append("answered")
        except ccxt.ExchangeNotAvailable:
            outcomes.append("dropped")
    assert outcomes == ["answered", "answered", "dropped", "answered"]
    assert len(await control.orders("desk-1")) == 4


async def test_a_refused_handshake_and_accept_then_close(
    control: SandboxControl, session: aiohttp.ClientSession
):
    address = "wss://fstream.binance.com/public/ws"
    await control.fault("ws_refuse", status=503, path="/public/ws")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(address)
    await control.fault("ws_accept_close", code=1001, path="/public/ws")
    socket = await session.ws_connect(address)
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == 1001
    await socket.close()


async def test_open_streams_can_be_closed_aborted_and_garbled(
    control: SandboxControl, session: aiohttp.ClientSession
):
    address = "wss://fstream.binance.com/public/ws/btcusdt@bookTicker"
    socket = await session.ws_connect(address)
    await socket.receive()
    assert await control.strike("ws_malformed", path="/public/ws") == 1
    texts = [(await socket.receive()).data for _ in range(1)]
    while not texts[-1].endswith("BTC"):
        texts.append((await socket.receive()).data)
    assert await control.strike("ws_close", code=1012, path="/public/ws") == 1
    while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
        pass
    assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 1012)
    again = await session.ws_connect(address)
    await again.receive()
    assert await control.strike("ws_abort", path="/public/ws") == 1
    while (message := await again.receive()).type is aiohttp.WSMsgType.TEXT:
        pass
    assert again.close_code in (None, 1006)


async def _drained(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Return once nothing has come for longer than the stream's interval three times over."""
    while True:
        try:
            await asyncio.wait_for(socket.receive(), 0.35)
        except TimeoutError:
            return


async def test_a_silenced_stream_stays_open(control: SandboxControl, session: aiohttp.ClientSession):
    socket = await session.ws_connect("wss://fstream.binance.com/public/ws/btcusdt@depth@100ms")
    await socket.receive()
    assert await control.strike("ws_silence", seconds=0, path="depth") == 1
    await _drained(socket)
    assert not socket.closed
    await socket.close()


async def test_requests_over_the_web_socket_api_can_be_lost_too(client: Any, control: SandboxControl):
    book = await client.fetch_order_book(SYMBOL, 5)
    price = float(client.price_to_precision(SYMBOL, book["bids"][0][0] * 0.97))
    order = await client.create_order_ws(SYMBOL, "limit", "buy", 0.01, price)
    assert order["status"] == "open"
    await control.fault("drop_after", method="WS", path="order.place")
    with pytest.raises(ccxt.NetworkError):
        await client.create_order_ws(SYMBOL, "limit", "buy", 0.01, price)
    assert len(await control.orders("desk-1")) == 2


async def test_a_redirect_can_be_armed(session: aiohttp.ClientSession, control: SandboxControl):
    await control.fault("status", status=302, headers={"Location": "https://elsewhere.example/"}, path="ping")
    address = "https://fapi.binance.com/fapi/v1/ping"
    async with session.get(address, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "https://elsewhere.example/")


async def test_a_stream_is_found_by_what_it_listens_to(
    session: aiohttp.ClientSession, control: SandboxControl
):
    address = "wss://fstream.binance.com/public/ws"
    book, quotes = await session.ws_connect(address), await session.ws_connect(address)
    for socket, name in ((book, "btcusdt@depth@100ms"), (quotes, "btcusdt@bookTicker")):
        await socket.send_json({"method": "SUBSCRIBE", "params": [name], "id": 1})
        await socket.receive()
    assert await control.strike("ws_close", path="@depth", count=None) == 1
    while (message := await book.receive()).type is aiohttp.WSMsgType.TEXT:
        pass
    assert message.type is aiohttp.WSMsgType.CLOSE
    assert (await quotes.receive()).type is aiohttp.WSMsgType.TEXT
    await quotes.close()
