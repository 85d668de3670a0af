"""From a typed line to the first byte on the wire, journal on disk included, beside a bare ccxt call.

Engine, SQLite journal and the real ccxt adapter run in this process, the TLS sandbox in one of its own;
the peer is `create_order` of an unmodified ccxt.pro client on the same sandbox, one call of each in turn.

    python tests/bench/bench_order_path.py
"""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ratio import print_ratio

from adapters.sandbox.accounts import AccountSpec, demo_accounts
from adapters.sandbox.loopback import loopback_session
from adapters.via_ccxt.quirk_tables import quirks_of
from hedge_tui.config.settings import Settings
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.market import Quote
from hedge_tui.engine.clock import SystemClock
from hedge_tui.engine.engine import Engine
from hedge_tui.wire import messages as m
from store.journal.sqlite_journal import SqliteJournal

TESTS = Path(__file__).resolve().parents[1]
ORDERS = 60
PAUSE_S = 0.05
SYMBOL = "BTC/USDT:USDT"
LINE = "@desk-1 buy 250usd BTC.p at bid-5%"


class Wire:
    """Notes when the first byte leaves through TLS after it was armed."""

    def __init__(self) -> None:
        self.at = 0.0
        transport = asyncio.sslproto._SSLProtocolTransport  # type: ignore[attr-defined]
        write = transport.write

        def noted(itself: Any, data: Any) -> None:
            self.at = self.at or time.perf_counter()
            write(itself, data)

        transport.write = noted

    def arm(self) -> float:
        """Forget the last byte; returns now."""
        self.at = 0.0
        return time.perf_counter()


class Venue:
    """A sandbox in a process of its own: in this one it would take turns with the engine and its journal."""

    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        words = ["sandbox", "--data-dir", str(folder), "--instruments", "4", "--limits", "off"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hedge_tui", *words], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.port, self.ca_file = ready["port"], Path(ready["ca_file"])

    def account(self, name: str) -> AccountSpec:
        """Key and secret of one account."""
        return next(account for account in demo_accounts() if account.name == name)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


class Connector:
    """The engine's composition root here: the sandbox's instruments, the real execution client."""

    locked = False

    def __init__(self, sandbox: Any) -> None:
        from contract.ccxt_fixtures import build_client
        from simulated_desk import SimulatedData

        self.client, _, _, self._markets = build_client(
            sandbox, quirks_of("binanceusdm"), "desk-1", clock=SystemClock()
        )
        self.placed_at = 0.0
        place = self.client.place

        async def noted(requests: Any) -> Any:
            self.placed_at = time.perf_counter()
            return await place(requests)

        self.client.place = noted
        self.public = SimulatedData([])

    async def prepare(self) -> None:
        """Load the markets before the engine asks for them."""
        self.public._instruments = list((await self._markets()).instruments)

    def data(self, _venue: str) -> Any:
        return self.public

    def execution(self, _account: Account) -> Any:
        return self.client


async def our_order(engine: Engine, connector: Connector, wire: Wire, last: float) -> list[float]:
    """Seconds: line to preview, confirm to place, confirm to wire, confirm to the venue's answer."""
    now = time.time_ns()
    instrument = next(i for i in connector.public._instruments if i.symbol == SYMBOL)
    bid, ask = f"{last:.1f}", f"{last + 0.1:.1f}"
    connector.public.sink([Quote(instrument.id, float(bid), 1.0, float(ask), 1.0, now, now, bid, ask)])
    begun = time.perf_counter()
    preview = await engine.lines.submit(m.Submit(1, LINE), "bench", may_trade=True)
    previewed = time.perf_counter()
    assert isinstance(preview, m.Preview), preview
    confirmed = wire.arm()
    result = await engine.lines.confirm(m.Confirm(2, preview.hash, wait=True), "bench")
    answered = time.perf_counter()
    assert isinstance(result, m.Result), result
    assert result.legs[0].status == "live", result
    return [previewed - begun, connector.placed_at - confirmed, wire.at - confirmed, answered - confirmed]


async def their_order(exchange: Any, wire: Wire, last: float) -> list[float]:
    """Seconds of the peer: call to wire, call to answer."""
    begun = wire.arm()
    quantity = exchange.amount_to_precision(SYMBOL, 250 / last)
    price = exchange.price_to_precision(SYMBOL, last * 0.95)
    await exchange.create_order(SYMBOL, "limit", "buy", quantity, price)
    return [wire.at - begun, time.perf_counter() - begun]


async def measure(folder: Path) -> None:
    """Run both in turn and print."""
    import ccxt.pro

    sandbox = await asyncio.to_thread(Venue, folder / "sandbox")
    connector = Connector(sandbox)
    await connector.prepare()
    journal = SqliteJournal.open(folder / "journal")
    engine = Engine(
        settings=Settings(),
        accounts=[Account("desk-1", "binanceusdm", Mode.SANDBOX)],
        journal=journal,
        history=None,
        connector=connector,  # type: ignore[arg-type]
        clock=SystemClock(),
        rng=random.Random(1),
    )
    await engine.start()
    async with asyncio.timeout(20):
        while engine.desk.accounts["desk-1"].state is not FeedState.LIVE:  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.05)
    session = loopback_session(sandbox.port, sandbox.ca_file)
    spec = sandbox.account("desk-2")
    exchange = ccxt.pro.binanceusdm(
        {"apiKey": spec.key, "secret": spec.secret, "session": session, "enableRateLimit": False}
    )
    exchange.timeout_on_exit = 0
    await exchange.load_markets()
    last = float((await exchange.fetch_ticker(SYMBOL))["last"])
    wire = Wire()
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    for number in range(ORDERS + 5):
        mine, peer = await our_order(engine, connector, wire, last), await their_order(exchange, wire, last)
        if number >= 5:  # connections are open and code is warm
            ours.append(mine)
            theirs.append(peer)
        if number % 20 == 19:
            await engine.lines.submit(m.Submit(3, "panic"), "bench", may_trade=True)
            await exchange.cancel_all_orders(SYMBOL)
        await asyncio.sleep(PAUSE_S)
    await exchange.close()
    await session.close()
    await engine.stop()
    sandbox.stop()
    report(ours, theirs)


def report(ours: list[list[float]], theirs: list[list[float]]) -> None:
    """Print p50 and p99 of each step, and the ratios."""
    steps = ("line to preview", "confirm to place()", "confirm to first byte", "confirm to the answer")
    for name, column in zip(steps, zip(*ours, strict=True), strict=True):
        print(f"{name:24} p50 {1e3 * at(column, 50):7.2f} ms   p99 {1e3 * at(column, 99):7.2f} ms")
    for name, column in zip(("to first byte", "to the answer"), zip(*theirs, strict=True), strict=True):
        print(f"ccxt {name:19} p50 {1e3 * at(column, 50):7.2f} ms   p99 {1e3 * at(column, 99):7.2f} ms")
    for percent in (50, 99):
        line_to_wire = [row[0] + row[2] for row in ours]
        print_ratio(
            f"command line to first byte on the wire, journal on disk, p{percent}",
            ours=1e3 * at(line_to_wire, percent),
            peer=1e3 * at([row[0] for row in theirs], percent),
            unit="ms",
            peer_name="ccxt create_order, call to first byte",
        )
        print_ratio(
            f"command line to the venue's answer, p{percent}",
            ours=1e3 * at([row[0] + row[3] for row in ours], percent),
            peer=1e3 * at([row[1] for row in theirs], percent),
            unit="ms",
            peer_name="ccxt create_order, call to answer",
        )


def at(values: Any, percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    sys.path[:0] = [str(TESTS), str(TESTS.parent)]
    with tempfile.TemporaryDirectory(prefix="hedge-bench-") as name:
        asyncio.run(measure(Path(name)))
