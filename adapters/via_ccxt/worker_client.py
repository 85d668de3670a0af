"""`DataClient` in the engine: the venue's data comes from a worker process, kept alive here.

A worker that dies is started again with back-off and told again what to follow; health says so.
Imports neither ccxt nor aiohttp. Made by `factory`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.traffic.lease import leave_service
from adapters.via_ccxt.backoff import Backoff
from adapters.via_ccxt.health import HealthKeeper
from adapters.via_ccxt.topics import parse_topic
from adapters.via_ccxt.worker_messages import BATCH_DECODER, PackedSeries, WorkerSettings, unpack_series
from hedge_tui.domain.errors import HedgeError, Unavailable
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import Instrument, InstrumentId
from hedge_tui.domain.market import Funding, OpenInterest
from hedge_tui.domain.ports.pacing import Lane, lane_now
from hedge_tui.wire.pipe import Pipe, PipeClosed, open_pipe, socket_pair

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import Pacer
    from hedge_tui.domain.ports.venue import MarketEvent
    from hedge_tui.domain.secret import Secret
    from hedge_tui.domain.series import CandleSeries

_log = logging.getLogger(__name__)
_COMMAND = (sys.executable, "-m", "adapters.via_ccxt.worker")
_START_S = 30.0
_CALL_S = 60.0
_READY_S = 60.0
_END_S = 3.0
_CHECK_S = 0.5
_STALE_S = 5.0
_HUNG_S = 15.0


class WorkerDataClient:
    """Public data of one venue from a process of its own; see `DataClient`.

    Args:
        settings: what the worker is told.
        clock, rng: of the engine.
        pacer: gives the worker leave to send.
        passwords: route name -> password at its proxy; may grow when the vault opens.
        command: how the worker is started.

    Attributes:
        restarts: how often the worker had to be started again.
        pid: of the running worker; None while there is none.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        clock: Clock,
        rng: random.Random,
        pacer: Pacer,
        *,
        passwords: Mapping[str, Secret] = MappingProxyType({}),
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self.venue = settings.venue
        self.restarts = 0
        self.pid: int | None = None
        self._settings = settings
        self._command = tuple(command)
        self._backoff = Backoff(rng)
        self._clock = clock
        self._pacer = pacer
        self._passwords = passwords
        self._telling: set[asyncio.Task[None]] = set()
        self._feeds: dict[str, FeedHealth] = {}
        self._heard_at = 0.0
        self._sink: Callable[[Sequence[MarketEvent]], None] = _nowhere
        self._topics: tuple[str, ...] = ()
        self._pipe: Pipe | None = None
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._health = HealthKeeper(f"{self.venue}:worker", "", self.venue, clock, self._say)

    async def start(self, sink: Callable[[Sequence[MarketEvent]], None]) -> None:
        """Begin to start the worker and return; health tells how it goes."""
        if self._task is None:
            self._sink = sink
            self._task = asyncio.create_task(self._supervise(), name=f"{self.venue}:worker")

    async def stop(self) -> None:
        """End the worker; safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._health.become(FeedState.STOPPED, "")
        self._sink = _nowhere

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        """See `DataClient.instruments`; asked again when the worker dies over it."""
        return msgspec.convert(await self._call("instruments", anew), list[Instrument])

    def tell_passwords(self) -> None:
        """Tell the worker what is known by now; without one, the next is told when it starts."""
        if self._pipe is not None:
            self._telling.add(task := asyncio.ensure_future(self._tell_passwords(self._pipe)))
            task.add_done_callback(self._telling.discard)

    async def _tell_passwords(self, pipe: Pipe) -> None:
        proxied = (route.name for route in self._settings.routes if route.user)
        known = {name: self._passwords[name].reveal() for name in proxied if name in self._passwords}
        with contextlib.suppress(PipeClosed):
            await pipe.call("passwords", known, timeout_s=_CALL_S)

    async def watch(self, topics: Sequence[str]) -> None:
        """See `DataClient.watch`; kept for every worker to come."""
        for topic in topics:
            parse_topic(topic)
        self._topics = tuple(topics)
        if self._pipe is not None and self._up.is_set():
            with contextlib.suppress(PipeClosed, TimeoutError):
                await self._pipe.call("watch", list(self._topics), timeout_s=_CALL_S)

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        """See `DataClient.candles`."""
        lane = int(lane_now(Lane.HISTORY))
        answer = await self._call("candles", str(instrument), str(timeframe), since_ns, until_ns, lane)
        return unpack_series(msgspec.convert(answer, PackedSeries))

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        """See `DataClient.open_interest`."""
        return msgspec.convert(
            await self._call("open_interest", str(instrument), since_ns), OpenInterest, strict=False
        )

    async def funding(self) -> list[Funding]:
        """See `DataClient.funding`."""
        return msgspec.convert(await self._call("funding"), list[Funding])

    async def _call(self, method: str, *args: Any) -> Any:
        """Ask the worker, waiting for one if need be.

        Raises:
            Unavailable: there is no worker, or it gave no answer; and what the worker itself raised.
        """
        try:
            async with asyncio.timeout(_READY_S):
                await self._up.wait()
        except TimeoutError:
            raise Unavailable(f"the feed worker of {self.venue} is not running") from None
        assert self._pipe is not None
        try:
            return await self._pipe.call(method, *args, timeout_s=_CALL_S)
        except PipeClosed:
            raise Unavailable(f"the feed worker of {self.venue} ended while it was asked") from None
        except TimeoutError:
            raise Unavailable(f"the feed worker of {self.venue} did not answer in {_CALL_S:g} s") from None

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        self._health.become(FeedState.STARTING, "")
        while True:
            began = loop.time()
            why = await self._one_life()
            self._mark(FeedState.RECONNECTING, f"the worker {why}")
            self._feeds = {}
            self.restarts += 1
            pause = self._backoff.failed(loop.time() - began)
            self._health.become(FeedState.RECONNECTING, f"worker: {why}; started again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _one_life(self) -> str:
        """Start a worker and serve it until it ends; the reason in words."""
        ours, theirs = socket_pair()
        process = None
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                "--fd",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            self.pid = process.pid
            theirs.close()
            return await self._serve(ours, process)
        except OSError as error:
            return f"cannot be started: {error}"
        except Unavailable as error:
            if process is not None:
                process.kill()  # it hangs, so asking it to end would only take time
            return str(error)
        finally:
            theirs.close()
            ours.close()
            self._up.clear()
            self._pipe, self.pid = None, None
            if process is not None:
                await _end(process)

    async def _serve(self, end: Any, process: asyncio.subprocess.Process) -> str:
        pipe = await open_pipe(end, leave_service(self._pacer, self._clock), self._take)
        reading = asyncio.create_task(pipe.run())
        try:
            try:
                await self._tell_passwords(pipe)
                await pipe.call("start", msgspec.to_builtins(self._settings), timeout_s=_START_S)
                told: tuple[str, ...] | None = None
                while told != self._topics:  # they may change while the worker is told
                    told = self._topics
                    await pipe.call("watch", list(told), timeout_s=_START_S)
            except (HedgeError, TimeoutError) as error:
                return f"did not start: {error or 'no answer'}"
            self._pipe = pipe
            self._up.set()
            self._health.become(FeedState.LIVE, f"restarted {self.restarts} times" if self.restarts else "")
            await self._watch_life(reading)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await process.wait()
            return f"ended with code {process.returncode}"
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await pipe.close()

    async def _watch_life(self, reading: asyncio.Task[None]) -> None:
        """Return when the pipe closes; a worker that says nothing is stale, then given up.

        Raises:
            Unavailable: it was silent for too long.
        """
        self._heard_at = self._clock.monotonic()
        while not reading.done():
            await asyncio.wait({reading}, timeout=_CHECK_S)
            silent = self._clock.monotonic() - self._heard_at
            if silent > _STALE_S:
                self._mark(FeedState.STALE, f"the worker is silent for {silent:.0f} s")
            if silent > _HUNG_S:
                raise Unavailable(f"silent for {silent:.0f} s")
            self._health.beat()

    def _mark(self, state: FeedState, why: str) -> None:
        """Say of every feed that came through the worker what its silence means."""
        marked = [
            replace(health, state=state, detail=why, at_ns=self._clock.now_ns())
            for health in self._feeds.values()
            if health.state not in (state, FeedState.STOPPED)
        ]
        for health in marked:
            self._feeds[health.feed] = health
        if marked:
            self._sink(marked)

    def _take(self, body: bytes) -> None:
        """A batch from the worker; one that cannot be read is skipped and said."""
        try:
            batch = BATCH_DECODER.decode(body)
        except msgspec.MsgspecError as error:
            _log.warning("a batch of %s cannot be read: %s", self.venue, error)
            self._health.become(FeedState.LIVE, f"an unreadable batch was skipped: {error}")
            return
        self._heard_at = self._clock.monotonic()
        self._feeds |= {health.feed: health for health in batch.healths}
        for heard in batch.heard:
            self._pacer.heard(heard)
        for went in batch.went:
            self._pacer.went(went)
        events = batch.events()
        if events:
            self._health.message()
            self._sink(events)

    def _say(self, health: FeedHealth) -> None:
        self._sink([health])

    def __repr__(self) -> str:
        return f"<worker of {self.venue}, pid {self.pid}>"


async def _end(process: asyncio.subprocess.Process) -> None:
    """See a worker off: its pipe is closed, so it ends by itself; if not, it is made to."""
    for act in (None, process.terminate, process.kill):
        if process.returncode is not None:
            return
        if act is not None:
            with contextlib.suppress(ProcessLookupError):
                act()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await process.wait()


def _nowhere(_events: Sequence[MarketEvent]) -> None:
    """Where events go before the start and after the stop."""
