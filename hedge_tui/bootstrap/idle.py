"""`[engine] idle_exit_min`: an engine that nobody looks at and that has nothing in the market ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_EVERY_S = 5.0


class IdleWatch:
    """Decides when an engine has been idle for long enough.

    Args:
        minutes: 0 never decides so.
    """

    def __init__(self, minutes: int) -> None:
        self._limit_s = minutes * 60.0
        self._since_s: float | None = None

    def due(self, now_s: float, *, clients: int, working_orders: int) -> bool:
        """Whether to end now, given how many clients are connected and orders are working."""
        if not self._limit_s or clients or working_orders:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s >= self._limit_s


async def wait_idle(watch: IdleWatch, look: Callable[[], tuple[int, int]]) -> None:
    """Return when `watch` says so.

    Args:
        watch: decides.
        look: (clients, working orders) now.
    """
    loop = asyncio.get_running_loop()
    while True:
        clients, orders = look()
        if watch.due(loop.time(), clients=clients, working_orders=orders):
            return
        await asyncio.sleep(LOOK_EVERY_S)
