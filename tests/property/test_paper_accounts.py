"""Paper accounts in a random market: the ledger balances, and a kill at any moment changes nothing."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest

from hedge_tui.domain.fill import Fill
from hedge_tui.domain.order import OrderType, Side
from tests.paper_world import NAME, PaperWorld
from tests.simulated_desk import simulate

D = Decimal
SEEDS = range(12)


def _prices(rng: random.Random, at: float) -> tuple[float, float]:
    at = round(max(50.0, at + rng.gauss(0, 0.4)), 1)
    return at, round(at + 0.1, 1)


async def _act(world: PaperWorld, rng: random.Random, at: float) -> None:
    """One thing that the trader does."""
    side = rng.choice(list(Side))
    match rng.randrange(6):
        case 0:
            await world.place(str(rng.randint(1, 9)), side)
        case 1 | 2:
            price = round(at - side.sign * rng.random(), 1)
            await world.place(str(rng.randint(1, 9)), side, str(price))
        case 3:
            stop = {"type": OrderType.STOP_MARKET, "trigger_price": D(str(round(at + side.sign, 1)))}
            await world.place(str(rng.randint(1, 9)), side, **stop)
        case 4:
            trail = {"type": OrderType.TRAILING_STOP, "trail_pct": D("0.5"), "reduce_only": True}
            await world.place("1", side, **trail)
        case 5:
            open_orders = await world.client.open_orders()
            if open_orders:
                await world.client.cancel([world.ref(rng.choice(open_orders))])


def _market(world: PaperWorld, rng: random.Random, at: float) -> float:
    """One thing that the market says; returns the new price."""
    bid, ask = _prices(rng, at)
    match rng.randrange(4):
        case 0:
            world.trade(rng.choice((bid, ask)), rng.randint(1, 30), rng.choice(list(Side)))
        case 1:
            bids = [(round(bid - i / 10, 1), float(rng.randint(1, 9))) for i in range(5)]
            world.book(bids, [(round(ask + i / 10, 1), float(rng.randint(1, 9))) for i in range(5)])
        case 2:
            world.quote(str(bid), str(ask), size=rng.randint(1, 9))
        case 3:
            world.mark(bid, rate=rng.uniform(-0.01, 0.01), due_s=rng.randint(5, 60))
    return bid


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ledger_balances_and_a_kill_changes_nothing(seed):
    rng = random.Random(seed)

    async def life(loop):
        world = PaperWorld(loop, balance=D(rng.choice((300, 3_000, 30_000))))
        await world.boot()
        world.quote("100.0", "100.1", size=5)
        at, fills = 100.0, {}
        for step in range(120):
            at = _market(world, rng, at)
            if rng.random() < 0.4:
                await _act(world, rng, at)
            await asyncio.sleep(rng.choice((0, 0.2, 3)))
            venue = world.paper.venue
            assert set(venue.ledger.sums().values()) <= {D(0)}
            fills |= {fill.trade_id: fill for fill in world.of(Fill)}
            bought = sum((f.quantity * f.side.sign for f in fills.values()), D(0))
            assert world.position == bought, step
            if step % 30 == 29:
                world.paper.touch()  # marks alone are no reason to write
                await world.paper.durable()
                before = (venue.balances(NAME), venue.positions(NAME), venue.open_orders(NAME))
                world.kill()
                await world.boot()
                venue = world.paper.venue
                assert (venue.balances(NAME), venue.positions(NAME), venue.open_orders(NAME)) == before
                assert {f.trade_id for f in world.of(Fill)} <= fills.keys()
        realized = sum((i.quantity for i in world.paper.venue.income(NAME)), D(0))
        if len(world.paper.venue.income(NAME)) < 500:
            assert world.wallet == world.balance + realized
        await world.client.stop()
        return len(fills)

    assert simulate(life) > 5
