"""Rows of a table as CSV that spreadsheets and programs can read, and that no venue's text can harm."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.column import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.ui.widgets.live_table.column import Column

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula, and runs it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def csv_text(columns: Sequence[tuple[Column, Sequence[object]]]) -> str:
    """Keys of the columns, then one line per row.

    Numbers are in full and in the unit of the feed (a funding rate of 0.01 % is 0.0001), times in UTC, what
    is not known is empty. A text that would be a formula gets an apostrophe before it.

    Args:
        columns: each with its values, all of one length: floats, or texts as they came.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column, _ in columns])
    cells = [[cell_text(column, value) for value in values] for column, values in columns]
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()


def cell_text(column: Column, value: object) -> str:
    """One value.

    >>> from hedge_tui.ui.widgets.live_table.column import Column
    >>> cell_text(Column(key="a", label=""), 0.1), cell_text(Column(key="a", label=""), "=1+1")
    ('0.1', "'=1+1")
    """
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        if column.kind is Kind.TIME and abs(value) < 1e20:
            moment = _EPOCH + timedelta(microseconds=int(value) // 1_000)
            return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return repr(value).removesuffix(".0")
    text = inert(str(value))
    return f"'{text}" if text.startswith(FORMULA) or str(value).startswith(FORMULA) else text
