"""Asks for a fresh snapshot soon after an account changed, but not too often. Used by `execution`.

Streams do not say margins, free balances and liquidation prices; REST does, and costs weight.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import HedgeError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hedge_tui.domain.ports.clock import Clock

_log = logging.getLogger(__name__)
_AFTER_S = 1.0
_EVERY_S = 10.0
_AGAIN_S = 5.0
"""After a refresh without an answer: what changed is not known until there is one."""


class AccountRefresh:
    """The refreshes of one account.

    Args:
        name: of the account.
        clock: of the engine.
        ask: asks and hands over a snapshot.
        wanted: whether the account is live; a refresh that falls due otherwise is dropped.
    """

    def __init__(
        self, name: str, clock: Clock, ask: Callable[[], Awaitable[None]], wanted: Callable[[], bool]
    ) -> None:
        self._name = name
        self._clock = clock
        self._ask = ask
        self._wanted = wanted
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._done_at = float("-inf")

    def done(self) -> None:
        """A snapshot was handed over just now."""
        self._done_at = self._clock.monotonic()

    def due(self, *, soon: bool = False) -> None:
        """Something changed; `soon` when orders fail until it is known."""
        if soon and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and (self._task is None or self._task.done()):
            rested_s = self._clock.monotonic() - self._done_at
            pause = _AFTER_S if soon else max(_AFTER_S, _EVERY_S - rested_s)
            self._timer = asyncio.get_running_loop().call_later(pause, self._begin)

    async def stop(self) -> None:
        """Refresh no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _begin(self) -> None:
        self._timer = None
        if self._wanted():
            self._task = asyncio.create_task(self._run(), name=f"{self._name}:refresh")

    async def _run(self) -> None:
        try:
            await self._ask()
        except HedgeError as error:
            _log.warning("%s: the refresh of the account failed: %s", self._name, error)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(_AGAIN_S, self._begin)
