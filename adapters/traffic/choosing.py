"""Which egress route a request takes. Pure; asked by the balancer for each request, also while it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        up: whether it can be used. failures: in a row, the latest ones.
    """

    up: bool = True
    failures: int = 0


def choose(
    routes: Sequence[str],
    spend: Spend,
    budgets: Mapping[str, RouteBudget],
    health: Mapping[str, RouteHealth],
) -> str:
    """The route that `spend` takes, or waits for when that route has no room yet.

    Args:
        routes: names of those that the request may take, in the order of the configuration; at least one.
        spend: what the request costs, its lane and account.
        budgets: of each of `routes`, for this request.
        health: of the routes about which something is known; a route that is missing is healthy.
    """
    del spend, budgets, health
    return routes[0]
