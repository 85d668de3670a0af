"""A small desk of real processes for tests of commands: a sandbox venue of few instruments, two accounts.

Between engine and venue stands a gate in this process that can be closed, so that the venue is gone and comes
back at the same address.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.sandbox.accounts import demo_accounts
from adapters.sandbox.control import SandboxControl
from hedge_tui.bootstrap.launch import attach, engine_owner, start_engine, stop_engine
from hedge_tui.bootstrap.process import command_of
from hedge_tui.config.paths import Paths
from hedge_tui.credentials.kdf import FLOOR
from hedge_tui.credentials.unlocking import Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.secret import Secret
from hedge_tui.wire.address import runtime_socket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from adapters.sandbox.accounts import AccountSpec

T = TypeVar("T")
PASSPHRASE = "correct horse"
ACCOUNTS = {"desk-1": "binanceusdm", "desk-9": "binance"}


class Gate:
    """Forwards TCP from a port of its own to the venue while it is open."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()
        self.port = 0
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.open()

    def open(self) -> None:
        self._do(self._open())

    def close(self) -> None:
        """Nobody listens, and what was connected is cut."""
        self._do(self._close())

    def end(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._link, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._links):
            writer.transport.abort()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            self._links |= {writer, back}
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
            self._links -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@dataclass
class SmallDesk:
    """Its engine is started by the test."""

    folder: Path
    venue_process: subprocess.Popen[bytes]
    control_port: int
    gate: Gate
    env: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> Paths:
        return Paths(self.folder / "config.toml", self.folder)

    @property
    def socket(self) -> Path:
        return runtime_socket(self.folder)

    def hedge(self, *words: str, given: str = "", code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run `hedge WORDS` on this desk; its exit code has to be `code`."""
        done = subprocess.run(
            [sys.executable, "-m", "hedge_tui", *words, "--data-dir", str(self.folder)],
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert code is None or done.returncode == code, (
            f"hedge {words}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        )
        return done

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.hedge(*words, "--json", code=code).stdout)

    def start(self, passphrase: str | None = PASSPHRASE) -> int:
        return start_engine(self.paths, self.socket, passphrase)

    def stop(self) -> None:
        stop_engine(self.socket, self.folder, force=True)

    def ask(self, query: str) -> Any:
        """A query without the price of a new process: for waiting."""

        async def run() -> Any:
            client = await attach(self.socket)
            try:
                return await client.query(query)
            finally:
                await client.close()

        return asyncio.run(run())

    def connected(self, count: int = 2) -> None:
        self.until(lambda: self.ask("status")["connected"] == count, 30)

    def quoted(self) -> None:
        self.until(lambda: self.ask("status")["quotes"] >= 8, 30)

    def states(self) -> dict[str, str]:
        return {row["account"]: row["state"] for row in self.ask("accounts")}

    def venue(self, ask: Callable[[SandboxControl], Awaitable[T]]) -> T:
        async def run() -> T:
            async with SandboxControl(self.control_port) as control:
                return await ask(control)

        return asyncio.run(run())

    def engine(self) -> int:
        pid = engine_owner(self.folder)
        assert pid is not None
        return pid

    @staticmethod
    def until(condition: Callable[[], bool], limit_s: float) -> None:
        end = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end, f"not so within {limit_s} s"
            time.sleep(0.1)

    def end(self) -> None:
        self.stop()
        self.gate.end()
        self.venue_process.terminate()
        self.venue_process.wait(10)


def small_desk(folder: Path, accounts: Mapping[str, str] = ACCOUNTS, settings: str = "") -> SmallDesk:
    """Start the venue and write the desk's files.

    Args:
        folder: of the desk, not there yet.
        accounts: names of the sandbox's demo accounts -> venue.
        settings: further text of the config.
    """
    served = [(one, accounts[one.name]) for one in demo_accounts() if one.name in accounts]
    return desk_of(folder, served, config=f"{settings}\n")


def desk_of(
    folder: Path,
    accounts: Sequence[tuple[AccountSpec, str]],
    *,
    limits: str = "off",
    config: str = "",
    more: str = "",
    gated: bool = True,
) -> SmallDesk:
    """The same with these accounts, each at its venue.

    Args:
        folder: made. accounts: (what the venue serves, the venue's id). limits: of the venue.
        config: lines before the accounts'. more: lines of the first account.
        gated: the way to the venue leads through the gate, which costs this process time.
    """
    folder.mkdir(mode=0o700)
    served = [
        {
            "name": one.name,
            "key": one.key,
            "secret": one.secret,
            "ip_restricted": True,
            "dual_side": one.dual_side,
            "spot": {asset: str(quantity) for asset, quantity in one.spot.items()},
            "usdm": {asset: str(quantity) for asset, quantity in one.usdm.items()},
        }
        for one, _ in accounts
    ]
    (folder / "accounts.json").write_text(json.dumps({"accounts": served}))
    (folder / "accounts.json").chmod(0o600)  # keys stand in it, and doctor looks
    words = ["sandbox", "--data-dir", str(folder / "sandbox"), "--instruments", "5", "--limits", limits]
    words += ["--accounts", str(folder / "accounts.json")]
    process = subprocess.Popen([sys.executable, "-m", "hedge_tui", *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    gate = Gate(ready["port"])
    port = gate.port if gated else ready["port"]
    text = config + "".join(
        f'[[accounts]]\nname = "{one.name}"\nvenue = "{venue}"\nmode = "sandbox"\n'
        f'connect = "127.0.0.1:{port}"\nca_file = "{ready["ca_file"]}"\n{"" if number else more}'
        for number, (one, venue) in enumerate(accounts)
    )
    (folder / "config.toml").write_text(text)
    (folder / "config.toml").chmod(0o600)
    vault = Vault.create(folder / "vault.hedge", Passphrase(Secret(PASSPHRASE), FLOOR))
    for one, venue in accounts:
        vault.add(one.name, venue=venue, api_key=Secret(one.key), secret=Secret(one.secret), created_ns=1)
    vault.save()
    vault.close()
    return SmallDesk(folder, process, ready["control"], gate)


def processes_with(*words: str) -> list[int]:
    """Process ids whose command lines hold all these words."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            line = " ".join(command_of(int(entry.name)))
            if line and all(word in line for word in words):
                found.append(int(entry.name))
    return found


def children_of(pid: int) -> list[int]:
    """Process ids of the direct children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(stat[1]) == pid:
                    found.append(int(entry.name))
    return found
