"""Which egress route a request takes. Pure; asked by the balancer for each request, also while it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hedge_tui.domain.ports.pacing import Spend


@dataclass(frozen=True, slots=True)
class RouteBudget:
    """What a route has left for one request.

    Attributes:
        wait_s: seconds until the request may leave over it; 0.0 when it may now.
        free: share of the scarcest budget of its address that the request's lane may still fill, 0 to 1.
    """

    wait_s: float
    free: float


@dataclass(frozen=True, slots=True)
class RouteHealth:
    """How a route fares.

    Attributes:
        up: whether it can be used: nothing speaks against it, or it is time to try it again.
        failures: in a row, the latest ones; above 0 and up is a trial.
        latency_s: how long its answers take; 0.0 while nobody knows.
    """

    up: bool = True
    failures: int = 0
    latency_s: float = 0.0


_WELL = RouteHealth()
_BIG_PART = 0.02
"""Differences in what is left that are below this do not outweigh a faster route."""


def choose(
    routes: Sequence[str],
    spend: Spend,
    budgets: Mapping[str, RouteBudget],
    health: Mapping[str, RouteHealth],
) -> str:
    """The route that `spend` takes, or waits for when that route has no room yet.

    A route that is down is taken only when all are: a request that fails before it leaves says more than one
    that was never tried. What cannot wait never tries a route out while there is a sound one; what is asked
    for nobody's account goes where most is left, so that every address is used up evenly.

    Args:
        routes: names of those that the request may take, in the order of the configuration; at least one.
        spend: what the request costs, its lane and account.
        budgets: of each of `routes`, for this request.
        health: of the routes about which something is known; a route that is missing is healthy.
    """
    urgent = bool(spend.account) or spend.lane <= Lane.ORDER

    def rank(name: str) -> tuple[float, ...]:
        known, budget = health.get(name, _WELL), budgets[name]
        if not known.up:
            return (1.0, known.failures, budget.wait_s)
        if urgent:
            return (0.0, float(known.failures > 0), budget.wait_s, known.latency_s, -budget.free)
        return (0.0, budget.wait_s, -(budget.free // _BIG_PART), known.latency_s, -budget.free)

    return min(routes, key=rank)
