"""Makes manifest and files agree when the history opens: after a crash while sealing, a lost database.

The files are the truth: what stands in them is taken in and dropped from the hot table; what the manifest
names and the disk has not is forgotten, and shows as a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.instrument import instrument_id
from store.durable_file import TEMPORARY
from store.history import tables
from store.history.candle_files import read_candles, read_identity
from store.history.catalog import SealedFile
from store.history.columns import check
from store.history.equity_files import read_equity
from store.history.layout import candle_folder, candle_period, equity_folder, month_of
from store.history.sealing import describe_file, file_digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

    from store.history.catalog import Catalog

DAMAGED = ".damaged"


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    """(bytes, mtime_ns) of each Parquet file, by path from the parent; unfinished files are deleted."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(TEMPORARY):
            path.unlink()
        elif path.suffix == ".parquet" and path.is_file():
            seen = path.stat()
            found[path.relative_to(folder.parent).as_posix()] = (seen.st_size, seen.st_mtime_ns)
    return found


def differing(
    known: Iterable[SealedFile], found: dict[str, tuple[int, int]]
) -> tuple[list[str], list[SealedFile]]:
    """(paths that the manifest does not know as they are, files it names that are gone)."""
    by_path = {file.path: file for file in known}
    strange = [
        name
        for name, seen in found.items()
        if name not in by_path or (by_path[name].bytes, by_path[name].mtime_ns) != seen
    ]
    return strange, [file for name, file in by_path.items() if name not in found]


def adopt_candles(cursor: duckdb.DuckDBPyConnection, root: Path, catalog: Catalog) -> list[str]:
    """Bring the catalog of candles in line with the files; returns what the trader should hear."""
    notices = []
    known = [file for state in catalog.states() for file in state.files]
    strange, gone = differing(known, files_below(root / "candles"))
    for file in gone:
        tables.drop_file(cursor, file.path)
        notices.append(f"{file.path} with {file.rows} candles is gone; they are fetched again when needed")
    for state in catalog.states():
        state.files = tuple(file for file in state.files if file not in gone)
    for name in strange:
        try:
            _adopt(cursor, root, catalog, name)
        except StoreError as error:
            notices.append(set_aside(cursor, root, name, error))
            for state in catalog.states():
                state.files = tuple(file for file in state.files if file.path != name)
    return notices


def set_aside(cursor: duckdb.DuckDBPyConnection, root: Path, name: str, error: StoreError) -> str:
    """Rename a file that cannot be used and strike it from the manifest; returns the notice."""
    (root / name).replace(root / (name + DAMAGED))
    tables.drop_file(cursor, name)
    return f"{name} was set aside as {name}{DAMAGED}: {error}"


def _adopt(cursor: duckdb.DuckDBPyConnection, root: Path, catalog: Catalog, name: str) -> None:
    venue, symbol, width = read_identity(root / name)
    try:
        timeframe = Timeframe(width)
    except ValueError:
        raise StoreError(f"it says timeframe {width!r}, which is none") from None
    columns = read_candles(root / name)
    if wrong := check(columns):
        raise StoreError(f"it holds {wrong}")
    period = candle_period(timeframe, int(columns[0][0]))
    if f"{candle_folder(venue, symbol, timeframe)}/{period}.parquet" != name:
        raise StoreError(f"it holds {venue} {symbol} {width} of {period}, which belongs elsewhere")
    state = catalog.find(instrument_id(venue, symbol), timeframe)
    file = describe_file(root, name, period, columns, timeframe)
    with tables.transaction(cursor):
        if state is None:
            number = catalog.next_number()
            tables.add_series(cursor, number, venue, symbol, width)
            state = catalog.add(number, venue, symbol, width)
        tables.put_candle_file(cursor, state.id, file)
        tables.delete_hot_opens(cursor, state.id, columns[0])
    state.put_file(file)
    left = cursor.execute(
        "SELECT count(*), min(open_us), max(open_us) FROM hot_candles WHERE series = ?", [state.id]
    ).fetchall()[0]
    state.hot_rows, state.hot_first_us, state.hot_last_us = left[0], left[1] or 0, left[2] or 0


def adopt_equity(cursor: duckdb.DuckDBPyConnection, root: Path) -> list[str]:
    """Bring the manifest of equity in line with the files; returns what the trader should hear."""
    notices = []
    known = [file for files in tables.equity_files(cursor).values() for file in files]
    strange, gone = differing(known, files_below(root / "equity"))
    for file in gone:
        tables.drop_file(cursor, file.path)
        notices.append(f"{file.path} with {file.rows} equity points is gone")
    for name in strange:
        try:
            _adopt_equity(cursor, root, name)
        except StoreError as error:
            notices.append(set_aside(cursor, root, name, error))
    return notices


def _adopt_equity(cursor: duckdb.DuckDBPyConnection, root: Path, name: str) -> None:
    points = read_equity(root / name)
    if not points:
        raise StoreError("it holds nothing")
    account = points[0].account
    first_us, last_us = points[0].at_ns // 1_000, points[-1].at_ns // 1_000
    if f"{equity_folder(account)}/{month_of(first_us)}.parquet" != name:
        raise StoreError(f"it holds equity of {account!r}, which belongs elsewhere")
    entry = describe_equity(root, name, month_of(first_us), (first_us, last_us), len(points))
    with tables.transaction(cursor):
        tables.put_equity_file(cursor, account, entry)
        tables.delete_hot_equity(cursor, account, first_us, last_us + 1)


def describe_equity(root: Path, name: str, period: str, bounds_us: tuple[int, int], rows: int) -> SealedFile:
    """The manifest's entry for a file of equity points."""
    seen = (root / name).stat()
    return SealedFile(
        name, period, *bounds_us, rows, seen.st_size, seen.st_mtime_ns, file_digest(root / name)
    )
