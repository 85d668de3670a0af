"""The statements on the history's database: the only SQL of the history stands here.

Every function takes the calling thread's own cursor. Values travel as parameters or Arrow columns, never in
the text of a statement.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from store.history.catalog import Catalog, SealedFile, SeriesState
from store.history.columns import NAMES, Columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

_FILE = "path, period, first_us, last_us, rows, bytes, mtime_ns, digest"


@contextlib.contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing; durable after the block."""
    cursor.execute("BEGIN")
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


@contextlib.contextmanager
def _table(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> Iterator[None]:
    cursor.register("incoming", table)
    try:
        yield
    finally:
        cursor.unregister("incoming")


def load_catalog(cursor: duckdb.DuckDBPyConnection) -> Catalog:
    """Everything the manifest says, with the bounds of the hot rows."""
    catalog = Catalog()
    by_id: dict[int, SeriesState] = {}
    for number, venue, symbol, timeframe in _all(cursor, "SELECT id, venue, symbol, timeframe FROM series"):
        by_id[number] = catalog.add(number, venue, symbol, timeframe)
    for number, holes, *fields in _all(cursor, f"SELECT series, holes, {_FILE} FROM candle_files"):  # noqa: S608 - a constant
        pairs = tuple((first, last) for first, last in json.loads(holes))
        by_id[number].put_file(replace(SealedFile(*fields), holes=pairs))
    for number, rows, first, last in _all(
        cursor, "SELECT series, count(*), min(open_us), max(open_us) FROM hot_candles GROUP BY series"
    ):
        state = by_id[number]
        state.hot_rows, state.hot_first_us, state.hot_last_us = rows, first, last
    for number, *empty in _all(
        cursor, "SELECT series, first_us, last_us, cause FROM empty_ranges ORDER BY 2"
    ):
        by_id[number].empty = (*by_id[number].empty, tuple(empty))
    return catalog


def _all(cursor: duckdb.DuckDBPyConnection, statement: str, values: list[Any] | None = None) -> list[Any]:
    return cursor.execute(statement, values or []).fetchall()


def add_series(
    cursor: duckdb.DuckDBPyConnection, number: int, venue: str, symbol: str, timeframe: str
) -> None:
    """Give a series its number."""
    cursor.execute("INSERT INTO series VALUES (?, ?, ?, ?)", [number, venue, symbol, timeframe])


def insert_hot(cursor: duckdb.DuckDBPyConnection, series: int, columns: Columns) -> None:
    """Add candles to the hot table."""
    arrays = [pa.array(column) for column in columns]
    table = pa.table([pa.repeat(pa.scalar(series, pa.int32()), len(columns[0])), *arrays], ["series", *NAMES])
    with _table(cursor, table):
        cursor.execute("INSERT INTO hot_candles SELECT * FROM incoming")


def read_hot(cursor: duckdb.DuckDBPyConnection, series: int, first_us: int, until_us: int) -> Columns:
    """Hot candles of a series with first_us <= open < until_us, oldest first."""
    found = cursor.execute(
        "SELECT open_us, open, high, low, close, volume FROM hot_candles "
        "WHERE series = ? AND open_us >= ? AND open_us < ? ORDER BY open_us",
        [series, first_us, until_us],
    ).fetchnumpy()
    return tuple(found[name] for name in NAMES)


def delete_hot(cursor: duckdb.DuckDBPyConnection, series: int, first_us: int, until_us: int) -> None:
    """Drop the hot candles of a range that is sealed now."""
    cursor.execute(
        "DELETE FROM hot_candles WHERE series = ? AND open_us >= ? AND open_us < ?",
        [series, first_us, until_us],
    )


def delete_hot_opens(cursor: duckdb.DuckDBPyConnection, series: int, opens: Any) -> None:
    """Drop the hot candles with these opens (microseconds)."""
    with _table(cursor, pa.table([pa.array(opens)], ["open_us"])):
        cursor.execute(
            "DELETE FROM hot_candles WHERE series = ? AND open_us IN (SELECT open_us FROM incoming)", [series]
        )


def put_candle_file(cursor: duckdb.DuckDBPyConnection, series: int, file: SealedFile) -> None:
    """Write a file into the manifest, in place of the one of the same period."""
    cursor.execute("DELETE FROM candle_files WHERE series = ? AND period = ?", [series, file.period])
    cursor.execute(
        f"INSERT INTO candle_files (series, holes, {_FILE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
        [series, json.dumps(file.holes), *_fields(file)],
    )


def drop_file(cursor: duckdb.DuckDBPyConnection, path: str) -> None:
    """Forget a file that is no longer there."""
    cursor.execute("DELETE FROM candle_files WHERE path = ?", [path])
    cursor.execute("DELETE FROM equity_files WHERE path = ?", [path])


def _fields(file: SealedFile) -> list[Any]:
    return [
        file.path,
        file.period,
        file.first_us,
        file.last_us,
        file.rows,
        file.bytes,
        file.mtime_ns,
        file.digest,
    ]


def put_empty(
    cursor: duckdb.DuckDBPyConnection, series: int, first_us: int, last_us: int, cause: str
) -> None:
    """Record a range in which the venue had nothing."""
    cursor.execute("INSERT INTO empty_ranges VALUES (?, ?, ?, ?)", [series, first_us, last_us, cause])


def hot_holes(cursor: duckdb.DuckDBPyConnection, widths: dict[int, int]) -> dict[int, list[tuple[int, int]]]:
    """Missing opens among the hot rows of every series; `widths` gives microseconds per candle by series."""
    found: dict[int, list[tuple[int, int]]] = {}
    table = pa.table(
        {"series": pa.array(list(widths), pa.int32()), "width": pa.array(list(widths.values()), pa.int64())}
    )
    with _table(cursor, table):
        rows = _all(
            cursor,
            "SELECT series, before_us + width, open_us - width FROM ("
            "SELECT h.series, w.width, h.open_us, "
            "lag(h.open_us) OVER (PARTITION BY h.series ORDER BY h.open_us) AS before_us "
            "FROM hot_candles h JOIN incoming w ON h.series = w.series"
            ") WHERE open_us - before_us > width ORDER BY 1, 2",
        )
    for series, first, last in rows:
        found.setdefault(series, []).append((first, last))
    return found


def insert_equity(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> int:
    """Add equity points that are not there yet, by account and time; returns how many."""
    with _table(cursor, table):
        added = cursor.execute(
            "INSERT INTO hot_equity SELECT epoch_us(at_time), * EXCLUDE (at_time) FROM incoming i "
            "WHERE NOT EXISTS (SELECT 1 FROM hot_equity h "
            "WHERE h.account = i.account AND h.at_us = epoch_us(i.at_time))"
        ).fetchall()
    return int(added[0][0])


def read_hot_equity(
    cursor: duckdb.DuckDBPyConnection, account: str, first_us: int, until_us: int
) -> list[tuple[Any, ...]]:
    """Hot points of an account as rows in the table's order, oldest first."""
    return _all(
        cursor,
        "SELECT * FROM hot_equity WHERE account = ? AND at_us >= ? AND at_us < ? ORDER BY at_us",
        [account, first_us, until_us],
    )


def equity_line(
    cursor: duckdb.DuckDBPyConnection, account: str, sealed: pa.Table, span: tuple[str, int, int]
) -> list[tuple[Any, ...]]:
    """(time, equity) of the lowest, the highest and the last point of each step; microseconds.

    Args:
        cursor: the reader's.
        account: whose hot points are looked at.
        sealed: points of the same account out of its files: at_time, equity, currency.
        span: (currency, first time, width of a step).
    """
    currency, since_us, step_us = span
    with _table(cursor, sealed):
        return _all(
            cursor,
            "WITH points AS (SELECT at_us, equity, currency FROM hot_equity WHERE account = ? "
            "UNION ALL SELECT epoch_us(at_time), equity, currency FROM incoming) "
            "SELECT arg_min(at_us, equity), min(equity), arg_max(at_us, equity), max(equity), max(at_us), "
            "arg_max(equity, at_us) FROM points WHERE at_us >= ? AND currency = ? GROUP BY at_us // ?",
            [account, since_us, currency, step_us],
        )


def hot_equity_counts(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int, int]]:
    """(account, rows, first, last) of the hot points; microseconds."""
    return _all(cursor, "SELECT account, count(*), min(at_us), max(at_us) FROM hot_equity GROUP BY account")


def delete_hot_equity(cursor: duckdb.DuckDBPyConnection, account: str, first_us: int, until_us: int) -> None:
    """Drop hot points that are sealed now."""
    cursor.execute(
        "DELETE FROM hot_equity WHERE account = ? AND at_us >= ? AND at_us < ?", [account, first_us, until_us]
    )


def equity_files(cursor: duckdb.DuckDBPyConnection) -> dict[str, tuple[SealedFile, ...]]:
    """The manifest's files by account, oldest first."""
    found: dict[str, tuple[SealedFile, ...]] = {}
    for account, *fields in _all(cursor, f"SELECT account, {_FILE} FROM equity_files ORDER BY first_us"):  # noqa: S608 - a constant
        found[account] = (*found.get(account, ()), SealedFile(*fields))
    return found


def put_equity_file(cursor: duckdb.DuckDBPyConnection, account: str, file: SealedFile) -> None:
    """Write a file into the manifest, in place of the one of the same period."""
    cursor.execute("DELETE FROM equity_files WHERE account = ? AND period = ?", [account, file.period])
    cursor.execute(
        f"INSERT INTO equity_files (account, {_FILE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
        [account, *_fields(file)],
    )
