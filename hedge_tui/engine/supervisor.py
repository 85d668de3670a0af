"""Runs the engine's tasks: each named, caught, reported and, where it must go on, restarted."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Coroutine

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
CANCEL_GRACE_S = 1.0
"""For a cancelled task to clean up."""
HEALTHY_AFTER_S = 60.0
"""A task that ran this long starts again with the first delay."""


class Supervisor:
    """Owner of every task of the engine.

    Attributes:
        on_failure: called with (task name, error) when a task raised.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self.on_failure: Callable[[str, BaseException], None] = lambda _name, _error: None

    def spawn(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run once; an error is reported and ends only this task."""
        # In a context of its own: a lane is of the block that asks, never of what it leaves running.
        task = asyncio.get_running_loop().create_task(coroutine, name=name, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if self._stopping and not name.startswith("run:"):
            task.cancel()  # nothing new begins while everything ends
        return task

    def keep(self, make: Callable[[], Awaitable[None]], *, name: str) -> asyncio.Task[Any]:
        """Run for ever: start again after an error, with growing pauses and jitter."""
        return self.spawn(self._keep(make, name), name=name)

    async def stop(self, grace_s: float = 2.0, keep: Callable[[str], bool] = lambda _: False) -> None:
        """End every task; those whose name `keep` accepts get `grace_s` to finish by themselves."""
        self._stopping = True
        patient = [t for t in self._tasks if keep(t.get_name())]
        if patient:
            await asyncio.wait(patient, timeout=grace_s)
        current = asyncio.current_task()
        rest = [t for t in self._tasks if t is not current]
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=min(grace_s, CANCEL_GRACE_S))

    def __len__(self) -> int:
        return len(self._tasks)

    async def _keep(self, make: Callable[[], Awaitable[None]], name: str) -> None:
        delay = FIRST_DELAY_S
        loop = asyncio.get_running_loop()
        while not self._stopping:
            begun = loop.time()
            try:
                await make()
            except Exception as error:
                log.exception("%s failed", name)
                self.on_failure(name, error)
            if loop.time() - begun > HEALTHY_AFTER_S:
                delay = FIRST_DELAY_S
            await asyncio.sleep(delay * (0.75 + 0.5 * self._rng.random()))
            delay = min(delay * 2, LONGEST_DELAY_S)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("%s failed", task.get_name(), exc_info=error)
            self.on_failure(task.get_name(), error)
