"""Real processes: a sandbox venue, an engine over real ccxt and TLS, commands as a trader types them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from adapters.sandbox.control import SandboxControl
from hedge_tui.bootstrap.demo import PASSPHRASE, start_demo, stop_demo
from hedge_tui.bootstrap.launch import engine_pid, start_engine
from hedge_tui.config.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator
    from pathlib import Path

T = TypeVar("T")


@dataclass
class LiveDesk:
    """A demo desk of real processes."""

    paths: Paths
    socket: Path
    control_port: int

    def hedge(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `hedge WORDS` on this desk."""
        done = subprocess.run(
            [sys.executable, "-m", "hedge_tui", *words, "--data-dir", str(self.paths.data_dir)],
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert not check or done.returncode == 0, (
            f"hedge {words}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        )
        return done

    def json(self, *words: str) -> Any:
        """What `hedge WORDS --json` prints."""
        return json.loads(self.hedge(*words, "--json").stdout)

    def venue(self, ask: Callable[[SandboxControl], Awaitable[T]]) -> T:
        """Ask the sandbox's control port: the truth."""

        async def run() -> T:
            async with SandboxControl(self.control_port) as control:
                return await ask(control)

        return asyncio.run(run())

    def lower_price(self) -> None:
        """Move BTC's price down a little, so that a buy at what was the ask fills whatever the market did."""
        (row,) = [m for m in self.json("markets") if m["instrument"] == "binanceusdm:BTC/USDT:USDT"]
        price = f"{row['last'] * 0.998:.1f}"
        self.venue(lambda control: control.move_price("binanceusdm", "BTCUSDT", price))

    @staticmethod
    def summed(rows: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
        """Quantity by account: one order may be filled in several pieces."""
        found: dict[str, Decimal] = {}
        for row in rows:
            found[row["account"]] = found.get(row["account"], Decimal(0)) + Decimal(row["quantity"])
        return found

    def journalled(self, kind: str) -> int:
        """Acts of one kind in the journal on disk."""
        path = self.paths.data_dir / "journal" / "journal.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            (count,) = connection.execute("select count(*) from acts where kind = ?", (kind,)).fetchone()
        return int(count)

    def pid(self) -> int:
        """The engine's process id."""
        found = engine_pid(self.socket)
        assert found is not None, "no engine answers"
        return found

    def kill_engine(self) -> None:
        """kill -9, and wait until it is gone."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: not _runs(pid), 5)

    def start_engine(self) -> None:
        """Start it again, as `hedge` would."""
        start_engine(self.paths, self.socket, PASSPHRASE)

    def connected(self) -> None:
        """Wait until every account is live and reconciled."""
        self.until(self._all_live, 75)

    def until(self, condition: Callable[[], bool], limit_s: float) -> None:
        """Wait for something that another process does."""
        end = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end, f"not so within {limit_s} s"
            time.sleep(0.1)

    def _all_live(self) -> bool:
        status = self.json("engine", "status")
        enough = status["quotes"] > 0.8 * status["instruments"] > 0
        return bool(status["connected"] == status["accounts"] and enough)


@pytest.fixture(scope="module")
def desk_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk") / "data"


@pytest.fixture
def live_desk(desk_dir: Path, hidden_user: Path) -> Iterator[LiveDesk]:
    """A desk of twelve accounts; the venue and its prices are shared by the tests of one module."""
    demo = start_demo(desk_dir, limits="silent")
    desk = LiveDesk(demo.paths, demo.socket, demo.control_port)
    desk.connected()
    yield desk
    desk.venue(lambda control: control.disarm())


@pytest.fixture(scope="module", autouse=True)
def _end(desk_dir: Path) -> Iterator[None]:
    yield
    stop_demo(desk_dir)


def _runs(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
