"""One public subscription: opened, drained, watched for silence, opened again. Used by `data`."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.attempt import attempting
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.via_ccxt.backoff import Backoff
    from adapters.via_ccxt.health import HealthKeeper
    from adapters.via_ccxt.wiring import Wiring

_log = logging.getLogger(__name__)
_CHECK_S = 0.25
_OPEN_S = 15.0


class Silent(HedgeError):
    """Nothing came for too long."""


class Subscription:
    """Keeps one topic flowing.

    Args:
        wiring: of the instance.
        health: of this topic.
        backoff: between attempts.
        drain: awaits ccxt's watch method again and again and counts messages in `health`.
        close: tells the venue that the topic is no longer wanted.
        stale_s: silent for so long, the topic is STALE; None if silence is normal for it.
        lost_s: silent for so long, it is subscribed anew.
        give_up: drops the connections, so that a fresh subscription is not just the old one.
    """

    def __init__(
        self,
        wiring: Wiring,
        *,
        health: HealthKeeper,
        backoff: Backoff,
        drain: Callable[[], Awaitable[None]],
        close: Callable[[], Awaitable[Any]] | None,
        stale_s: float | None,
        lost_s: float,
        give_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._wiring = wiring
        self._health = health
        self._backoff = backoff
        self._drain = drain
        self._close = close
        self._stale_s = stale_s
        self._lost_s = lost_s
        self._give_up = give_up
        self._task: asyncio.Task[None] | None = None
        self._seen = 0
        self._seen_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, *, tell: bool = False) -> None:
        """End; with `tell`, the venue is asked to send no more of it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if tell and self._close is not None:
            try:
                async with asyncio.timeout(5.0):
                    await self._close()
            except Exception as error:  # noqa: BLE001 - an unwanted stream does no harm
                _log.debug("unsubscribing failed: %s", self._wiring.redact(error))
        self._health.become(FeedState.STOPPED, "")

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._health.become(FeedState.STARTING, "")
        while True:
            began = loop.time()
            why = await self._once()
            pause = self._backoff.failed(loop.time() - began)
            self._health.become(FeedState.RECONNECTING, f"{why}; again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _once(self) -> str:
        """Drain until it fails; the reason in words."""
        with attempting(Lane.MARKET):
            task = asyncio.ensure_future(self._drain())
        self._seen, self._seen_at = self._health.messages, asyncio.get_running_loop().time()
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=_CHECK_S)
                if done:
                    return self._reason(task)
                self._check()
        except Silent as error:
            await self._give_up()
            return str(error)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _reason(self, task: asyncio.Future[None]) -> str:
        error = None if task.cancelled() else task.exception()
        if error is None:
            return "the connection was closed"
        if not isinstance(error, OSError) and not _of_ccxt(error):
            _log.warning("a subscription failed", exc_info=error)
            return f"restarted after {type(error).__name__}: {self._wiring.redact(error)}"
        return self._wiring.redact(error)

    def _check(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._health.messages != self._seen:
            self._seen, self._seen_at = self._health.messages, now
            detail = self._unreadable()
            self._health.become(FeedState.LIVE, detail)
        elif self._stale_s is None and now - self._seen_at > _OPEN_S:
            # Silence is normal here; whether the connection lives is seen by its pongs.
            self._health.become(FeedState.LIVE)
        silent = now - self._seen_at
        if silent > self._lost_s:
            raise Silent(f"nothing for {silent:.0f} s")
        if self._stale_s is not None and silent > self._stale_s and self._health.state is FeedState.LIVE:
            self._health.become(FeedState.STALE, f"nothing for {silent:.0f} s")
        self._health.beat()

    def _unreadable(self) -> str:
        if not self._wiring.malformed:
            return ""
        return f"{self._wiring.malformed} unreadable frame(s) skipped, last: {self._wiring.malformed_why}"


def _of_ccxt(error: BaseException) -> bool:
    return any(cls.__module__.startswith("ccxt") for cls in type(error).__mro__)
