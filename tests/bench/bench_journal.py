"""What a durable act costs, as a ratio to a bare sqlite3 loop with the same pragmas in the same run.

Run `python tests/bench/bench_journal.py [FOLDER]`: the folder decides which disk is measured.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from hedge_tui.domain.acts import Noted, OrdersIntended, OrdersSending
from hedge_tui.domain.instrument import instrument_id
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side
from store.journal.codec import encode_act
from store.journal.sqlite_journal import SqliteJournal

ROUNDS = 5
COMMITS = 400
BULK = 500


def sending(number: int) -> OrdersSending:
    return OrdersSending(number, (ClientOrderId(f"{number:032x}"),))


def intents() -> OrdersIntended:
    from decimal import Decimal

    btc = instrument_id("binanceusdm", "BTC/USDT:USDT")
    order = OrderRequest(
        ClientOrderId("0" * 32), "desk-1", btc, Side.BUY, OrderType.LIMIT, Decimal("0.001"), Decimal(64000)
    )
    return OrdersIntended(1, (order,) * BULK)


def bare_loop(path: Path, rows_per_commit: int, commits: int) -> list[float]:
    """Seconds of each commit of the peer: one thread, no hash, no mark, no promise."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE acts (seq INTEGER PRIMARY KEY, at_ns INTEGER, kind TEXT, body BLOB)")
    fields = encode_act(sending(1))
    taken = []
    for _ in range(commits):
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO acts VALUES (NULL, ?, ?, ?)", [fields] * rows_per_commit)
        connection.execute("COMMIT")
        taken.append(time.perf_counter() - start)
    connection.close()
    return taken


async def awaited(path: Path, acts_per_commit: int, commits: int) -> list[float]:
    """Seconds from the call of `append` to the awakened caller."""
    journal = SqliteJournal.open(path)
    acts = [sending(n) for n in range(acts_per_commit)]
    taken = []
    for _ in range(commits):
        start = time.perf_counter()
        await journal.append(acts)
        taken.append(time.perf_counter() - start)
    await journal.close()
    return taken


async def one_act_of_500_orders(path: Path, commits: int) -> list[float]:
    journal = SqliteJournal.open(path)
    act = intents()
    taken = []
    for _ in range(commits):
        start = time.perf_counter()
        await journal.append([act])
        taken.append(time.perf_counter() - start)
    await journal.close()
    return taken


async def concurrent(path: Path, writers: int, commits: int) -> float:
    """Acknowledged appends a second with `writers` tasks that each wait for their own."""
    journal = SqliteJournal.open(path)

    async def write() -> None:
        for number in range(commits):
            await journal.append([Noted(number, "info", "bench", "text")])

    start = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    taken = time.perf_counter() - start
    await journal.close()
    return writers * commits / taken


def quantiles(taken: list[float]) -> tuple[float, float]:
    ordered = sorted(taken)
    return statistics.median(ordered) * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3


def report(name: str, ours: list[tuple[float, float]], peer: list[tuple[float, float]]) -> None:
    p50, p99 = (statistics.median(q[i] for q in ours) for i in (0, 1))
    peer50, peer99 = (statistics.median(q[i] for q in peer) for i in (0, 1))
    print(
        f"{name:34} p50 {p50:6.3f} ms  p99 {p99:6.3f} ms   bare {peer50:6.3f} / {peer99:6.3f}"
        f"   ratio {p50 / peer50:4.2f} / {p99 / peer99:4.2f}"
    )


def main(folder: Path) -> None:
    """Print medians of five rounds; nothing is asserted, a person judges."""
    single, single_bare, bulk, bulk_bare, orders, rates = [], [], [], [], [], []
    for round_ in range(ROUNDS):
        here = folder / str(round_)
        here.mkdir()
        single_bare.append(quantiles(bare_loop(here / "a.db", 1, COMMITS)))
        single.append(quantiles(asyncio.run(awaited(here / "b", 1, COMMITS))))
        bulk_bare.append(quantiles(bare_loop(here / "c.db", BULK, 60)))
        bulk.append(quantiles(asyncio.run(awaited(here / "d", BULK, 60))))
        orders.append(quantiles(asyncio.run(one_act_of_500_orders(here / "e", 60))))
        rates.append(asyncio.run(concurrent(here / "f", 50, 100)))
    report("1 act", single, single_bare)
    report(f"{BULK} acts", bulk, bulk_bare)
    report(f"1 act of {BULK} orders (peer: {BULK} rows)", orders, bulk_bare)
    bare_rate = 1e3 / statistics.median(q[0] for q in single_bare)
    rate = statistics.median(rates)
    ratio = rate / bare_rate
    print(f"50 writers: {rate:,.0f} durable appends/s; bare loop {bare_rate:,.0f}/s; ratio {ratio:.1f}")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=chosen) as made:
        main(Path(made))
