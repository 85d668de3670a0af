"""`hedge doctor`'s look at a journal: everything that can be checked, without stopping the engine."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.high_water import read_high_water
from store.journal.opening import DATABASE, LOCK, MARK, SEGMENTS, check_mark, keep_evidence, set_log_aside
from store.journal.replay import read_record
from store.journal.segments import list_segments
from store.lock import OwnerLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What was found in a journal.

    Attributes:
        acts: acts in the whole record, segments included, as far as they follow each other.
        last_seq: the newest act in the database.
        archived_seq: the newest act that stands in segments only; 0 if none.
        segments: archived files.
        checkpoints: sequence numbers of kept, undamaged states, newest first.
        bytes: of the database and its log.
        problems: what is wrong, one sentence each; empty means whole.
    """

    acts: int
    last_seq: int
    archived_seq: int
    segments: int
    checkpoints: tuple[int, ...]
    bytes: int
    problems: tuple[str, ...]


def check_journal(folder: Path, progress: Callable[[int], None] = lambda _: None) -> JournalReport:
    """Read the whole record in `folder` and follow its hash chain; works beside a running engine.

    `progress` is told the number of each act that was found whole.

    Raises:
        StoreError: there is no journal, or it cannot be opened at all.
    """
    path = folder / DATABASE
    if not path.exists():
        raise StoreError(f"there is no journal in {folder}")
    lock, aside = None, None
    try:
        lock = OwnerLock(folder / LOCK, "the journal")
        aside = set_log_aside(folder)
    except StoreError:
        pass  # an engine runs: it keeps the log alive, and saw it when it started
    try:
        report = _check(folder, progress)
        if aside is not None and report.problems:
            keep_evidence(folder, aside)
        elif aside is not None:
            aside.unlink()
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the journal {path} cannot be read: {error}") from error
    finally:
        if lock is not None:
            lock.release()
    return report


def _check(folder: Path, progress: Callable[[int], None]) -> JournalReport:
    path = folder / DATABASE
    # The mark first: a running engine may add acts between the two readings, never take some away.
    mark = read_high_water(folder / MARK)
    connection = database.connect_reader(path)
    try:
        problems = [line for (line,) in connection.execute("PRAGMA quick_check") if line != "ok"]
        last, floor = database.read_last(connection), database.read_floor(connection)
        problems += [found for found in (check_mark(connection, last, mark),) if found]
        seqs = database.checkpoint_seqs(connection)
        whole = tuple(seq for seq in seqs if database.read_checkpoint(connection, seq) is not None)
        problems += [f"the checkpoint at act {seq} is damaged" for seq in seqs if seq not in whole]
        acts = 0
        try:
            for row in read_record(folder, 1):
                acts += 1
                progress(row.seq)
        except StoreError as error:
            problems.append(str(error))
    finally:
        connection.close()
    files = (path, path.with_name(f"{path.name}-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    segments = len(list_segments(folder / SEGMENTS))
    return JournalReport(acts, last.seq, floor.seq, segments, whole, size, tuple(problems))
