"""Old acts, moved out of the database into compressed files so that it stays small.

A segment is gzip of one JSON document a line (seq, at_ns, kind, body as it was, hash in hex), named after the
first and last act in it. Segments keep the hash chain: together with the database they are the whole record.
"""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.domain.errors import StoreError
from store.durable_file import write_durably
from store.journal.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NAME = re.compile(r"acts-(\d{12})-(\d{12})\.jsonl\.gz")


class _Line(msgspec.Struct):
    seq: int
    at_ns: int
    kind: str
    hash: str
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Segment:
    """One archived file: the first and last sequence number in it."""

    path: Path
    first_seq: int
    last_seq: int


def write_segment(folder: Path, rows: Iterable[Row]) -> Segment:
    """Archive `rows` (at least one, in order) durably. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    lines, first, last = bytearray(), 0, 0
    for row in rows:
        first, last = first or row.seq, row.seq
        line = _Line(row.seq, row.at_ns, row.kind, row.hash.hex(), msgspec.Raw(row.body))
        lines += msgspec.json.encode(line) + b"\n"
    path = folder / f"acts-{first:012d}-{last:012d}.jsonl.gz"
    write_durably(path, gzip.compress(bytes(lines), 6, mtime=0))
    return Segment(path, first, last)


def list_segments(folder: Path) -> list[Segment]:
    """The segments in `folder`, oldest first."""
    if not folder.is_dir():
        return []
    found = ((path, _NAME.fullmatch(path.name)) for path in sorted(folder.iterdir()))
    return [Segment(path, int(m[1]), int(m[2])) for path, m in found if m]


def read_segment(segment: Segment) -> Iterator[Row]:
    """The rows of a segment, not yet verified.

    Raises:
        StoreError: the file is damaged.
    """
    decoder = msgspec.json.Decoder(_Line)
    try:
        with gzip.open(segment.path) as file:
            for raw in file:
                line = decoder.decode(raw)
                yield Row(line.seq, line.at_ns, line.kind, bytes(line.body), bytes.fromhex(line.hash))
    except (OSError, EOFError, zlib.error, ValueError, msgspec.DecodeError) as error:
        raise StoreError(f"the archived journal {segment.path.name} is damaged: {error}") from error
