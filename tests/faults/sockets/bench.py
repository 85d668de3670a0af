"""One sandbox venue, one engine, both processes of their own, and many cases of trouble between them.

Everything is real but the money: ccxt over TLS, the journal on disk, the unix socket that a console uses.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from faults.sockets.record import Watch
from faults.sockets.scene import Scene
from faults.sockets.story import story
from faults.sockets.verdict import Verdict
from faults.tally import Tally, runs
from small_desk import SmallDesk, small_desk

from adapters.sandbox.control import SandboxControl
from hedge_tui.bootstrap.launch import attach
from hedge_tui.wire.client import EngineClient

Play = Callable[[Scene], Awaitable[None]]
ACCOUNTS = {f"desk-{n}": "binanceusdm" for n in range(1, 9)} | {f"desk-{n}": "binance" for n in (9, 10, 11)}
SETTINGS = """
[history]
record = false
[venues.binance]
survey_per_min = 0
[venues.binanceusdm]
survey_per_min = 0
[risk]
max_day_notional = 1000000000
max_open_orders = 1000
"""
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that goes wrong.

    Attributes:
        play: arms faults, types lines and watches; the bench judges afterwards.
        venue: of the account it is given.
        alone: it touches more than its account, so its runs follow each other.
        quick: it is also run, once, among the short tests.
        held_s: longest time until everything must be settled.
    """

    play: Play
    venue: str = "binanceusdm"
    alone: bool = False
    quick: bool = False
    settle_s: float = 40.0

    @property
    def name(self) -> str:
        """What it is called in the table."""
        spot = " (spot)" if self.venue == "binance" else ""
        return self.play.__name__.replace("_", " ") + spot


def of(cases: Sequence[Case]) -> list[Any]:
    """Cases as parameters of a test; all but the quick ones are long."""
    marks = {True: (), False: (pytest.mark.soak,)}
    return [pytest.param(case, id=case.name.replace(" ", "-"), marks=marks[case.quick]) for case in cases]


@dataclass
class Bench:
    """A running desk that cases are played on, one after the other or side by side.

    Attributes:
        watch: sees what a console sees, from the beginning to the end.
    """

    desk: SmallDesk
    socket: Path
    control: SandboxControl
    watch: Watch
    rng: random.Random = field(default_factory=lambda: random.Random(5))
    _free: dict[str, deque[str]] = field(default_factory=dict)

    async def run(self, case: Case) -> None:
        """Play a case, three times in the long form, and hold the desk to its promises."""
        count = runs(1, 3)
        with Tally("sockets", case.name) as tally:
            if case.alone:
                verdicts = [await self._one(case) for _ in range(count)]
            else:
                verdicts = await _all(*(self._one(case) for _ in range(count)))
            for one in verdicts:
                tally.add(
                    orders=one.orders,
                    lost=len(one.lost),
                    doubled=len(one.doubled),
                    false_terminal=len(one.false),
                )
            words = [one.words for one in verdicts if one.words]
            assert not words, "\n".join(words)

    async def client(self, kind: str = "cli") -> EngineClient:
        """Another client of the engine."""
        return await attach(self.socket, kind)

    async def _one(self, case: Case) -> Verdict:
        with self._account(case.venue) as account:
            client = await self.client()
            scene = Scene(self, client, account, case.venue)
            try:
                await scene.begin()
                await case.play(scene)
                return await scene.judged(case.settle_s)
            except AssertionError as error:
                error.add_note(await story(scene))
                raise
            finally:
                await scene.end()
                await client.close()

    @contextmanager
    def _account(self, venue: str) -> Iterator[str]:
        """The account that has rested longest."""
        free = self._free.setdefault(venue, deque(name for name, at in ACCOUNTS.items() if at == venue))
        name = free.popleft()
        try:
            yield name
        finally:
            free.append(name)

    # -- the engine as a process

    @property
    def engine_pid(self) -> int:
        """The engine's process id."""
        return self.desk.engine()

    async def suspend(self, seconds: float) -> None:
        """SIGSTOP, wait, SIGCONT: a laptop's lid, a paused machine."""
        pid = self.engine_pid
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def bench(folder: Path) -> Any:
    """Start the venue and the desk, wait until every account is live, end both."""
    desk = await asyncio.to_thread(small_desk, folder, ACCOUNTS, SETTINGS)
    try:
        await asyncio.to_thread(desk.start)
        client = await attach(desk.socket)
        watch = Watch(client)
        watch.begin()
        async with asyncio.timeout(START_S):
            while not await _all_live(client):  # noqa: ASYNC110 - another process becomes ready
                await asyncio.sleep(0.1)
        async with SandboxControl(desk.control_port) as control:
            yield Bench(desk, desk.socket, control, watch)
        await client.close()
    finally:
        await asyncio.to_thread(desk.end)


async def _all(*plays: Coroutine[Any, Any, Verdict]) -> list[Verdict]:
    """Play side by side to the end of each, whatever becomes of one."""
    tasks = [asyncio.create_task(play) for play in plays]
    await asyncio.wait(tasks)
    return [task.result() for task in tasks]


async def _all_live(client: EngineClient) -> bool:
    rows = await client.query("accounts")
    quoted = await client.query("status")
    live = all(row["state"] == "live" and row["connected"] for row in rows)
    return live and quoted["quotes"] >= 8
