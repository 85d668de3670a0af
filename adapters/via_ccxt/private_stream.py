"""One account's private stream: connected, believed only after a REST repair, watched, healed.

What may go wrong and is noticed here: a lost or silent connection (no frame and no pong for 12 s), a
listen key that expired, a watch task that died, a frame that could not be read, a peer that accepts
and closes. Each leads to a new connection with back-off, or at least to a repair. Used by `execution`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.instance import connections, drop_streams
from hedge_tui.domain.errors import HedgeError, Unavailable
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.via_ccxt.backoff import Backoff
    from adapters.via_ccxt.health import HealthKeeper
    from adapters.via_ccxt.wiring import Wiring

_log = logging.getLogger(__name__)
_CONNECT_S = 15.0
_REPAIR_S = 60.0
SILENT_S = 12.0
"""Without a frame or a pong for so long, the stream is not believed any more (the promise is 15 s)."""
_CHECK_S = 0.25
_POLL_S = 0.02


class StreamLost(HedgeError):
    """The stream ended or must be given up; the message says why."""


class PrivateStream:
    """Keeps one private stream alive.

    Args:
        instance: the account's ccxt instance, with markets.
        wiring: of that instance.
        health: says how it goes.
        repair: asks snapshot, open orders and fills and hands them over; raises when it cannot.
        take: (watch method, its answer) of venues whose frames ccxt parses.
        backoff: between connections.
        refused: told why the venue did not let the stream begin.
    """

    def __init__(
        self,
        instance: Any,
        wiring: Wiring,
        *,
        health: HealthKeeper,
        repair: Callable[[], Awaitable[None]],
        take: Callable[[str, Any], None],
        backoff: Backoff,
        refused: Callable[[BaseException], None],
    ) -> None:
        self._instance = instance
        self._wiring = wiring
        self._health = health
        self._repair = repair
        self._take = take
        self._backoff = backoff
        self._refused = refused
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._ended = ""
        self._malformed_seen = 0
        self._repairing: asyncio.Task[None] | None = None

    def end(self, why: str) -> None:
        """The venue said that this stream is over (its listen key expired): open another."""
        self._ended = why

    async def run(self) -> None:
        """Connect and stay connected until cancelled."""
        loop = asyncio.get_running_loop()
        self._health.become(FeedState.STARTING, "")
        while True:
            began = loop.time()
            try:
                await self._live_once()
                why = "the stream ended"
            except StreamLost as error:
                why = str(error)
            except HedgeError as error:
                why = self._wiring.redact(error)
            except Exception as error:  # noqa: BLE001 - a bug in one stream must not end the account
                _log.exception("private stream of %s failed", self._wiring.account)
                why = f"restarted after {type(error).__name__}: {self._wiring.redact(error)}"
            finally:
                await self._drop()
            pause = self._backoff.failed(loop.time() - began)
            self._health.become(FeedState.RECONNECTING, f"{why}; again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _live_once(self) -> None:
        self._ended = ""
        await self._open()
        await self._repaired()
        self._malformed_seen = self._wiring.malformed
        self._health.become(FeedState.LIVE, "")
        while True:
            await self._wait(_CHECK_S)
            self._check_life()
            self._check_frames()
            self._health.beat()

    async def _open(self) -> None:
        """Subscribe; return when every connection stands and nothing has refused."""
        instance, quirks = self._instance, self._wiring.quirks
        _forget_keys(instance)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _CONNECT_S
        if quirks.private_tap:
            try:
                async with asyncio.timeout_at(deadline):
                    with attempting(Lane.ACCOUNT):
                        await instance.authenticate()
            except TimeoutError:
                raise StreamLost(f"no subscription within {_CONNECT_S:g} s") from None
            except HedgeError:
                raise
            except Exception as error:  # noqa: BLE001 - ccxt raises whatever the venue said
                self._refused(error)
                raise StreamLost(self._wiring.redact(error)) from None
        for name in quirks.private_watch:
            if hasattr(instance, name):
                self._watchers[name] = asyncio.create_task(self._watch(name), name=f"{quirks.venue}:{name}")
        while not _connected(instance):
            if loop.time() > deadline:
                raise StreamLost(f"no connection within {_CONNECT_S:g} s")
            await self._wait(_POLL_S)
        if quirks.subscribe_settle_s:
            await self._wait(quirks.subscribe_settle_s)

    async def _watch(self, name: str) -> None:
        """Drain one watch method; its end is the stream's."""
        method = getattr(self._instance, name)
        with attempting(Lane.ACCOUNT):
            while True:
                self._take(name, await method())

    async def _wait(self, seconds: float) -> None:
        """Wait, unless a watch task ends first."""
        tasks = set(self._watchers.values())
        if not tasks:
            await asyncio.sleep(seconds)
            return
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = None if task.cancelled() else task.exception()
            if error is None:
                raise StreamLost(f"{task.get_name()} was closed")
            if _not_offered(error):
                # ccxt lists a watch method that this venue does not have: the others carry on.
                self._watchers = {name: kept for name, kept in self._watchers.items() if kept is not task}
                continue
            raise StreamLost(self._wiring.redact(error))
        if self._ended:
            raise StreamLost(self._ended)

    def _check_life(self) -> None:
        silent = self._wiring.silent_s(client.url for client in connections(self._instance))
        if silent > SILENT_S:
            self._health.become(FeedState.STALE, f"neither frame nor pong for {silent:.0f} s")
            raise StreamLost(f"neither frame nor pong for {silent:.0f} s")

    def _check_frames(self) -> None:
        """A frame that could not be read may have been an order's: ask over REST what is true."""
        if self._repairing is not None:
            if not self._repairing.done():
                return
            task, self._repairing = self._repairing, None
            if (error := task.exception()) is not None:
                raise StreamLost(f"the repair failed: {self._wiring.redact(error)}")
        if self._wiring.malformed != self._malformed_seen:
            skipped = self._wiring.malformed - self._malformed_seen
            self._malformed_seen = self._wiring.malformed
            why = self._wiring.malformed_why
            self._health.become(FeedState.LIVE, f"{skipped} unreadable frame(s), repaired over REST: {why}")
            self._repairing = asyncio.create_task(self._repaired())

    async def _repaired(self) -> None:
        try:
            async with asyncio.timeout(_REPAIR_S):
                await self._repair()
        except TimeoutError:
            raise Unavailable(f"the repair took longer than {_REPAIR_S:g} s") from None

    async def _drop(self) -> None:
        tasks = [*self._watchers.values(), *([self._repairing] if self._repairing else [])]
        self._watchers, self._repairing = {}, None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(Exception):  # the connection is given up whatever closing it says
            await drop_streams(self._instance)


def _connected(instance: Any) -> bool:
    """Whether there is a connection and none is still being made."""
    real = connections(instance)
    return bool(real) and all(client.isConnected for client in real)


def _forget_keys(instance: Any) -> None:
    """Make ccxt ask for a new listen key and read no stale cache."""
    for value in instance.options.values():
        if isinstance(value, dict) and "lastAuthenticatedTime" in value:
            value["lastAuthenticatedTime"] = 0
            value["listenKey"] = None
    for cache in ("orders", "myTrades", "positions"):
        setattr(instance, cache, None)


def _not_offered(error: BaseException) -> bool:
    return any(cls.__name__ == "NotSupported" for cls in type(error).__mro__)
