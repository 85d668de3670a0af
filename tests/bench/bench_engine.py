"""What the engine's own loop costs: simulated desks, the board under load, a start from the journal.

python tests/bench/bench_engine.py
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from ratio import print_ratio

from hedge_tui.domain import acts
from hedge_tui.domain.account import Account, AccountSnapshot, Balance, Mode, Position
from hedge_tui.domain.candle import MINUTE_NS, Timeframe
from hedge_tui.domain.market import MarketStats, OpenInterest, Quote
from hedge_tui.domain.order import OrderRequest, OrderType, PositionSide, Side, VenueOrderId
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.domain.series import CandleSeries
from hedge_tui.engine import checkpoint
from hedge_tui.engine.board.board import Board, Follower
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.market_memory import DAY_SLOTS, SHORT_NS
from hedge_tui.engine.state import Changes, DeskState
from hedge_tui.wire.codec import encode
from hedge_tui.wire.messages import Frame
from hedge_tui.wire.topics import COLUMNS
from store.journal.memory import MemoryJournal

TESTS = Path(__file__).resolve().parents[1]
INSTRUMENTS = 300
MANY = 2_000
ACCOUNTS = 12
ORDERS = 1_000
TICKS = 200
FRAME_MS = 1_000 / 30
SEEDS = 40


def simulated_desks() -> None:
    """How much faster than life a whole desk with its venue runs."""
    from simulated_desk import Faults, SimulatedDesk, SimulatedLoop, simulate

    async def one(loop: SimulatedLoop, seed: int) -> None:
        desk = SimulatedDesk(loop, seed, accounts=4, faults=Faults(0.1, 0.2, 0.1, 0.3, 1.0, 0.4))
        await desk.start()
        for i in range(10):
            await desk.send(f"@all buy 0.01btc/each BTC.p at {59_000 - i}")
        await asyncio.sleep(120)

    begun, simulated = time.perf_counter(), 0.0
    for seed in range(SEEDS):
        ended: list[float] = []

        async def run(loop: SimulatedLoop, seed: int = seed, ended: list[float] = ended) -> None:
            await one(loop, seed)
            ended.append(loop.now)

        simulate(run)
        simulated += ended[0]
    wall = time.perf_counter() - begun
    print(f"{60 * SEEDS / wall:,.0f} seeds a minute, {simulated / wall:,.0f} simulated minutes a minute")
    print_ratio(
        "simulated desk of 4 accounts, a minute of its time",
        ours=wall / simulated,
        peer=1.0,
        unit="s/s",
        peer_name="real time",
    )


def busy_desk(count: int = INSTRUMENTS) -> Desk:
    """A desk with `count` instruments, 12 accounts and 1,000 resting orders."""
    from plan_bench import NOW_NS, instrument
    from simulated_desk import SimulatedClock

    class Clock(SimulatedClock):
        def __init__(self) -> None:
            self.now = NOW_NS

        def now_ns(self) -> int:
            return self.now

    rng = random.Random(5)
    desk = Desk(MemoryJournal(), Clock(), rng)
    listed = [instrument(f"binanceusdm:C{n}/USDT:USDT") for n in range(count)]
    desk.set_instruments(listed)
    for n in range(ACCOUNTS):
        name = f"desk-{n + 1}"
        account = desk.add_account(Account(name, "binanceusdm", Mode.SANDBOX, ("core",)))
        balances = (Balance(name, "USDT", Decimal(10**6), Decimal(10**6), Decimal(0)),)
        held = tuple(
            Position(name, one.id, PositionSide.NET, Decimal(1), Decimal(100))
            for one in rng.sample(listed, 15)
        )
        account.take_snapshot(AccountSnapshot(name, NOW_NS, balances, held, Decimal(0), Decimal(0)))
    for _ in range(ORDERS):
        request = OrderRequest(
            desk.new_order_id(),
            f"desk-{rng.randrange(ACCOUNTS) + 1}",
            rng.choice(listed).id,
            Side.BUY,
            OrderType.LIMIT,
            Decimal(1),
            Decimal(99),
        )
        id_ = request.client_order_id
        report = Report(
            ReportKind.LIVE, request.account, request.instrument, id_, NOW_NS, VenueOrderId(id_[:9])
        )
        desk.record(
            acts.OrdersIntended(NOW_NS, (request,)),
            acts.OrdersSending(NOW_NS, (id_,)),
            acts.Reported(NOW_NS, report),
        )
    return desk


def move(desk: Desk, rng: random.Random, share: float) -> None:
    """New quotes for a share of the instruments."""
    at = desk.clock.now_ns()
    listed = list(desk.markets.instruments)
    for id_ in rng.sample(listed, round(len(listed) * share)):
        price = 100 + rng.random()
        desk.markets.quote(Quote(id_, price, 1.0, price + 0.1, 1.0, at, at))
        desk.markets.stat(MarketStats(id_, at, last=price, mark=price))


async def board() -> None:
    """One tick of the board with every table followed, encoded, as a share of a frame's time."""
    desk = busy_desk()
    watching = Board(desk, [], {})
    follower = Follower()
    watching.add(follower)
    watching.follow(follower, COLUMNS)
    rng = random.Random(6)
    move(desk, rng, 1.0)
    watching.refresh(0.0)
    size = len(encode(Frame(1, 1, watching.take(follower))))
    taken, sizes = [], []
    for tick in range(TICKS):
        move(desk, rng, 0.3)
        desk.tell(Changes(accounts={"desk-1"}))
        begun = time.perf_counter()
        watching.refresh(tick / 30)
        body = encode(Frame(1, 1, watching.take(follower)))
        taken.append(1e3 * (time.perf_counter() - begun))
        sizes.append(len(body))
    p50, p99 = at(taken, 50), at(taken, 99)
    print(
        f"first frame {size / 1024:,.0f} KiB; tick p50 {p50:.2f}, p99 {p99:.2f}, largest {max(taken):.2f} ms"
    )
    print(f"frame p50 {at(sizes, 50) / 1024:,.1f} KiB, p99 {at(sizes, 99) / 1024:,.1f} KiB")
    what = (
        f"board tick, {INSTRUMENTS} instruments, {ACCOUNTS} accounts, {ORDERS:,} orders, every table followed"
    )
    for percent in (50, 99):
        print_ratio(
            f"{what}, p{percent}",
            ours=at(taken, percent),
            peer=FRAME_MS,
            unit="ms",
            peer_name="a frame at 30 a second",
        )
    await desk.journal.close()


async def big_table() -> None:
    """One tick of the board while Markets shows 2,000 instruments and 20,000 quotes a second come."""
    desk = busy_desk(MANY)
    rng = random.Random(7)
    move(desk, rng, 1.0)
    remember(desk, rng)
    for topics in (("instruments",), ("instruments", "markets")):
        watching, follower = Board(desk, [], {}), Follower()
        watching.add(follower)
        watching.follow(follower, topics)
        begun = time.process_time()
        watching.refresh(0.0)
        first = 1e3 * (time.process_time() - begun)
        size = len(encode(Frame(1, 1, watching.take(follower))))
        taken, sizes, rows = [], [], 0
        for tick in range(1, TICKS):
            move(desk, rng, 20_000 / 30 / MANY)
            begun = time.process_time()
            watching.refresh(tick / 30)
            deltas = watching.take(follower)
            body = encode(Frame(1, 1, deltas))
            taken.append(1e3 * (time.process_time() - begun))
            sizes.append(len(body))
            rows += sum(len(delta.rows) for delta in deltas)
        what = " and ".join(topics)
        print(
            f"{what}: first frame {first:.0f} ms, {size / 1024:,.0f} KiB; then {rows / TICKS:,.0f} rows and"
            f" {at(sizes, 50) / 1024:,.0f} KiB a frame, {1e3 * sum(taken) / max(1, rows):.1f} us a row"
        )
        for percent in (50, 99):
            print_ratio(
                f"board tick, {MANY:,} instruments, 20,000 quotes/s, {what} followed, p{percent}",
                ours=at(taken, percent),
                peer=FRAME_MS,
                unit="ms",
                peer_name="a frame at 30 a second",
            )
    begun = time.process_time()
    desk.markets.memory.take_minute(desk.markets, desk.clock.now_ns() // MINUTE_NS + 1)
    print(f"closes of {MANY:,} instruments: {1e3 * (time.process_time() - begun):.1f} ms, once a minute")
    await desk.journal.close()


def remember(desk: Desk, rng: random.Random) -> None:
    """A day behind every instrument, as the survey leaves it."""
    memory, now = desk.markets.memory, desk.clock.now_ns()
    minute, slot = now // MINUTE_NS, now // SHORT_NS
    back = np.arange(DAY_SLOTS, 0, -1)
    for id_ in desk.markets.instruments:
        for ago in range(62):
            memory.closes.put(id_, minute - ago, 100 + rng.random())
        column = np.full(DAY_SLOTS, rng.random())
        opens = (slot - back) * SHORT_NS
        memory.take_volumes(CandleSeries(id_, Timeframe.M5, opens, column, column, column, column, column))
        memory.take_interest(OpenInterest(id_, tuple(opens.tolist()), tuple(column.tolist())))


async def start() -> None:
    """A start from a checkpoint beside a replay of everything."""
    desk = busy_desk()
    for order in list(desk.state.orders.values()):
        r = order.request
        for _ in range(20):
            report = Report(ReportKind.LIVE, r.account, r.instrument, r.client_order_id, 1)
            desk.record(acts.Reported(1, report))
    begun = time.perf_counter()
    saved = checkpoint.dump(desk.state)
    dumped = 1e3 * (time.perf_counter() - begun)
    await desk.save_checkpoint()
    begun = time.perf_counter()
    whole = DeskState()
    kept, desk.journal.checkpoint = desk.journal.checkpoint, lambda: None  # type: ignore[method-assign]
    again = Desk(desk.journal, desk.clock, random.Random(1))
    again.state = whole
    count = again.replay()
    replayed = 1e3 * (time.perf_counter() - begun)
    desk.journal.checkpoint = kept  # type: ignore[method-assign]
    begun = time.perf_counter()
    Desk(desk.journal, desk.clock, random.Random(1)).replay()
    loaded = 1e3 * (time.perf_counter() - begun)
    print(f"checkpoint of {ORDERS:,} orders: {len(saved) / 1024:,.0f} KiB, {dumped:.1f} ms on the loop")
    print_ratio(
        f"start from a checkpoint instead of {count:,} acts",
        ours=loaded,
        peer=replayed,
        unit="ms",
        peer_name="replay of the whole journal",
    )
    await desk.journal.close()


async def lag() -> None:
    """How late timers fire on the engine's loop while a console follows every table of a moving desk."""
    from paper_desk import desk_accounts, paper_desk

    from hedge_tui.wire.client import EngineClient

    idle = await lateness(2.0)
    with tempfile.TemporaryDirectory(prefix="hedge-bench-") as name:
        os.environ["HEDGE_RUNTIME_DIR"] = f"{name}/run"
        async with paper_desk(Path(name), accounts=desk_accounts(6), count=150) as desk:
            client = EngineClient("console")
            await client.connect(desk.socket)
            client.follow(*COLUMNS)
            await asyncio.sleep(1.0)
            busy = await lateness(8.0)
            await client.close()
    print(f"idle loop p99 {at(idle, 99):.2f} ms; desk, console and 300 markets p99 {at(busy, 99):.2f} ms")
    print_ratio(
        "loop lag with 300 moving markets, their venues and a console in one process, p99",
        ours=at(busy, 99),
        peer=at(idle, 99),
        unit="ms",
        peer_name="an idle asyncio loop",
    )


async def lateness(for_s: float) -> list[float]:
    """Milliseconds by which sleeps of 5 ms were too long."""
    loop = asyncio.get_running_loop()
    end, found = loop.time() + for_s, []
    while loop.time() < end:
        begun = loop.time()
        await asyncio.sleep(0.005)
        found.append(1e3 * (loop.time() - begun - 0.005))
    return found


def at(values: Any, percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    sys.path[:0] = [str(TESTS), str(TESTS.parent)]
    simulated_desks()
    asyncio.run(board())
    asyncio.run(big_table())
    asyncio.run(start())
    asyncio.run(lag())
