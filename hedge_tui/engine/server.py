"""Serves consoles and commands on the unix socket: handshake, requests, frames, the trading lock."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from typing import TYPE_CHECKING, Protocol

import msgspec

import hedge_tui
from hedge_tui.engine.board.board import Board, Follower
from hedge_tui.wire import messages as m
from hedge_tui.wire.codec import WireError, decode_client, encode, read_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hedge_tui.domain.ports.clock import Clock

log = logging.getLogger(__name__)

HANDSHAKE_S = 5.0
MAX_BUFFERED = 256 * 1024
"""Bytes a client may leave unread before its frames are skipped."""
MAX_UNREAD = 8 * 1024 * 1024
"""A client that lets this much pile up is let go: it does not read at all."""
MAX_REQUESTS = 64
"""Requests of one client under way at once; the next is read when one of them is answered."""


class Requests(Protocol):
    """What the server asks of the engine."""

    def welcome(self, client_name: str, lock_holder: str) -> m.Welcome:
        """The greeting."""
        ...

    def console_came(self, *, here: bool) -> None:
        """The first console has attached, or the last one has left."""
        ...

    async def submit(self, session: Session, message: m.Submit) -> m.ServerMessage:
        """Carry a line out or preview it."""
        ...

    async def confirm(self, session: Session, message: m.Confirm) -> m.ServerMessage:
        """Send a previewed plan."""
        ...

    async def query(self, message: m.Query) -> m.ServerMessage:
        """Answer a question."""
        ...

    async def unlock(self, message: m.Unlock) -> m.ServerMessage:
        """Open the vault."""
        ...


class Session:
    """One connected client.

    Attributes:
        name: unique, such as "console-4242". follower: what it follows.
        skipped: frames not sent since the last one because it did not read.
    """

    def __init__(self, name: str, kind: str, writer: asyncio.StreamWriter) -> None:
        self.name = name
        self.kind = kind
        self.writer = writer
        self.follower = Follower()
        self.seq = 0
        self.skipped = 0
        self.frames = 0
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def buffered(self) -> int:
        """Bytes it has not read yet."""
        return self.writer.transport.get_write_buffer_size()

    def send(self, message: m.ServerMessage) -> None:
        """Queue a message; a closed connection swallows it, one that is never read is cut."""
        if self.writer.is_closing():
            return
        if self.buffered > MAX_UNREAD:
            log.warning("%s does not read what it is sent: it is let go", self.name)
            self.writer.transport.abort()
            return
        self.writer.write(encode(message))


class Server:
    """The engine's side of the socket.

    Attributes:
        lock_holder: the session that may trade; None when nobody has asked yet.
        on_lock_lost: told the name of a session that may trade no more, and why.
    """

    def __init__(
        self,
        path: Path,
        board: Board,
        requests: Requests,
        clock: Clock,
        frame_rate: int = 30,
        *,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._path = path
        self._board = board
        self._requests = requests
        self._clock = clock
        self._interval = 1 / frame_rate
        self._redact = redact
        self._server: asyncio.Server | None = None
        self._sessions: dict[str, Session] = {}
        self._count = 0
        self.lock_holder: Session | None = None
        self.on_lock_lost: Callable[[str, str], None] = lambda _name, _reason: None

    async def start(self) -> None:
        """Listen; the socket is readable by this user alone."""
        self._path.unlink(missing_ok=True)
        old = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path))
        finally:
            os.umask(old)
        self._path.chmod(0o600)

    async def run_frames(self) -> None:
        """Send frames until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            if self._sessions:
                self.tick(begun)
            await asyncio.sleep(max(self._interval - (loop.time() - begun), self._interval / 4))

    def tick(self, now_s: float) -> None:
        """Refresh the board and send one frame to every client that reads."""
        self._board.refresh(now_s)
        for session in list(self._sessions.values()):
            try:
                self._frame(session)
            except Exception:
                # One client's frame must not cost the others theirs.
                log.exception("no frame could be made for %s: it is let go", session.name)
                session.writer.transport.abort()

    def _frame(self, session: Session) -> None:
        follower = session.follower
        if not follower.waiting:
            return
        if session.buffered > MAX_BUFFERED:
            session.skipped += 1
            return
        deltas = self._board.take(follower)
        if deltas:
            session.seq += 1
            session.frames += 1
            session.send(m.Frame(session.seq, self._clock.now_ns(), deltas, session.skipped))
            session.skipped = 0

    def notify(self, notice: m.Notice) -> None:
        """Tell every console."""
        for session in list(self._sessions.values()):
            if session.kind == "console":
                session.send(notice)

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._sessions)

    def may_trade(self, session: Session) -> bool:
        """Whether this session may send orders: the first console gets the lock by itself."""
        if session.kind != "console":
            # A command line call is one act by the same user; it does not contend with a screen.
            return True
        if self.lock_holder is None:
            self.lock_holder = session
        return self.lock_holder is session

    async def stop(self, reason: str) -> None:
        """Say goodbye and close."""
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions.values()):
            session.send(m.Goodbye(reason))
            session.writer.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = None
        try:
            session = await self._greet(reader, writer)
            if session is not None:
                while True:
                    self._take(session, decode_client(await read_frame(reader)))
                    if len(session.tasks) >= MAX_REQUESTS:
                        await asyncio.wait(session.tasks, return_when=asyncio.FIRST_COMPLETED)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        except WireError as error:
            log.warning("a client was let go: %s", error)
            writer.write(encode(m.Goodbye(str(error))))
        finally:
            if session is not None:
                self._leave(session)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Session | None:
        if (uid := peer_uid(writer)) not in (None, os.getuid()):
            writer.write(encode(m.Goodbye(f"user {uid} may not use the engine of user {os.getuid()}")))
            return None
        async with asyncio.timeout(HANDSHAKE_S):
            hello = decode_client(await read_frame(reader))
        if not isinstance(hello, m.Hello):
            writer.write(encode(m.Goodbye("the first message must be a hello")))
            return None
        if hello.protocol != m.PROTOCOL:
            older = "console" if hello.protocol < m.PROTOCOL else "engine"
            words = (
                f"this console is {hello.version} (protocol {hello.protocol}), the engine is"
                f" {hedge_tui.__version__} (protocol {m.PROTOCOL}): update the {older}; no order is touched"
            )
            writer.write(encode(m.Goodbye(words)))
            return None
        self._count += 1
        session = Session(f"{hello.client}-{hello.pid}-{self._count}", hello.client, writer)
        self._sessions[session.name] = session
        self._board.add(session.follower)
        self.may_trade(session)
        if session.kind == "console" and self._consoles() == 1:
            self._requests.console_came(here=True)
        holder = self.lock_holder.name if self.lock_holder is not None else ""
        session.send(self._requests.welcome(session.name, holder))
        return session

    def _take(self, session: Session, message: m.ClientMessage) -> None:
        if isinstance(message, m.Subscribe):
            self._board.follow(session.follower, message.topics)
            return
        if isinstance(message, m.Hello):
            return
        task = asyncio.get_running_loop().create_task(
            self._answer(session, message), name=f"answer:{session.name}"
        )
        session.tasks.add(task)
        task.add_done_callback(session.tasks.discard)

    async def _answer(
        self, session: Session, message: m.Submit | m.Confirm | m.Query | m.TakeLock | m.Unlock
    ) -> None:
        try:
            answer = await self._dispatch(session, message)
        except Exception as error:
            # The message itself is not logged: it may carry a passphrase.
            log.exception("%s failed", type(message).__name__)
            answer = m.Failure(message.id, "internal", f"{type(error).__name__}: {error}")
        if isinstance(answer, m.Failure):
            # Words of foreign errors get here; what they quote does not leave.
            answer = msgspec.structs.replace(answer, message=self._redact(answer.message))
        session.send(answer)

    async def _dispatch(
        self, session: Session, message: m.Submit | m.Confirm | m.Query | m.TakeLock | m.Unlock
    ) -> m.ServerMessage:
        match message:
            case m.Submit():
                return await self._requests.submit(session, message)
            case m.Confirm():
                if not self.may_trade(session):
                    return self._read_only(message.id)
                return await self._requests.confirm(session, message)
            case m.Query():
                return await self._requests.query(message)
            case m.TakeLock():
                return self._lock(session, message)
            case m.Unlock():
                return await self._requests.unlock(message)

    def _read_only(self, id_: int) -> m.Failure:
        assert self.lock_holder is not None
        return m.Failure(
            id_,
            "read_only",
            f"{self.lock_holder.name} holds the trading lock; this console is read-only",
            hint="take it over with F9; panic works without it",
        )

    def _lock(self, session: Session, message: m.TakeLock) -> m.ServerMessage:
        holder = self.lock_holder
        if holder is not None and holder is not session and not message.force:
            return self._read_only(message.id)
        if holder is not None and holder is not session:
            self.on_lock_lost(holder.name, f"{session.name} took the trading lock over")
            holder.send(
                m.Notice(
                    self._clock.now_ns(), "warning", "lock", f"{session.name} took the trading lock over"
                )
            )
        self.lock_holder = session
        return m.Done(message.id, "this console holds the trading lock", {"lock": session.name})

    def _leave(self, session: Session) -> None:
        self._sessions.pop(session.name, None)
        self._board.remove(session.follower)
        if self.lock_holder is session:
            self.lock_holder = None
            self.on_lock_lost(session.name, "its console left")
        if session.kind == "console" and not self._consoles():
            self._requests.console_came(here=False)

    def _consoles(self) -> int:
        return sum(session.kind == "console" for session in self._sessions.values())


def peer_uid(writer: asyncio.StreamWriter) -> int | None:
    """User id of the process at the other end; None where the system does not tell."""
    sock = writer.get_extra_info("socket")
    if sock is None or not hasattr(socket, "SO_PEERCRED"):
        return None
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", raw)[1]
    return uid
