"""Gets a damaged DuckDB database to open again with as much as can be saved, and says what was lost.

A cut or unreadable tail of DuckDB's log opens by itself; a flipped or zeroed entry, or certain garbage, makes
it refuse. The log is then cut before the first bad entry. Whatever is changed is first copied beside.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

_BAD_ENTRY = re.compile(r"entry at byte position (\d+)")
_MAX_HEADER = 256
_END_OF_HEADER = b"\xff\xff"
_ENTRY_HEAD = 16  # length and checksum, eight bytes each


def repair(path: Path, reason: str) -> str:
    """Take away what keeps the database at `path` from opening; returns what was lost, one sentence.

    Args:
        path: the database; its log is `path.wal`.
        reason: what DuckDB said when it refused.

    Raises:
        StoreError: another process has it open, or nothing here can be mended (a disk that refuses).
    """
    reason = reason.splitlines()[0]
    if "lock" in reason.lower():
        raise StoreError(f"the history {path} is in use by another process: {reason}")
    log = path.with_name(f"{path.name}.wal")
    if "WAL" in reason and log.exists():
        return _cut_log(log, reason)
    if path.exists() and ("IO Error" not in reason or "not a valid DuckDB" in reason or "orrupt" in reason):
        for file in (path, log):
            if file.exists():
                file.rename(_free_name(file))
        return f"the history's database was damaged and set aside; sealed files are kept: {reason}"
    raise StoreError(f"the history {path} cannot be opened: {reason}")


def _cut_log(log: Path, reason: str) -> str:
    raw = log.read_bytes()
    named = _BAD_ENTRY.search(reason)
    foreign = "does not match database" in reason
    good = int(named[1]) if named else (0 if foreign else last_whole_entry(raw))
    if not 0 < good < len(raw):
        log.rename(_free_name(log))
        return f"the history's log ({len(raw)} bytes of the newest rows) was damaged and set aside: {reason}"
    shutil.copy2(log, _free_name(log))
    log.write_bytes(raw[:good])
    return (
        f"the history's log was damaged at byte {good}: {len(raw) - good} bytes of the newest candles and "
        "equity were dropped; candles are fetched again"
    )


def last_whole_entry(raw: bytes) -> int:
    """Where the chain of entries in a log ends; 0 if none is found.

    A log is a header of unstated length, then entries of a length, a checksum and that many bytes. The header
    is taken to end where the longest chain of entries begins.
    """
    best, at = (0, 0), 0
    while (at := raw.find(_END_OF_HEADER, at, _MAX_HEADER)) >= 0:
        at += len(_END_OF_HEADER)
        best = max(best, _chain(raw, at))
    return best[1]


def _chain(raw: bytes, start: int) -> tuple[int, int]:
    """(entries, end) of the unbroken chain from `start`."""
    count, at = 0, start
    while at + _ENTRY_HEAD <= len(raw):
        size = int.from_bytes(raw[at : at + 8], "little")
        if not 0 < size <= len(raw) - at - _ENTRY_HEAD:
            break
        count, at = count + 1, at + _ENTRY_HEAD + size
    return count, at if count else 0


def _free_name(path: Path) -> Path:
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return target
