"""The engine's side of the history: an asyncio client that keeps the worker process running.

Imports neither duckdb nor pyarrow. Every call may be repeated without harm, so calls that a dying worker left
unanswered are sent again to the next one; nothing is dropped without the caller hearing of it.
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
from hedge_tui.domain.ports.history import EquityPoint, SeriesSpan
from store.frames import LENGTH_BYTES, MAX_FRAME, Reply, Request, columns_of, encode_frame, series_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.series import CandleSeries

# Without -P a folder named `store` in the working directory would be run in its place.
_WORKER = (sys.executable, "-P", "-m", "store.worker")
_PACKAGES = str(Path(__file__).parents[1])
_FOREVER_US = 1 << 62
_PUT_ROWS = 50_000
_ATTEMPTS = 3
_BACKOFF_S = (0.05, 0.5, 2.0, 5.0, 15.0)
_CLOSE_S = 4.0
_SEAL_STEP_S = 1.0


@dataclass(slots=True)
class _Call:
    frame: bytes
    answer: asyncio.Future[Any]
    attempts: int = 0


class HistoryClient:
    """Implements the domain's `History` port. Use `start`, then the calls, then `close`.

    Attributes:
        notices: what the trader should hear: damage mended, disk refusing, worker restarted; newest last.
        restarts: how often the worker had to be started again.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        on_notice: Callable[[str], None] = lambda _text: None,
        command: Sequence[str] = _WORKER,
        timeout_s: float = 30.0,
    ) -> None:
        """`on_notice` hears each notice once; `timeout_s` bounds every call, restarts included."""
        self.notices: deque[str] = deque(maxlen=100)
        self.restarts = 0
        self._command = (*command, "--data-dir", str(data_dir))
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
    def trouble(self) -> str:
        """Why the worker is not serving at this moment, or ""."""
        return "" if self._up.is_set() else (self._trouble or "the history is starting")

    async def start(self) -> None:
        """Start the worker and wait until it serves, or until it has failed for the first time.

        Never raises: trading does not depend on the history. `trouble` says what is wrong.
        """
        self._task = asyncio.create_task(self._supervise(), name="history")
        await self._decided.wait()

    async def put_candles(self, series: CandleSeries) -> int:
        """Keep closed candles; those already kept are ignored. Returns how many were new; durable then.

        Raises:
            StoreError: not kept; the message says why (a full disk, no worker).
            LedgerError: the series is not one (unsorted, not finite).
        """
        new = 0
        for start in range(0, len(series), _PUT_ROWS):
            part = series.sliced(slice(start, start + _PUT_ROWS))
            new += await self._ask(
                "put_candles", str(series.instrument), series.timeframe.value, columns_of(part)
            )
        return new

    async def last(self, instrument: InstrumentId, timeframe: Timeframe, count: int) -> CandleSeries:
        """The newest `count` candles, oldest first."""
        return await self._newest(instrument, timeframe, _FOREVER_US, count)

    async def before(
        self, instrument: InstrumentId, timeframe: Timeframe, open_ns: int, count: int
    ) -> CandleSeries:
        """The `count` candles before `open_ns`, oldest first."""
        return await self._newest(instrument, timeframe, _up_to_us(open_ns), count)

    async def _newest(
        self, instrument: InstrumentId, timeframe: Timeframe, until_us: int, count: int
    ) -> CandleSeries:
        packed = await self._ask("newest", str(instrument), timeframe.value, until_us, count)
        return series_of(instrument, timeframe, packed)

    async def span(
        self, instrument: InstrumentId, timeframe: Timeframe, first_ns: int, until_ns: int
    ) -> CandleSeries:
        """All candles with first_ns <= open < until_ns, oldest first."""
        bounds = (_up_to_us(first_ns), _up_to_us(until_ns))
        packed = await self._ask("between", str(instrument), timeframe.value, *bounds)
        return series_of(instrument, timeframe, packed)

    async def spans(self) -> list[SeriesSpan]:
        """All series that are kept, with their gaps."""
        return msgspec.convert(await self._ask("spans"), list[SeriesSpan])

    async def mark_empty(
        self, instrument: InstrumentId, timeframe: Timeframe, first_ns: int, last_ns: int, cause: str
    ) -> None:
        """Record that the venue had no candles with opens from `first_ns` to `last_ns`."""
        mark = (first_ns // 1_000, last_ns // 1_000, cause)
        await self._ask("mark_empty", str(instrument), timeframe.value, mark)

    async def put_equity(self, points: Sequence[EquityPoint]) -> None:
        """Keep equity points, once for each account and time; amounts to twelve places."""
        await self._ask("put_equity", list(points))

    async def equity(self, account: str, since_ns: int) -> list[EquityPoint]:
        """Points of one account ("" for the desk) from `since_ns` on, oldest first."""
        return msgspec.convert(await self._ask("equity", account, since_ns), list[EquityPoint])

    async def seal(self, budget_s: float | None = None) -> int:
        """Seal hot rows now, all of them or for `budget_s` seconds; returns how many were moved."""
        if budget_s is not None:
            return int(await self._ask("seal", budget_s))
        total = 0
        while moved := int(await self._ask("seal", _SEAL_STEP_S)):
            total += moved
        return total

    async def verify(self) -> list[str]:
        """Compare sealed files with their digests; what differs, one sentence each."""
        return list(await self._ask("verify"))

    async def close(self) -> None:
        """Seal for up to two seconds, then stop the worker; within four seconds in all."""
        if self._closing:
            return
        with contextlib.suppress(StoreError, TimeoutError):
            if self._up.is_set():
                await asyncio.wait_for(self.seal(_CLOSE_S / 2), _CLOSE_S)
        self._closing = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        if self._task is not None:
            try:
                await asyncio.wait_for(self._task, _CLOSE_S)
            except TimeoutError:
                self._kill()
        self._fail_all("the history is closed")

    async def _ask(self, method: str, *args: Any) -> Any:
        if self._closing or self._task is None:
            raise StoreError("the history is closed" if self._closing else "the history was not started")
        self._number += 1
        number = self._number
        frame = encode_frame(Request(number, method, list(args)))
        call = _Call(frame, asyncio.get_running_loop().create_future())
        self._calls[number] = call
        if self._up.is_set():
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
            with contextlib.suppress(
                ConnectionError, RuntimeError
            ):  # the reader notices the end and restarts
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
        if self._up.is_set():
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

    def _fail_all(self, reason: str) -> None:
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(StoreError(reason))


async def _replies(stream: asyncio.StreamReader | None) -> Any:
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


def _up_to_us(at_ns: int) -> int:
    """Rounded up: an open before `at_ns` is before this many microseconds."""
    return -(-at_ns // 1_000)
