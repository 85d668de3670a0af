"""What the balancer shows of itself: every budget, lane, route and ban at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BANNED = 418
"""HTTP status of a ban; any other stop is a pause."""


def name_of(system: str) -> str:
    """The bare name of a system, which is that of its venue.

    >>> name_of("binance at 127.0.0.1:18443")
    'binance'
    """
    return system.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class BudgetState:
    """One limit of one system, for one egress route or one account.

    Attributes:
        system: who counts, such as "binanceusdm", "binance demo" or "binance at 127.0.0.1:18443".
        route: egress route whose address is counted; "" for the default one, and where `account` counts.
        account: whose count it is; "" where the address counts.
        name, counts: as in `RateLimit`.
        spent: what this desk has sent within the window; others: what the venue counted beyond that.
        planned: most that is planned in a window. limit: what the venue allows.
        window_s: length of the window, seconds.
        free_in_s: seconds until an order's share has room for one more; 0.0 when it has.
    """

    system: str
    route: str
    account: str
    name: str
    counts: str
    spent: float
    others: float
    planned: float
    limit: float
    window_s: float
    free_in_s: float


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane over all venues.

    Attributes:
        name: as in `Lane`, lower case.
        waiting: requests that wait now. longest_s: how long the oldest of them has waited.
        sent_1m: requests let go in the last minute.
        worst_1m_s: longest wait of those.
    """

    name: str
    waiting: int
    longest_s: float
    sent_1m: int
    worst_1m_s: float


@dataclass(frozen=True, slots=True)
class BanState:
    """A stop that a venue has ordered.

    Attributes:
        system: as in `BudgetState`. route: whose address is stopped; account: "" unless it alone is.
        status: 418 is a ban, 429 a pause.
        until_ns: when it ends, UTC. left_s: seconds until then.
    """

    system: str
    route: str
    account: str
    status: int
    until_ns: int
    left_s: float


class RouteWord(StrEnum):
    """What may be expected of a route."""

    UP = "up"
    DOWN = "down"
    """It gave no connection; tried again when its pause is over."""
    TRIAL = "trial"
    """It was down, and one request finds out whether it still is."""
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class RouteState:
    """One egress route to one venue.

    Attributes:
        venue: as in `BudgetState.system`, of the venue's own system.
        name, kind, address, trusted: as configured.
        latency_s: how long answers over it take; 0.0 while nobody knows.
        sent_1m: requests let go over it in the last minute.
        failures: in a row. retry_in_s: seconds until it is tried again.
        problem: the latest, "" when there was none; problem_ns: when, UTC.
    """

    venue: str
    name: str
    kind: str = "direct"
    address: str = ""
    trusted: bool = False
    state: RouteWord = RouteWord.UNTRIED
    latency_s: float = 0.0
    sent_1m: int = 0
    failures: int = 0
    retry_in_s: float = 0.0
    problem: str = ""
    problem_ns: int = 0


@dataclass(frozen=True, slots=True)
class TrafficState:
    """All of it; `at_ns` is UTC."""

    at_ns: int
    budgets: tuple[BudgetState, ...] = ()
    lanes: tuple[LaneState, ...] = ()
    routes: tuple[RouteState, ...] = ()
    bans: tuple[BanState, ...] = ()
