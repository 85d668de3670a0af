"""The listening sockets: TLS for REST and streams, plain HTTP for the control port."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.sandbox.control_port import ControlPort
from adapters.sandbox.rest import RestDoor
from adapters.sandbox.sockets import SocketDoor

if TYPE_CHECKING:
    import ssl

    from adapters.sandbox.world import World


class Listener:
    """Both servers of a world.

    Attributes:
        port: TLS port. control_port: HTTP port. Both are known after `start`.
    """

    def __init__(self, world: World, context: ssl.SSLContext) -> None:
        self._world = world
        self._context = context
        self._rest = RestDoor(world)
        self._sockets = SocketDoor(world)
        self._control = ControlPort(world)
        self._runners: list[web.ServerRunner] = []
        self.port = 0
        self.control_port = 0

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: a port is taken.
        """
        options = self._world.options
        self.port = await self._listen(
            web.Server(self._answer, access_log=None), options.host, options.port, self._context
        )
        self.control_port = await self._listen(
            web.Server(self._control.answer), options.host, options.control_port, None
        )

    async def stop(self) -> None:
        """Close the sockets and every connection."""
        for venue in self._world.venues():
            for connection in list(venue.connections):
                connection.close(1001)
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def _listen(self, server: web.Server, host: str, port: int, context: ssl.SSLContext | None) -> int:
        runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        await web.SockSite(runner, sock, ssl_context=context, backlog=512).start()
        bound: int = sock.getsockname()[1]
        return bound

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._sockets.answer(request)
        return await self._rest.answer(request)
