"""Tells the trader when a venue orders a stop, and when an egress route is lost or found again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from hedge_tui.domain.traffic import BANNED, RouteWord, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.traffic import BanState, RouteState, TrafficState

LOOK_S = 1.0
LOST_AFTER = 3
"""Failures in a row before a route is called lost: one alone may be a hiccup."""


class TrafficWatch:
    """Looks at the balancer once a second.

    Args:
        traffic: what it shows of itself.
        note: (level, topic, text) for the desk's log.
    """

    def __init__(self, traffic: Callable[[], TrafficState], note: Callable[[str, str, str], None]) -> None:
        self._traffic = traffic
        self._note = note
        self._stops: dict[tuple[str, str, str], int] = {}
        self._lost: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Compare with the last look, and say what is new."""
        traffic = self._traffic()
        running = {(ban.system, ban.route, ban.account): ban for ban in traffic.bans}
        for key, ban in running.items():
            if ban.status == BANNED and self._stops.get(key) != BANNED:
                self._note("alarm", "traffic", _ban_words(ban))
        self._stops = {key: ban.status for key, ban in running.items()}
        for route in traffic.routes:
            self._look_at(route)

    def _look_at(self, route: RouteState) -> None:
        key = (route.venue, route.name)
        if route.failures >= LOST_AFTER and key not in self._lost:
            self._lost.add(key)
            kept = " Keys that take it wait for it: they go no other way." if route.trusted else ""
            words = f"egress {route.name} does not reach {route.venue}: {route.problem}.{kept}"
            self._note("warning", "traffic", words)
        elif route.state is RouteWord.UP and key in self._lost:
            self._lost.discard(key)
            self._note("info", "traffic", f"egress {route.name} reaches {route.venue} again")


def _ban_words(ban: BanState) -> str:
    until = time.strftime("%H:%M:%S", time.gmtime(ban.until_ns / 1e9))
    whose = f"account {ban.account}" if ban.account else f"the address of egress {ban.route or 'direct'}"
    return f"{name_of(ban.system)} has banned {whose} until {until} UTC: nothing is sent there before"
