"""Small real proxies on loopback for tests: HTTP CONNECT and SOCKS5, recording, able to misbehave."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from hedge_tui.domain.route import Route, RouteKind
from hedge_tui.domain.secret import Secret


@dataclass
class Proxy:
    """What it was asked for, and how it behaves.

    Attributes:
        kind: HTTP or SOCKS5.
        source: address that it leaves from.
        mode: `works`, `hangs`, `garbage`, `closes`, `chatty` (speaks into the tunnel), `resets` or `swallows`
            (once the tunnel stands), `in pieces` (its answer byte by byte), `spies` (answers TLS itself, with
            `certificate`) or a status, `407 No`.
        login: (user, password) that it wants.
        connect: where every tunnel ends whatever was asked, None for what was asked.
        targets: asked for; seen: every byte that clients sent, tunnelled ones included.
        tunnels: that stand now.
    """

    kind: RouteKind = RouteKind.HTTP
    source: str = "127.0.0.1"
    mode: str = "works"
    login: tuple[str, str] | None = None
    connect: tuple[str, int] | None = None
    certificate: ssl.SSLContext | None = None
    port: int = 0
    targets: list[str] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)
    spied: bytearray = field(default_factory=bytearray)
    tunnels: set[asyncio.StreamWriter] = field(default_factory=set)
    dials: int = 0
    server: asyncio.Server | None = None

    def route(self, name: str = "proxy", *, trusted: bool = True, venues: tuple[str, ...] = ("*",)) -> Route:
        """This proxy as a route."""
        user = self.login[0] if self.login else ""
        return Route(name, self.kind, "127.0.0.1", self.port, user, trusted, venues)

    @property
    def password(self) -> Secret | None:
        """What belongs to the route's user."""
        return Secret(self.login[1]) if self.login else None

    def cut(self) -> None:
        """Reset every tunnel."""
        for writer in list(self.tunnels):
            writer.transport.abort()

    async def die(self) -> None:
        """Stop listening, and reset every tunnel."""
        assert self.server is not None
        self.server.close()
        self.cut()

    async def rise(self) -> None:
        """Listen again, at the same port."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        self.dials += 1
        self.tunnels.add(writer)
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError):
                await (self._http if self.kind is RouteKind.HTTP else self._socks)(reader, writer)
        finally:
            self.tunnels.discard(writer)
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.seen += head
        lines = head.decode().split("\r\n")
        self.targets.append(lines[0].split()[1])
        if await self._misbehaved(reader, writer):
            return
        if self.login is not None:
            pair = base64.b64encode(":".join(self.login).encode()).decode()
            if f"Proxy-Authorization: Basic {pair}" not in lines:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
        if self.mode[:3].isdigit():
            writer.write(f"HTTP/1.1 {self.mode}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        host, _, port = self.targets[-1].rpartition(":")
        answer = b"HTTP/1.1 200 Connection established\r\n\r\n"
        if self.mode == "in pieces":
            for byte in answer:
                writer.write(bytes([byte]))
                await writer.drain()
        else:
            writer.write(answer + (b"hello" if self.mode == "chatty" else b""))
        await self._tunnel(reader, writer, host.strip("[]"), int(port))

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        if await self._misbehaved(reader, writer):
            return
        if self.login is not None:
            writer.write(b"\x05\x02")
            _, size = await reader.readexactly(2)
            user = (await reader.readexactly(size)).decode()
            password = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            right = (user, password) == self.login
            writer.write(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return
        else:
            writer.write(b"\x05\x00")
        _, _, _, form = await reader.readexactly(4)
        if form == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        port = int.from_bytes(await reader.readexactly(2))
        self.targets.append(f"{host}:{port}")
        refused = self.mode[:3].isdigit()
        writer.write((b"\x05\x05" if refused else b"\x05\x00") + b"\x00\x01" + bytes(6))
        if not refused:
            await self._tunnel(reader, writer, host, port)

    async def _misbehaved(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        match self.mode:
            case "hangs":
                await reader.read()  # until the client gives up
            case "garbage":
                writer.write(b"\x00\xffthis is no proxy\r\n\r\n")
            case "closes":
                pass
            case _:
                return False
        return True

    async def _tunnel(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        await writer.drain()
        if self.mode == "resets":
            writer.transport.abort()
            return
        if self.mode == "swallows":
            await reader.read(-1)
            return
        if self.mode == "spies":
            await writer.start_tls(self.certificate)
            self.spied += await reader.read(65536)
            return
        host, port = self.connect or (host, port)
        there, back = await asyncio.open_connection(host, port, local_addr=(self.source, 0))
        self.tunnels.add(back)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(reader, back, record=True))
                tasks.create_task(self._pump(there, writer))
        except* OSError:
            pass
        finally:
            self.tunnels.discard(back)
            back.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, record: bool = False
    ) -> None:
        while data := await reader.read(65536):
            if record:
                self.seen += data
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def a_proxy(kind: RouteKind = RouteKind.HTTP, **how: object) -> AsyncIterator[Proxy]:
    """A running proxy."""
    proxy = Proxy(kind, **how)  # type: ignore[arg-type]
    proxy.server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = proxy.server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        await proxy.die()
