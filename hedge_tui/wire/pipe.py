"""Calls and events between an engine and a worker process of its own, over one stream socket.

Four bytes of length, then msgpack. Both sides may call and both may send events. The child gets its
end by file descriptor and ends when the parent's end closes. Used by the feed worker; job workers
may use it as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from hedge_tui.domain import errors
from hedge_tui.domain.errors import HedgeError, VenueError
from hedge_tui.wire.codec import MAX_BYTES, WireError, read_frame

_log = logging.getLogger(__name__)
Serve = Callable[..., Awaitable[Any]]


class Call(msgspec.Struct, array_like=True, frozen=True, tag="call"):
    """Ask the other side: `method` is a name from its table."""

    id: int
    method: str
    args: list[Any]


class Answer(msgspec.Struct, array_like=True, frozen=True, tag="answer"):
    """The answer to the call of the same id.

    Attributes:
        failure: name of an error class of the domain, "bug" for any other, "" when `value` holds.
        code, retry_after_s: of a venue's error.
    """

    id: int
    value: Any = None
    failure: str = ""
    message: str = ""
    code: str = ""
    retry_after_s: float | None = None


class Event(msgspec.Struct, array_like=True, frozen=True, tag="event"):
    """Something said without being asked; `body` is msgpack of the users' own."""

    body: msgspec.Raw


Message = Call | Answer | Event
_ENCODER = msgspec.msgpack.Encoder(decimal_format="string")
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


class PipeClosed(HedgeError):
    """The other side has gone."""


class Pipe:
    """One end.

    Args:
        reader, writer: of a connected stream socket; see `open_pipe`.
        serve: method name -> coroutine function that answers it.
        on_event: takes the bytes of each event.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        serve: Mapping[str, Serve] | None = None,
        on_event: Callable[[bytes], None] | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._serve = dict(serve or {})
        self._on_event = on_event
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self) -> None:
        """Read until the other side closes, then fail what still waits; returns normally."""
        try:
            while True:
                self._take(_DECODER.decode(await read_frame(self._reader)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (msgspec.MsgspecError, WireError) as error:
            _log.warning("the pipe is given up: %s", error)
        finally:
            await self.close()

    async def call(self, method: str, *args: Any, timeout_s: float | None = 30.0) -> Any:
        """Ask the other side; the value comes as plain lists, dicts and texts (`msgspec.convert` it).

        Raises:
            Unavailable, Refused, OutcomeUnknown, ...: what the other side raised.
            PipeClosed: it has gone. TimeoutError: it did not answer in time.
        """
        if self._closed:
            raise PipeClosed("the worker has gone")
        self._number += 1
        number = self._number
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._write(Call(number, method, list(args)))
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            self._waiting.pop(number, None)

    def send(self, body: Any) -> None:
        """Send an event; nothing happens when the other side has gone."""
        if not self._closed:
            self._write(Event(msgspec.Raw(_ENCODER.encode(body))))

    def buffered(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    async def drain(self) -> None:
        """Wait until the other side has taken most of what was sent."""
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def close(self) -> None:
        """Close this end; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(PipeClosed("the worker has gone"))
        for task in list(self._serving):
            task.cancel()
        self._writer.close()
        with contextlib.suppress(ConnectionError, OSError):
            await self._writer.wait_closed()

    def _write(self, message: Message) -> None:
        body = _ENCODER.encode(message)
        if len(body) > MAX_BYTES:
            raise WireError(f"a message of {len(body)} bytes is over the limit of {MAX_BYTES}")
        self._writer.write(len(body).to_bytes(4, "big") + body)

    def _take(self, message: Message) -> None:
        if isinstance(message, Event):
            if self._on_event is not None:
                self._on_event(bytes(message.body))
        elif isinstance(message, Answer):
            future = self._waiting.get(message.id)
            if future is not None and not future.done():
                if message.failure:
                    future.set_exception(_error_of(message))
                else:
                    future.set_result(message.value)
        else:
            task = asyncio.create_task(self._answer(message))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _answer(self, call: Call) -> None:
        try:
            value = await self._serve[call.method](*call.args)
            answer = Answer(call.id, value)
        except HedgeError as error:
            answer = Answer(
                call.id,
                None,
                type(error).__name__,
                str(error),
                error.code if isinstance(error, VenueError) else "",
                getattr(error, "retry_after_s", None),
            )
        except Exception as error:  # noqa: BLE001 - the caller is told, whatever it was
            _log.exception("call %s failed", call.method)
            answer = Answer(call.id, None, "bug", f"{type(error).__name__}: {error}")
        if not self._closed:
            self._write(answer)


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """(ours, the child's): the child's is inheritable and is closed by the parent after the start."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.set_inheritable(True)
    return ours, theirs


async def open_pipe(
    end: socket.socket,
    serve: Mapping[str, Serve] | None = None,
    on_event: Callable[[bytes], None] | None = None,
) -> Pipe:
    """A pipe over one end of a socket pair; `run` it in a task."""
    end.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=end, limit=2**20)
    return Pipe(reader, writer, serve, on_event)


def _error_of(answer: Answer) -> Exception:
    """The error that the other side raised, as one of the domain's classes."""
    found = getattr(errors, answer.failure, None)
    if not (isinstance(found, type) and issubclass(found, HedgeError)):
        return HedgeError(f"the worker failed: {answer.message}")
    if issubclass(found, errors.Unavailable):
        return found(answer.message, answer.code, answer.retry_after_s)
    if issubclass(found, VenueError):
        return found(answer.message, answer.code)
    return found(answer.message)
