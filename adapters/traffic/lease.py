"""How a worker process draws on the engine's budgets: it asks for leave over the pipe, request by request.

A leave is counted when it is given and is good for a second: nothing is held in stock in a worker that an
order could wait for, and a worker that dies leaves behind no more than what has left the window by itself.
Engine: `leave_service`; worker: `LeasedPacer`; a thread with a loop of its own: `AcrossLoops`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Spend
from hedge_tui.wire.pipe import PipeClosed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import Heard, Pacer, Went
    from hedge_tui.wire.pipe import Pipe

GOOD_S = 1.0
"""How long a leave is good for: a worker that slept over it asks again."""
TRIES = 3


def leave_service(pacer: Pacer, clock: Clock) -> Mapping[str, Callable[..., Awaitable[Any]]]:
    """What the engine's end of a pipe answers; `clock` is the one that all processes of a machine share."""

    async def acquire(spend: Any) -> tuple[str, float]:
        """Give leave: (route, clock seconds until which it is good)."""
        route = await pacer.acquire(msgspec.convert(spend, Spend))
        return route, clock.monotonic() + GOOD_S

    return {"acquire": acquire}


class LeasedPacer:
    """A `Pacer` whose balancer is at the other end of a pipe.

    Args:
        pipe: to the engine.
        clock: the one that all processes of a machine share.
        tell: hands over at once, ahead of the next question, what a response said or how a route fared.
    """

    def __init__(self, pipe: Pipe, clock: Clock, tell: Callable[[Heard | Went], None]) -> None:
        self._pipe = pipe
        self._clock = clock
        self._tell = tell

    async def acquire(self, spend: Spend) -> str:
        """See `Pacer.acquire`; without an engine nothing leaves."""
        asked = msgspec.to_builtins(spend)
        for _ in range(TRIES):
            try:
                route, good_until = await self._pipe.call("acquire", asked, timeout_s=None)
            except PipeClosed:
                raise Unavailable("the engine has gone; nothing leaves without its leave") from None
            if self._clock.monotonic() <= good_until:
                return str(route)
        raise Unavailable(f"this process slept over its leave {TRIES} times: the machine is overloaded")

    def heard(self, heard: Heard) -> None:
        """See `Pacer.heard`."""
        self._tell(heard)

    def went(self, went: Went) -> None:
        """See `Pacer.went`."""
        self._tell(went)


class AcrossLoops:
    """A `Pacer` of another thread's loop."""

    def __init__(self, pacer: Pacer, loop: asyncio.AbstractEventLoop) -> None:
        self._pacer = pacer
        self._loop = loop

    async def acquire(self, spend: Spend) -> str:
        """See `Pacer.acquire`."""
        asked = asyncio.run_coroutine_threadsafe(self._pacer.acquire(spend), self._loop)
        return await asyncio.wrap_future(asked)

    def heard(self, heard: Heard) -> None:
        """See `Pacer.heard`."""
        self._loop.call_soon_threadsafe(self._pacer.heard, heard)

    def went(self, went: Went) -> None:
        """See `Pacer.went`."""
        self._loop.call_soon_threadsafe(self._pacer.went, went)
