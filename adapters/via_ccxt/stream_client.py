"""What we do to a WebSocket client of ccxt's: its dial takes a route, its frames cannot end it.

Used by `instance` for each client that ccxt makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from adapters.via_ccxt import attempt as attempts

if TYPE_CHECKING:
    from adapters.via_ccxt.route_sessions import RouteSessions
    from adapters.via_ccxt.wiring import Wiring


def take_over(client: Any, desk: Wiring, sessions: RouteSessions) -> None:
    """Make a fresh client ours; once for each."""
    client.desk = desk
    desk.touch(client.url)
    _take_route(client, desk, sessions)
    _guard_frames(client, desk)


def _take_route(client: Any, desk: Wiring, sessions: RouteSessions) -> None:
    """Ask the pacer for a route at each dial, so that a stream whose route died comes back over another."""
    dial = client.create_connection

    async def routed(_session: Any) -> Any:
        route = await desk.pacer.acquire(desk.opening(attempts.current()))
        try:
            return await dial(sessions.over(route))
        except aiohttp.WSServerHandshakeError as error:
            desk.not_opened(route, error.status, error.headers or {})
            raise

    client.create_connection = routed


def _guard_frames(client: Any, desk: Wiring) -> None:
    """Let no frame end ccxt's receive loop: what cannot be read is counted and skipped."""
    inner = client.handle_text_or_binary_message
    url = client.url

    def guarded(data: Any) -> None:
        desk.saw_frame(url)
        try:
            if desk.raw is None or not desk.raw(url, data):
                inner(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream must go on
            desk.saw_malformed(error)

    client.handle_text_or_binary_message = guarded
    whole = client.handle_message

    def alive(message: Any) -> None:
        if message.type in (aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG):
            desk.touch(url)
        whole(message)

    client.handle_message = alive
