"""One WebSocket client: frames are queued by whoever has them and written by the connection's own task."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

from aiohttp import WSMsgType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import web

FULL = 50_000
"""Frames that may wait for a slow client before it is cut off, as the venue does."""
LIFE_MS = 24 * 3_600_000
"""A connection is cut after a day."""
NO_LINGER = struct.pack("ii", 1, 0)


def abort(request: web.BaseRequest, *, reset: bool) -> None:
    """End a client's TCP connection at once; with `reset` it sees a reset instead of an end."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if reset and sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()


class Disturbance(Enum):
    """What can go wrong with frames on their way."""

    GAP = "lost"
    DUPLICATE = "twice"
    REORDER = "last first"
    LATE = "held back"


class Connection:
    """A client's WebSocket.

    Attributes:
        path: path and query it connected to. account: name of its owner, "" for public streams.
        topics: the public streams it listens to.
        closed: no more frames are taken. opened_ms: when it was opened, by `SandboxClock.life_ms`.
    """

    def __init__(
        self, request: web.BaseRequest, ws: web.WebSocketResponse, account: str = "", *, opened_ms: int = 0
    ) -> None:
        self._request = request
        self._ws = ws
        self.path = request.raw_path
        self.account = account
        self.closed = False
        self.opened_ms = opened_ms
        self.topics: Iterable[str] = ()
        self._outbox: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._silent = False
        self._close_code: int | None = None
        self._how = Disturbance.GAP
        self._disturbed_left = 0
        self._late_s = 0.0
        self._held: list[bytes] = []

    def send(self, frame: bytes) -> None:
        """Queue a text frame; dropped while the connection is silenced."""
        if self.closed or self._silent:
            return
        for one in self._disturbed(frame) if self._disturbed_left else (frame,):
            if len(self._outbox) >= FULL:
                self.close(1008)
                return
            self._outbox.append(one)
            self._wake.set()

    def disturb(self, how: Disturbance, frames: int, seconds: float = 0.0) -> None:
        """Do something to the next `frames` frames; those held back for it come after the last one.

        What is LATE comes `seconds` after it was due, behind what was sent in the meantime.
        """
        self._how, self._disturbed_left, self._held, self._late_s = how, frames, [], seconds

    def fall_dumb(self) -> None:
        """Neither read nor write any more, while the connection stays open: no pong, no close."""
        self.silence(0)
        if self._request.transport is not None:
            self._request.transport.pause_reading()

    def silence(self, seconds: float) -> None:
        """Drop all frames for a while, or for good when `seconds` is 0."""
        self._silent = True
        if seconds > 0:
            asyncio.get_running_loop().call_later(seconds, self._speak)

    def close(self, code: int = 1001) -> None:
        """Send what is queued, then a close frame with `code`."""
        self._close_code = code
        self.closed = True
        self._wake.set()

    def abort(self, *, reset: bool = False) -> None:
        """End the TCP connection without a close frame."""
        self.closed = True
        abort(self._request, reset=reset)
        self._wake.set()

    async def write_frames(self) -> None:
        """Write queued frames until the connection ends; run as a task beside the reader."""
        with contextlib.suppress(ConnectionError):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    await self._ws.send_frame(self._outbox.popleft(), WSMsgType.TEXT)
                if self._close_code is not None:
                    await self._ws.close(code=self._close_code)
                if self.closed:
                    return

    def _disturbed(self, frame: bytes) -> list[bytes]:
        self._disturbed_left -= 1
        match self._how:
            case Disturbance.GAP:
                return []
            case Disturbance.DUPLICATE:
                return [frame, frame]
            case Disturbance.LATE:
                asyncio.get_running_loop().call_later(self._late_s, self._deliver, frame)
                return []
            case Disturbance.REORDER:
                self._held.insert(0, frame)
                return [] if self._disturbed_left else self._held

    def _deliver(self, frame: bytes) -> None:
        if not (self.closed or self._silent):
            self._outbox.append(frame)
            self._wake.set()

    def _speak(self) -> None:
        self._silent = False
