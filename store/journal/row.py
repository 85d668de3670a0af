"""One row of the journal and the hash chain that ties it to all rows before it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from store.journal.high_water import HighWater

HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)
"""What stands before the first row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One act as stored.

    Attributes:
        seq: from 1, without holes.
        at_ns: the act's time, UTC nanoseconds.
        kind: the act's kind.
        body: JSON.
        hash: of this row and the hash before it.
    """

    seq: int
    at_ns: int
    kind: str
    body: bytes
    hash: bytes


def link(previous: bytes, seq: int, at_ns: int, kind: str, body: bytes) -> bytes:
    """The hash of a row that follows one with hash `previous`; 32 bytes."""
    state = blake2b(previous, digest_size=HASH_BYTES)
    state.update(b"%d %d %b %d " % (seq, at_ns, kind.encode(), len(body)))
    state.update(body)
    return state.digest()


def verified(rows: Iterable[Row], after_seq: int, previous: bytes) -> Iterator[Row]:
    """Hand on `rows`, which must follow row `after_seq` with hash `previous` without hole or change.

    Raises:
        StoreError: at the first row that does not follow; names it.
    """
    for row in rows:
        if row.seq != after_seq + 1:
            raise StoreError(f"the journal jumps from act {after_seq} to act {row.seq}: rows are missing")
        if link(previous, row.seq, row.at_ns, row.kind, row.body) != row.hash:
            raise StoreError(f"act {row.seq} of the journal was altered or damaged: its hash does not follow")
        after_seq, previous = row.seq, row.hash
        yield row


def chained(after: HighWater, acts: Iterable[tuple[int, int, str, bytes]]) -> list[Row]:
    """Rows of the acts (seq, at_ns, kind, body), which follow the row `after`."""
    rows, previous = [], after.hash
    for seq, at_ns, kind, body in acts:
        previous = link(previous, seq, at_ns, kind, body)
        rows.append(Row(seq, at_ns, kind, body, previous))
    return rows
