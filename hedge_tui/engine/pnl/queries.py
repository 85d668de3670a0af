"""Answers questions about the PnL book with exact digits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.engine.bookings import EVERYTHING
from hedge_tui.engine.past import BEGUN
from hedge_tui.engine.pnl.book import COLUMNS
from hedge_tui.engine.pnl.report import BY, Report

if TYPE_CHECKING:
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.pnl.book import Sums
    from hedge_tui.engine.pnl.report import Line

CENT = Decimal("0.01")


class PnlQueries:
    """One function per query."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def report(self) -> Report:
        """A reader of the book as it is now."""
        state = self._desk.state
        accounts = {name: account.account for name, account in self._desk.accounts.items()}
        return Report(state.book, state.calendar, accounts)

    def book(
        self, *, by: str = "day", days: int | None = None, since: str = "", account: str = ""
    ) -> dict[str, Any]:
        """Rows by `by`, and the total; values at live prices, exact sums per asset beside them.

        Args:
            by: one of `report.BY`.
            days: so many trading days up to today; None for all.
            since: instead, the date of the first.
            account: only this one.

        Raises:
            ValueError: there is no such `by`, or `since` is no date.
        """
        if by not in BY:
            raise ValueError(f"PnL is not told by {by!r}; it is by {', '.join(BY)}")
        state = self._desk.state
        since_ns = self._first_day(days, since)
        lines, total = self.report().lines(by, since_ns=since_ns, account=account)
        return {
            "currency": self._desk.reporting,
            "timezone": state.calendar.timezone,
            "day_start": state.calendar.day_start,
            "by": by,
            "since_ns": since_ns,
            "rows": [{"key": line.key, "start_ns": line.start_ns, **self._line(line)} for line in lines],
            "total": self._line(total),
            "imports": self._imports(account),
        }

    def _first_day(self, days: int | None, since: str) -> int:
        calendar = self._desk.state.calendar
        if since:
            return calendar.start_of(date.fromisoformat(since))
        if days is None:
            return 0
        today = calendar.date_of(calendar.day_of(self._desk.clock.now_ns()))
        return calendar.start_of(today - timedelta(days=days - 1))

    def _line(self, line: Line) -> dict[str, Any]:
        value, unpriced = line.value(self._desk.markets.asset_price)
        return {
            "net": _money(value.net),
            **{name: _money(getattr(value, name)) for name in COLUMNS},
            "fills": line.fills,
            "assets": {asset: _exact(sums) for asset, sums in sorted(line.assets.items())},
            "unpriced": list(unpriced),
        }

    def _imports(self, account: str) -> list[dict[str, Any]]:
        """How far each account's past is read."""
        past = self._desk.state.past
        rows = []
        for name, state in self._desk.accounts.items():
            if account in ("", name) and (name, BEGUN) in past:
                marks = [mark for (owner, source), mark in past.items() if owner == name and source != BEGUN]
                rows.append(
                    {
                        "account": name,
                        "known_since_ns": past[name, BEGUN].until_ns,
                        "done": (name, EVERYTHING) in past,
                        "read_until_ns": max((mark.until_ns for mark in marks), default=0),
                        "progress": state.importing,
                    }
                )
        return rows


def _exact(sums: Sums) -> dict[str, str]:
    return {"net": f"{sums.net:f}", **{name: f"{getattr(sums, name):f}" for name in COLUMNS}}


def _money(value: Decimal) -> str:
    return f"{value.quantize(CENT) + 0:f}"  # never "-0.00"
