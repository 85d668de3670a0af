"""WebSocket connections: which endpoint a path is, and the reader and writer of each connection."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from aiohttp import WSMsgType, web

from adapters.sandbox.connection import Connection
from adapters.sandbox.faults import FaultKind
from adapters.sandbox.market.streams import StreamClient
from adapters.sandbox.options import LimitMode
from adapters.sandbox.user_streams import Subscription
from adapters.sandbox.ws_api import WsApiSession

if TYPE_CHECKING:
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.world import World

MESSAGES_A_SECOND = {"spot": 5, "usdm": 10}
HEARTBEAT_S = 60.0
"""How often a client is pinged; one that does not answer in half of that is dropped."""
_KEY = re.compile(r"^[0-9a-zA-Z]{64}$")
_FUTURES_HOSTS = ("fstream.", "ws-fapi.", "fapi.")


class _Session(Protocol):
    def receive(self, text: str) -> None:
        """Take one text message of the client."""
        ...


class _Pace:
    """Counts a connection's messages: the venue cuts off who sends more than so many a second."""

    def __init__(self, world: World, venue: ServedVenue) -> None:
        self._limit = MESSAGES_A_SECOND[venue.kind] if world.options.limits is LimitMode.REAL else None
        self._clock = world.clock
        self._times: deque[int] = deque()

    def exceeded(self) -> bool:
        """Count one message; whether it is one too many."""
        if self._limit is None:
            return False
        now_ns = self._clock.market_ns()
        self._times.append(now_ns)
        while self._times[0] <= now_ns - 1_000_000_000:
            self._times.popleft()
        return len(self._times) > self._limit


class _Mute:
    """A user stream of USD-M: what the client says is ignored."""

    def receive(self, text: str) -> None:
        """Ignore it."""


class SocketDoor:
    """Every WebSocket handshake of both venues comes through here."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one WebSocket until it ends."""
        world = self._world
        host = (request.host or "").split(":")[0]
        path, _, query = request.raw_path.partition("?")
        venue = self._venue(host, path)
        listen_key = _listen_key(path, query)
        account = self._owner(venue, listen_key)
        fault = world.faults.for_handshake(request.raw_path, account)
        if fault is not None and fault.kind is FaultKind.WS_REFUSE:
            return web.Response(status=fault.status, text=fault.body)
        ws = web.WebSocketResponse(compress=False, max_msg_size=1 << 20, heartbeat=HEARTBEAT_S)
        await ws.prepare(request)
        if fault is not None:
            await ws.close(code=fault.code or 1008)
            return ws
        came_from = {"account": account, "address": request.remote or "", "venue": venue.name, "path": path}
        world.ledger.append("stream", world.clock.now_ns(), came_from)
        connection = Connection(request, ws, account, opened_ms=world.clock.life_ms())
        venue.connections.add(connection)
        writer = asyncio.create_task(connection.write_frames(), name=f"sandbox:ws:{path}")
        session = self._session(venue, connection, request, listen_key)
        try:
            pace = _Pace(world, venue)
            async for message in ws:
                if message.type is not WSMsgType.TEXT:
                    continue
                if isinstance(session, StreamClient) and pace.exceeded():
                    connection.close(1008)
                    await writer
                    break
                session.receive(message.data)
        finally:
            connection.closed = True
            venue.connections.discard(connection)
            venue.user_streams.remove(connection)
            if isinstance(session, StreamClient):
                session.end()
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        return ws

    def _venue(self, host: str, path: str) -> ServedVenue:
        futures = host.startswith(_FUTURES_HOSTS) or path.startswith(
            ("/ws-fapi", "/private", "/market", "/public")
        )
        return self._world.usdm if futures else self._world.spot

    def _owner(self, venue: ServedVenue, listen_key: str) -> str:
        if not listen_key:
            return ""
        return venue.listen_keys.owner(listen_key, self._world.clock.life_ms()) or ""

    def _session(
        self, venue: ServedVenue, connection: Connection, request: web.BaseRequest, listen_key: str
    ) -> _Session:
        path, _, query = request.raw_path.partition("?")
        if path.startswith(("/ws-api", "/ws-fapi")):
            return WsApiSession(self._world, venue, connection, request.remote or "")
        if listen_key:
            if connection.account:
                venue.user_streams.add(Subscription(connection, connection.account, listen_key=listen_key))
            return _Mute()
        names, combined = _streams(path, query)
        client = venue.feed.hub.connect(connection.send, names, combined=combined)
        connection.topics = client.names
        return client


def _listen_key(path: str, query: str) -> str:
    """The listen key in a USD-M user stream's address, or ""."""
    named = parse_qs(query).get("listenKey")
    if named:
        return named[0]
    last = path.rsplit("/", 1)[-1]
    return last if _KEY.match(last) else ""


def _streams(path: str, query: str) -> tuple[list[str], bool]:
    """The streams that an address names, and whether their frames are to be wrapped.

    Raw: `/ws`, `/ws/NAME/NAME`; combined: `/stream?streams=NAME/NAME`; USD-M puts /public or /market before.
    """
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] in ("public", "market", "private"):
        parts = parts[1:]
    if parts and parts[0] == "stream":
        named = parse_qs(query).get("streams", [""])[0]
        return [name for name in named.split("/") if name], True
    return parts[1:], False
