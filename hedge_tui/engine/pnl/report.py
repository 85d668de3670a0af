"""Adds the PnL book up for a reader: by day, session, account, venue, group, instrument or tag; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentId, symbol_of, venue_of
from hedge_tui.engine.counted import left_out
from hedge_tui.engine.pnl.book import Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hedge_tui.domain.account import Account
    from hedge_tui.engine.pnl.book import CellKey, PnlBook
    from hedge_tui.engine.pnl.calendar import Calendar

ZERO = Decimal(0)
BY = ("day", "session", "account", "venue", "group", "instrument", "tag")
"""How rows can be told apart."""


@dataclass(slots=True)
class Line:
    """One row of a report.

    Attributes:
        key: as shown: a date, a name; "" for what belongs to none. start_ns: of days and sessions, else 0.
        assets: exact sums in units of each asset. fills: executions.
    """

    key: str
    start_ns: int = 0
    assets: dict[str, Sums] = field(default_factory=dict)
    fills: int = 0

    def add(self, asset: str, sums: Sums) -> None:
        """Add one cell."""
        found = self.assets.get(asset)
        if found is None:
            found = self.assets[asset] = Sums()
        found.add(sums)
        self.fills += sums.fills

    def value(self, price_of: Callable[[str], Decimal | None]) -> tuple[Sums, tuple[str, ...]]:
        """(the sums in the reporting currency, assets without a price, which are left out)."""
        total, unpriced = Sums(fills=self.fills), []
        for asset, sums in self.assets.items():
            price = price_of(asset)
            if price is None:
                unpriced.append(asset)
            else:
                total.add(sums, price)
        return total, tuple(sorted(unpriced))


class Report:
    """Reads the book for one question.

    Args:
        accounts: of the desk, by name; of those that are no longer on it, venue and groups are not known.
    """

    def __init__(self, book: PnlBook, calendar: Calendar, accounts: Mapping[str, Account]) -> None:
        self._book = book
        self._calendar = calendar
        self._accounts = accounts

    def lines(self, by: str, *, since_ns: int = 0, account: str = "") -> tuple[list[Line], Line]:
        """Rows in their natural order, and the total, in which everything counts once.

        Args:
            by: one of `BY`. An account of two groups counts in both rows.
            since_ns: start of the first day that counts.
            account: only this one; "" for all, and of those not real and simulated money in one sum.
        """
        apart = left_out(self._accounts.values()) if not account else frozenset()
        rows: dict[str, Line] = {}
        total = Line("total")
        for key, sums in self._book.cells.items():
            if key[0] < since_ns or account not in ("", key[2]):
                continue
            if key[2] in apart:
                if by != "account":
                    continue
            else:
                total.add(key[5], sums)
            for name, start_ns in self._names(by, key):
                line = rows.get(name)
                if line is None:
                    line = rows[name] = Line(name, start_ns)
                line.add(key[5], sums)
        return sorted(rows.values(), key=lambda line: (line.start_ns, line.key)), total

    def _names(self, by: str, key: CellKey) -> Iterable[tuple[str, int]]:
        day_ns, session_ns, account, instrument, tag, _ = key
        spec = self._accounts.get(account)
        match by:
            case "day":
                return [(self._calendar.date_of(day_ns).isoformat(), day_ns)]
            case "session":
                return [(self._session(session_ns), session_ns)]
            case "account":
                return [(account, 0)]
            case "venue":
                venue = venue_of(InstrumentId(instrument)) if instrument else ""
                return [(spec.venue if spec is not None else venue, 0)]
            case "group":
                return [(group, 0) for group in (spec.groups if spec is not None else ())] or [("", 0)]
            case "instrument":
                return [(symbol_of(InstrumentId(instrument)) if instrument else "", 0)]
            case _:
                tags = (tag,) if tag else spec.tags if spec is not None else ()
                return [(name, 0) for name in tags] or [("", 0)]

    def _session(self, start_ns: int) -> str:
        """A session's name; a name that was given twice gets its date."""
        if not start_ns:
            return ""
        name = next((name for start, name in self._book.sessions if start == start_ns), "")
        twins = sum(other == name for _, other in self._book.sessions)
        date = self._calendar.date_of(self._calendar.day_of(start_ns)).isoformat()
        if name and twins == 1:
            return name
        number = [start for start, other in self._book.sessions if other == name].index(start_ns) + 1
        return f"{name or 'session'} {date} ({number})"
