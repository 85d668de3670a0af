"""Moves hot candles into Parquet, one file at a time, while nobody waits.

A crash at any point loses and doubles nothing: the file, which is the union of what it held and the hot rows,
is durable before the database drops them, and `adopt` compares the two when the history opens.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from store.history import tables
from store.history.candle_files import read_candles, write_candles
from store.history.catalog import SealedFile, parts_of
from store.history.columns import holes, merge
from store.history.layout import candle_folder, candle_period, period_range_us

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from hedge_tui.domain.candle import Timeframe
    from store.history.catalog import Catalog, SeriesState
    from store.history.columns import Columns

SEAL_ROWS = 4_096
"""A series with this many hot rows is sealed at the next quiet moment."""
SEAL_AGE_S = 6 * 3_600.0
"""So is one whose oldest hot row came this long ago, so that other tools see recent data."""


def due(catalog: Catalog, now_s: float) -> SeriesState | None:
    """The series that most needs sealing, or None. `now_s` is on the clock of `hot_since`."""
    waiting = [
        state
        for state in catalog.states()
        if state.hot_rows >= SEAL_ROWS
        or (state.hot_rows and state.hot_since is not None and now_s - state.hot_since >= SEAL_AGE_S)
    ]
    return max(waiting, key=lambda state: state.hot_rows, default=None)


def seal_oldest(cursor: duckdb.DuckDBPyConnection, root: Path, state: SeriesState, now_s: float) -> int:
    """Seal the oldest period of a series that has hot rows; returns how many rows were moved.

    Raises:
        StoreError: the file of that period is damaged.
        OSError, duckdb.Error: the disk refused; the rows stay hot.
    """
    if not state.hot_rows:
        return 0
    period = candle_period(state.timeframe, state.hot_first_us)
    first_us, until_us = period_range_us(period)
    hot = tables.read_hot(cursor, state.id, first_us, until_us)
    venue, symbol, timeframe = parts_of(state)
    name = file_of(state)
    path = root / name
    columns = merge((read_candles(path), hot)) if path.exists() else hot
    write_candles(path, columns, venue, symbol, timeframe)
    file = describe_file(root, name, period, columns, state.timeframe)
    with tables.transaction(cursor):
        tables.put_candle_file(cursor, state.id, file)
        tables.delete_hot(cursor, state.id, first_us, until_us)
    state.put_file(file)
    _recount(cursor, state, len(hot[0]), now_s)
    return len(hot[0])


def file_of(state: SeriesState) -> str:
    """The file that the oldest hot row of a series belongs to, relative to the root."""
    venue, symbol, _ = parts_of(state)
    period = candle_period(state.timeframe, state.hot_first_us)
    return f"{candle_folder(venue, symbol, state.timeframe)}/{period}.parquet"


def _recount(cursor: duckdb.DuckDBPyConnection, state: SeriesState, moved: int, now_s: float) -> None:
    state.hot_rows -= moved
    if not state.hot_rows:
        state.hot_since = None
        return
    left = cursor.execute(
        "SELECT min(open_us), max(open_us) FROM hot_candles WHERE series = ?", [state.id]
    ).fetchall()
    state.hot_first_us, state.hot_last_us = left[0]
    state.hot_since = now_s if state.hot_since is None else state.hot_since


def describe_file(root: Path, name: str, period: str, columns: Columns, timeframe: Timeframe) -> SealedFile:
    """The manifest's entry for a file that holds `columns`."""
    path = root / name
    found = path.stat()
    opens = columns[0]
    return SealedFile(
        path=name,
        period=period,
        first_us=int(opens[0]),
        last_us=int(opens[-1]),
        rows=len(opens),
        bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
        digest=file_digest(path),
        holes=tuple(holes(opens, timeframe.width_ns // 1_000)),
    )


def file_digest(path: Path) -> str:
    """BLAKE2b of a file's bytes, 32 hex characters."""
    return blake2b(path.read_bytes(), digest_size=16).hexdigest()
