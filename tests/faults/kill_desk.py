"""A desk over real sockets whose engine dies at a chosen step, and what must hold after that."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import module_hooks
import pytest

from adapters.sandbox.control import SandboxControl
from hedge_tui.bootstrap.demo import PASSPHRASE, start_demo, stop_demo
from hedge_tui.bootstrap.journal_reader import JournalReader
from hedge_tui.bootstrap.launch import attach, start_engine, stop_engine
from hedge_tui.bootstrap.process import alive
from hedge_tui.config import load
from hedge_tui.config.paths import Paths
from hedge_tui.domain import acts
from hedge_tui.domain.errors import EngineUnreachable
from hedge_tui.wire.client import EngineClient
from hedge_tui.wire.messages import Preview

T = TypeVar("T")
HOOKS = Path(__file__).with_name("kill_hooks") / "sitecustomize.py"
ACCOUNTS = ("desk-1", "desk-2", "desk-3")
BTC = "binanceusdm:BTC/USDT:USDT"
LIMIT_S = 180.0
"""Engines that start every few seconds use up the venue's budget of a minute, and wait for the next."""
NEVER = 1 << 62
SAME = {"NEW": "live", "PARTIALLY_FILLED": "partial", "FILLED": "filled", "CANCELED": "cancelled"}
LINE = " & ".join(
    [
        "@desk-1,desk-2,desk-3 buy 0.01btc/each BTC.p at ask+0.3%",
        *(f"@desk-1,desk-2,desk-3 buy 0.01btc/each BTC.p at bid-{n}%" for n in range(1, 6)),
        "@desk-1 sell 0.01btc BTC.p at ask+2%",
        "@desk-2 sell 0.01btc BTC.p at ask+2%",
    ]
)
"""Twenty rows over three accounts; three of them trade at once."""


@dataclass
class Findings:
    """What one run showed, as words; nothing may be in it.

    Attributes:
        intents: orders of the line that were on disk when the engine died. venue: those at the venue.
    """

    intents: int = 0
    venue: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    false_terminal: list[str] = field(default_factory=list)
    not_before: list[str] = field(default_factory=list)
    sent_after: list[str] = field(default_factory=list)


@dataclass
class KillDesk:
    """The processes, and the hooks that all of them load."""

    paths: Paths
    socket: Path
    control_port: int
    hooks: Path

    # -- asking

    def venue(self, ask: Callable[[SandboxControl], Awaitable[T]]) -> T:
        """Ask the sandbox's control port: the truth."""

        async def run() -> T:
            async with SandboxControl(self.control_port) as control:
                return await ask(control)

        return asyncio.run(run())

    def query(self, name: str, **args: Any) -> Any:
        """Ask the engine."""

        async def run() -> Any:
            client = await attach(self.socket, timeout_s=LIMIT_S)
            try:
                return await client.query(name, **args)
            finally:
                await client.close()

        return asyncio.run(run())

    def until(self, condition: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
        """Wait for something that other processes do."""
        end = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end, f"not {what} within {limit_s} s"
            time.sleep(0.02)

    # -- the engine

    def start(self) -> None:
        """Start an engine and wait until it has told every account and settled every doubt."""
        start_engine(self.paths, self.socket, PASSPHRASE)
        self.until(self._settled, "connected and settled")

    def _settled(self) -> bool:
        status = self.query("status")
        return bool(status["connected"] == len(ACCOUNTS) and not status["unsettled"])

    def market(self, *, moves: bool) -> None:
        """Let prices move, and wait until the desk has them; or let them stand still, to compare in peace."""
        self.venue(lambda control: control.hold_market(still=not moves))
        if moves:
            self.until(self._quoted, "quoted")

    def _quoted(self) -> bool:
        return any(row["instrument"] == BTC and row["bid"] for row in self.query("instruments"))

    def pid(self) -> int:
        """The engine's process id."""
        return int(self.query("status")["pid"])

    def send(self, line: str) -> None:
        """Type a line and confirm it, as a console does; the engine may die in the middle of it."""

        async def run() -> None:
            client = await attach(self.socket, timeout_s=LIMIT_S)
            try:
                await client.confirm(await _previewed(client, line), wait=True)
            finally:
                await client.close()

        asyncio.run(run())

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: not alive(pid), "dead")

    def die_at(self, step: str, at: int, line: str) -> None:
        """Send a line with the engine set to die at a step, and wait until it is dead."""
        pid = self.pid()
        (self.hooks / "armed" / step).write_text(str(at))
        with contextlib.suppress(EngineUnreachable):
            self.send(line)
        self.until((self.hooks / "reached" / step).exists, f"at {step}")
        self.until(lambda: not alive(pid), "dead")
        (self.hooks / "reached" / step).unlink()

    def die_when(self, seen: Callable[[], bool], what: str, line: str) -> None:
        """Send a line, and kill the engine from outside as soon as something is seen at the venue."""
        pid = self.pid()

        async def run() -> None:
            client = await attach(self.socket, timeout_s=LIMIT_S)
            hash_ = await _previewed(client, line)
            sending = asyncio.create_task(client.confirm(hash_))
            await asyncio.to_thread(self.until, seen, what)
            os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(EngineUnreachable):
                await sending
            await client.close()

        asyncio.run(run())
        self.until(lambda: not alive(pid), "dead")

    # -- the judgement

    def judge(self, before: frozenset[str], mark: int) -> Findings:
        """Compare the restarted desk with the venue's ledger.

        Args:
            before: client ids of orders from earlier runs.
            mark: the venue's newest row of a request when the engine died.
        """
        theirs = [one for one in self.venue(lambda c: c.orders()) if one["client_order_id"] not in before]
        ours = {one["client_order_id"]: one for one in self.query("orders", working=False, count=100)}
        intended, sending = self._journalled()
        new = intended.keys() - before
        found = Findings(len(new), len(theirs))
        there = Counter(one["client_order_id"] for one in theirs)
        found.doubled = [f"{id_} is at the venue {count} times" for id_, count in there.items() if count > 1]
        found.lost = [f"{id_} is not known" for id_ in (there.keys() | new) - ours.keys()]
        for one in theirs:
            id_ = one["client_order_id"]
            said = ours[id_]["status"] if id_ in ours else ""
            if said and said != SAME[one["status"]]:
                found.false_terminal.append(f"{id_} is {one['status']}, the desk says {said}")
            if not intended.get(id_, NEVER) <= sending.get(id_, NEVER) <= one["created_ns"]:
                found.not_before.append(f"{id_} reached the venue before it was on disk")
        for id_ in (new & ours.keys()) - there.keys():
            if ours[id_]["status"] not in ("denied", "absent"):
                found.false_terminal.append(f"{id_} never came, the desk says {ours[id_]['status']}")
        found.sent_after = self._sent_after(mark, new)
        return found

    def _sent_after(self, mark: int, known: set[str]) -> list[str]:
        """What a new engine asked the venue to change; what had left before its start may arrive late."""
        rows = self.venue(lambda c: c.ledger("request", since=mark))
        acting = [row for row in rows if row["method"] != "GET" and "rder" in row["path"]]
        late = [
            row["method"] == "POST" and any(id_ in json.dumps(row["params"]) for id_ in known)
            for row in acting
        ]
        return [
            f"{row['method']} {row['path']}" for row, is_late in zip(acting, late, strict=True) if not is_late
        ]

    def _journalled(self) -> tuple[dict[str, int], dict[str, int]]:
        """When each order's intent and its sending were recorded, read from the journal's file."""
        intended: dict[str, int] = {}
        sending: dict[str, int] = {}
        for _, act in JournalReader(self.paths.data_dir, load(self.paths.config_file)).after(0):
            if isinstance(act, acts.OrdersIntended):
                intended |= {one.client_order_id: act.at_ns for one in act.requests}
            elif isinstance(act, acts.OrdersSending):
                sending |= dict.fromkeys(act.client_order_ids, act.at_ns)
        return intended, sending

    def disarm(self) -> None:
        """Forget steps that were armed and never reached."""
        for file in (self.hooks / "armed").iterdir():
            file.unlink()

    def known(self) -> frozenset[str]:
        """Client ids of everything at the venue so far, and in the journal."""
        ids = {one["client_order_id"] for one in self.venue(lambda c: c.orders())}
        return frozenset(ids | self._journalled()[0].keys())

    def mark(self) -> int:
        """The venue's newest row of a request."""
        return max((row["seq"] for row in self.venue(lambda c: c.ledger("request"))), default=0)


async def _previewed(client: EngineClient, line: str) -> str:
    """Hash of the line's preview, every row of which can be sent."""
    preview = await client.submit(line, origin="cli")
    assert isinstance(preview, Preview), preview
    assert not [row.problem for row in preview.rows if row.problem], preview.rows
    return preview.hash


@contextlib.contextmanager
def kill_desk(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[KillDesk]:
    """A desk of three accounts and their venue; everything ends with the block."""
    hooks, data = folder / "hooks", folder / "data"
    for name in ("armed", "reached"):
        (hooks / name).mkdir(parents=True)
    for file in (HOOKS, Path(module_hooks.__file__)):
        shutil.copy(file, hooks)
    patch.setenv("PYTHONPATH", f"{hooks}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    demo = start_demo(data, limits="silent")
    try:
        stop_engine(demo.socket, data, force=True)
        parts = demo.paths.config_file.read_text().split("[[accounts]]")
        kept = [part for part in parts[1:] if any(f'name = "{name}"' in part for name in ACCOUNTS)]
        demo.paths.config_file.write_text("[[accounts]]".join([parts[0], *kept]))
        desk = KillDesk(demo.paths, demo.socket, demo.control_port, hooks)
        desk.start()
        yield desk
    finally:
        stop_demo(data)
