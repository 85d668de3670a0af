"""The demo desk: a sandbox venue, twelve accounts with keys in a vault, an engine; all on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.launch import engine_pid, start_engine, stop_engine
from hedge_tui.bootstrap.places import vault_file
from hedge_tui.config.paths import Paths, make_private_folder, write_private_file
from hedge_tui.domain.errors import ConfigError
from hedge_tui.wire.address import runtime_socket

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = "demo-desk"  # noqa: S105 - opens keys of simulated money only
READY_LIMIT_S = 30.0


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


def start_demo(data_dir: Path) -> DemoDesk:
    """Find the demo that runs in `data_dir`, or make and start one.

    The sandbox keeps its accounts in memory: when it is gone, the desk begins anew, since its venue did.

    Raises:
        ConfigError: the folder holds something that is no demo, or the sandbox did not start.
        EngineUnreachable: the engine did not start.
    """
    _refuse_real_desk(data_dir)
    os.umask(0o077)
    paths = Paths(data_dir / "config.toml", data_dir)
    socket = runtime_socket(data_dir)
    running = _running_sandbox(data_dir)
    if running is None:
        stop_engine(socket)
        if data_dir.exists():
            shutil.rmtree(data_dir)
        make_private_folder(data_dir)
        running = _start_sandbox(data_dir)
        _write_desk(data_dir, running)
        fresh = True
    else:
        fresh = False
    if engine_pid(socket) is None:
        start_engine(paths, socket, PASSPHRASE)
    return DemoDesk(paths, socket, running["pid"], running["control"], fresh)


def stop_demo(data_dir: Path) -> bool:
    """End engine and sandbox; False when none ran."""
    stopped = stop_engine(runtime_socket(data_dir))
    running = _running_sandbox(data_dir)
    if running is not None:
        os.kill(running["pid"], signal.SIGTERM)
        (data_dir / "sandbox.json").unlink(missing_ok=True)
        stopped = True
    return stopped


def _refuse_real_desk(data_dir: Path) -> None:
    if vault_file(data_dir).exists() and not (data_dir / "demo").exists():
        raise ConfigError(f"{data_dir} is a desk of your own; the demo needs a data directory for itself")


def _running_sandbox(data_dir: Path) -> dict[str, int] | None:
    try:
        found: dict[str, int] = json.loads((data_dir / "sandbox.json").read_text())
        os.kill(found["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return found


def _start_sandbox(data_dir: Path) -> dict[str, int]:
    said = data_dir / "sandbox.log"
    with said.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "hedge_tui", "sandbox", "--data-dir", str(data_dir / "sandbox")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    line, deadline = b"", time.monotonic() + READY_LIMIT_S
    while b"\n" not in line:
        if process.poll() is not None or time.monotonic() > deadline:
            words = said.read_text(errors="replace").strip()
            raise ConfigError(f"the sandbox venue did not start: {words or 'no word from it'}")
        line += process.stdout.read() or b""
        time.sleep(0.02)
    found: dict[str, int] = json.loads(line)
    found["pid"] = process.pid
    write_private_file(data_dir / "sandbox.json", json.dumps(found).encode())
    return found


def _write_desk(data_dir: Path, sandbox: dict[str, int]) -> None:
    """The configuration and the vault of the twelve accounts."""
    from adapters.sandbox.accounts import demo_accounts
    from hedge_tui.credentials.kdf import FLOOR
    from hedge_tui.credentials.unlocking import Passphrase
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.secret import Secret

    vault = Vault.create(vault_file(data_dir), Passphrase(Secret(PASSPHRASE), FLOOR))
    lines = ["# Written by `hedge demo`: simulated money at a venue on this machine.", ""]
    for number, account in enumerate(demo_accounts()):
        venue = "binanceusdm" if account.usdm else "binance"
        vault.add(
            account.name,
            venue=venue,
            api_key=Secret(account.key),
            secret=Secret(account.secret),
            created_ns=time.time_ns(),
            permissions="read, trade",
        )
        groups = ["core"] if number < 4 else ["swing"] if account.usdm else ["spot"]
        lines += [
            "[[accounts]]",
            f'name = "{account.name}"',
            f'venue = "{venue}"',
            'mode = "sandbox"',
            f'connect = "127.0.0.1:{sandbox["port"]}"',
            f"ca_file = {json.dumps(str(sandbox['ca_file']))}",
            f"groups = {json.dumps(groups)}",
            "",
        ]
    vault.save()
    vault.close()
    write_private_file(data_dir / "config.toml", "\n".join(lines).encode())
    write_private_file(data_dir / "demo", b"made by `hedge demo`; it may be deleted at any time\n")
