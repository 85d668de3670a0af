"""The feed worker: `python -m adapters.via_ccxt.worker --fd N` hosts one venue's public data.

A process of its own, because ccxt.pro's drain loop never yields. It is told what to do over a pipe,
hands over conflated batches, and ends when the engine's end of the pipe closes. Started by
`worker_client`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import random
import signal
import socket
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.traffic.lease import LeasedPacer
from adapters.via_ccxt.data import CcxtDataClient, DataParts
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.markets import Markets, load
from adapters.via_ccxt.outbox import Outbox
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.system_clock import SystemClock
from adapters.via_ccxt.worker_messages import Batch, WorkerSettings, batch_of, pack_series
from hedge_tui.domain.account import Mode
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import ConfigError, Unavailable
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.ports.pacing import Heard, Lane, Went, in_lane
from hedge_tui.domain.secret import Secret
from hedge_tui.wire.pipe import Pipe, open_pipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.via_ccxt.worker_messages import PackedSeries
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.market import Funding, OpenInterest
    from hedge_tui.domain.ports.venue import MarketEvent

_FULL_BYTES = 512 * 1024
_BEAT_S = 1.0
_NICE = 5
"""Where processors are few, an order in the engine goes before a page of candles here."""


class FeedWorker:
    """Serves one engine over one pipe."""

    def __init__(self) -> None:
        self._client: CcxtDataClient | None = None
        self._outbox = Outbox()
        self._news = asyncio.Event()
        self._pipe: Pipe | None = None
        self._passwords: dict[str, Secret] = {}

    async def serve(self, end: socket.socket) -> None:
        """Serve until the engine's end closes."""
        pipe = await open_pipe(
            end,
            {
                "passwords": self.passwords,
                "start": self.start,
                "watch": self.watch,
                "instruments": self.instruments,
                "candles": self.candles,
                "open_interest": self.open_interest,
                "funding": self.funding,
            },
        )
        self._pipe = pipe
        sender = asyncio.create_task(self._send(pipe))
        try:
            await pipe.run()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            if self._client is not None:
                await self._client.stop()

    async def passwords(self, known: dict[str, str]) -> None:
        """Take the passwords of proxies, by route name; connections to come use them."""
        self._passwords.clear()
        self._passwords.update((route, Secret(password)) for route, password in known.items())

    async def start(self, settings: Any) -> None:
        """Begin with these `WorkerSettings`."""
        wanted = msgspec.convert(settings, WorkerSettings)
        pipe = self._pipe
        if self._client is not None or pipe is None:
            return
        quirks = quirks_of(wanted.venue)
        egress = Egress(wanted.connect, wanted.ca_file, wanted.routes, (), self._passwords)
        mode, clock = Mode(wanted.mode), SystemClock()

        def tell(what: Heard | Went) -> None:
            pipe.send(Batch(heard=[what]) if isinstance(what, Heard) else Batch(went=[what]))

        pacer = LeasedPacer(pipe, clock, tell)

        async def markets() -> Markets:
            try:
                return await load(quirks, mode, egress, pacer)
            except LookupError as error:
                raise ConfigError(str(error)) from None

        self._client = CcxtDataClient(
            DataParts(
                quirks,
                egress,
                pacer,
                clock,
                random.Random(wanted.seed),
                markets,
                markets,
                mode,
                wanted.symbols,
                wanted.batches_per_s,
                wanted.followed,
            )
        )
        await self._client.start(self._put)

    async def watch(self, topics: list[str]) -> None:
        """See `DataClient.watch`."""
        await self._running().watch(topics)

    async def instruments(self, anew: bool = False) -> list[Instrument]:
        """See `DataClient.instruments`."""
        found = await self._running().instruments(anew=anew)
        # Market structures live as long as the process: keep the collector away from them.
        gc.collect()
        gc.freeze()
        return found

    async def candles(
        self, instrument: str, timeframe: str, since_ns: int, until_ns: int, lane: int = Lane.HISTORY
    ) -> PackedSeries:
        """See `DataClient.candles`; in a lane."""
        with in_lane(Lane(lane)):
            series = await self._running().candles(
                InstrumentId(instrument), Timeframe(timeframe), since_ns, until_ns
            )
        return pack_series(series)

    async def open_interest(self, instrument: str, since_ns: int) -> OpenInterest:
        """See `DataClient.open_interest`."""
        return await self._running().open_interest(InstrumentId(instrument), since_ns)

    async def funding(self) -> list[Funding]:
        """See `DataClient.funding`."""
        return await self._running().funding()

    def _running(self) -> CcxtDataClient:
        if self._client is None:
            raise Unavailable("the worker has not been started yet")
        return self._client

    def _put(self, events: Sequence[MarketEvent]) -> None:
        self._outbox.put(events)
        self._news.set()

    async def _send(self, pipe: Pipe) -> None:
        """Send what there is, but nothing more while the engine has not taken the last."""
        while True:
            # An empty batch now and then tells the engine that this process is alive.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_S):
                    await self._news.wait()
            self._news.clear()
            if pipe.buffered() > _FULL_BYTES:
                await pipe.drain()
            pipe.send(batch_of(self._outbox.take()))


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(description="feed worker; started by the engine")
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of the pipe")
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    # The engine decides when it ends: an interrupt at the terminal is for the console.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(50_000, 20, 50)
    os.nice(_NICE)
    with contextlib.suppress(KeyboardInterrupt), socket.socket(fileno=args.fd) as end:
        _run(end)


def _run(end: socket.socket) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(FeedWorker().serve(end))
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(FeedWorker().serve(end))


if __name__ == "__main__":
    main()
