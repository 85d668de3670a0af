"""One limit of one system for one egress route or one account: who may still spend of it, and when.

Pure arithmetic over `window`; used by the balancer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.traffic.window import Window
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.traffic import BudgetState

if TYPE_CHECKING:
    from hedge_tui.domain.ports.pacing import RateLimit

PLANNED = 0.8
"""Most of any limit that is ever planned."""
LAST = 0.95
"""How full the venue's count may get by a cancel, when other lanes or programs have used up the rest."""
SHARE = {
    Lane.CANCEL: 1.0,
    Lane.ORDER: 0.97,
    Lane.RECONCILE: 0.94,
    Lane.ACCOUNT: 0.9,
    Lane.MARKET: 0.75,
    Lane.HISTORY: 0.6,
}
"""How much of the planned part a lane may fill: what is above stays for the lanes before it."""
BURST = 0.05
"""Part of its share of a window that the last lane may send at once; the rest is spread evenly."""
SPREAD_S = 10.0
"""Shortest window over which the last lane is spread."""
_TINY = 1e-9


class Budget:
    """What is left of one limit.

    Args:
        system, route, account: as in `BudgetState`.
        limit: as the venue counts.
        planned: most of the limit that is planned, 0 to `PLANNED`.
    """

    __slots__ = ("_even_at", "account", "limit", "planned", "route", "system", "window")

    def __init__(self, system: str, route: str, account: str, limit: RateLimit, planned: float) -> None:
        self.system = system
        self.route = route
        self.account = account
        self.limit = limit
        self.planned = min(planned, PLANNED)
        self.window = Window(limit.window_s)
        self._even_at = 0.0
        """When the last lane would be through with what it has sent, had it sent evenly."""

    def rooms(self, lane: Lane) -> tuple[float, float]:
        """How much the window may hold for a request of this lane: of our own, and of all.

        Of cancels as much as is ever planned, whatever the trader plans. What other lanes and programs have
        spent holds a cancel up only where it would come near to a ban.
        """
        limit = self.limit.limit
        if lane is Lane.CANCEL:
            return limit * PLANNED, limit * LAST
        return limit * self.planned * SHARE[lane], limit * PLANNED * SHARE[lane]

    def wait_s(self, now: float, lane: Lane, cost: float) -> float:
        """Seconds until a request of this cost may leave; one above the room waits for an empty window."""
        window = self.window
        window.slide(now)
        cancel = lane is Lane.CANCEL
        own_room, all_room = self.rooms(lane)
        own = window.cancels if cancel else window.own
        excess = own + cost - own_room, window.own + window.others + cost - all_room
        wait = window.wait_s(now, *excess, cancel=cancel)
        if lane is Lane.HISTORY and self.limit.window_s >= SPREAD_S:
            wait = max(wait, self._even_at - now - BURST * self.limit.window_s)
        return wait

    def count(self, now: float, lane: Lane, cost: float) -> None:
        """A request has been let go."""
        self.window.add(now, cost, cancel=lane is Lane.CANCEL)
        if lane is Lane.HISTORY:
            room = max(self.rooms(lane)[0], _TINY)
            self._even_at = max(self._even_at, now) + cost / room * self.window.length_s

    def used(self, now: float, used: float) -> None:
        """The venue says how much is used; what is more than was counted here was spent by others."""
        self.window.slide(now)
        missing = used - self.window.own - self.window.others
        if missing > 0:
            self.window.add(now, 0.0, missing)

    def free(self, now: float, lane: Lane) -> float:
        """Share of the lane's room that is free, 0 to 1."""
        self.window.slide(now)
        own_room, all_room = self.rooms(lane)
        own = self.window.cancels if lane is Lane.CANCEL else self.window.own
        left = min(own_room - own, all_room - self.window.own - self.window.others)
        return min(1.0, max(0.0, left / max(own_room, _TINY)))

    def state(self, now: float) -> BudgetState:
        """As it is shown."""
        wait = self.wait_s(now, Lane.ORDER, 1.0)
        return BudgetState(
            self.system,
            self.route,
            self.account,
            self.limit.name,
            self.limit.counts,
            round(self.window.own, 3),
            round(self.window.others, 3),
            self.limit.limit * self.planned,
            self.limit.limit,
            self.limit.window_s,
            wait,
        )

    def __repr__(self) -> str:
        whose = self.account or self.route or "this address"
        return f"<{self.limit.name} of {whose} at {self.system}>"
