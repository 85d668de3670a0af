"""Equity points in and out: a row a minute and account, hot in DuckDB, sealed by the month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.ports.history import EquityPoint
from store.history import tables
from store.history.adopt import describe_equity
from store.history.candle_store import FOREVER_US
from store.history.equity_files import equity_table, read_equity, worth_table, write_equity
from store.history.layout import equity_folder, month_of, period_range_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal
    from pathlib import Path

    import duckdb

SEAL_POINTS = 4_096


class EquityStore:
    """The equity below one root; one thread writes, another reads."""

    def __init__(self, root: Path, cursor: duckdb.DuckDBPyConnection) -> None:
        self._root = root
        self._files = tables.equity_files(cursor)
        self._hot = {account: rows for account, rows, _, _ in tables.hot_equity_counts(cursor)}

    @property
    def rows(self) -> int:
        """All points kept, about: hot ones that were put twice count twice until the next opening."""
        return sum(self._hot.values()) + sum(file.rows for mine in self._files.values() for file in mine)

    def put(self, cursor: duckdb.DuckDBPyConnection, points: Sequence[EquityPoint]) -> int:
        """Keep points, once for each account and time; durable on return. Returns how many were new.

        Times are cut to microseconds, amounts rounded to twelve places.
        """
        fresh = [point for point in points if not self._sealed(point)]
        once = {(point.account, point.at_ns // 1_000): point for point in fresh}
        if not once:
            return 0
        with tables.transaction(cursor):
            new = tables.insert_equity(cursor, equity_table(list(once.values())))
        for point in once.values():
            self._hot[point.account] = self._hot.get(point.account, 0) + 1
        return new

    def _sealed(self, point: EquityPoint) -> bool:
        at_us = point.at_ns // 1_000
        return any(file.first_us <= at_us <= file.last_us for file in self._files.get(point.account, ()))

    def read(self, cursor: duckdb.DuckDBPyConnection, account: str, since_ns: int) -> list[EquityPoint]:
        """Points of one account from `since_ns` on, oldest first."""
        since_us = -(-since_ns // 1_000)
        hot = tables.read_hot_equity(cursor, account, since_us, FOREVER_US)
        sealed = [
            point
            for file in self._files.get(account, ())
            if file.last_us >= since_us
            for point in read_equity(self._root / file.path)
            if point.at_ns >= since_ns
        ]
        return _by_time((*sealed, *(_point(row) for row in hot)))

    def line(
        self, cursor: duckdb.DuckDBPyConnection, account: str, currency: str, since_ns: int, step_ns: int
    ) -> list[tuple[int, Decimal]]:
        """(UTC nanoseconds, equity) of one account, oldest first, with three points a step at most.

        The lowest, the highest and the last point of each step stay.
        """
        since_us, step_us = -(-since_ns // 1_000), max(1, step_ns // 1_000)
        files = [file for file in self._files.get(account, ()) if file.last_us >= since_us]
        sealed = worth_table([self._root / file.path for file in files])
        rows = tables.equity_line(cursor, account, sealed, (currency, since_us, step_us))
        points = {at_us: equity for row in rows for at_us, equity in _pairs(row)}
        return [(at_us * 1_000, points[at_us]) for at_us in sorted(points)]

    def due(self) -> str | None:
        """An account with enough hot points to be sealed, or None."""
        return next((account for account, rows in self._hot.items() if rows >= SEAL_POINTS), None)

    def accounts_with_hot(self) -> list[str]:
        """Accounts with points that are not sealed."""
        return [account for account, rows in self._hot.items() if rows]

    def seal_oldest(self, cursor: duckdb.DuckDBPyConnection, account: str) -> int:
        """Seal the oldest month of an account that has hot points; returns how many were moved.

        Raises:
            StoreError: the month's file is damaged.
            OSError, duckdb.Error: the disk refused; the points stay hot.
        """
        hot = tables.read_hot_equity(cursor, account, -FOREVER_US, FOREVER_US)
        if not hot:
            self._hot[account] = 0
            return 0
        period = month_of(hot[0][0])
        first_us, until_us = period_range_us(period)
        moved = [_point(row) for row in hot if row[0] < until_us]
        name = f"{equity_folder(account)}/{period}.parquet"
        path = self._root / name
        points = _by_time((*(read_equity(path) if path.exists() else ()), *moved))
        write_equity(path, points)
        bounds = (points[0].at_ns // 1_000, points[-1].at_ns // 1_000)
        file = describe_equity(self._root, name, period, bounds, len(points))
        with tables.transaction(cursor):
            tables.put_equity_file(cursor, account, file)
            tables.delete_hot_equity(cursor, account, first_us, until_us)
        self._hot[account] = len(hot) - len(moved)
        others = tuple(each for each in self._files.get(account, ()) if each.period != period)
        self._files[account] = tuple(sorted((*others, file), key=lambda each: each.first_us))
        return len(moved)


def _point(row: tuple[object, ...]) -> EquityPoint:
    at_us, account, currency, *amounts = row
    return EquityPoint(account, at_us * 1_000, currency, *amounts)  # type: ignore[arg-type,operator] # the table's types


def _pairs(row: tuple[Any, ...]) -> Iterable[tuple[int, Decimal]]:
    """Lowest, highest and last of a step: (time, equity) each."""
    return zip(row[0::2], row[1::2], strict=True)


def _by_time(points: Iterable[EquityPoint]) -> list[EquityPoint]:
    """Oldest first, one for each time; the earlier given stays."""
    kept: dict[int, EquityPoint] = {}
    for point in points:
        kept.setdefault(point.at_ns, point)
    return [kept[at_ns] for at_ns in sorted(kept)]
