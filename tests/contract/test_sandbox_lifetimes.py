"""What ends by itself: listen keys after an hour, connections after a day, bans when their time is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import ccxt
import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.control import SandboxControl

HOUR_S = 3_600


async def ended(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """The close code that the venue sends, frames before it skipped."""
    async with asyncio.timeout(5):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    return socket.close_code


async def test_connections_of_both_venues_are_cut_after_a_day(
    session: aiohttp.ClientSession, control: SandboxControl
):
    old = [
        await session.ws_connect(f"wss://{host}/ws/btcusdt@bookTicker")
        for host in ("stream.binance.com:9443", "fstream.binance.com")
    ]
    await control.grow_older(23.9 * HOUR_S)
    young = await session.ws_connect("wss://fstream.binance.com/ws/btcusdt@bookTicker")
    await control.grow_older(0.2 * HOUR_S)
    assert [await ended(socket) for socket in old] == [1001, 1001]
    assert (await young.receive(5)).type is aiohttp.WSMsgType.TEXT
    await young.close()


async def test_a_listen_key_lives_an_hour_from_when_it_was_last_kept(
    session: aiohttp.ClientSession, control: SandboxControl, ccxt_client: Callable[[str, str], Any]
):
    client = ccxt_client("binanceusdm", "desk-1")
    key = (await client.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")
    await control.grow_older(0.9 * HOUR_S)
    await client.fapiPrivatePutListenKey()
    await control.grow_older(0.9 * HOUR_S)
    assert (await client.fapiPrivatePutListenKey())["listenKey"] == key
    await control.grow_older(1.01 * HOUR_S)
    event = orjson.loads((await socket.receive(5)).data)
    assert (event["e"], event["listenKey"]) == ("listenKeyExpired", key)
    with pytest.raises(ccxt.ExchangeError, match="-1125"):
        await client.fapiPrivatePutListenKey()
    await socket.close()


async def test_a_ban_refuses_everything_until_it_is_lifted(
    control: SandboxControl, ccxt_client: Callable[[str, str], Any]
):
    client = ccxt_client("binanceusdm", "desk-1")
    await control.ban("binanceusdm", 60)
    with pytest.raises(ccxt.DDoSProtection, match="IP banned until"):
        await client.fapiPublicGetPing()
    assert int(client.last_response_headers["Retry-After"]) in range(50, 61)
    await control.ban("binanceusdm", 0)
    await client.fapiPublicGetPing()
