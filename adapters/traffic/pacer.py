"""Paces the requests of one address to one venue: windows as the venue counts, lanes in strict order.

Each limit is kept as a log of what was spent in its window, so that no placing of the venue's own
window over it can hold more than was planned. Built by bootstrap, one per venue and address.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Per, RateLimit, Spend, Went

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.domain.ports.clock import Clock

PLANNED = 0.8
"""Most of any limit that is ever planned."""
SHARE = {
    Lane.CANCEL: 1.0,
    Lane.ORDER: 0.92,
    Lane.RECONCILE: 0.85,
    Lane.ACCOUNT: 0.8,
    Lane.MARKET: 0.7,
    Lane.HISTORY: 0.6,
}
"""How much of the planned part a lane may fill: what is above stays for the lanes before it."""
DEFAULT_BAN_S = 60.0
"""How long a 418 without Retry-After stops everything; a 429 counts a sixth of it."""


class _Window:
    """What was spent against one limit lately."""

    __slots__ = ("_log", "_spent", "limit")

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self._log: deque[tuple[float, float]] = deque()
        self._spent = 0.0

    def spent(self, now: float) -> float:
        """What the window still holds at `now`."""
        log = self._log
        while log and log[0][0] <= now - self.limit.window_s:
            self._spent -= log.popleft()[1]
        if not log:
            self._spent = 0.0
        return self._spent

    def add(self, now: float, cost: float) -> None:
        """Count a spend."""
        self._log.append((now, cost))
        self._spent += cost

    def raise_to(self, now: float, used: float) -> None:
        """The venue says that more is used than was counted here."""
        missing = used - self.spent(now)
        if missing > 0:
            self.add(now, missing)

    def wait_s(self, now: float, cost: float, room: float) -> float:
        """Seconds until `cost` fits into `room`; a cost above the room waits for an empty window."""
        held = self.spent(now)
        if held + cost <= room or not self._log:
            return 0.0
        for at, spent in self._log:
            held -= spent
            if held + cost <= room:
                return max(0.0, at + self.limit.window_s - now)
        return max(0.0, self._log[-1][0] + self.limit.window_s - now)


class WindowPacer:
    """A `Pacer` that plans at most 80 % of each limit; cancels outrank orders, orders outrank the rest.

    Attributes:
        banned_until: loop time at which a ban ends; 0.0 when there was none.
    """

    def __init__(self, limits: Sequence[RateLimit], clock: Clock) -> None:
        self._limits = tuple(limits)
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self._queue: list[tuple[int, int, Spend, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self.banned_until = 0.0

    def ban_left_s(self) -> float:
        """Seconds until the venue may be asked again; 0 when no ban runs."""
        return max(0.0, self.banned_until - self._clock.monotonic())

    def used(self) -> list[tuple[str, str, float, float]]:
        """(limit name, account or "", spent in the window, limit) of each window used so far."""
        now = self._clock.monotonic()
        return [(name, who, w.spent(now), w.limit.limit) for (name, who), w in self._windows.items()]

    async def acquire(self, spend: Spend) -> str:
        """See `Pacer.acquire`."""
        wait = self._wait_s(spend)
        if wait <= 0 and not self._ahead_of(spend):
            self._count(spend)
            return ""
        if spend.patience_s is not None and wait > spend.patience_s:
            why = "a ban of this address runs" if self.ban_left_s() > 0 else "the rate budget is used up"
            raise Unavailable(f"{why}: {wait:.1f} s to wait, {spend.patience_s:.1f} s allowed", "", wait)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (spend.lane, next(self._numbers), spend, future))
        self._wake()
        try:
            await asyncio.wait_for(future, spend.patience_s)
        except TimeoutError:
            raise Unavailable(
                f"the rate budget did not free up within {spend.patience_s} s", "", self._wait_s(spend)
            ) from None
        finally:
            self._wake()
        return ""

    def heard(self, heard: Heard) -> None:
        """See `Pacer.heard`."""
        now = self._clock.monotonic()
        used = {} if heard.system else dict(heard.used)
        for limit in self._limits:
            if limit.header and limit.header in used:
                self._window(limit, heard.account).raise_to(now, used[limit.header])
        if heard.status in (418, 429):
            short = DEFAULT_BAN_S if heard.status == 418 else DEFAULT_BAN_S / 6
            wait = heard.retry_after_s if heard.retry_after_s is not None else short
            self.banned_until = max(self.banned_until, now + wait)
            self._wake()

    def went(self, went: Went) -> None:
        """See `Pacer.went`; with one route there is nothing to choose."""

    def _ahead_of(self, spend: Spend) -> bool:
        """Whether someone of the same or an earlier lane waits already."""
        return any(lane <= spend.lane and not future.done() for lane, _, _, future in self._queue)

    def _wait_s(self, spend: Spend) -> float:
        now = self._clock.monotonic()
        waits = [self.banned_until - now]
        for limit in self._limits:
            cost = self._cost(limit, spend)
            if cost > 0:
                room = limit.limit * PLANNED * SHARE[spend.lane]
                waits.append(self._window(limit, spend.account).wait_s(now, cost, room))
        return max(waits)

    def _count(self, spend: Spend) -> None:
        now = self._clock.monotonic()
        for limit in self._limits:
            cost = self._cost(limit, spend)
            if cost > 0:
                self._window(limit, spend.account).add(now, cost)

    @staticmethod
    def _cost(limit: RateLimit, spend: Spend) -> float:
        return 0.0 if spend.system else spend.cost(limit.counts)

    def _window(self, limit: RateLimit, account: str) -> _Window:
        key = (limit.name, account if limit.per is Per.ACCOUNT else "")
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window(limit)
        return window

    def _wake(self) -> None:
        """Let go whoever may leave now, first lanes first, and set the timer for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        kept: list[tuple[int, int, Spend, asyncio.Future[None]]] = []
        soonest: float | None = None
        blocked: set[str] = set()
        while self._queue:
            item = heapq.heappop(self._queue)
            _, _, spend, future = item
            if future.done():
                continue
            wait = self._wait_s(spend)
            # One account's order limit must not hold up another account; the address' limits hold all.
            if wait <= 0 and spend.account not in blocked:
                self._count(spend)
                future.set_result(None)
                continue
            blocked.add(spend.account)
            kept.append(item)
            soonest = wait if soonest is None else min(soonest, wait)
        self._queue = kept
        heapq.heapify(self._queue)
        if soonest is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(soonest, 0.001), self._wake)
