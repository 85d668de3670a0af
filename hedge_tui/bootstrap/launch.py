"""Finds the engine of a data directory, or starts one that outlives this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from hedge_tui.config.paths import make_private_folder
from hedge_tui.domain.errors import EngineUnreachable, HedgeError
from hedge_tui.wire.client import EngineClient

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.paths import Paths

START_LIMIT_S = 20.0
STOP_LIMIT_S = 8.0


async def attach(socket: Path, client: str = "cli") -> EngineClient:
    """Connect to the running engine.

    Raises:
        EngineUnreachable: there is none.
    """
    connection = EngineClient(client)
    await connection.connect(socket)
    return connection


def start_engine(paths: Paths, socket: Path, passphrase: str | None = None) -> int:
    """Start an engine in a session of its own and wait until it answers; returns its process id.

    Raises:
        EngineUnreachable: it ended, or did not answer in time; the message ends with its last words.
    """
    make_private_folder(paths.data_dir)
    make_private_folder(paths.log_dir)
    said = paths.log_dir / "engine.start.log"
    command = [
        sys.executable,
        "-m",
        "hedge_tui",
        "engine",
        "run",
        "--config",
        str(paths.config_file),
        "--data-dir",
        str(paths.data_dir),
    ]
    if not paths.config_file.exists():
        del command[5:7]
    if passphrase is not None:
        command.append("--passphrase-stdin")
    with said.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE if passphrase is not None else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )
    if passphrase is not None:
        assert process.stdin is not None
        process.stdin.write(passphrase.encode() + b"\n")
        process.stdin.close()
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            words = said.read_text(errors="replace").strip() or f"exit code {process.returncode}"
            raise EngineUnreachable(f"the engine did not start: {words}")
        if answers(socket):
            return process.pid
        time.sleep(0.05)
    raise EngineUnreachable(f"the engine did not answer within {START_LIMIT_S:.0f} s; see {said}")


def answers(socket: Path) -> bool:
    """Whether an engine answers there now."""
    return engine_pid(socket) is not None


def engine_pid(socket: Path) -> int | None:
    """Process id of the engine that answers there, or None."""
    if not socket.exists():
        return None

    async def ask() -> int | None:
        try:
            connection = await attach(socket)
        except EngineUnreachable:
            return None
        pid = connection.welcome.engine_pid
        await connection.close()
        return pid

    return asyncio.run(ask())


def stop_engine(socket: Path) -> bool:
    """Ask the engine to end and wait for it; False when there was none.

    Raises:
        HedgeError: it is still there after 8 s.
    """
    pid = engine_pid(socket)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT_S
    while time.monotonic() < deadline:
        if not alive(pid):
            return True
        time.sleep(0.05)
    raise HedgeError(f"the engine (process {pid}) has not ended within {STOP_LIMIT_S:.0f} s")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was started by us is reaped first."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
