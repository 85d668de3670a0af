"""The demo desk: a sandbox venue, twelve accounts with keys in a vault, an engine; all on this machine."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hedge_tui.bootstrap.demo_files import MARKER, write_desk
from hedge_tui.bootstrap.launch import answers, start_engine, stop_engine
from hedge_tui.bootstrap.process import POLL_S, alive, end, is_ours, spawn
from hedge_tui.config.paths import Paths, make_private_folder, write_private_file
from hedge_tui.domain.errors import ConfigError
from hedge_tui.wire.address import prepare_runtime_directory, runtime_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hedge_tui.bootstrap.process import Child

PASSPHRASE = "demo-desk"  # noqa: S105 - opens keys of simulated money only
READY_LIMIT_S = 30.0
END_LIMIT_S = 6.0


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """A demo that runs.

    Attributes:
        fresh: made just now; False when an earlier one was found running.
        control_port: of the sandbox's control interface.
    """

    paths: Paths
    socket: Path
    sandbox_pid: int
    control_port: int
    fresh: bool


def start_demo(
    data_dir: Path, say: Callable[[str], None] = lambda _: None, *, limits: str = "real"
) -> DemoDesk:
    """Find the demo that runs in `data_dir`, or make and start one.

    The sandbox keeps its accounts in memory: when it is gone, the desk begins anew, since its venue did.

    Args:
        data_dir: a directory for the demo alone.
        say: hears what is being done, one line at a time.
        limits: of a venue that is started now: "real" enforces what Binance does; see the
            sandbox's `--limits` for the others.

    Raises:
        ConfigError: the folder holds something that is no demo, or the sandbox did not start.
        EngineNotStarted: the engine did not start.
    """
    refuse_other_folders(data_dir)
    os.umask(0o077)
    paths = Paths(data_dir / "config.toml", data_dir)
    socket = runtime_socket(data_dir)
    with _alone(socket):
        running = running_sandbox(data_dir)
        fresh = running is None
        try:
            if running is None:
                running = _begin(data_dir, socket, say, limits)
            if not answers(socket):
                say("starting the engine")
                start_engine(paths, socket, PASSPHRASE)
        except BaseException:
            # An interrupt at the keyboard included: no half a demo stays behind.
            if fresh:
                _end_all(data_dir, socket)
            raise
    return DemoDesk(paths, socket, running["pid"], running["control"], fresh)


def stop_demo(data_dir: Path) -> bool:
    """End engine and sandbox and wait until both are gone; False when none ran.

    Raises:
        ConfigError: the folder holds something that is no demo.
    """
    refuse_other_folders(data_dir)
    socket = runtime_socket(data_dir)
    with _alone(socket):
        return _end_all(data_dir, socket)


def refuse_other_folders(data_dir: Path) -> None:
    """A demo begins by emptying its folder, so it takes none that it has not made itself.

    Raises:
        ConfigError: the folder holds something else.
    """
    if not data_dir.exists() or (data_dir / MARKER).exists():
        return
    if not data_dir.is_dir() or any(data_dir.iterdir()):
        raise ConfigError(
            f"{data_dir} holds something that is no demo; the demo needs a data directory for itself"
        )


def running_sandbox(data_dir: Path) -> dict[str, Any] | None:
    """Ports and process of the demo's venue if it runs, or None."""
    try:
        found: dict[str, Any] = json.loads((data_dir / "sandbox.json").read_text())
        ours = is_ours(int(found["pid"]), "sandbox", str(data_dir / "sandbox"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if ours else None


def _begin(data_dir: Path, socket: Path, say: Callable[[str], None], limits: str) -> dict[str, Any]:
    """An empty folder, a venue, a desk; the venue's ports."""
    if (data_dir / MARKER).exists():
        say("the demo's venue is gone (it ends with the machine), so the demo begins anew")
        stop_engine(socket, data_dir, force=True)
        shutil.rmtree(data_dir)
    make_private_folder(data_dir)
    write_private_file(
        data_dir / MARKER, b"made by `hedge demo`; it may be deleted when the demo is stopped\n"
    )
    say("starting a practice venue on this machine")
    running = _start_sandbox(data_dir, limits)
    say("making twelve accounts and a vault with their keys")
    write_desk(data_dir, running["port"], running["ca_file"], PASSPHRASE)
    return running


def _end_all(data_dir: Path, socket: Path) -> bool:
    stopped = stop_engine(socket, data_dir, force=True)
    running = running_sandbox(data_dir)
    if running is not None:
        end(running["pid"], END_LIMIT_S, force=True)
        stopped = True
    (data_dir / "sandbox.json").unlink(missing_ok=True)
    return stopped


@contextlib.contextmanager
def _alone(socket: Path) -> Iterator[None]:
    """Two `hedge demo` at one moment: the second waits and finds what the first has made."""
    prepare_runtime_directory(socket.parent)
    handle = os.open(socket.with_suffix(".demo"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _start_sandbox(data_dir: Path, limits: str) -> dict[str, Any]:
    said = data_dir / "sandbox.log"
    with said.open("wb") as errors:
        words = ["sandbox", "--data-dir", str(data_dir / "sandbox"), "--limits", limits]
        process = spawn(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
    try:
        found: dict[str, Any] = json.loads(_ready_line(process, said))
        found["pid"] = process.pid
        write_private_file(data_dir / "sandbox.json", json.dumps(found).encode())
    except BaseException:
        if alive(process.pid):
            end(process.pid, END_LIMIT_S, force=True)
        raise
    return found


def _ready_line(process: Child, said: Path) -> bytes:
    """The one line that the sandbox prints when it listens."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    line, deadline = b"", time.monotonic() + READY_LIMIT_S
    while b"\n" not in line:
        if process.poll() is not None or time.monotonic() > deadline:
            words = said.read_text(errors="replace").strip().removeprefix("hedge: ")
            raise ConfigError(f"the sandbox venue did not start: {words or 'no word from it'}")
        line += process.stdout.read() or b""
        time.sleep(POLL_S)
    process.stdout.close()
    return line
