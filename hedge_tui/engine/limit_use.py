"""Every limit in force with what is used up of it: for `limit`, `hedge risk` and the Risk screen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.config.risk import GLOBS, NUMBERS, QUANTITIES
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.trading import DESK, account_scope, group_scope
from hedge_tui.engine.execution import caps
from hedge_tui.engine.execution.exposure_caps import account_reach
from hedge_tui.engine.execution.limits import RATE, kind_of, scopes_of
from hedge_tui.engine.execution.reach import reaches, worst_notional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.execution.limits import Limit
    from hedge_tui.engine.execution.reach import Where
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)
Used = tuple[Decimal, str]
"""How much, and of which account, instrument or source."""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """One limit of one scope.

    Attributes:
        value: None for a list of globs; `text` then has it.
        origin: "config", "typed" or "hard". ceiling: the most that may be typed; None: no end of its own.
        used: None for what a line uses up alone. by: the account, instrument or source that uses most.
    """

    scope: str
    name: str
    value: Decimal | None
    origin: str
    text: str = ""
    ceiling: Decimal | None = None
    used: Decimal | None = None
    by: str = ""

    @property
    def key(self) -> str:
        """Of its row."""
        return f"{self.scope}|{self.name}"

    @property
    def left(self) -> Decimal | None:
        """What may still be used; below 0 where a cap was lowered under what is there."""
        return None if self.value is None or self.used is None else self.value - self.used

    @property
    def share(self) -> Decimal | None:
        """Used over the value; None where nothing is used up, or of a cap of 0."""
        return self.used / self.value if self.used is not None and self.value else None


def limit_uses(view: View) -> list[LimitUse]:
    """All of them, the desk's first, then groups and accounts that have their own."""
    groups = dict.fromkeys(group for one in view.accounts.values() for group in one.account.groups)
    scopes = [DESK, *map(group_scope, groups), *map(account_scope, view.accounts)]
    names = [*NUMBERS, RATE, *(name for kind in QUANTITIES for name in view.limits.quantities(kind))]
    meter = _Meter(view)
    found = []
    for scope in scopes:
        for name in names:
            limit = view.limits.own(name, scope)
            if limit is not None and (scope == DESK or name != RATE):
                used = meter.used(limit)
                found.append(
                    LimitUse(
                        scope,
                        name,
                        limit.value,
                        limit.origin,
                        ceiling=limit.ceiling,
                        used=None if used is None else used[0],
                        by="" if used is None else used[1],
                    )
                )
        found += _lists(scope, view)
    return found


def _lists(scope: str, view: View) -> list[LimitUse]:
    found = []
    for name in GLOBS:
        layers = list(view.limits.layers(name, scope))
        if layers:
            typed = view.limits.is_typed(name, scope)
            text = " and ".join(",".join(globs) or "none" for globs in layers)
            found.append(LimitUse(scope, name, None, "typed" if typed else "config", text=text))
    return found


class _Meter:
    """Measures once what many limits count."""

    def __init__(self, view: View) -> None:
        self._view = view
        ready = [name for name, one in view.accounts.items() if one.snapshot_ns]
        self._worst: dict[Where, Decimal] = worst_notional(reaches(view, ready), view)
        self._resting = caps.resting_orders(view)
        self._leverage: dict[str, Decimal] = {}
        for name in ready:
            gross, equity = account_reach(name, self._worst, view)
            if equity > 0:
                self._leverage[name] = gross / equity

    def used(self, limit: Limit) -> Used | None:
        """What is used up of one; None for caps of a single line or order."""
        view, kind = self._view, kind_of(limit.name)
        match kind:
            case "max_day_notional":
                return caps.sent_notional(limit, view), ""
            case "max_day_count":
                return Decimal(caps.sent_count(limit, view)), ""
            case "max_day_quantity":
                return caps.sent_quantity(limit, view), ""
            case "max_order_rate":
                return _most(
                    (Decimal(caps.sent_by(origin, view)), origin) for origin in view.state.restraints.sent
                )
        names = [name for name, one in view.accounts.items() if limit.scope in scopes_of(one.account)]
        match kind:
            case "max_open_orders":
                return _most((Decimal(self._resting[name]), name) for name in names)
            case "max_position_notional":
                return _most(
                    (value, f"{name} {symbol_of(instrument)}")
                    for (name, instrument), value in self._worst.items()
                    if name in names
                )
            case "max_leverage":
                return _most((self._leverage[name], name) for name in names if name in self._leverage)
            case "max_leverage_setting":
                return _most(
                    (setting, f"{name} {symbol_of(position.instrument)}")
                    for name in names
                    for position in view.accounts[name].positions.values()
                    if (setting := view.accounts[name].leverage.get(position.instrument)) is not None
                )
        return None


def _most(found: Iterable[Used]) -> Used:
    return max(found, key=lambda one: one[0], default=(ZERO, ""))
