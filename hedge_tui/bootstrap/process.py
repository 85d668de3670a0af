"""Processes of our own: is one still there, is it really ours, start it, end it.

A process id that was written to a file may belong to a stranger by now (a reboot is enough), so nothing is
ended or trusted before its command line was read.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

PROGRAM = (sys.executable, "-P", "-m", "hedge_tui")
"""Ourselves. `-P` keeps the folder somebody happens to stand in, and a `store` in it, out of the imports."""
POLL_S = 0.03


def spawn(words: list[str], *, stdin: int, stdout: int | IO[bytes], stderr: int | IO[bytes]) -> Child:
    """Start `hedge WORDS` in a session of its own, so that it outlives this terminal."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [*PROGRAM, *words], stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True, cwd="/"
    )


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was started by us is reaped first."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _ended_unreaped(pid)


def command_of(pid: int) -> list[str]:
    """The words a process was started with; [] when it is gone or cannot be looked at."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        asked = subprocess.run(  # noqa: S603 - a number and constants
            ["/bin/ps", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return asked.stdout.split()
    return raw.decode(errors="replace").rstrip("\0").split("\0") if raw else []


def is_ours(pid: int, *words: str) -> bool:
    """Whether `pid` runs and is a hedge process with all these words on its command line."""
    if pid <= 0 or not alive(pid):
        return False
    found = " ".join(command_of(pid))
    return all(word in found for word in ("hedge", *words))


def wait_gone(pid: int, limit_s: float) -> bool:
    """Wait until a process has ended; False when it has not within the limit."""
    deadline = time.monotonic() + limit_s
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def end(pid: int, limit_s: float, *, force: bool = False) -> bool:
    """Ask a process to end and wait; with `force` it is killed when it does not. False: still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    if wait_gone(pid, limit_s):
        return True
    if not force:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return wait_gone(pid, limit_s)


def _ended_unreaped(pid: int) -> bool:
    """A zombie: nothing of it runs, its parent has not looked yet. Linux only."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]


Child = subprocess.Popen[bytes]
