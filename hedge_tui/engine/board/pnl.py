"""`pnl`: profit and loss by day over all accounts, newest day last."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import LiveRows, rounded
from hedge_tui.engine.pnl.book import COLUMNS, Sums
from hedge_tui.engine.pnl.queries import PnlQueries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.pnl.report import Line
    from hedge_tui.engine.state import Changes

CENT = 2


class PnlRows(LiveRows):
    """One row a day; made anew when something was booked, and now and then for assets that have a price."""

    topic = "pnl"
    every_s = 5.0

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._queries = PnlQueries(desk)
        self._lines: dict[str, Line] = {}
        self._values: dict[str, tuple[Sums, Decimal]] = {}
        self._stale = True

    def touch(self, changes: Changes) -> None:
        if changes.pnl:
            self._stale = True
            self.dirty.update(self.rows)

    def rebuild(self) -> None:
        self._stale = True  # while nobody followed, nobody told of changes
        super().rebuild()

    def keys(self) -> Iterable[str]:
        self._read()
        return list(self._lines)

    def make(self) -> tuple[set[str], set[str]]:
        if self._stale and (self.dirty or not self.rows):
            self.dirty.update(self.keys())
        self._value()
        return super().make()

    def row(self, key: str) -> list[Any] | None:
        line = self._lines.get(key)
        if line is None:
            return None
        value, running = self._values[key]
        sums = {name: rounded(getattr(value, name), CENT) for name in COLUMNS}
        return [
            key,
            line.key,
            rounded(value.net, CENT),
            *sums.values(),
            line.fills,
            rounded(running, CENT),
        ]

    def _read(self) -> None:
        if self._stale:
            lines, _ = self._queries.report().lines("day")
            self._lines = {str(line.start_ns): line for line in lines}
            self._stale = False

    def _value(self) -> None:
        """All days in the reporting currency, and the sum up to each."""
        if not self.dirty:
            return
        self._read()
        prices: dict[str, Decimal | None] = {}

        def price_of(asset: str) -> Decimal | None:
            if asset not in prices:
                prices[asset] = self.desk.markets.asset_price(asset)
            return prices[asset]

        running = Decimal(0)
        for key, line in self._lines.items():
            value, _ = line.value(price_of)
            running += value.net
            self._values[key] = (value, running)
