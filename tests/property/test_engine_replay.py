"""The journal alone gives the same state again, after any run: faults, fills, cash and days included."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest
from simulated_desk import BTC, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.engine import checkpoint
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.state import DeskState


def fields(state: DeskState) -> dict[str, Any]:
    return {name: value for name, value in vars(state).items() if name != "instruments"}


async def live(desk: SimulatedDesk, steps: int) -> None:
    """A trader who does everything, on a bad line."""
    await desk.start()
    await live_on(desk, steps)


async def live_on(desk: SimulatedDesk, steps: int) -> None:
    rng = random.Random(desk.seed + steps)
    lines = (
        "@all buy 0.0{n}btc/each BTC.p at 5999{n}",
        "@desk-1 buy 0.{n}btc BTC.p",
        "@all sell 0.0{n}btc/each BTC.p at 6000{n}",
        "@desk-2 close BTC.p",
        "@all cancel buys",
        "amend #{n} to 0.5btc",
        "cancel #{n}",
        "alias b{n} buy 1btc BTC.p",
        "watch ETH.p",
        "@all lev BTC.p {n}",
        "@desk-1 sell 100%pos BTC.p stop:59000 reduce",
        "panic",
        "note the market turns",
    )
    for _ in range(steps):
        await desk.send(rng.choice(lines).format(n=rng.randrange(1, 9)))
        now = desk.clock.now_ns()
        match rng.randrange(6):
            case 0:
                desk.hub.publish(desk.venue.pay_funding(BTC, Decimal("0.0001"), now))
            case 1:
                moved = Decimal(rng.randrange(1, 500))
                desk.hub.publish(desk.venue.transfer("desk-1", "USDT", moved, now, "DEPOSIT"))
            case 2:
                desk.price(BTC, 60_000 + rng.randrange(-20, 20))
            case 3:
                await asyncio.sleep(rng.random() * 30)
            case 4:
                await asyncio.sleep(rng.choice((0, 0, 0, 3600)))
        if rng.random() < 0.1:
            await desk.crash()
            await desk.start()


@pytest.mark.parametrize("seed", range(4))
def test_a_checkpoint_and_the_acts_after_it_give_the_same_state(seed: int) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, faults=Faults(0.1, 0.2, 0.1, 0.3, 1.0, 0.4))
        await live(desk, 12)
        await desk.engine.desk.save_checkpoint()
        await live_on(desk, 8)
        await asyncio.sleep(5)
        await desk.engine.stop()
        whole, short = (Desk(desk.journal, desk.clock, random.Random(0)) for _ in range(2))
        for each in (whole, short):
            each.set_instruments(desk.instruments)
        kept = desk.journal.checkpoint()
        assert kept is not None
        desk.journal.checkpoint = lambda: None  # type: ignore[method-assign]
        assert whole.replay() == desk.journal.durable_seq
        desk.journal.checkpoint = lambda: kept  # type: ignore[method-assign]
        assert short.replay() == desk.journal.durable_seq - kept[0] > 0
        assert fields(short.state) == fields(whole.state) == fields(desk.engine.desk.state)

    simulate(main)


@pytest.mark.parametrize("bytes_", [b"", b"junk", checkpoint.dump(DeskState())[:-3]])
def test_a_checkpoint_that_cannot_be_read_is_passed_over(bytes_: bytes) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await live(desk, 5)
        await desk.journal.save_checkpoint(desk.journal.last_seq, bytes_)
        again = Desk(desk.journal, desk.clock, random.Random(0))
        again.set_instruments(desk.instruments)
        assert again.replay() == desk.journal.durable_seq
        assert fields(again.state) == fields(desk.engine.desk.state)

    simulate(main)


@pytest.mark.parametrize("seed", range(8))
def test_replay_gives_the_same_state(seed: int) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, faults=Faults(0.1, 0.2, 0.1, 0.3, 1.0, 0.4))
        await live(desk, 25)
        await asyncio.sleep(60)
        await desk.engine.stop()
        assert desk.engine.desk.faults == 0
        again = Desk(desk.journal, desk.clock, random.Random(0))
        again.set_instruments(desk.instruments)
        count = again.replay()
        assert count == desk.journal.durable_seq
        assert again.faults == 0
        ours, theirs = fields(desk.engine.desk.state), fields(again.state)
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            assert value == theirs[name], name
        assert ours["fills"]
        copy = DeskState()
        checkpoint.load(copy, checkpoint.dump(again.state))
        assert fields(copy) == ours

    simulate(main)
