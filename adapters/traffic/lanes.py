"""Who waits for a budget: lanes in strict order, the owners of one lane in turn, each in the order it came.

Used by the balancer, which says who can leave.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.traffic import LaneState

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from adapters.traffic.home import Home
    from hedge_tui.domain.ports.pacing import Spend

Owner = tuple[str, str]
"""(system, account): who takes turns with whom."""
_SECONDS = 60


@dataclass(slots=True, eq=False)
class Waiter:
    """One request that wants to leave.

    Attributes:
        home: which systems and routes are its.
        since: when it came, clock seconds.
        left: gets the route when it may leave.
    """

    home: Home
    spend: Spend
    system: str
    since: float
    left: asyncio.Future[str]

    @property
    def owner(self) -> Owner:
        """Whose turn it takes."""
        return self.system, self.spend.account

    @property
    def routes(self) -> tuple[str, ...]:
        """The egress routes that it may take."""
        return self.spend.over or self.home.routes


@dataclass(slots=True)
class Tally:
    """How many were let go in the last minute, second by second, and how long the longest had waited."""

    _cells: deque[list[float]] = field(default_factory=deque)

    def add(self, now: float, waited: float = 0.0) -> None:
        """One has left."""
        second = now // 1.0
        if not self._cells or self._cells[-1][0] != second:
            self._cells.append([second, 0.0, 0.0])
            self._drop(now)
        cell = self._cells[-1]
        cell[1] += 1
        cell[2] = max(cell[2], waited)

    def _drop(self, now: float) -> None:
        while self._cells and self._cells[0][0] <= now - _SECONDS:
            self._cells.popleft()

    def last_minute(self, now: float) -> tuple[int, float]:
        """(how many, longest wait in seconds)."""
        self._drop(now)
        return int(sum(cell[1] for cell in self._cells)), max((cell[2] for cell in self._cells), default=0.0)


class Lanes:
    """The waiting requests."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, dict[Owner, deque[Waiter]]] = {lane: {} for lane in Lane}
        self._tallies = {lane: Tally() for lane in Lane}

    def push(self, waiter: Waiter) -> bool:
        """Put a request at the end of its owner's queue; True when it is first there."""
        queues = self._lanes[waiter.spend.lane]
        queue = queues.setdefault(waiter.owner, deque())
        queue.append(waiter)
        return len(queue) == 1

    def remove(self, waiter: Waiter) -> None:
        """It no longer waits."""
        queues = self._lanes[waiter.spend.lane]
        queue = queues.get(waiter.owner)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            if not queue:
                del queues[waiter.owner]

    def length(self, waiter: Waiter) -> int:
        """How many wait in the queue of this one's owner."""
        return len(self._lanes[waiter.spend.lane].get(waiter.owner, ()))

    def serve(self, leaves: Callable[[Waiter], bool], last: Lane = Lane.HISTORY) -> None:
        """Offer each lane up to `last` what there is, in order.

        `leaves` lets a request go or says False; what it refuses once, it must refuse for the rest of this
        call. An owner who got something goes behind the others of its lane.
        """
        for lane in Lane:
            if lane > last:
                break
            queues = self._lanes[lane]
            ready = deque(queues)
            while ready:
                owner = ready.popleft()
                queue = queues[owner]
                if not leaves(queue[0]):
                    continue
                queue.popleft()
                del queues[owner]
                if queue:
                    queues[owner] = queue  # behind the others
                    ready.append(owner)

    def sent(self, waiter: Waiter, now: float) -> None:
        """It has left."""
        self._tallies[waiter.spend.lane].add(now, now - waiter.since)

    def states(self, now: float) -> tuple[LaneState, ...]:
        """As they are shown, first lane first."""
        return tuple(self._state(lane, now) for lane in Lane)

    def _state(self, lane: Lane, now: float) -> LaneState:
        queues = self._lanes[lane].values()
        longest = max((now - queue[0].since for queue in queues if queue), default=0.0)
        sent, worst = self._tallies[lane].last_minute(now)
        return LaneState(lane.name.lower(), sum(map(len, queues)), longest, sent, worst)
