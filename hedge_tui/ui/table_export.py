"""Writes tables as private CSV files into the data directory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hedge_tui.config import write_private_file
from hedge_tui.ui.widgets.live_table.csv_text import csv_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hedge_tui.ui.widgets.live_table import Column

MOST_OF_A_NAME = 1_000


def write_csv(
    folder: Path, name: str, now_ns: int, columns: Sequence[tuple[Column, Sequence[object]]]
) -> Path:
    """Write a new file with mode 0600; blocks for as long as the disk takes.

    Args:
        folder: made with mode 0700 if it is not there.
        name: of the table, a plain word.
        now_ns: UTC nanoseconds, for the file's name.
        columns: see `csv_text`.

    Returns:
        The file.

    Raises:
        OSError: as the file system says.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    stem = f"{name}-{moment:%Y%m%dT%H%M%SZ}"
    free = (stem if n == 1 else f"{stem}-{n}" for n in range(1, MOST_OF_A_NAME))
    path = next(path for stem in free if not (path := folder / f"{stem}.csv").exists())
    write_private_file(path, csv_text(columns).encode())
    return path
