"""Putting candles in and reading them back, over the hot table and the sealed files together.

One thread writes, another reads; each has its own cursor. A reader asks the hot table first and the catalog
after it: rows that are sealed in between are then seen twice, which `merge` mends, and never missed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.instrument import symbol_of, venue_of
from hedge_tui.domain.ports.history import SeriesSpan
from store.history import tables
from store.history.candle_files import read_candles
from store.history.columns import Columns, check, merge, no_rows, picked
from store.history.gaps import series_gaps

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import InstrumentId
    from store.history.catalog import Catalog, SealedFile, SeriesState

FOREVER_US = 1 << 62
_CACHED_FILES = 8
"""Of the reading thread, about 2 MB each: scrolling back in a chart stays in few files."""


@lru_cache(maxsize=_CACHED_FILES)
def _cached_file(path: Path, _mtime_ns: int) -> Columns:
    columns = read_candles(path)
    for column in columns:
        column.flags.writeable = False
    return columns


class CandleStore:
    """The candles below one root.

    Times here are microseconds; the port's nanoseconds end at the client.
    """

    def __init__(self, root: Path, catalog: Catalog) -> None:
        self._root = root
        self._catalog = catalog

    def put(
        self,
        cursor: duckdb.DuckDBPyConnection,
        instrument: InstrumentId,
        timeframe: Timeframe,
        columns: Columns,
        now_s: float,
    ) -> int:
        """Keep candles that are not kept yet; durable on return. Returns how many were new.

        Raises:
            LedgerError: the columns are no series (unsorted, not finite, of different lengths).
            duckdb.Error: the disk refused; nothing was kept.
        """
        if wrong := check(columns):
            raise LedgerError(f"candles of {instrument} {timeframe} with {wrong}")
        if not len(columns[0]):
            return 0
        state = self._catalog.find(instrument, timeframe)
        fresh = columns if state is None else self._new_rows(cursor, state, columns)
        if not len(fresh[0]):
            return 0
        number = self._catalog.next_number() if state is None else state.id
        named = (venue_of(instrument), symbol_of(instrument), timeframe.value)
        with tables.transaction(cursor):
            if state is None:
                tables.add_series(cursor, number, *named)
            tables.insert_hot(cursor, number, fresh)
        if state is None:
            state = self._catalog.add(number, *named)
        _count_hot(state, fresh[0], now_s)
        return len(fresh[0])

    def _new_rows(self, cursor: duckdb.DuckDBPyConnection, state: SeriesState, columns: Columns) -> Columns:
        opens = columns[0]
        bounds = state.bounds_us
        if bounds is None or opens[0] > bounds[1] or opens[-1] < bounds[0]:
            return columns  # the usual case: beyond what is kept, nothing to look up
        kept = self._rows(cursor, state, int(opens[0]), int(opens[-1]) + 1)
        return picked(columns, ~np.isin(opens, kept[0], assume_unique=True))

    def newest(
        self,
        cursor: duckdb.DuckDBPyConnection,
        instrument: InstrumentId,
        timeframe: Timeframe,
        until_us: int,
        count: int,
    ) -> Columns:
        """The `count` candles before `until_us`, oldest first; reads no more files than it needs."""
        state = self._catalog.find(instrument, timeframe)
        if state is None or count <= 0:
            return no_rows()
        found = tables.read_hot(cursor, state.id, -FOREVER_US, until_us)
        for file in reversed(state.overlapping(-FOREVER_US, until_us)):
            opens = found[0]
            if len(opens) >= count and opens[-count] > file.last_us:
                break
            found = merge((_before(self._file(file), until_us), found))
        return picked(found, slice(-count, None))

    def between(
        self,
        cursor: duckdb.DuckDBPyConnection,
        instrument: InstrumentId,
        timeframe: Timeframe,
        first_us: int,
        until_us: int,
    ) -> Columns:
        """All candles with first_us <= open < until_us, oldest first."""
        state = self._catalog.find(instrument, timeframe)
        return no_rows() if state is None else self._rows(cursor, state, first_us, until_us)

    def spans(self, cursor: duckdb.DuckDBPyConnection) -> list[SeriesSpan]:
        """What is kept of every series, with its holes."""
        states = list(self._catalog.states())
        widths = {state.id: state.timeframe.width_ns // 1_000 for state in states}
        hot = tables.hot_holes(cursor, widths) if widths else {}
        return [self._span(cursor, state, hot.get(state.id, [])) for state in states]

    def _span(
        self, cursor: duckdb.DuckDBPyConnection, state: SeriesState, hot_holes: list[tuple[int, int]]
    ) -> SeriesSpan:
        first, last = state.bounds_us or (0, 0)

        def all_opens() -> Any:
            return self._rows(cursor, state, -FOREVER_US, FOREVER_US)[0]

        gaps = tuple((a * 1_000, b * 1_000, why) for a, b, why in series_gaps(state, hot_holes, all_opens))
        size = sum(file.bytes for file in state.files)
        return SeriesSpan(
            state.instrument, state.timeframe, first * 1_000, last * 1_000, state.rows, gaps, size
        )

    def mark_empty(
        self,
        cursor: duckdb.DuckDBPyConnection,
        instrument: InstrumentId,
        timeframe: Timeframe,
        mark: tuple[int, int, str],
    ) -> None:
        """Record that the venue has no candle with an open from `mark[0]` to `mark[1]`, and why."""
        first_us, last_us, _ = mark
        if last_us < first_us:
            raise LedgerError(f"an empty range of {instrument} that ends before it begins")
        state = self._catalog.find(instrument, timeframe)
        if state is not None and mark in state.empty:
            return
        number = self._catalog.next_number() if state is None else state.id
        named = (venue_of(instrument), symbol_of(instrument), timeframe.value)
        with tables.transaction(cursor):
            if state is None:
                tables.add_series(cursor, number, *named)
            tables.put_empty(cursor, number, *mark)
        if state is None:
            state = self._catalog.add(number, *named)
        state.empty = tuple(sorted((*state.empty, mark)))

    def _rows(
        self, cursor: duckdb.DuckDBPyConnection, state: SeriesState, first_us: int, until_us: int
    ) -> Columns:
        hot = tables.read_hot(cursor, state.id, first_us, until_us)
        sealed = [
            _before(_from(self._file(file), first_us), until_us)
            for file in state.overlapping(first_us, until_us)
        ]
        return merge((*sealed, hot))

    def _file(self, file: SealedFile) -> Columns:
        return _cached_file(self._root / file.path, file.mtime_ns)


def _count_hot(state: SeriesState, opens: Any, now_s: float) -> None:
    first, last = int(opens[0]), int(opens[-1])
    if state.hot_rows:
        first, last = min(first, state.hot_first_us), max(last, state.hot_last_us)
    else:
        state.hot_since = now_s
    state.hot_rows, state.hot_first_us, state.hot_last_us = state.hot_rows + len(opens), first, last


def _before(columns: Columns, until_us: int) -> Columns:
    if not len(columns[0]) or columns[0][-1] < until_us:
        return columns
    return picked(columns, slice(None, int(np.searchsorted(columns[0], until_us))))


def _from(columns: Columns, first_us: int) -> Columns:
    if not len(columns[0]) or columns[0][0] >= first_us:
        return columns
    return picked(columns, slice(int(np.searchsorted(columns[0], first_us)), None))
