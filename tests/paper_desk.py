"""A whole desk in one process: the real engine on a real socket, over paper venues with moving prices.

Used by tests of the console and of commands; run it by hand to look at the console:

    .venv/bin/python tests/paper_desk.py --data-dir DIR
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adapters.paper.client import PaperExecution, PaperHub
from adapters.paper.venue import PaperVenue
from adapters.sandbox.market.simulation import MarketSimulation
from adapters.sandbox.market.updates import BookUpdate, CandleUpdate, FundingDue, MarkUpdate, TradePrint
from hedge_tui.config.settings import Settings
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, Candle, Timeframe
from hedge_tui.domain.errors import CredentialError
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.market import Book, Funding, MarketStats, OpenInterest, Quote, Trade
from hedge_tui.domain.series import CandleSeries
from hedge_tui.engine.clock import SystemClock
from hedge_tui.engine.engine import Engine
from hedge_tui.wire.address import prepare_runtime_directory, runtime_socket
from store.journal.memory import MemoryJournal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.ports.venue import MarketEvent

VENUES = {"binance": "spot", "binanceusdm": "usdm"}


class PaperData:
    """A DataClient over a simulated market that also feeds the paper venue."""

    def __init__(self, venue: str, simulation: MarketSimulation, hub: PaperHub) -> None:
        self.venue = venue
        self._sim = simulation
        self._hub = hub
        self._sink: Callable[[Sequence[MarketEvent]], None] = lambda _: None
        self._topics: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._messages = 0

    async def start(self, sink: Callable[[Sequence[MarketEvent]], None]) -> None:
        self._sink = sink
        sink([event for i in range(len(self._sim.instruments)) for event in self._opening(i)])
        self._task = asyncio.create_task(self._run(), name=f"paper-data:{self.venue}")

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        return list(self._sim.instruments)

    async def watch(self, topics: Sequence[str]) -> None:
        self._topics = set(topics)
        for topic in topics:
            kind, _, symbol = topic.partition(":")
            if kind == "book":
                self._sim.activate([symbol])

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        index = self._sim.place(instrument)
        grid = self._sim.instruments[index].grid
        opens, rows = self._sim.candles.series(index, timeframe.value, since_ns, until_ns - 1)
        opens, rows = opens[:1000], rows[:1000]
        tick, lot = float(grid.tick), float(grid.lot)
        columns = [rows[:, i] * tick for i in range(4)] + [rows[:, 4] * lot]
        return CandleSeries(instrument, timeframe, np.array(opens, np.int64), *columns)

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        index, now = self._sim.place(instrument), self._sim.now_ns // MINUTE_NS
        minutes = np.arange(since_ns // MINUTE_NS // 5 * 5 if since_ns else now, now + 1, 5)
        lot = float(self._sim.instruments[index].grid.lot)
        lots = self._sim.open_interest_lots(index, minutes)
        return OpenInterest(instrument, tuple((minutes * MINUTE_NS).tolist()), tuple((lots * lot).tolist()))

    async def funding(self) -> list[Funding]:
        if self._sim.kind == "spot":
            return []
        due = self._sim.now_ns // HOUR_NS // 8 * 8
        return [
            Funding(one.id, 8, float(self._sim.funding_paid(i, np.array([due]))[0]), due * HOUR_NS)
            for i, one in enumerate(self._sim.instruments)
        ]

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            self.step()
            await asyncio.sleep(0.1)

    def step(self) -> None:
        now = self._hub.clock.now_ns()
        events: list[MarketEvent] = []
        for update in self._sim.step(now):
            self._feed(update, now)
            events += self._said(update, now)
        self._messages += len(events)
        events.append(
            FeedHealth(f"{self.venue}:quotes", "", self.venue, FeedState.LIVE, now, now, self._messages, 0)
        )
        self._sink(events)

    def _feed(self, update: object, now: int) -> None:
        venue = self._hub.venue
        match update:
            case BookUpdate():
                self._hub.publish(venue.set_book(update.instrument, update.bids, update.asks, now))
            case TradePrint() if not update.own:
                self._hub.publish(
                    venue.print_trade(
                        update.instrument, update.price, update.quantity, update.taker_side, now
                    )
                )
            case MarkUpdate():
                self._hub.publish(venue.set_mark(update.instrument, update.mark, update.index, now))
            case FundingDue():
                self._hub.publish(venue.pay_funding(update.instrument, update.rate, now))

    def _opening(self, index: int) -> list[MarketEvent]:
        now = self._hub.clock.now_ns()
        quote = self._sim.quote(index)
        self._hub.publish(self._hub.venue.set_book(quote.instrument, quote.bids, quote.asks, now))
        day = self._sim.day(index)
        tick = float(self._sim.instruments[index].grid.tick)
        stats = MarketStats(
            quote.instrument,
            now,
            last=self._sim.last_ticks(index) * tick,
            change_24h=day[3] / day[0] - 1,
            volume_24h=day[7] * tick * float(self._sim.instruments[index].grid.lot) / 4,
        )
        return [_quote(quote, now), stats]

    def _said(self, update: object, now: int) -> list[MarketEvent]:
        match update:
            case BookUpdate():
                found: list[MarketEvent] = [_quote(update, now)]
                if f"book:{update.symbol}" in self._topics:
                    bids = tuple((float(p), float(q)) for p, q in update.bids)
                    asks = tuple((float(p), float(q)) for p, q in update.asks)
                    found.append(Book(update.instrument, bids, asks, update.at_ns, now))
                return found
            case TradePrint():
                price, quantity = float(update.price), float(update.quantity)
                stats = MarketStats(update.instrument, now, last=price)
                if f"trades:{update.symbol}" not in self._topics:
                    return [stats]
                trade = Trade(
                    update.instrument, str(update.trade_id), price, quantity, update.taker_side, update.at_ns
                )
                return [stats, trade]
            case MarkUpdate():
                return [
                    MarketStats(
                        update.instrument,
                        now,
                        mark=float(update.mark),
                        index=float(update.index),
                        funding_rate=float(update.funding_rate),
                        next_funding_ns=update.next_funding_ns,
                    )
                ]
            case CandleUpdate() if f"candles:{update.symbol}:1m" in self._topics:
                grid = self._sim.instruments[self._sim.place(update.symbol)].grid
                tick, row = float(grid.tick), update.row
                return [
                    Candle(
                        update.instrument,
                        Timeframe.M1,
                        update.open_ns,
                        *(row[i] * tick for i in range(4)),
                        row[4] * float(grid.lot),
                        closed=update.closed,
                    )
                ]
            case _:
                return []


class PaperConnector:
    """The composition root of tests: paper venues instead of real ones."""

    def __init__(self, clock: SystemClock, accounts: Sequence[Account], *, count: int, seed: int) -> None:
        self.locked = False
        self.hubs: dict[str, PaperHub] = {}
        self._data: dict[str, PaperData] = {}
        for venue in dict.fromkeys(a.venue for a in accounts):
            kind = VENUES[venue]
            sim = MarketSimulation(kind, seed=seed, start_ns=clock.now_ns(), count=count)
            paper = PaperVenue(kind, sim.instruments)
            hub = self.hubs[venue] = PaperHub(paper, clock, spot=kind == "spot")
            self._data[venue] = PaperData(venue, sim, hub)
        for account in accounts:
            funds = {"USDT": Decimal(50_000)}
            if account.venue == "binance":
                funds |= {"BTC": Decimal("0.5"), "ETH": Decimal(6)}
            self.hubs[account.venue].venue.add_account(account.name, funds)

    has_vault = True

    def data(self, venue: str) -> PaperData:
        return self._data[venue]

    def execution(self, account: Account) -> PaperExecution:
        if self.locked:
            raise CredentialError("the vault is locked; run `hedge unlock`")
        return PaperExecution(self.hubs[account.venue], account.name, account.venue)

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> str:
        if passphrase != "open sesame":
            raise CredentialError("the passphrase is wrong")
        self.locked = self.locked and only_check
        return "the vault is open"


def desk_accounts(per_venue: int = 2) -> list[Account]:
    usdm = [
        Account(f"desk-{i + 1}", "binanceusdm", Mode.SANDBOX, ("core",) if i % 2 == 0 else ("swing",))
        for i in range(per_venue + 1)
    ]
    spot = [Account(f"spot-{i + 1}", "binance", Mode.SANDBOX, ("core",)) for i in range(per_venue)]
    return [*usdm, *spot]


class PaperDesk:
    """A running desk.

    Attributes:
        socket: where clients connect. engine: the engine itself, for looking inside.
        hubs: the paper venues, by venue id.
    """

    def __init__(self, engine: Engine, socket: Path, connector: PaperConnector) -> None:
        self.engine = engine
        self.socket = socket
        self.connector = connector
        self.hubs = connector.hubs

    async def ready(self, timeout_s: float = 10.0) -> None:
        """Wait until every account is live and every instrument has a quote."""
        async with asyncio.timeout(timeout_s):
            # The engine offers no event for this.
            while not all(  # noqa: ASYNC110
                a.state is FeedState.LIVE for a in self.engine.desk.accounts.values()
            ):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def paper_desk(
    data_dir: Path,
    *,
    accounts: Sequence[Account] | None = None,
    count: int = 12,
    seed: int = 7,
    settings: Settings | None = None,
) -> AsyncIterator[PaperDesk]:
    """Run a desk for the length of the block; `data_dir` names its socket."""
    clock = SystemClock()
    accounts = list(accounts or desk_accounts())
    connector = PaperConnector(clock, accounts, count=count, seed=seed)
    socket = runtime_socket(data_dir)
    prepare_runtime_directory(socket.parent)
    engine = Engine(
        settings=settings or Settings(),
        accounts=accounts,
        journal=MemoryJournal(),
        history=None,
        connector=connector,
        clock=clock,
        rng=random.Random(seed),
        socket=socket,
    )
    await engine.start()
    desk = PaperDesk(engine, socket, connector)
    try:
        await desk.ready()
        yield desk
    finally:
        await engine.stop()


def _quote(book: BookUpdate, now: int) -> Quote:
    (bid, bid_quantity), (ask, ask_quantity) = book.bids[0], book.asks[0]
    return Quote(
        book.instrument,
        float(bid),
        float(bid_quantity),
        float(ask),
        float(ask_quantity),
        book.at_ns,
        now,
        f"{bid:f}",
        f"{ask:f}",
    )


async def _main(data_dir: Path) -> None:
    async with paper_desk(data_dir, accounts=desk_accounts(4), count=40) as desk:
        print(f"socket {desk.socket}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "paper-desk")
    asyncio.run(_main(parser.parse_args().data_dir))
