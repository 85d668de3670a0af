"""What `hedge panic` did without an engine: a small append-only file, one JSON object a line.

The engine's journal is the engine's alone. This file is written in its place, kept for ever, and read by the
next engine, which takes its last words in as a note and renames it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.domain.acts import Noted
from hedge_tui.domain.errors import StoreError
from store.durable_file import sync
from store.journal.codec import encode_act

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Sequence
    from pathlib import Path

    from hedge_tui.domain.acts import Act

ENDING = ".jsonl"
TAKEN = ".taken"


class PanicRecord:
    """A `Journal` of one panic. A disk that fails stops the writing and nothing else.

    Args:
        path: of the file; made with mode 0600. It is locked while it is written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seq = 0
        self._dead = ""
        self._handle = -1
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._handle = os.open(path, flags, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._dead = f"{path}: {error.strerror}"

    @property
    def last_seq(self) -> int:
        """The number of acts written."""
        return self._seq

    @property
    def dead(self) -> str:
        """Why nothing can be written any more, or ""."""
        return self._dead

    def append(self, acts: Sequence[Act]) -> asyncio.Future[int]:
        """Written and synced before this returns; see `Journal.append`."""
        promise: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if not self._dead:
            self._write(acts)
        if self._dead:
            promise.set_exception(StoreError(f"the record cannot be written: {self._dead}"))
        else:
            promise.set_result(self._seq)
        return promise

    async def reopen(self) -> int:
        """Nothing waits: one panic is over before a disk is mended."""
        return 0

    def replay(self, from_seq: int = 1) -> Iterator[tuple[int, Act]]:
        """Nothing: each panic begins with what the venues say."""
        del from_seq
        return iter(())

    def checkpoint(self) -> tuple[int, bytes] | None:
        """None."""
        return None

    def save_checkpoint(self, seq: int, state: bytes) -> Awaitable[None]:
        """Nothing is saved."""
        del seq, state
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def close(self) -> None:
        """Release the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _write(self, acts: Sequence[Act]) -> None:
        lines = []
        for act in acts:
            at_ns, kind, body = encode_act(act)
            lines.append(b'{"at_ns":%d,"kind":"%s","act":%s}\n' % (at_ns, kind.encode(), body))
        try:
            os.write(self._handle, b"".join(lines))
            sync(self._handle)
        except OSError as error:
            self._dead = f"{self._path}: {error.strerror}"
        else:
            self._seq += len(lines)


def last_words(path: Path) -> str | None:
    """What a finished record says in the end, "" when nothing; None while it is still written.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        lines = file.read().splitlines()
    for line in reversed(lines):
        try:
            row = msgspec.json.decode(line, type=_Row)
            note = msgspec.json.decode(row.act, type=Noted) if row.kind == Noted.kind else None
        except msgspec.MsgspecError:
            continue  # a torn last line
        if note is not None and note.topic == "panic":
            return note.text
    return ""


def untaken(folder: Path) -> list[Path]:
    """Records that no engine has taken in yet, oldest first."""
    return sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []


def mark_taken(path: Path) -> None:
    """The engine knows of it now; the file is kept under another name."""
    path.rename(path.with_suffix(TAKEN))


class _Row(msgspec.Struct):
    at_ns: int
    kind: str
    act: msgspec.Raw
