"""A TLS server on loopback that answers any host name with bytes decided by the test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from adapters.via_ccxt.egress import Egress

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]
HOSTS = ("api.binance.com", "fapi.binance.com", "fstream.binance.com", "ws-api.binance.com", "evil.example")


@dataclass
class RawVenue:
    """What was asked, and how it is answered."""

    port: int = 0
    ca_file: str = ""
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    reply: Reply | None = None

    @property
    def egress(self) -> Egress:
        return Egress(f"127.0.0.1:{self.port}", self.ca_file)


def http(body: str | bytes, status: str = "200 OK", headers: str = "") -> Reply:
    raw = body.encode() if isinstance(body, str) else body

    async def reply(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(raw)}\r\n{headers}\r\n"
        writer.write(head.encode() + raw)
        await writer.drain()

    return reply


def truncated(body: str) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + 50}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    return reply


async def drop(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def never(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@asynccontextmanager
async def raw_venue(folder: Path):
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*HOSTS).configure_cert(context)
    ca_file = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    venue = RawVenue(ca_file=str(ca_file))
    tasks: set[asyncio.Task] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        tasks.add(task)
        venue.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = [line for line in head.split("\r\n") if line.lower().startswith("content-length:")]
                if length:
                    await reader.readexactly(int(length[0].split(":")[1]))
                venue.requests.append(head)
                await venue.reply(writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    venue.port = server.sockets[0].getsockname()[1]
    try:
        yield venue
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
