"""How each egress route fares: latency, failures, when one that is down is tried again. Pure.

A route goes down at the first dial that fails, or when two requests in a row over it stay unanswered, and
is tried again after a pause that doubles; one request at a time is the trial. Kept by the balancer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.traffic.choosing import RouteHealth
from hedge_tui.domain.route import Route
from hedge_tui.domain.traffic import RouteState, RouteWord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hedge_tui.domain.ports.pacing import Went

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
TRIAL_S = 6.0
"""A trial that nobody heard of for so long is over."""
UNANSWERED = 2
"""Requests without an answer in a row after which a route counts as down."""
_MINUTE_S = 60.0
_WEIGHT = 0.2
"""Of the newest latency in the mean."""


@dataclass(slots=True)
class RouteRecord:
    """What is known of one route.

    Attributes:
        failures: in a row. unanswered: requests in a row over connections that stood.
        down_until: monotonic time at which it is tried again; 0.0 while it is up.
        trial_until: while a trial runs. latency_s: mean of the latest answers, 0.0 before the first.
        problem: the latest, "" before the first; problem_at: when, monotonic.
        sent: monotonic times of the requests of the last minute.
    """

    failures: int = 0
    unanswered: int = 0
    down_until: float = 0.0
    trial_until: float = 0.0
    latency_s: float = 0.0
    problem: str = ""
    problem_at: float = 0.0
    sent: deque[float] = field(default_factory=deque)

    def sent_1m(self, now: float) -> int:
        """Requests let go over it in the last minute."""
        while self.sent and self.sent[0] <= now - _MINUTE_S:
            self.sent.popleft()
        return len(self.sent)


class RouteBook:
    """The records of the routes of one venue.

    Args:
        routes: as configured; what is said of others is kept too, under their names.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._records: dict[str, RouteRecord] = {one.name: RouteRecord() for one in routes}

    def record(self, name: str) -> RouteRecord:
        """The record of a route."""
        return self._records.setdefault(name, RouteRecord())

    def took(self, name: str, now: float) -> None:
        """A request was let go over it."""
        record = self.record(name)
        record.sent.append(now)
        record.sent_1m(now)
        if record.failures and record.down_until <= now:
            record.trial_until = now + TRIAL_S

    def went(self, went: Went, now: float) -> None:
        """A dial or a request over it came to an end."""
        record = self.record(went.route)
        if not went.problem:
            if not went.dial or not record.latency_s:
                record.latency_s += (went.took_s - record.latency_s) * (_WEIGHT if record.latency_s else 1.0)
            # A connection alone does not make up for requests that nobody answers.
            if not went.dial:
                record.unanswered = 0
            if not record.unanswered:
                record.failures, record.down_until, record.trial_until = 0, 0.0, 0.0
            return
        record.problem, record.problem_at = went.problem, now
        if not went.dial:
            record.unanswered += 1
            if record.unanswered < UNANSWERED:
                return
        if record.failures and now < record.down_until:
            return  # what had left before it went down says nothing new
        record.failures += 1
        record.trial_until = 0.0
        pause = min(FIRST_PAUSE_S * 2 ** (record.failures - 1), LONGEST_PAUSE_S)
        record.down_until = now + max(pause, went.pause_s)

    def health(self, now: float) -> dict[str, RouteHealth]:
        """What `choose` needs to know."""
        return {
            name: RouteHealth(
                not record.failures or (record.down_until <= now and record.trial_until <= now),
                record.failures,
                record.latency_s,
            )
            for name, record in self._records.items()
        }

    def states(self, venue: str, now: float, now_ns: int) -> Iterator[RouteState]:
        """As they are shown; `now_ns` is UTC at `now`."""
        known = {one.name: one for one in self.routes}
        for name, record in self._records.items():
            route = known.get(name, Route(name))
            yield RouteState(
                venue,
                name,
                route.kind.value,
                route.address,
                route.trusted,
                self._word(record, now),
                record.latency_s,
                record.sent_1m(now),
                record.failures,
                self.down_for_s(name, now),
                record.problem,
                now_ns - round((now - record.problem_at) * 1e9) if record.problem else 0,
            )

    @staticmethod
    def _word(record: RouteRecord, now: float) -> RouteWord:
        if not record.failures:
            return RouteWord.UP if record.latency_s else RouteWord.UNTRIED
        return RouteWord.DOWN if record.down_until > now else RouteWord.TRIAL

    def down_for_s(self, name: str, now: float) -> float:
        """Seconds until it is tried again; 0.0 when it is up or on trial."""
        return max(0.0, self.record(name).down_until - now)
