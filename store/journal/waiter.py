"""The promise that `append` hands out: resolved on the caller's loop once the act is durable."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Promise = asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Waiter:
    """A promise, the loop it lives on, and the number it will give."""

    loop: asyncio.AbstractEventLoop
    promise: Promise
    value: int | None


def promise_here(value: int | None) -> Waiter:
    """A new promise on the running loop; whoever drops it is not warned of its failure."""
    loop = asyncio.get_running_loop()
    promise: Promise = loop.create_future()
    promise.add_done_callback(_mark_seen)
    return Waiter(loop, promise, value)


def _mark_seen(promise: Promise) -> None:
    # asyncio complains about failures that nobody looked at; reports are appended without looking.
    if not promise.cancelled():
        promise.exception()


def settle(waiters: Iterable[Waiter], failure: str = "") -> None:
    """Resolve promises on the current loop, or fail them with a StoreError that says `failure`."""
    for waiter in waiters:
        if waiter.promise.done():
            continue
        if failure:
            waiter.promise.set_exception(StoreError(failure))
        else:
            waiter.promise.set_result(waiter.value)


def settle_from_thread(waiters: Iterable[Waiter], failure: str = "") -> None:
    """As `settle`, from another thread: one wake-up per loop."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Waiter]] = defaultdict(list)
    for waiter in waiters:
        by_loop[waiter.loop].append(waiter)
    for loop, mine in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed; nobody waits any more
            loop.call_soon_threadsafe(settle, mine, failure)
