"""Every budget of the desk: made when first spent from, corrected by what venues say; for the balancer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.traffic.budget import PLANNED, Budget
from hedge_tui.domain.ports.pacing import Per
from hedge_tui.domain.traffic import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hedge_tui.domain.ports.pacing import Heard, RateLimit, Spend

CAREFUL = 0.5
"""Part of what is planned that counts as spent when nobody knows what was."""
_LOWEST, _HIGHEST = 1.0, 1e9
"""Limits outside of this are a venue's slip and are not believed."""
_LONGEST_S = 7 * 86_400.0


class BudgetLedger:
    """Budgets by system and by route or account.

    Args:
        limits: name of a system -> its limits by our tables.
        planned: (name of a system, route) -> part of its limits that is planned.
    """

    def __init__(
        self, limits: Callable[[str], Iterable[RateLimit]], planned: Callable[[str, str], float]
    ) -> None:
        self._tables = limits
        self._planned = planned
        self._limits: dict[str, tuple[RateLimit, ...]] = {}
        self._kept: dict[tuple[str, Per, str], tuple[Budget, ...]] = {}
        self._careful_at: float | None = None

    def __iter__(self) -> Iterator[Budget]:
        return (budget for budgets in self._kept.values() for budget in budgets)

    def start_carefully(self, now: float) -> None:
        """Nobody knows what was spent before: a part of each budget counts as spent now."""
        self._careful_at = now

    def limits(self, system: str) -> tuple[RateLimit, ...]:
        """The limits of a system as they are believed now."""
        found = self._limits.get(system)
        if found is None:
            found = self._limits[system] = tuple(self._tables(name_of(system)))
        return found

    def of_route(self, system: str, route: str) -> tuple[Budget, ...]:
        """The budgets of an address."""
        return self._of(system, Per.ADDRESS, route)

    def of_account(self, system: str, account: str) -> tuple[Budget, ...]:
        """The budgets of an account; () for none."""
        return self._of(system, Per.ACCOUNT, account) if account else ()

    def drawn(self, system: str, route: str, spend: Spend) -> list[tuple[Budget, float]]:
        """What a request draws on over `route`, and how much."""
        both = (*self.of_route(system, route), *self.of_account(system, spend.account))
        costs = ((budget, spend.cost(budget.limit.counts)) for budget in both)
        return [(budget, cost) for budget, cost in costs if cost > 0]

    def heard(self, heard: Heard, system: str, now: float) -> None:
        """Learn limits and counts from a response."""
        if heard.limits:
            self._state(system, heard.limits)
        if heard.used:
            used = dict(heard.used)
            for budget in (*self.of_route(system, heard.route), *self.of_account(system, heard.account)):
                if budget.limit.header in used:
                    budget.used(now, used[budget.limit.header])

    def fullest_s(self, system: str, account: str, now: float) -> float:
        """Length of the window that is nearest to full among those of an account, seconds; 0.0 for none."""
        budgets = self.of_account(system, account)
        for budget in budgets:
            budget.window.slide(now)
        fullest = max(budgets, key=lambda one: one.window.own / one.limit.limit, default=None)
        return fullest.limit.window_s if fullest else 0.0

    def named(self, system: str, route: str, account: str, name: str) -> Budget | None:
        """One budget, by what identifies it; None where the system has no such limit."""
        both = self.of_account(system, account) if account else self.of_route(system, route)
        return next((budget for budget in both if budget.limit.name == name), None)

    def _of(self, system: str, per: Per, owner: str) -> tuple[Budget, ...]:
        key = (system, per, owner)
        found = self._kept.get(key)
        if found is None:
            limits = [limit for limit in self.limits(system) if limit.per is per]
            found = self._kept[key] = tuple(self._budget(system, per, owner, limit) for limit in limits)
        return found

    def _budget(self, system: str, per: Per, owner: str, limit: RateLimit) -> Budget:
        route, account = (owner, "") if per is Per.ADDRESS else ("", owner)
        budget = Budget(system, route, account, limit, self._planned(name_of(system), route))
        if self._careful_at is not None:
            budget.window.add(self._careful_at, 0.0, limit.limit * PLANNED * CAREFUL)
        return budget

    def _state(self, system: str, stated: Iterable[RateLimit]) -> None:
        """The venue's word on its limits overrules our table; what it leaves out stays."""
        known = {limit.name: limit for limit in self.limits(system)}
        for limit in stated:
            if not (_LOWEST <= limit.limit <= _HIGHEST and 0 < limit.window_s <= _LONGEST_S):
                continue
            ours = known.get(limit.name)
            known[limit.name] = limit if ours is None else replace(ours, limit=limit.limit)
        self._limits[system] = tuple(known.values())
        for (whose, per, owner), budgets in list(self._kept.items()):
            if whose == system:
                self._kept[whose, per, owner] = self._anew(whose, per, owner, budgets)

    def _anew(self, system: str, per: Per, owner: str, old: tuple[Budget, ...]) -> tuple[Budget, ...]:
        """The same budgets by the limits believed now; what was spent stays spent."""
        found = {budget.limit.name: budget for budget in old}
        for limit in self.limits(system):
            if limit.per is not per:
                continue
            if limit.name in found:
                found[limit.name].limit = limit
            else:
                found[limit.name] = self._budget(system, per, owner, limit)
        return tuple(found.values())
