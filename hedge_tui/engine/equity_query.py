"""Answers `equity_curve`: the line of the desk, an account, venue, group or tag, and its drawdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS
from hedge_tui.engine import portfolio
from hedge_tui.engine.board.portfolio import belongs
from hedge_tui.engine.counted import left_out
from hedge_tui.engine.equity_curve import Movement, curve_of, steps_of
from hedge_tui.engine.exact import digits, money
from hedge_tui.engine.markets import DOLLARS

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.ports.history import History
    from hedge_tui.engine.desk import Desk

SPANS: dict[str, tuple[int, int]] = {
    "1d": (DAY_NS, 5 * MINUTE_NS),
    "1w": (7 * DAY_NS, HOUR_NS),
    "1m": (30 * DAY_NS, 4 * HOUR_NS),
    "all": (0, DAY_NS),
}
"""Name -> (how far back, step); 0: from the first point on."""
YOUNG_NS = 3 * DAY_NS
"""A line over all that is no longer than this is told in the steps of a day."""


class EquityQuery:
    """Reads the recorded equity.

    Args:
        desk: accounts, movements and what the accounts are worth now.
        history: None without one.
    """

    def __init__(self, desk: Desk, history: History | None) -> None:
        self._desk = desk
        self._history = history

    async def curve(self, *, scope: str = "total", of: str = "", span: str = "1d") -> dict[str, Any]:
        """The line and its drawdown.

        Args:
            scope: total, account, venue, group or tag.
            of: name of that account, venue, group or tag.
            span: one of `SPANS`.

        Raises:
            ValueError: there is no such span.
        """
        if span not in SPANS:
            raise ValueError(f"there is no span {span!r}; there are: {', '.join(SPANS)}")
        now = self._desk.clock.now_ns()
        back, step = SPANS[span]
        since = now - back if back else 0
        accounts = [a.account for a in self._desk.accounts.values()]
        apart = left_out(accounts) if scope == "total" else frozenset()
        names = [a.name for a in accounts if belongs(a, scope, of) and a.name not in apart]
        lines = {one: await self._points(one, since, step) for one in names}
        first = min((line[0][0] for line in lines.values() if line), default=now)
        if not back and now - first < YOUNG_NS:
            lines = {one: await self._points(one, since, SPANS["1d"][1]) for one in names}
        for one in names:
            account = self._desk.accounts[one]
            if account.snapshot_ns:
                summary = portfolio.summarise(account, self._desk.state, self._desk.markets)
                lines[one] = [*lines[one], (now, summary.equity)]
        found = curve_of({one: steps_of(line, self._movements(one)) for one, line in lines.items()})
        return {
            "currency": self._desk.reporting,
            "scope": scope,
            "of": of,
            "span": span,
            "accounts": names,
            "points": [[p.at_ns, float(p.equity), float(p.net), float(p.drawdown)] for p in found.points],
            "drawdown": digits(found.drawdown.quantize(portfolio.FRACTION)),
            "max_drawdown": digits(found.max_drawdown.quantize(portfolio.FRACTION)),
            "max_drawdown_ns": found.max_drawdown_ns or None,
            "loss": money(found.loss),
            "max_loss": money(found.max_loss),
            "earned": money(found.earned),
            "moved": money(found.moved),
        }

    async def _points(self, account: str, since_ns: int, step_ns: int) -> list[tuple[int, Decimal]]:
        if self._history is None:
            return []
        return await self._history.equity_line(account, self._desk.reporting, since_ns, step_ns)

    def _movements(self, account: str) -> list[Movement]:
        """Of one account; what is no cash has no price here: its worth at that moment is in the equity."""
        reporting = self._desk.reporting
        cash = DOLLARS if reporting in DOLLARS else frozenset({reporting})
        return [
            Movement(
                flow.venue_ns,
                self._desk.markets.value(flow.asset, flow.quantity) if flow.asset in cash else None,
            )
            for flow in self._desk.state.moved
            if flow.account == account
        ]
