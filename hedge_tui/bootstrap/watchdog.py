"""A thread that sees whether the engine's loop still turns, and says where it stands when it does not.

It reports and never ends anything: a stuck engine may come back, and `hedge panic` works without it. What it
writes are names of files and functions, never values.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hedge_tui.bootstrap.process import is_ours

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

BEAT_S = 0.5
STUCK_S = 5.0
"""A loop that has not turned for this long is reported."""
LOOK_S = 0.5
FRAMES = 12
"""Innermost calls that are told."""


class Watchdog:
    """Started on the loop that it watches.

    Args:
        file: where it says that the loop is stuck, for commands and consoles; removed when it is over.
        pid: of this process.
        over: called on the loop, in words, when it turns again.
        stuck_s: after how long without a turn.
    """

    def __init__(
        self, file: Path, pid: int, over: Callable[[str], None], *, stuck_s: float = STUCK_S
    ) -> None:
        self._file = file
        self._pid = pid
        self._over = over
        self._stuck_s = stuck_s
        self._look_s = min(LOOK_S, stuck_s / 4)
        self._ended = threading.Event()
        self._beaten = time.monotonic()
        self._since = 0.0
        self._where = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._watched = 0
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch the running loop."""
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        forget_stuck(self._file)
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._ended.set()
        if self._handle is not None:
            self._handle.cancel()
        if self._thread.is_alive():
            self._thread.join(1.0)
        forget_stuck(self._file)

    def _beat(self) -> None:
        assert self._loop is not None
        self._beaten = time.monotonic()
        self._handle = self._loop.call_later(min(BEAT_S, self._look_s), self._beat)

    def _watch(self) -> None:
        looked = time.monotonic()
        while not self._ended.wait(self._look_s):
            now = time.monotonic()
            # A thread that did not run either was stopped with the whole process: the loop is not to blame.
            asleep, looked = now - looked > self._stuck_s / 2, now
            silent = now - self._beaten
            if silent >= self._stuck_s and not asleep:
                self._tell(silent)
            elif self._since and silent < self._stuck_s:
                self._tell_over(now)

    def _tell(self, silent: float) -> None:
        first = not self._since
        self._since = self._since or self._beaten
        stack = self._stack()
        if first:
            self._where = stack[-1] if stack else "?"
            log.error("the engine's loop has stood still for %.1f s, in %s", silent, " < ".join(stack[::-1]))
        found = {"pid": self._pid, "seconds": round(silent, 1), "stack": stack}
        aside = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):  # a full disk is no reason to stop watching
            aside.write_text(json.dumps(found))
            aside.replace(self._file)

    def _tell_over(self, now: float) -> None:
        words = (
            f"the engine's loop stood still for {now - self._since:.0f} s, in {self._where}; it turns again"
        )
        self._since = 0.0
        forget_stuck(self._file)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over, words)

    def _stack(self) -> list[str]:
        """Where the loop's thread is, outermost call first: file, line and function, nothing else."""
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - the one way to see another thread
        calls = traceback.extract_stack(frame)[-FRAMES:] if frame is not None else []
        return [f"{'/'.join(Path(one.filename).parts[-2:])}:{one.lineno} {one.name}" for one in calls]


def forget_stuck(file: Path) -> None:
    """What an earlier process said counts no more."""
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)


def read_stuck(file: Path) -> dict[str, Any] | None:
    """What the watchdog of a living engine says: its `pid`, since how many `seconds`, its `stack`."""
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        return found if is_ours(int(found["pid"]), "engine", "run") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
