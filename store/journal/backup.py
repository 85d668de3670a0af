"""A consistent copy of a journal that may be in use: for `hedge backup`."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.high_water import HighWaterFile
from store.journal.opening import DATABASE, MARK, SEGMENTS
from store.journal.segments import list_segments

if TYPE_CHECKING:
    from pathlib import Path


def copy_journal(folder: Path, target: Path) -> int:
    """Copy the journal in `folder` to the new folder `target`; returns the last act copied.

    The copy opens like the original. Acts appended while it is made may or may not be in it.

    Raises:
        StoreError: the target exists, or source or target cannot be read or written.
    """
    try:
        target.mkdir(mode=0o700, parents=True)
        source = database.connect_reader(folder / DATABASE)
        try:
            database.copy_to(source, target / DATABASE)
        finally:
            source.close()
        # After the database: segments only grow, so that none is missing which the copy relies on.
        (target / SEGMENTS).mkdir(mode=0o700)
        for segment in list_segments(folder / SEGMENTS):
            shutil.copy2(segment.path, target / SEGMENTS / segment.path.name)
        copy = database.connect_reader(target / DATABASE)
        try:
            last = database.read_last(copy)
        finally:
            copy.close()
        marks = HighWaterFile(target / MARK)
        marks.reset(last)
        marks.close()
    except FileExistsError:
        raise StoreError(f"{target} exists already; name a new folder") from None
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the journal could not be copied to {target}: {error}") from error
    return last.seq
