"""A desk on which everything happens, and its journal on disk: for whoever reads journals."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from simulated_desk import BTC, ETH, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.wire import messages as m
from store.journal.sqlite_journal import SqliteJournal

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.engine.state import DeskState
    from store.journal.memory import MemoryJournal

LINES = (
    "@all buy 0.0{n}btc/each BTC.p at 5999{n}",
    "@desk-1 buy {n}00usd BTC.p at ask+{n}t",
    "@all buy 10%free/each ETH.p at bid",
    "@desk-2 sell {n}%eq BTC.p",
    "@all sell 0.0{n}btc/each BTC.p at 6000{n} & @desk-1 buy 0.1btc BTC.p at mid-{n}bp",
    "@desk-1 buy 9000{n}btc BTC.p",
    "@desk-1 buy 1btc BTC.p at 9{n}000",
    "@desk-2 close BTC.p",
    "@all close all",
    "@all cancel buys",
    "@desk-1 buy 0.5btc BTC.p at {n}0000 sl 5{n}000 tp 70000",
    "@desk-1 sell 100%pos BTC.p stop:59000 reduce",
    "cancel #{n}",
    "amend #{n} to 0.{n}btc at 5900{n}",
    "quick @desk-1 {n}",
    "@all lev BTC.p {n}",
    "@desk-1,desk-2 buy 0.{n}btc/split BTC.p at 5999{n}",
    "@desk-1 buy =0.{n}btc BTC.p",
)


async def trade(desk: SimulatedDesk, steps: int) -> None:
    """Lines of every kind; some are confirmed late, so that the market has left them behind."""
    rng = random.Random(desk.seed)
    await desk.start()
    desk.price(ETH, 3_000)
    await desk.send("alias quick @{{1}} buy 0.0{{2}}btc BTC.p".replace("{{", "{").replace("}}", "}"))
    for _ in range(steps):
        text = rng.choice(LINES).format(n=rng.randrange(1, 9))
        desk.quote()
        preview = await desk.engine.lines.submit(m.Submit(1, text, scope="desk-1"), "test", may_trade=True)
        if rng.random() < 0.3:
            desk.price(BTC, 60_000 + rng.randrange(-400, 400))
            desk.quote()
            await asyncio.sleep(rng.random())
        if isinstance(preview, m.Preview) and preview.sendable:
            await desk.engine.lines.confirm(m.Confirm(2, preview.hash, wait=True), "test")
        if rng.random() < 0.1:
            await asyncio.sleep(rng.random() * 10)


def record_desk(folder: Path, seed: int, steps: int = 30) -> DeskState:
    """Trade, save the state, trade on; the journal lies in `folder`, the end state is returned."""

    async def main(loop: SimulatedLoop) -> SimulatedDesk:
        desk = SimulatedDesk(loop, seed, faults=Faults(0.05, 0.1, 0.05, 0.1, 1.0, 0.2))
        await trade(desk, steps)
        await desk.engine.desk.save_checkpoint()
        for n in range(5):
            await desk.send(f"@desk-1 buy 0.0{n + 1}btc BTC.p at 5999{n}")
        await asyncio.sleep(30)
        await desk.engine.stop()
        return desk

    desk = simulate(main)
    asyncio.run(_keep(folder, desk.journal))
    return desk.engine.desk.state


async def _keep(folder: Path, record: MemoryJournal) -> None:
    journal = SqliteJournal.open(folder)
    await journal.append([act for _, act in record.replay()])
    if (saved := record.checkpoint()) is not None:
        await journal.save_checkpoint(*saved)
    await journal.close()
