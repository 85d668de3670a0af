"""The `limits` and `holds` topics: every cap with what is used up of it, and what is not ACTIVE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.trading import scope_words
from hedge_tui.engine.board.table import LiveRows, number
from hedge_tui.engine.exact import digits, worked_out
from hedge_tui.engine.execution.trading_state import lifting, trading_state
from hedge_tui.engine.limit_use import limit_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.view import View
    from hedge_tui.engine.limit_use import LimitUse
    from hedge_tui.engine.state import Changes


WHOLE_DESK = "desk"
"""What its scope, which is empty, is called where a name is needed."""


class LimitRows(LiveRows):
    """One row per cap of each scope that has one; worked out together, once a second while it is followed."""

    topic = "limits"
    every_s = 1.0

    def __init__(self, desk: Desk, view: Callable[[], View]) -> None:
        super().__init__(desk)
        self._view = view
        self._found: dict[str, LimitUse] = {}
        self._old = True

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        if now_s - self._last >= self.every_s:
            self._last, self._old = now_s, True
        return self.make()

    def make(self) -> tuple[set[str], set[str]]:
        if self._old:
            self._old = False
            self._found = {one.key: one for one in limit_uses(self._view())}
            self.dirty |= self._found.keys() | self.rows.keys()
        return super().make()

    def rebuild(self) -> None:
        self._old = True

    def touch(self, changes: Changes) -> None:
        self._old |= changes.settings

    def keys(self) -> Iterable[str]:
        return list(self._found)

    def row(self, key: str) -> list[Any] | None:
        one = self._found.get(key)
        if one is None:
            return None
        return [
            key,
            one.scope,
            scope_words(one.scope),
            one.name,
            number(one.value),
            one.text,
            number(one.used),
            number(one.left),
            number(one.share),
            one.by,
            one.origin,
            number(one.ceiling),
        ]


class HoldRows(LiveRows):
    """One row per scope that is REDUCING or HALTED; the desk's own key is "desk"."""

    topic = "holds"

    def touch(self, changes: Changes) -> None:
        self.dirty |= {scope or WHOLE_DESK for scope in changes.holds}

    def keys(self) -> Iterable[str]:
        return [scope or WHOLE_DESK for scope in self.desk.state.restraints.holds]

    def row(self, key: str) -> list[Any] | None:
        scope = "" if key == WHOLE_DESK else key
        hold = self.desk.state.restraints.holds.get(scope)
        if hold is None:
            return None
        whose = scope_words(scope)
        return [key, whose, hold.state.value, hold.since_ns, hold.by, hold.reason, lifting(scope)]


def restraints_document(desk: Desk, view: View) -> dict[str, Any]:
    """The query `restraints`: states, holds, limits and the caps over each account, with exact digits."""
    holds = desk.state.restraints.holds
    return {
        "states": {name: trading_state(holds, one.account).value for name, one in desk.accounts.items()},
        "caps": {
            name: {cap: digits(value) for cap, value in view.limits.over(one.account).items()}
            for name, one in desk.accounts.items()
        },
        "holds": [
            {
                "scope": scope or WHOLE_DESK,
                "state": hold.state.value,
                "since_ns": hold.since_ns,
                "by": hold.by,
                "reason": hold.reason,
                "lift": lifting(scope),
            }
            for scope, hold in holds.items()
        ],
        "limits": [
            {
                "scope": one.scope or WHOLE_DESK,
                "name": one.name,
                "value": digits(one.value) if one.value is not None else one.text,
                "origin": one.origin,
                "ceiling": digits(one.ceiling),
                "used": worked_out(one.used),
                "left": worked_out(one.left),
                "by": one.by,
            }
            for one in limit_uses(view)
        ],
    }
