"""Opening a journal: is everything still there that was acknowledged, and is it what was written?"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from hedge_tui.domain.errors import StoreError
from store.journal import database
from store.journal.high_water import HighWater, read_high_water
from store.journal.row import verified
from store.journal.segments import list_segments

DATABASE = "journal.db"
MARK = "journal.mark"
LOCK = "journal.lock"
SEGMENTS = "segments"
EVIDENCE = "damaged"


def check_rows(connection: sqlite3.Connection) -> tuple[HighWater, str]:
    """Follow the hash chain through the database.

    Returns:
        The last good row, and what is wrong with the next one, or "".
    """
    good = database.read_floor(connection)
    try:
        for row in verified(database.read_rows(connection, good.seq + 1), good.seq, good.hash):
            good = HighWater(row.seq, row.hash)
    except StoreError as error:
        return good, str(error)
    except sqlite3.Error as error:
        return good, f"the journal cannot be read after act {good.seq}: {error}"
    return good, ""


def check_mark(connection: sqlite3.Connection, last: HighWater, mark: HighWater | None) -> str:
    """What is wrong between the database, which ends at `last`, and the high-water mark, or ""."""
    if mark is None:
        return "" if last.seq == 0 else f"{MARK} is missing or damaged: lost acts would not be noticed"
    if mark.seq > last.seq:
        return (
            f"the journal ends at act {last.seq}, but act {mark.seq} was written: "
            f"{mark.seq - last.seq} acts were lost"
        )
    found = database.hash_of(connection, mark.seq) if mark.seq else mark.hash
    if found is not None and found != mark.hash:
        return f"act {mark.seq} of the journal is not the one that was written"
    return ""


def open_checked(folder: Path, *, accept_loss: bool) -> tuple[sqlite3.Connection, HighWater, str]:
    """Open the journal in `folder`, made where there is none, and verify it.

    Args:
        folder: where its files stand; the caller holds the lock.
        accept_loss: go on with what is left. Damaged files are copied to `damaged/` in any case.

    Returns:
        The writing connection, the last row, and what was lost ("" if nothing).

    Raises:
        StoreError: acts are missing or altered and `accept_loss` is off; or the file is no journal.
    """
    path = folder / DATABASE
    try:
        aside = set_log_aside(folder)
        connection = database.connect(path)
        database.prepare(connection, path)
        last, wrong = check_rows(connection)
        wrong = wrong or check_mark(connection, last, read_high_water(folder / MARK))
    except sqlite3.Error as error:
        raise StoreError(f"the journal {path} cannot be opened: {error}. Restore it from a backup") from error
    except OSError as error:
        raise StoreError(f"the journal {path} cannot be opened: {error.strerror}") from error
    if wrong:
        keep_evidence(folder, aside)
    elif aside is not None:
        aside.unlink()
    if wrong and not accept_loss:
        connection.close()
        raise StoreError(
            f"{wrong}. Restore {folder} from a backup, or accept the loss with "
            "`hedge doctor --accept-journal`; orders are then reconciled with the venues"
        )
    if wrong:
        _cut(connection, folder, last)
    return connection, last, wrong


def set_log_aside(folder: Path) -> Path | None:
    """Copy SQLite's log before SQLite sees it: opening and closing drop what follows a damaged frame.

    Raises OSError: there is no room for the copy.
    """
    log = folder / f"{DATABASE}-wal"
    if not log.exists() or log.stat().st_size == 0:
        return None
    aside = folder / f"{DATABASE}-wal.before"
    try:
        return Path(shutil.copy2(log, aside))
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def keep_evidence(folder: Path, log: Path | None) -> None:
    """Copy what was found damaged to `damaged/NNN/`, once for each log that was set aside."""
    kept = folder / EVIDENCE
    kept.mkdir(mode=0o700, exist_ok=True)
    if log is None and any(kept.iterdir()):
        return
    target = kept / f"{1 + len(list(kept.iterdir())):03d}"
    target.mkdir(mode=0o700)
    for name in (DATABASE, MARK):
        if (folder / name).exists():
            shutil.copy2(folder / name, target / name)
    if log is not None:
        log.replace(target / f"{DATABASE}-wal")


def _cut(connection: sqlite3.Connection, folder: Path, last: HighWater) -> None:
    # A segment that was written just before holds numbers that are given out anew.
    for segment in list_segments(folder / SEGMENTS):
        if segment.last_seq > last.seq:
            segment.path.replace(folder / EVIDENCE / segment.path.name)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM acts WHERE seq > ?", (last.seq,))
    connection.execute("DELETE FROM checkpoints WHERE seq > ?", (last.seq,))
    connection.execute("COMMIT")
