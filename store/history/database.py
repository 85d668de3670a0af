"""The history's DuckDB file: its tables, and opening it after a crash or on a bad disk.

Candles can be fetched again and sealed files stand by themselves, so opening always succeeds with what is
left and says what was lost; it never stands in the way of trading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from hedge_tui.domain.errors import StoreError
from store.history.log_repair import repair

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "history.duckdb"
_VALUES = "open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE"
_AMOUNT = "DECIMAL(38, 12)"
_TIMES = "first_us BIGINT, last_us BIGINT"
_FILE = f"path VARCHAR, {_TIMES}, rows BIGINT, bytes BIGINT, mtime_ns BIGINT, digest VARCHAR"
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
    "memory_limit": "256MB",
    "threads": "2",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}
_MAX_REPAIRS = 8


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
    for _ in range(_MAX_REPAIRS):
        try:
            return _connect(path), notices
        except duckdb.Error as error:
            notices.append(repair(path, str(error)))
    raise StoreError(f"the history {path} cannot be opened: {'; '.join(notices)}")


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path, config=_SETTINGS)
    connection.execute(SCHEMA)
    path.chmod(0o600)
    return connection
