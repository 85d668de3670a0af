"""Finds the engine of a data directory, or starts one that outlives this process."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import subprocess
import time
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import journal_folder
from hedge_tui.bootstrap.process import POLL_S, alive, end, is_ours, spawn
from hedge_tui.config.paths import make_private_folder
from hedge_tui.domain.errors import EngineUnreachable, HedgeError
from hedge_tui.wire.client import EngineClient

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.bootstrap.process import Child
    from hedge_tui.config.paths import Paths

START_LIMIT_S = 20.0
STOP_LIMIT_S = 8.0
OWNER_LIMIT_S = 12.0
PROBE_S = 2.0


class NoEngine(EngineUnreachable):
    """Nobody listens on this data directory.

    Attributes:
        hint: what starts one.
    """

    hint = "hedge engine run"


class EngineNotStarted(HedgeError):
    """An engine was started and ended at once, or never answered."""


async def attach(socket: Path, client: str = "cli", timeout_s: float = 5.0) -> EngineClient:
    """Connect to the running engine, which has `timeout_s` to say hello.

    Raises:
        NoEngine: nobody listens.
        EngineUnreachable: somebody does, and does not answer or speaks another protocol.
    """
    connection = EngineClient(client)
    try:
        await connection.connect(socket, timeout_s)
    except EngineUnreachable as error:
        if isinstance(error.__cause__, FileNotFoundError | ConnectionRefusedError):
            raise NoEngine(f"no engine runs for this data directory (nothing listens at {socket})") from None
        if isinstance(error.__cause__, TimeoutError):
            raise EngineUnreachable(f"the engine at {socket} does not answer; it may hang") from None
        raise
    return connection


def start_engine(paths: Paths, socket: Path, passphrase: str | None = None) -> int:
    """Start an engine in a session of its own and wait until it answers; returns its process id.

    When two start one at the same moment, one engine remains and both get its id.

    Raises:
        EngineNotStarted: it ended, or did not answer in time; the message ends with its last words.
        ConfigError: the data directory cannot be used.
    """
    make_private_folder(paths.data_dir)
    make_private_folder(paths.log_dir)
    said = paths.log_dir / "engine.start.log"
    words = ["engine", "run", "--data-dir", str(paths.data_dir)]
    if paths.config_file.exists():
        words += ["--config", str(paths.config_file)]
    if passphrase is not None:
        words.append("--passphrase-stdin")
    with said.open("wb") as out:
        taking = subprocess.PIPE if passphrase is not None else subprocess.DEVNULL
        child = spawn(words, stdin=taking, stdout=out, stderr=subprocess.STDOUT)
    try:
        if child.stdin is not None and passphrase is not None:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(passphrase.encode() + b"\n")
                child.stdin.close()
        return _wait(child, paths.data_dir, socket, said)
    except BaseException:
        # An interrupt at the keyboard included: what was started for nothing is not left behind.
        if alive(child.pid):
            end(child.pid, STOP_LIMIT_S, force=True)
        raise


def _wait(child: Child, data_dir: Path, socket: Path, said: Path) -> int:
    """The id of the engine that answers: the child, or one that was started at the same moment."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if (pid := engine_pid(socket)) is not None:
            return pid
        if child.poll() is not None:
            if engine_owner(data_dir) is None:
                words = said.read_text(errors="replace").strip().removeprefix("hedge: ")
                raise EngineNotStarted(
                    f"the engine did not start: {words or f'exit code {child.returncode}'}"
                )
            deadline = min(deadline, time.monotonic() + OWNER_LIMIT_S)
        time.sleep(POLL_S)
    owner = engine_owner(data_dir)
    if owner is not None and owner != child.pid:
        raise EngineNotStarted(
            f"process {owner} owns {data_dir} and does not answer; end it with: hedge engine stop"
        )
    raise EngineNotStarted(f"the engine did not answer within {START_LIMIT_S:.0f} s; see {said}")


def answers(socket: Path) -> bool:
    """Whether an engine answers there now."""
    return engine_pid(socket) is not None


def engine_pid(socket: Path) -> int | None:
    """Process id of the engine that answers there, or None."""
    if not socket.exists():
        return None

    async def ask() -> int | None:
        try:
            connection = await attach(socket, timeout_s=PROBE_S)
        except EngineUnreachable:
            return None
        pid = connection.welcome.engine_pid
        await connection.close()
        return pid

    return asyncio.run(ask())


def engine_owner(data_dir: Path) -> int | None:
    """Process id of the engine that owns a data directory, whether it answers or hangs; None if none does."""
    try:
        with (journal_folder(data_dir) / "journal.lock").open() as lock:
            # The file is never deleted: only the lock on it says that its number is not a stranger's by now.
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                pid = int(lock.read())
            else:
                return None
    except (OSError, ValueError):
        return None
    return pid if is_ours(pid, "engine", "run") else None


def stop_engine(socket: Path, data_dir: Path, *, force: bool = False) -> bool:
    """Ask the engine to end and wait for it; False when there was none.

    Args:
        socket: where it listens.
        data_dir: names the owner of an engine that hangs.
        force: kill it when it has not ended after 8 s.

    Raises:
        HedgeError: it is still there after 8 s.
    """
    pid = engine_pid(socket) or engine_owner(data_dir)
    if pid is None:
        return False
    if not end(pid, STOP_LIMIT_S, force=force):
        raise HedgeError(
            f"the engine (process {pid}) has not ended within {STOP_LIMIT_S:.0f} s;"
            f" kill -9 {pid} ends it, and the journal keeps what was sent"
        )
    return True
