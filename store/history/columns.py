"""Candles as plain columns in microseconds, and the few things that are done with them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Columns = tuple[Any, ...]
"""(open_us int64, open, high, low, close, volume float64), each of shape (n,), oldest first."""
NAMES = ("open_us", "open", "high", "low", "close", "volume")


def no_rows() -> Columns:
    """Columns of length 0."""
    return (np.empty(0, np.int64), *(np.empty(0, np.float64) for _ in NAMES[1:]))


def merge(parts: Sequence[Columns]) -> Columns:
    """All rows in time order, one per open; of rows with the same open the one in the earliest part stays."""
    filled = [part for part in parts if len(part[0])]
    if not filled:
        return no_rows()
    joined = tuple(np.concatenate(column) for column in zip(*filled, strict=True))
    opens = joined[0]
    if len(filled) == 1 or bool(np.all(opens[1:] > opens[:-1])):
        return joined
    _, first = np.unique(opens, return_index=True)  # sorted, and the first of equals
    return tuple(column[first] for column in joined)


def picked(columns: Columns, index: Any) -> Columns:
    """The rows that a slice, mask or index array picks."""
    return tuple(column[index] for column in columns)


def holes(opens: NDArray[np.int64], width_us: int) -> list[tuple[int, int]]:
    """Missing opens between the first and the last: (first missing, last missing) each, microseconds."""
    at = np.flatnonzero(np.diff(opens) > width_us)
    return [(int(opens[i]) + width_us, int(opens[i + 1]) - width_us) for i in at]


def check(columns: Columns) -> str:
    """Why these are not columns of a series, or ""."""
    opens = columns[0]
    if any(column.ndim != 1 or len(column) != len(opens) for column in columns):
        return f"columns of different lengths: {[column.shape for column in columns]}"
    if not bool(np.all(opens[1:] > opens[:-1])):
        return "opens that do not increase"
    if not all(bool(np.all(np.isfinite(column))) for column in columns[1:]):
        return "values that are not finite"
    return ""
