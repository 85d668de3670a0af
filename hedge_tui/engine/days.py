"""When the trader's day begins, and what the accounts were worth then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.ports.history import EquityPoint
from hedge_tui.engine import portfolio
from hedge_tui.engine.desk import drop
from hedge_tui.engine.pnl.calendar import Calendar

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.ports.history import History
    from hedge_tui.engine.desk import Desk


def day_start_ns(now_ns: int, timezone: str, day_start: str) -> int:
    """Start of the trading day that holds `now_ns`, as UTC nanoseconds.

    Args:
        now_ns: UTC nanoseconds.
        timezone: IANA name.
        day_start: "HH:MM" in that zone.
    """
    return Calendar(timezone, day_start).day_of(now_ns)


class DayBook:
    """Starts days, and records equity every minute."""

    def __init__(
        self, desk: Desk, history: History | None, timezone: str = "UTC", day_start: str = "00:00"
    ) -> None:
        self._desk = desk
        self._history = history
        self._timezone = timezone
        self._day_start = day_start
        self._trouble = ""

    async def run(self) -> None:
        """Look once a second for a new day or an account without a starting point; record each minute."""
        minute = 0
        while True:
            await asyncio.sleep(1)
            now = self._desk.clock.now_ns()
            self.check(now)
            if now // 60_000_000_000 != minute:
                minute = now // 60_000_000_000
                await self.record(minute * 60_000_000_000)

    def check(self, now_ns: int) -> None:
        """Begin a day when it is time, and give newly connected accounts their starting point."""
        state = self._desk.state
        day = day_start_ns(now_ns, self._timezone, self._day_start)
        fresh = day != state.day_ns
        equity = [
            (name, summary.equity)
            for name, account in self._desk.accounts.items()
            if (fresh or name not in state.day_equity)
            and account.snapshot_ns
            and not (summary := portfolio.summarise(account, state, self._desk.markets)).unpriced
        ]
        if fresh or equity:
            drop(self._desk.record(acts.DayStarted(now_ns, day, self._desk.reporting, tuple(equity))))

    async def record(self, at_ns: int) -> None:
        """One equity point per connected account, and one for the desk."""
        if self._history is None:
            return
        points = [
            self._point(name, at_ns, [portfolio.summarise(account, self._desk.state, self._desk.markets)])
            for name, account in self._desk.accounts.items()
            if account.snapshot_ns
        ]
        if points:
            everyone = [
                portfolio.summarise(account, self._desk.state, self._desk.markets)
                for account in self._desk.accounts.values()
                if account.snapshot_ns
            ]
            await self._keep([*points, self._point("", at_ns, everyone)])

    async def _keep(self, points: list[EquityPoint]) -> None:
        """A history that cannot be written is said once, and once when it can be again."""
        assert self._history is not None
        try:
            await self._history.put_equity(points)
        except StoreError as error:
            if not self._trouble:
                self._desk.note("warning", "history", f"equity is not recorded: {error}")
            self._trouble = str(error)
            return
        if self._trouble:
            self._trouble = ""
            self._desk.note("info", "history", "equity is recorded again")

    def _point(self, name: str, at_ns: int, parts: list[portfolio.AccountSummary]) -> EquityPoint:
        def total(field: str) -> Decimal:
            return sum((getattr(part, field) for part in parts), portfolio.ZERO)

        return EquityPoint(
            name,
            at_ns,
            self._desk.reporting,
            total("equity"),
            total("balance"),
            total("unrealized"),
            total("realized_today"),
            total("fees_today"),
            total("funding_today"),
        )
