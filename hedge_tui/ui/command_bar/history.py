"""Lines typed before: kept in a private file, newest last, found again by the arrow keys or by a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.config import write_private_file

if TYPE_CHECKING:
    from pathlib import Path

MOST = 1_000
"""Lines kept."""


class History:
    """Typed lines.

    Args:
        path: of the file, or None to forget them at the end. It is written with mode 0600.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lines = self._read()
        self._at = len(self._lines)
        self._draft = ""

    def __len__(self) -> int:
        return len(self._lines)

    def _read(self) -> list[str]:
        if self._path is None:
            return []
        try:
            text = self._path.read_text("utf-8", "replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line and line.isprintable()][-MOST:]

    def add(self, line: str) -> None:
        """Remember a line; an older equal one is dropped, so that each is there once."""
        line = line.strip()
        if line and line.isprintable():
            self._lines = [*(old for old in self._lines if old != line), line][-MOST:]
            self._write()
        self.rewind()

    def _write(self) -> None:
        if self._path is None:
            return
        try:
            write_private_file(self._path, ("\n".join(self._lines) + "\n").encode())
        except OSError:
            self._path = None  # a full disk costs the history, never the console

    def rewind(self) -> None:
        """Stand behind the newest line again."""
        self._at, self._draft = len(self._lines), ""

    def older(self, draft: str) -> str | None:
        """The line before, None at the oldest; `draft` is kept for the way back."""
        if self._at == len(self._lines):
            self._draft = draft
        if self._at == 0:
            return None
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """The line after, at last the draft; None when that is shown already."""
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._draft if self._at == len(self._lines) else self._lines[self._at]

    def search(self, words: str, most: int = 8) -> list[str]:
        """Lines that hold every word, newest first."""
        wanted = words.casefold().split()
        found = [line for line in reversed(self._lines) if all(word in line.casefold() for word in wanted)]
        return found[:most]
