"""The real console in a pseudo-terminal, and what its screen shows."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

LIMIT_S = 20.0


class Terminal:
    """A console in a pseudo-terminal, and what its screen shows."""

    def __init__(self, data_dir: Path, columns: int = 200, lines: int = 50) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "hedge_tui", "console", "--data-dir", str(data_dir)],
            dimensions=(lines, columns),
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            timeout=None,
        )

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def read(self, seconds: float = 0.1) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                # Textual asks the terminal about modes that pyte does not know; they do not matter here.
                self._stream.feed(self.child.read_nonblocking(65536, timeout=left))
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                return

    def until(self, words: str) -> None:
        self.wait(lambda: words in self.text, words)

    def wait(self, condition: Callable[[], bool], words: str = "what was waited for") -> None:
        end = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < end, f"{words!r} is not on screen:\n{self.text}"
            assert self.child.isalive(), f"the console ended:\n{self.text}"
            self.read()

    def type(self, text: str) -> None:
        self.child.send(text)
        self.read(0.3)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # a test may have closed the terminal itself
            self.child.close(force=True)
