"""The way of private events into the engine: everything, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class EveryLane(Generic[T]):
    """Reports and fills: nothing is dropped, order is kept, a burst is handed over in one go.

    The consumer runs on the loop, never inside the producer's call, so that one burst of a
    stream becomes one write of the journal.
    """

    def __init__(self, consume: Callable[[list[T]], None], max_burst: int = 500) -> None:
        self._consume = consume
        self._max_burst = max_burst
        self._queue: deque[T] = deque()
        self._scheduled = False

    def put(self, item: T) -> None:
        """Hand one item over."""
        self._queue.append(item)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._drain)

    def flush(self) -> None:
        """Consume what is queued now."""
        while self._queue:
            self._burst()

    def __len__(self) -> int:
        return len(self._queue)

    def _drain(self) -> None:
        self._scheduled = False
        if self._queue:
            self._burst()
        if self._queue:
            # More than one burst waits: let the loop breathe between them.
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _burst(self) -> None:
        count = min(len(self._queue), self._max_burst)
        self._consume([self._queue.popleft() for _ in range(count)])
