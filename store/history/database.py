"""The history's DuckDB file: its tables, and opening it after a crash or on a bad disk.

Candles can be fetched again and sealed files stand by themselves, so opening always succeeds with what is
left and says what was lost; it never stands in the way of trading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "history.duckdb"
_VALUES = "open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE"
_AMOUNT = "DECIMAL(38, 12)"
_FILE = "path VARCHAR, first_us BIGINT, last_us BIGINT, rows BIGINT, bytes BIGINT, mtime_ns BIGINT, digest VARCHAR"
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS series (id INTEGER, venue VARCHAR, symbol VARCHAR, timeframe VARCHAR);
CREATE TABLE IF NOT EXISTS hot_candles (series INTEGER, open_us BIGINT, {_VALUES});
CREATE TABLE IF NOT EXISTS candle_files (series INTEGER, period VARCHAR, {_FILE}, holes VARCHAR);
CREATE TABLE IF NOT EXISTS empty_ranges (series INTEGER, first_us BIGINT, last_us BIGINT, cause VARCHAR);
CREATE TABLE IF NOT EXISTS hot_equity (
    at_us BIGINT, account VARCHAR, currency VARCHAR, equity {_AMOUNT}, balance {_AMOUNT},
    unrealized_pnl {_AMOUNT}, realized_pnl {_AMOUNT}, fees {_AMOUNT}, funding {_AMOUNT}
);
CREATE TABLE IF NOT EXISTS equity_files (account VARCHAR, period VARCHAR, {_FILE});
"""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Checkpoints stall for up to 360 ms: the owner makes them when it is idle.
    "checkpoint_threshold": "256MB",
    "memory_limit": "512MB",
    "threads": "2",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}
_BAD_ENTRY = re.compile(r"entry at byte position (\d+)")
_MAX_CUTS = 8


def open_database(root: Path) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """Open the history in `root`, made where there is none.

    Returns:
        The connection, and what was lost, one sentence each.

    Raises:
        StoreError: another process has it open, or the disk refuses.
    """
    path = root / FILE_NAME
    notices: list[str] = []
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{root} cannot be made: {error.strerror}") from error
    for _ in range(_MAX_CUTS):
        try:
            return _connect(path), notices
        except duckdb.Error as error:
            _repair(path, str(error), notices)
    raise StoreError(f"the history {path} cannot be opened: {'; '.join(notices)}")


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path, config=_SETTINGS)
    connection.execute(SCHEMA)
    path.chmod(0o600)
    return connection


def _repair(path: Path, reason: str, notices: list[str]) -> None:
    """Take away what keeps the file from opening, keeping a copy beside it."""
    if "lock" in reason.lower():
        raise StoreError(f"the history {path} is in use by another process: {reason}")
    log = path.with_name(f"{path.name}.wal")
    bad = _BAD_ENTRY.search(reason)
    if bad and log.exists() and int(bad[1]) < log.stat().st_size:
        raw = log.read_bytes()
        _aside(log)
        log.write_bytes(raw[: int(bad[1])])
        notices.append(
            f"the history's log was damaged at byte {bad[1]}: {len(raw) - int(bad[1])} bytes of the newest "
            "candles and equity were dropped; candles are fetched again"
        )
    elif "WAL" in reason and log.exists():
        notices.append(
            f"the history's log ({log.stat().st_size} bytes) does not fit and was set aside: {reason}"
        )
        _aside(log)
    elif path.exists() and ("IO Error" not in reason or "not a valid DuckDB" in reason or "orrupt" in reason):
        notices.append(f"the history's database was damaged and set aside; sealed files are kept: {reason}")
        _aside(path)
        if log.exists():
            _aside(log)
    else:
        raise StoreError(f"the history {path} cannot be opened: {reason}")


def _aside(path: Path) -> None:
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(target)
