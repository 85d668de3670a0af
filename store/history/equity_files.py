"""Sealed equity: a Parquet file a month and account, decimals with twelve places in every file."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.ports.history import EquityPoint
from store.history.candle_files import write_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AMOUNTS = ("equity", "balance", "unrealized_pnl", "realized_pnl", "fees", "funding")
PLACES = Decimal("1e-12")
_AMOUNT = pa.decimal128(38, 12)
_SCHEMA = pa.schema(
    [
        pa.field("at_time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        *(pa.field(name, _AMOUNT, nullable=False) for name in AMOUNTS),
    ]
)


def to_places(value: Decimal) -> Decimal:
    """Rounded half-even to the twelve places that are kept."""
    return value.quantize(PLACES, ROUND_HALF_EVEN)


def equity_table(points: Sequence[EquityPoint]) -> pa.Table:
    """Points as an Arrow table; times in microseconds, amounts to twelve places."""
    return pa.table(
        [
            pa.array([point.at_ns // 1_000 for point in points], pa.int64()).cast(_SCHEMA.field(0).type),
            pa.array([point.account for point in points], pa.string()),
            pa.array([point.currency for point in points], pa.string()),
            *(pa.array([to_places(getattr(point, name)) for point in points], _AMOUNT) for name in AMOUNTS),
        ],
        schema=_SCHEMA,
    )


def write_equity(path: Path, points: Sequence[EquityPoint]) -> None:
    """Put points, sorted by time, at `path`, durably and at once. Raises OSError."""
    write_table(path, equity_table(points), dictionary=["account", "currency"], delta="at_time")


def worth_table(paths: Sequence[Path]) -> pa.Table:
    """Time, equity and currency out of sealed files, one after the other; empty without files.

    Raises:
        StoreError: a file cannot be read.
    """
    names = ["at_time", "equity", "currency"]
    found = [pa.table([[], [], []], schema=pa.schema([_SCHEMA.field(name) for name in names]))]
    for path in paths:
        try:
            found.append(pq.ParquetFile(path).read(columns=names).select(names))
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"the history file {path} cannot be read: {error}") from error
    return pa.concat_tables(found)


def read_equity(path: Path) -> list[EquityPoint]:
    """All points of a sealed file, oldest first. Raises StoreError."""
    try:
        table = pq.ParquetFile(path).read()
        times = table.column("at_time").cast(pa.int64()).to_pylist()
        columns = [table.column(name).to_pylist() for name in ("account", "currency", *AMOUNTS)]
    except (OSError, KeyError, pa.ArrowException) as error:
        raise StoreError(f"the history file {path} cannot be read: {error}") from error
    return [
        EquityPoint(account, at_us * 1_000, currency, *amounts)
        for at_us, account, currency, *amounts in zip(times, *columns, strict=True)
    ]
