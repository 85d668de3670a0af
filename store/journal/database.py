"""The journal's SQLite file: its tables, the way it is opened, and the statements on it.

The only statements on the journal stand here; the writer thread, the readers and the archiver call them.
"""

from __future__ import annotations

import sqlite3
import zlib
from hashlib import blake2b
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError
from store.journal.high_water import HighWater
from store.journal.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VERSION = 1
_SCHEMA = """
BEGIN;
CREATE TABLE acts (
    seq INTEGER PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, digest BLOB NOT NULL, state BLOB NOT NULL) STRICT;
CREATE TABLE floor (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
INSERT INTO floor VALUES (1, 0, zeroblob(32));
PRAGMA user_version = 1;
COMMIT;
"""
MIGRATIONS: dict[int, str] = {}
"""From a version to the next one: the script that changes the tables."""
KEPT_CHECKPOINTS = 2


def connect(path: Path) -> sqlite3.Connection:
    """The journal's connection for writing: every commit durable before it returns, no hidden checkpoints.

    Raises:
        sqlite3.Error: the file is not a database, or the disk refused.
    """
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "fullfsync=ON",  # macOS; nothing elsewhere
        "checkpoint_fullfsync=ON",
        # A checkpoint inside a commit would stall it; the writer makes them when it is idle.
        "wal_autocheckpoint=0",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads; works beside a writer in this or another process.

    Opened read-only, it changes no file when it is the last one to close: what a crash left stays evidence.
    """
    place = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables in a new file, or bring older ones up to date after a backup beside it.

    Raises:
        StoreError: written by a newer version.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise StoreError(f"{path} has format {found}; this version reads up to {VERSION}. Update the program")
    if found == 0:
        connection.executescript(_SCHEMA)
        return
    if found < VERSION:
        copy_to(connection, path.with_name(f"{path.name}.v{found}.bak"))
    for version in range(found, VERSION):
        script = MIGRATIONS[version]
        connection.executescript(f"BEGIN; {script}; PRAGMA user_version={version + 1}; COMMIT;")


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """A consistent copy of the whole database at `target`, which is replaced."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()


def insert_rows(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Add rows inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO acts VALUES (?, ?, ?, ?, ?)", [(r.seq, r.at_ns, r.kind, r.body, r.hash) for r in rows]
    )


def read_rows(
    connection: sqlite3.Connection, from_seq: int, to_seq: int | None = None, *, newest_first: bool = False
) -> Iterator[Row]:
    """Rows from `from_seq` on (to `to_seq`, included), oldest first or newest first."""
    last = (1 << 62) if to_seq is None else to_seq
    order = "DESC" if newest_first else "ASC"
    found = connection.execute(
        f"SELECT seq, at_ns, kind, body, hash FROM acts WHERE seq BETWEEN ? AND ? ORDER BY seq {order}",  # noqa: S608 - one of two words of ours
        (from_seq, last),
    )
    for seq, at_ns, kind, body, digest in found:
        yield Row(seq, at_ns, kind, body, digest)


def read_floor(connection: sqlite3.Connection) -> HighWater:
    """The newest row that was moved to a segment; 0 when none was."""
    seq, digest = connection.execute("SELECT seq, hash FROM floor").fetchone()
    return HighWater(seq, digest)


def read_last(connection: sqlite3.Connection) -> HighWater:
    """The newest row in the database, or the floor where it is empty."""
    found = connection.execute("SELECT seq, hash FROM acts ORDER BY seq DESC LIMIT 1").fetchone()
    return HighWater(*found) if found else read_floor(connection)


def hash_of(connection: sqlite3.Connection, seq: int) -> bytes | None:
    """The hash of one row, or None where the database does not hold it."""
    floor = read_floor(connection)
    if seq == floor.seq:
        return floor.hash
    found = connection.execute("SELECT hash FROM acts WHERE seq = ?", (seq,)).fetchone()
    return found[0] if found else None


def put_checkpoint(connection: sqlite3.Connection, seq: int, state: bytes) -> None:
    """Keep a state inside the caller's transaction, and drop all but the newest two."""
    digest = blake2b(state, digest_size=32).digest()
    connection.execute(
        "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)", (seq, digest, zlib.compress(state, 1))
    )
    connection.execute(
        "DELETE FROM checkpoints WHERE seq NOT IN (SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)",
        (KEPT_CHECKPOINTS,),
    )


def checkpoint_seqs(connection: sqlite3.Connection) -> list[int]:
    """Sequence numbers of the kept states, newest first."""
    return [seq for (seq,) in connection.execute("SELECT seq FROM checkpoints ORDER BY seq DESC")]


def read_checkpoint(connection: sqlite3.Connection, seq: int) -> bytes | None:
    """The state kept for `seq`, or None where there is none or it is damaged."""
    found = connection.execute("SELECT digest, state FROM checkpoints WHERE seq = ?", (seq,)).fetchone()
    if found is None:
        return None
    try:
        state = zlib.decompress(found[1])
    except zlib.error:
        return None
    return state if blake2b(state, digest_size=32).digest() == found[0] else None


def raise_floor(connection: sqlite3.Connection, to: HighWater) -> None:
    """Drop the rows up to and including `to`, inside the caller's transaction."""
    connection.execute("DELETE FROM acts WHERE seq <= ?", (to.seq,))
    connection.execute("UPDATE floor SET seq = ?, hash = ?", (to.seq, to.hash))
