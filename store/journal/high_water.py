"""The file beside the journal that remembers how far it had got.

One flipped byte in SQLite's write-ahead log makes it reopen with committed rows silently gone. This file,
kept apart, says how many there were. It is written after each commit and synced lazily: after a power cut it
may be a moment behind, never ahead.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.journal.row import GENESIS, HASH_BYTES

if TYPE_CHECKING:
    from pathlib import Path

_SLOT = struct.Struct(f">Q{HASH_BYTES}sI")
_SLOT_AT = (0, 512)


@dataclass(frozen=True, slots=True)
class HighWater:
    """The newest durable row: its sequence number and hash; 0 and zeros for an empty journal."""

    seq: int = 0
    hash: bytes = GENESIS


class HighWaterFile:
    """Two slots written in turn, so that a torn write leaves the one before it."""

    def __init__(self, path: Path) -> None:
        """Open the file, made with mode 0600 where it is missing. Raises OSError."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._turn = 0
        self._unsynced = False

    def write(self, mark: HighWater) -> None:
        """Record `mark`; in the kernel's hands when this returns. Raises OSError."""
        body = _SLOT.pack(mark.seq, mark.hash, 0)[:-4]
        os.pwrite(self._handle, body + zlib.crc32(body).to_bytes(4, "big"), _SLOT_AT[self._turn])
        self._turn ^= 1
        self._unsynced = True

    def reset(self, mark: HighWater) -> None:
        """Record `mark` in both slots, durably, even where it is lower than what stood there."""
        for _ in _SLOT_AT:
            self.write(mark)
        self.sync()

    def sync(self) -> None:
        """Make the last `write` durable; costs nothing when it is already."""
        if self._unsynced:
            os.fsync(self._handle)
            self._unsynced = False

    def close(self) -> None:
        """Close the file, without syncing."""
        os.close(self._handle)


def read_high_water(path: Path) -> HighWater | None:
    """The newest mark in the file, or None where there is no file or no whole slot in it."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    found = []
    for at in _SLOT_AT:
        slot = raw[at : at + _SLOT.size]
        if len(slot) == _SLOT.size and zlib.crc32(slot[:-4]).to_bytes(4, "big") == slot[-4:]:
            seq, digest, _ = _SLOT.unpack(slot)
            found.append(HighWater(seq, digest))
    return max(found, key=lambda mark: mark.seq, default=None)
