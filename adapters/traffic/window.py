"""What was spent against one limit within its window, as a log of steps; used by `budget`.

The log slides: whatever the placing of the venue's own window, clock-aligned or not, it lies over one
that is watched here. A spend is kept a little longer than the window, because the venue counts a
request when it arrives and not when it was let go.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = 200
"""Spends are summed over this part of a window, so that a day of orders costs no more than a second."""
LATE_S = 1.0
"""Longest time on the way that is allowed for; a tenth of windows under ten seconds."""


@dataclass(slots=True)
class Step:
    """What was spent in one step of time.

    Attributes:
        end: clock seconds at which the step ends; all of it counts as spent then.
        own: by this desk; cancels: of that, by cancels. others: what the venue had counted beyond our own.
    """

    end: float
    own: float = 0.0
    others: float = 0.0
    cancels: float = 0.0


class Window:
    """The last `length_s` seconds of one limit. Times are the balancer's clock, in seconds."""

    __slots__ = ("_log", "_step_s", "cancels", "length_s", "others", "own")

    def __init__(self, window_s: float) -> None:
        self.length_s = window_s + min(LATE_S, 0.1 * window_s)
        self._step_s = window_s / STEPS
        self._log: deque[Step] = deque()
        self.own = self.others = self.cancels = 0.0

    def slide(self, now: float) -> None:
        """Forget what has left the window; `own`, `others` and `cancels` hold from then on."""
        log = self._log
        while log and log[0].end + self.length_s <= now:
            gone = log.popleft()
            self.own -= gone.own
            self.others -= gone.others
            self.cancels -= gone.cancels
        if not log:
            self.own = self.others = self.cancels = 0.0

    def add(self, now: float, own: float, others: float = 0.0, *, cancel: bool = False) -> None:
        """Count a spend at `now`."""
        end = (now // self._step_s + 1.0) * self._step_s
        if not self._log or self._log[-1].end < end:
            self._log.append(Step(end))
        step = self._log[-1]
        step.own += own
        step.others += others
        self.own += own
        self.others += others
        if cancel:
            step.cancels += own
            self.cancels += own

    def wait_s(self, now: float, own_excess: float, all_excess: float, *, cancel: bool = False) -> float:
        """Seconds until so much of our own, and so much of all, has left the window.

        Args:
            now: to which the window was slid.
            own_excess: 0.0 or less needs no waiting; more than is there waits for an empty window.
            all_excess: the same, of what others have spent as well.
            cancel: of our own, cancels alone are meant.
        """
        if not self._log or (own_excess <= 0 and all_excess <= 0):
            return 0.0
        end = now
        for step in self._log:
            own_excess -= step.cancels if cancel else step.own
            all_excess -= step.own + step.others
            end = step.end
            if own_excess <= 1e-9 and all_excess <= 1e-9:
                break
        return max(0.0, end + self.length_s - now)

    def steps(self) -> list[Step]:
        """What is in it, oldest first."""
        return list(self._log)

    def refill(self, steps: Iterable[Step]) -> None:
        """Count what another run has spent; oldest first, none later than now."""
        self._log = deque(steps)
        self.own = sum(step.own for step in self._log)
        self.others = sum(step.others for step in self._log)
        self.cancels = sum(step.cancels for step in self._log)
