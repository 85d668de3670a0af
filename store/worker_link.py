"""Keeps the history's process running and its calls answered; `store.client` speaks through it.

Every call may be repeated without harm, so calls that a dying process left unanswered are sent again to the
next one, in their order; nothing is dropped without the caller hearing of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hedge_tui.domain.errors import LedgerError, StoreError
from store.frames import LENGTH_BYTES, MAX_FRAME, Reply, Request, encode_frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

# Without -P a folder named `store` in the working directory would be run in its place.
WORKER = (sys.executable, "-P", "-m", "store.worker")
_PACKAGES = str(Path(__file__).parents[1])
_ATTEMPTS = 3
_BACKOFF_S = (0.05, 0.5, 2.0, 5.0, 15.0)
_STOP_S = 3.0


@dataclass(slots=True)
class _Call:
    frame: bytes
    answer: asyncio.Future[Any]
    attempts: int = 0


class WorkerLink:
    """One supervised child process and the calls to it.

    Attributes:
        notices: what was heard, newest last.
        restarts: how often the process had to be started again.
    """

    def __init__(self, command: Sequence[str], on_notice: Callable[[str], None], timeout_s: float) -> None:
        """`on_notice` hears each notice once; `timeout_s` bounds every call, restarts included."""
        self.notices: deque[str] = deque(maxlen=100)
        self.restarts = 0
        self._command = tuple(command)
        self._on_notice = on_notice
        self._timeout_s = timeout_s
        self._calls: dict[int, _Call] = {}
        self._number = 0
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._decided = asyncio.Event()
        self._trouble = ""
        self._closing = False

    @property
    def up(self) -> bool:
        """Whether the process serves at this moment."""
        return self._up.is_set()

    @property
    def trouble(self) -> str:
        """Why it does not serve at this moment, or ""."""
        return "" if self.up else (self._trouble or "the history is starting")

    @property
    def pid(self) -> int:
        """The process's id; 0 before the first start."""
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        """Start the process and wait until it serves or has failed for the first time; never raises."""
        self._task = asyncio.create_task(self._supervise(), name="history")
        await self._decided.wait()

    async def stop(self) -> None:
        """Let the process end by itself, for three seconds at most; later calls raise StoreError."""
        if self._closing:
            return
        self._closing = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        if self._task is not None:
            if not self.up:
                self._task.cancel()  # it may be waiting before the next attempt
            await asyncio.wait((self._task,), timeout=_STOP_S)
            self._kill()
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(StoreError("the history is closed"))

    async def ask(self, method: str, *args: Any) -> Any:
        """The answer to one call.

        Raises:
            StoreError: refused by the disk, not answered in time, or closed.
            LedgerError: the call makes no sense, or a bug.
        """
        if self._closing or self._task is None:
            raise StoreError("the history is closed" if self._closing else "the history was not started")
        self._number += 1
        number = self._number
        frame = encode_frame(Request(number, method, list(args)))
        call = _Call(frame, asyncio.get_running_loop().create_future())
        self._calls[number] = call
        if self.up:
            self._send(call)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await call.answer
        except TimeoutError:
            reason = self.trouble or "it is busy"
            raise StoreError(f"the history did not answer within {self._timeout_s:g} s: {reason}") from None
        finally:
            self._calls.pop(number, None)

    def _send(self, call: _Call) -> None:
        if self._process is not None and self._process.stdin is not None:
            call.attempts += 1
            # Where the process is gone the reading side notices, and the call is sent to the next one.
            with contextlib.suppress(ConnectionError, RuntimeError):
                self._process.stdin.write(call.frame)

    async def _supervise(self) -> None:
        failures = 0
        while not self._closing:
            served = await self._run_once()
            self._up.clear()
            if self._closing:
                return
            failures = 0 if served else failures + 1
            self.restarts += 1
            for call in list(self._calls.values()):
                if call.attempts >= _ATTEMPTS and not call.answer.done():
                    call.answer.set_exception(
                        StoreError(f"the history failed {_ATTEMPTS} times at this call")
                    )
            await asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])

    async def _run_once(self) -> bool:
        """Run one worker to its end; True when it answered at least one call."""
        served = False
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=_environment(),
            )
        except OSError as error:
            self._note(f"the history cannot be started: {error}")
            return False
        try:
            async for reply in _replies(self._process.stdout):
                if reply.id == 0:
                    self._hear(reply)
                else:
                    served = True
                    self._settle(reply)
        finally:
            self._kill()
            code = await self._process.wait()
        if not self._closing and not self._trouble:
            self._note(f"the history's process ended with code {code}; starting it again")
        return served

    def _hear(self, reply: Reply) -> None:
        """What the worker says unasked: its greeting, which makes it ready, and later notices."""
        if reply.failure:
            self._note(str(reply.value))
            return
        for notice in reply.value:
            self._note(notice)
        self._trouble = ""
        self._decided.set()
        if self.up:
            return
        self._up.set()
        for call in self._calls.values():
            self._send(call)

    def _settle(self, reply: Reply) -> None:
        call = self._calls.get(reply.id)
        if call is None or call.answer.done():
            return
        if not reply.failure:
            call.answer.set_result(reply.value)
        elif reply.failure == "store":
            call.answer.set_exception(StoreError(f"history: {reply.value}"))
        else:
            call.answer.set_exception(LedgerError(f"history: {reply.value}"))

    def _note(self, text: str) -> None:
        self._trouble = text
        self._decided.set()
        self.notices.append(text)
        self._on_notice(text)

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


async def _replies(stream: asyncio.StreamReader | None) -> AsyncIterator[Reply]:
    decoder = msgspec.msgpack.Decoder(Reply)
    if stream is None:
        return
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError):
        while True:
            size = int.from_bytes(await stream.readexactly(LENGTH_BYTES), "big")
            if size > MAX_FRAME:
                return
            yield decoder.decode(await stream.readexactly(size))


def _environment() -> dict[str, str]:
    # A checkout that was not installed is found too.
    paths = [_PACKAGES, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | ({} if "site-packages" in _PACKAGES else {"PYTHONPATH": os.pathsep.join(paths)})
