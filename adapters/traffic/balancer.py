"""The one balancer of an engine: every request of every account, feed and worker leaves by its leave.

A request draws on the budgets of the address it leaves from and of its account, in the system that
counts it. Lanes are strict: while a request waits for a budget, none of a later lane takes from it.
Built by bootstrap; venue clients hold a `Pacer` from `pacer`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.traffic.bans import BAN, Bans
from adapters.traffic.choosing import RouteBudget, RouteHealth, choose
from adapters.traffic.lanes import Lanes, Waiter
from adapters.traffic.ledger import BudgetLedger
from adapters.traffic.route_book import RouteBook
from adapters.traffic.words import ban_words, budget_words
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Pacer, Per, Spend, Went
from hedge_tui.domain.traffic import TrafficState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from adapters.traffic.bans import Ban
    from adapters.traffic.budget import Budget
    from adapters.traffic.home import Home
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import RateLimit
    from hedge_tui.domain.route import Route

    Choose = Callable[[Sequence[str], Spend, Mapping[str, RouteBudget], Mapping[str, RouteHealth]], str]

MOST_WAITING = 5_000
"""Requests that may wait in a lane for one owner; more are refused, for nobody would wait that long."""
_SHORTEST_S = 0.001
_LONGEST_COUNT_S = 60.0
_BEHIND = 1e9
"""Stands for the wait of a request that is behind another: when that one goes, it is looked at again."""


class Balancer:
    """Decides when and by which route requests leave.

    Args:
        limits: name of a system -> its limits by our tables.
        clock: of the engine.
        planned: (name of a system, route) -> part of its limits that is planned; at most 0.8 counts.
        choose: picks a route; see `choosing.choose`.

    Attributes:
        ledger: the budgets. bans: the stops.
        books: venue -> how its egress routes fare.
        changed: counts what a state file would have to be written anew for.
    """

    def __init__(
        self,
        limits: Callable[[str], Iterable[RateLimit]],
        clock: Clock,
        planned: Callable[[str, str], float] = lambda _system, _route: 1.0,
        choose: Choose = choose,
    ) -> None:
        self.ledger = BudgetLedger(limits, planned)
        self.bans = Bans()
        self.books: dict[str, RouteBook] = {}
        self.changed = 0
        self._clock = clock
        self._choose = choose
        self._lanes = Lanes()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._taken: set[Budget] = set()
        self._soonest = _BEHIND

    def pacer(self, home: Home) -> Pacer:
        """What a venue client asks."""
        self.books.setdefault(home.venue, RouteBook(()))
        return _Door(self, home)

    def know(self, venue: str, routes: Sequence[Route]) -> None:
        """By which routes a venue is reached; said before its first request."""
        self.books[venue] = RouteBook(routes)

    async def acquire(self, home: Home, spend: Spend) -> str:
        """See `Pacer.acquire`."""
        now = self._clock.monotonic()
        system = home.system(spend.system)
        self._refuse_banned_order(home, spend, system, now)
        waiter = Waiter(home, spend, system, now, asyncio.get_running_loop().create_future())
        if self._lanes.push(waiter):
            self._serve(spend.lane)
        elif self._lanes.length(waiter) > MOST_WAITING:
            self._lanes.remove(waiter)
            raise Unavailable(f"{MOST_WAITING} requests of {spend.account or system} wait already", "")
        if waiter.left.done():
            return waiter.left.result()
        return await self._wait(waiter)

    def heard(self, home: Home, heard: Heard) -> None:
        """See `Pacer.heard`."""
        now = self._clock.monotonic()
        system = home.system(heard.system)
        self.ledger.heard(heard, system, now)
        if heard.per is Per.ACCOUNT and heard.retry_after_s is None:
            # A full order count is told without a time: it lasts as long as its window.
            seconds = min(self.ledger.fullest_s(system, heard.account, now), _LONGEST_COUNT_S)
            heard = replace(heard, retry_after_s=seconds or None)
        stopped = self.bans.heard(heard, system, now)
        if stopped or heard.limits:
            self.changed += 1
            self.wake()

    def went(self, home: Home, went: Went) -> None:
        """See `Pacer.went`."""
        self.books[home.venue].went(went, self._clock.monotonic())

    def wake(self) -> None:
        """Let go whoever may leave now, first lanes first, and set the timer for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._serve(Lane.HISTORY)

    def snapshot(self) -> TrafficState:
        """Every budget, lane, route and ban now."""
        now, now_ns = self._clock.monotonic(), self._clock.now_ns()
        return TrafficState(
            now_ns,
            tuple(budget.state(now) for budget in self.ledger),
            self._lanes.states(now),
            tuple(state for venue, book in self.books.items() for state in book.states(venue, now, now_ns)),
            self.bans.states(now, now_ns),
        )

    def close(self) -> None:
        """Set no more timers; who still waits is ended by whoever made it wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _wait(self, waiter: Waiter) -> str:
        spend = waiter.spend
        wait, why = self._outlook(waiter)
        try:
            if spend.patience_s is not None and wait > spend.patience_s:
                raise Unavailable(f"{why}: {wait:.1f} s to wait, {spend.patience_s:.1f} s allowed", "", wait)
            async with asyncio.timeout(spend.patience_s):
                return await waiter.left
        except TimeoutError:
            wait, why = self._outlook(waiter)
            raise Unavailable(f"{why}: it did not free up within {spend.patience_s} s", "", wait) from None
        finally:
            if not waiter.left.done() or waiter.left.cancelled():
                self._lanes.remove(waiter)
                self._arm(self._clock.monotonic())  # it may have stood in the way of others

    def _refuse_banned_order(self, home: Home, spend: Spend, system: str, now: float) -> None:
        """A banned order is not kept: its price would be that of another time.

        Raises:
            Unavailable: every route is banned; the message names the time.
        """
        if spend.lane is not Lane.ORDER:
            return
        bans = [self.bans.stops(system, route, spend.account, now) for route in spend.over or home.routes]
        if all(ban is not None and ban.status == BAN for ban in bans):
            ban = min((ban for ban in bans if ban), key=lambda one: one.until)
            raise Unavailable(self._ban_words(system, ban) + "; the order was not sent", "", ban.until - now)

    def _serve(self, last: Lane) -> None:
        """Let go what may leave, up to a lane."""
        self._taken.clear()
        self._soonest = _BEHIND
        self._lanes.serve(self._leaves, last)
        if self._soonest < _BEHIND:
            self._arm(self._clock.monotonic() + self._soonest)

    def _arm(self, at: float) -> None:
        """Look again at `at`, or before."""
        if self._timer is not None:
            if self._timer_at <= at:
                return
            self._timer.cancel()
        self._timer_at = at
        delay = max(at - self._clock.monotonic(), _SHORTEST_S)
        self._timer = asyncio.get_running_loop().call_later(delay, self.wake)

    def _leaves(self, waiter: Waiter) -> bool:
        """Let one go, or note what it waits for, so that nobody behind it takes that."""
        if waiter.left.done():
            return True  # its caller has gone
        now = self._clock.monotonic()
        routes, book = waiter.routes, self.books[waiter.home.venue]
        offers = {route: self._offer(waiter, route, now) for route in routes}
        route = self._choose(routes, waiter.spend, offers, book.health(now))
        drawn = self.ledger.drawn(waiter.system, route, waiter.spend)
        wait, lane = offers[route].wait_s, waiter.spend.lane
        if wait > 0:
            self._soonest = min(self._soonest, wait)
            self._taken.update(budget for budget, cost in drawn if budget.wait_s(now, lane, cost) > 0)
            return False
        for budget, cost in drawn:
            budget.count(now, lane, cost)
        book.took(route, now)
        self._lanes.sent(waiter, now)
        self.changed += 1
        waiter.left.set_result(route)
        return True

    def _offer(self, waiter: Waiter, route: str, now: float) -> RouteBudget:
        """When one could leave over `route`, and how much is free there."""
        spend = waiter.spend
        ban = self.bans.stops(waiter.system, route, spend.account, now)
        wait = ban.until - now if ban else 0.0
        free = 1.0
        for budget, cost in self.ledger.drawn(waiter.system, route, spend):
            wait = max(wait, _BEHIND if budget in self._taken else budget.wait_s(now, spend.lane, cost))
            if not budget.account:
                free = min(free, budget.free(now, spend.lane))
        return RouteBudget(wait, free)

    def _outlook(self, waiter: Waiter) -> tuple[float, str]:
        """(seconds that it has to wait at least, why), by the route that is free first."""
        now = self._clock.monotonic()
        found: list[tuple[float, str]] = []
        for route in waiter.routes:
            ban = self.bans.stops(waiter.system, route, waiter.spend.account, now)
            wait, why = 0.0, "others are before it"
            if ban:
                wait, why = ban.until - now, self._ban_words(waiter.system, ban)
            for budget, cost in self.ledger.drawn(waiter.system, route, waiter.spend):
                needs = budget.wait_s(now, waiter.spend.lane, cost)
                if needs > wait:
                    wait, why = needs, budget_words(budget, waiter.spend.lane)
            found.append((wait, why))
        return min(found)

    def _ban_words(self, system: str, ban: Ban) -> str:
        left = ban.until - self._clock.monotonic()
        return ban_words(system, ban.status, self._clock.now_ns() + round(left * 1e9), left)


class _Door(Pacer):
    """What one venue client sees of the balancer."""

    def __init__(self, balancer: Balancer, home: Home) -> None:
        self._balancer = balancer
        self._home = home

    async def acquire(self, spend: Spend) -> str:
        """See `Pacer.acquire`."""
        return await self._balancer.acquire(self._home, spend)

    def heard(self, heard: Heard) -> None:
        """See `Pacer.heard`."""
        self._balancer.heard(self._home, heard)

    def went(self, went: Went) -> None:
        """See `Pacer.went`."""
        self._balancer.went(self._home, went)
