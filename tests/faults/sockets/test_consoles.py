"""Consoles that die, freeze or lose their terminal in the middle of a bulk: the engine goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.scene import Scene
from terminal import Terminal

from hedge_tui.wire import messages as m

pytestmark = pytest.mark.asyncio(loop_scope="session")
BULK = 30


@asynccontextmanager
async def console(scene: Scene) -> AsyncIterator[Terminal]:
    """The real console in a real terminal, attached to this desk."""
    opened = await asyncio.to_thread(Terminal, scene.bench.desk.folder)
    try:
        await asyncio.to_thread(opened.until, "BTC/USDT")
        yield opened
    finally:
        await asyncio.to_thread(opened.close)


async def confirmed(scene: Scene, terminal: Terminal) -> None:
    """Type the bulk, confirm it, and return while it leaves."""
    await scene.fault("delay", seconds=0.5, count=None)
    line = scene.several(BULK).replace("buy", f"@{scene.account} buy")
    await asyncio.to_thread(terminal.type, ":")
    await asyncio.to_thread(terminal.type, line + "\r")
    await asyncio.to_thread(terminal.until, f"sends {BULK} orders")
    await asyncio.sleep(0.4)  # the dialog takes no key before
    await asyncio.to_thread(terminal.type, "\r")
    await scene.until(lambda: "live" in scene.now().values())


async def whole(scene: Scene) -> None:
    """The bulk left to its last order, and who attaches now sees it."""
    await scene.until_all("live", count=BULK)
    assert len(scene.now()) == BULK
    again = await scene.bench.client()
    try:
        rows = await again.query("orders")
        assert sum(row["account"] == scene.account for row in rows) == BULK
    finally:
        await again.close()


async def the_console_is_killed(scene: Scene) -> None:
    async with console(scene) as terminal:
        await confirmed(scene, terminal)
        os.kill(terminal.child.pid, signal.SIGKILL)
        await whole(scene)


async def the_console_freezes(scene: Scene) -> None:
    async with console(scene) as terminal:
        await confirmed(scene, terminal)
        os.kill(terminal.child.pid, signal.SIGSTOP)
        try:
            await whole(scene)
            await scene.type("cancel all")
            await scene.until_all("cancelled", count=BULK)
        finally:
            os.kill(terminal.child.pid, signal.SIGCONT)


async def the_ssh_session_drops(scene: Scene) -> None:
    """The terminal is gone, as after a lost ssh connection; a new console shows what is so."""
    async with console(scene) as terminal:
        await confirmed(scene, terminal)
        os.close(terminal.child.fileno())
        terminal.child.closed = True
        await whole(scene)
    async with console(scene) as again:
        await asyncio.to_thread(again.until, scene.account)


async def a_client_leaves_in_the_middle(scene: Scene) -> None:
    await scene.fault("delay", seconds=0.3, count=None)
    client = await scene.bench.client()
    preview = await client.submit(scene.several(BULK), scope=scene.account)
    assert isinstance(preview, m.Preview)
    waiting = asyncio.create_task(client.confirm(preview.hash, wait=True))
    await scene.until(lambda: "live" in scene.now().values())
    await client.close()
    waiting.cancel()
    await whole(scene)


async def a_client_reads_nothing(scene: Scene) -> None:
    client = await scene.bench.client()
    client.follow("orders", "instruments", "markets", "fills")
    assert client._reader_task is not None
    client._reader_task.cancel()
    await scene.type(scene.several(BULK))
    await whole(scene)
    await client.close()


async def the_network_is_gone_in_the_middle(scene: Scene) -> None:
    """Nobody reaches the venue for some seconds: no route, every connection cut."""
    await scene.fault("delay", seconds=0.2, count=None)
    typed = scene.typed(scene.several(60))
    await scene.until(lambda: "live" in scene.now().values())
    await asyncio.to_thread(scene.bench.desk.gate.close)
    await asyncio.sleep(4)
    await asyncio.to_thread(scene.bench.desk.gate.open)
    await scene.calm()
    await typed
    await scene.until_all("live", "denied", "rejected", "absent", count=60, limit_s=45)
    await scene.until_live()


CASES = [
    Case(the_console_is_killed, alone=True),
    Case(the_console_freezes, alone=True),
    Case(the_ssh_session_drops, alone=True),
    Case(a_client_leaves_in_the_middle, quick=True),
    Case(a_client_reads_nothing),
    Case(the_network_is_gone_in_the_middle, alone=True),
]


@pytest.mark.parametrize("case", of(CASES))
async def test_consoles(bench: Bench, case: Case) -> None:
    await bench.run(case)
