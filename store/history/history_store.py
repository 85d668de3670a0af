"""The whole history in one process: what the worker serves, and what tests open without a worker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import duckdb

from hedge_tui.domain.errors import StoreError
from store.history import sealing, tables
from store.history.adopt import adopt_candles, adopt_equity, set_aside
from store.history.candle_store import CandleStore
from store.history.database import open_database
from store.history.equity_store import EquityStore
from store.journal.high_water import HighWater, HighWaterFile, read_high_water

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from store.history.catalog import SeriesState

MARK = "history.mark"
"""How many rows there were: kept beside the database, so that a shrunken one is noticed."""
CHECKPOINT_WRITES = 2_000
CHECKPOINT_ROWS = 200_000
"""After so many writes or rows the database's log is moved into its file, at a quiet moment."""


class HistoryStore:
    """Owns the database and the files below `root`.

    Attributes:
        candles, equity: the two kinds of history; hand them `writer` or `reader`.
        writer, reader: one cursor for each thread; a thread uses only its own.
        notices: what was lost or mended while opening, one sentence each.
    """

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the history in `root`.

        Raises:
            StoreError: in use by another process, or the disk refuses.
        """
        self._root = root
        self._clock = clock
        self._connection, self.notices = open_database(root)
        self.writer = self._connection.cursor()
        self.reader = self._connection.cursor()
        self.catalog = tables.load_catalog(self.writer)
        self.notices += adopt_candles(self.writer, root, self.catalog)
        self.notices += adopt_equity(self.writer, root)
        for state in self.catalog.states():
            state.hot_since = clock() if state.hot_rows else None
        self.candles = CandleStore(root, self.catalog)
        self.equity = EquityStore(root, self.writer)
        self._writes = self._fresh_rows = 0
        self._refusals = 0
        self._kept = self.equity.rows + sum(state.rows for state in self.catalog.states())
        self.notices += self._missing_rows(read_high_water(root / MARK))
        try:
            self._marks = HighWaterFile(root / MARK)
            self._marks.reset(HighWater(self._kept))
        except OSError as error:
            raise StoreError(f"{root / MARK} cannot be written: {error.strerror}") from error

    def _missing_rows(self, mark: HighWater | None) -> list[str]:
        # DuckDB drops a log's unreadable tail without a word; history only grows, so a smaller one is told.
        lost = mark.seq - self._kept if mark else 0
        return [f"{lost} candles or equity points were lost by the disk; candles are fetched again"] * (
            lost > 0
        )

    def now_s(self) -> float:
        """Seconds on the clock that decides when rows are old enough to be sealed."""
        return self._clock()

    def count_write(self, rows: int = 0) -> None:
        """Say that a write with so many new rows is durable: it counts towards the mark and housekeeping.

        Raises:
            OSError: the disk refuses the mark.
        """
        self._writes += 1
        self._fresh_rows += rows
        self._kept += rows
        if rows:
            self._marks.write(HighWater(self._kept))

    def tidy(self) -> bool:
        """One step of housekeeping, at most some tens of milliseconds, on the writer's thread.

        Returns:
            False when nothing is left to do. A disk that refuses is noted once in `notices` and tried
            again at the next quiet moment; the rows stay where they are.
        """
        try:
            if (state := sealing.due(self.catalog, self.now_s())) is not None:
                self._seal(state)
                return True
            if (account := self.equity.due()) is not None:
                self.equity.seal_oldest(self.writer, account)
                self.count_write()
                return True
            if self._writes >= CHECKPOINT_WRITES or self._fresh_rows >= CHECKPOINT_ROWS:
                self.checkpoint()
                return True
        except (OSError, duckdb.Error, StoreError) as error:
            if not self._refusals:
                self.notices.append(f"history could not be sealed, it stays in the database: {error}")
            self._refusals += 1
            return False
        self._refusals = 0
        return False

    def _seal(self, state: SeriesState) -> int:
        """Seal the oldest hot period of a series; a damaged file in its way is set aside first."""
        self.count_write()
        try:
            return sealing.seal_oldest(self.writer, self._root, state, self.now_s())
        except StoreError as error:
            name = sealing.file_of(state)
            self.notices.append(set_aside(self.writer, self._root, name, error))
            state.files = tuple(file for file in state.files if file.path != name)
            return sealing.seal_oldest(self.writer, self._root, state, self.now_s())

    def seal_all(self, budget_s: float | None = None) -> int:
        """Seal every hot row, most rows first, for `budget_s` seconds at most; returns how many were moved.

        What the budget leaves stays hot, which is just as durable.
        """
        until = None if budget_s is None else self._clock() + budget_s
        moved = 0
        waiting = sorted(self.catalog.states(), key=lambda state: -state.hot_rows)
        for state in waiting:
            while state.hot_rows and (until is None or self._clock() < until):
                moved += self._seal(state)
        while (accounts := self.equity.accounts_with_hot()) and (until is None or self._clock() < until):
            moved += self.equity.seal_oldest(self.writer, accounts[0])
        return moved

    def verify(self) -> list[str]:
        """Compare every sealed file with its digest in the manifest; returns what differs."""
        wrong = []
        files = [file for state in self.catalog.states() for file in state.files]
        for mine in tables.equity_files(self.reader).values():
            files += mine
        for file in files:
            try:
                if sealing.file_digest(self._root / file.path) != file.digest:
                    wrong.append(f"{file.path} is not what was written")
            except OSError as error:
                wrong.append(f"{file.path} cannot be read: {error.strerror}")
        return wrong

    def checkpoint(self) -> None:
        """Move the database's log into its file; a reader at work makes it wait for the next time."""
        try:
            self.writer.execute("CHECKPOINT")
        except duckdb.TransactionException:
            return
        self._writes = self._fresh_rows = 0

    def close(self) -> None:
        """Release the files; everything put is durable already."""
        self._marks.close()
        for cursor in (self.reader, self.writer, self._connection):
            cursor.close()
