"""PnL of thirty simulated days, and of a past before the desk, equals the venues' ledgers to 0.00."""

from __future__ import annotations

import asyncio
import os
import random

import pytest
from simulated_desk import SimulatedLoop, simulate
from trading_month import TradingMonth

from hedge_tui.engine import checkpoint
from hedge_tui.engine.desk import Desk

SEEDS = range(int(os.environ.get("HEDGE_SEEDS", "1")))


async def spell(world: TradingMonth, rng: random.Random) -> None:
    """Some minutes in which everything may happen."""
    assert world.engine is not None
    lost = rng.sample(list(world.clients.values()), rng.randrange(0, 4)) if rng.random() < 0.4 else []
    for client in lost:
        client.lose()
    for _ in range(rng.randrange(1, 4)):
        world.move_prices(20)
        world.trade_elsewhere(rng.randrange(0, 4))
        number, coins = rng.randrange(1, 10), rng.randrange(1, 4)
        line = rng.choice(
            (
                f"@desk-{number} buy 0.{number}btc BTC.p",
                f"@desk-{number} sell {number}eth ETH.p",
                "@core close BTC.p",
                f"@swing buy 0.0{number}btc/each BTC.p",
                f"@spot-{coins} buy {number * 100}usd BTC.s",
                f"@spot-{coins} sell 0.001btc BTC.s",
            )
        )
        await world.send(line)
        world.move_money()
        await asyncio.sleep(rng.choice((0.2, 2, 30)))
    for client in lost:
        await client.come_back()


async def settled(world: TradingMonth) -> None:
    """All words are confirmed: the ledger has been read after the last of them."""
    await asyncio.sleep(300)


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_days_over_twelve_accounts(seed: int) -> None:
    async def main(loop: SimulatedLoop) -> None:
        world, rng = TradingMonth(loop, seed), random.Random(seed + 1)
        await world.boot()
        for hour in range(0, 30 * 24, 8):
            world.fund()
            await spell(world, rng)
            if rng.random() < 0.15:
                await world.crash()
                world.trade_elsewhere(rng.randrange(0, 4))
                world.move_money()
                if rng.random() < 0.5:
                    loop.now += 2 * 3600
                    world.fund()
                await world.boot()
            elif rng.random() < 0.1:
                await world.engine.desk.save_checkpoint()  # type: ignore[union-attr]
            if hour % 240 == 0:
                await settled(world)
                world.agree()
            await world.pass_hours(8)
        await settled(world)
        world.agree()
        days = {key[0] for key in world.records()}
        assert len(days) >= 29
        engine = world.engine
        assert engine is not None
        assert engine.desk.faults == 0
        assert any(s.transfers for s in engine.desk.state.book.cells.values())
        again = Desk(world.journal, world.clock, random.Random(0))
        again.set_instruments([one for listed in world.listed.values() for one in listed])
        again.state.calendar = world.calendar
        await engine.stop()
        again.replay()
        assert again.state.book == engine.desk.state.book
        assert checkpoint.dump(again.state) == checkpoint.dump(engine.desk.state)

    simulate(main)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_before_the_desk_is_imported_and_goes_on_live(seed: int) -> None:
    async def main(loop: SimulatedLoop) -> None:
        world, rng = TradingMonth(loop, seed, margin_accounts=3, spot_accounts=1), random.Random(seed)
        for _ in range(60):
            world.move_prices(10)
            world.trade_elsewhere(25)
            world.move_money()
            world.fund()
            loop.now += 8 * 3600
        await world.boot()
        # It dies while the import runs, twice: no row is lost, and none comes twice.
        for _ in range(2):
            await asyncio.sleep(rng.random() * 3)
            await world.crash()
            world.trade_elsewhere(3)
            await world.boot()
        await settled(world)
        world.agree()
        world.trade_elsewhere(5)
        world.fund()
        await settled(world)
        world.agree()
        await world.engine.stop()  # type: ignore[union-attr]

    simulate(main)
