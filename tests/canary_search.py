"""Looks for planted secrets in bytes, in every spelling that a library could give them."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

PIECE = 16
"""A part of a secret that has at least twice as many characters is found too."""


def needles(value: str) -> dict[str, bytes]:
    """The spellings of one secret: what each is, and its bytes."""
    raw = value.encode()
    found = {
        "raw": raw,
        "reversed": raw[::-1],
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "url": quote(value, safe="").encode(),
        "url lower": quote(value, safe="").lower().encode(),
        "url plus": quote_plus(value).encode(),
        "json": json.dumps(value)[1:-1].encode(),
        "repr": repr(value)[1:-1].encode(),
        "utf-16": value.encode("utf-16-le"),
    }
    for lead in range(3):
        encoded = base64.b64encode(bytes(lead) + raw).rstrip(b"=")
        body = encoded[(0, 2, 3)[lead] : ((lead + len(raw)) * 8) // 6]
        found[f"base64 +{lead}"] = body
        found[f"base64url +{lead}"] = body.translate(bytes.maketrans(b"+/", b"-_"))
    for at in range(0, len(value) - PIECE + 1, PIECE):
        piece = raw[at : at + PIECE]
        if b"-----" not in piece and b"PRIVATE KEY" not in piece:
            found[f"piece {at}"] = piece
    return found


@dataclass
class Report:
    """What was searched and what was found; a hit never quotes what it found."""

    places: int = 0
    size: int = 0
    hits: list[str] = field(default_factory=list)


class Canary:
    """Planted secrets and where they were looked for.

    Args:
        secrets: name -> value.
    """

    def __init__(self, secrets: dict[str, str]) -> None:
        self._needles = [
            (f"{name} as {form}", text)
            for name, value in secrets.items()
            for form, text in needles(value).items()
        ]
        self.report = Report()
        self.kinds: dict[str, int] = {}

    def look(self, kind: str, place: str, content: bytes) -> None:
        """Search one place."""
        self.report.places += 1
        self.report.size += len(content)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.report.hits += [f"{place}: {name}" for name, text in self._needles if text in content]

    def folder(self, kind: str, folder: Path, leave_out: tuple[Path, ...] = ()) -> None:
        """Search every file below a folder, names included; databases by their rows as well."""
        for path in sorted(folder.rglob("*")):
            if any(path == one or path.is_relative_to(one) for one in leave_out):
                continue
            self.look(f"{kind} (names)", str(path), str(path).encode())
            if not path.is_file():
                continue
            content = path.read_bytes()
            self.look(f"{kind} ({path.suffix or 'plain'})", str(path), content)
            if content.startswith(b"SQLite format 3"):
                self.look(f"{kind} (rows)", f"rows of {path}", rows_of(path))

    def processes(self, pids: list[int]) -> None:
        """Search command line and environment of processes."""
        for pid in pids:
            for name in ("cmdline", "environ"):
                try:
                    content = Path(f"/proc/{pid}/{name}").read_bytes()
                except OSError:
                    continue
                self.look(f"process ({name})", f"/proc/{pid}/{name}", content)


def rows_of(path: Path) -> bytes:
    """Everything in a database, unpacked where it is packed."""
    parts: list[bytes] = []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in connection.execute(f'select * from "{table}"'):
                for value in row:
                    part = value if isinstance(value, bytes) else str(value).encode()
                    parts.append(part)
                    try:
                        parts.append(zlib.decompress(part))
                    except zlib.error:
                        continue
    connection.close()
    return b"\0".join(parts)


def family(pid: int) -> list[int]:
    """A process and everything that it started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting += [int(word) for word in task.read_text().split()]
            except OSError:
                continue
    return found
