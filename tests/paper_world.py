"""A paper account under simulated time: a market moved by hand, and a disk that keeps or fails."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from adapters.paper_accounts.execution import LivePaperExecution
from adapters.paper_accounts.image import VenueImage, decode_image, encode_image
from adapters.paper_accounts.live_paper import LivePaper
from adapters.paper_accounts.shared_data import SharedData
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import Instrument, InstrumentId
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade
from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest, OrderType, Side
from hedge_tui.domain.report import Report
from tests.simulated_desk import BTC, SimulatedClock, SimulatedLoop, perpetual

D = Decimal
NAME = "paper-1"


class Disk:
    """Keeps the bytes of the newest image; `full` makes writing fail."""

    def __init__(self) -> None:
        self.data = b""
        self.full = False
        self.full_error: Exception = OSError(28, "No space left on device")
        self.writes = 0

    def load(self) -> VenueImage | None:
        return decode_image(self.data, "disk") if self.data else None

    async def save(self, image: VenueImage) -> None:
        if self.full:
            raise self.full_error
        self.data = encode_image(image)
        self.writes += 1


class HandData:
    """A venue's public data, said by hand."""

    venue = "binanceusdm"

    def __init__(self, instruments: list[Instrument]) -> None:
        self.listed = instruments
        self.sink: Any = None
        self.watched: tuple[str, ...] = ()

    async def start(self, sink: Any) -> None:
        self.sink = sink

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        return self.listed

    async def watch(self, topics: Sequence[str]) -> None:
        self.watched = tuple(topics)

    async def candles(self, *_: Any) -> Any:
        raise AssertionError("nobody draws here")

    async def stop(self) -> None:
        self.sink = None


@dataclass
class PaperWorld:
    """One paper account, started anew by `boot` on what the disk kept."""

    loop: SimulatedLoop
    disk: Disk = field(default_factory=Disk)
    balance: Decimal = Decimal(10000)
    instruments: list[Instrument] = field(default_factory=lambda: [perpetual()])

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(self.loop)
        self._ids = itertools.count(1)
        self.said: list[Any] = []
        self.engine_heard = 0

    async def boot(self) -> None:
        """A new engine process."""
        self.feed = HandData(self.instruments)
        self.data = SharedData(self.feed)
        self.paper = LivePaper(self.data, self.disk, self.clock, {NAME: {"USDT": self.balance}})
        self.client = LivePaperExecution(self.paper, Account(NAME, "binanceusdm", Mode.PAPER))
        self.said = []
        await self.data.start(self._heard)
        await self.data.watch(["quotes", "stats"])
        await self.client.start(self.said.append)

    def _heard(self, events: Sequence[Any]) -> None:
        self.engine_heard += len(events)

    def kill(self) -> None:
        """The process dies: no task of it writes or says anything any more."""
        for task in self.paper._tasks:
            task.cancel()

    # the market

    def quote(self, bid: str, ask: str, size: float = 1.0, instrument: InstrumentId = BTC) -> None:
        now = self.clock.now_ns()
        self.feed.sink([Quote(instrument, float(bid), size, float(ask), size, now, now, bid, ask)])

    def book(self, bids: list[tuple[float, float]], asks: list[tuple[float, float]]) -> None:
        now = self.clock.now_ns()
        self.feed.sink([Book(BTC, tuple(bids), tuple(asks), now, now)])

    def trade(self, price: float, quantity: float, side: Side, *, late_s: float = 0.0) -> None:
        at = self.clock.now_ns() - int(late_s * 1e9)
        self.feed.sink([Trade(BTC, str(next(self._ids)), price, quantity, side, at)])

    def mark(self, price: float, rate: float = 0.0001, due_s: float = 0.0) -> None:
        now = self.clock.now_ns()
        stats = MarketStats(BTC, now, price, price, price, funding_rate=rate)
        due = now + int(due_s * 1e9) if due_s else 0
        self.feed.sink([replace(stats, next_funding_ns=due)])

    def trouble(self, state: FeedState) -> None:
        health = FeedHealth("binanceusdm:quotes", "", "binanceusdm", state, self.clock.now_ns())
        self.feed.sink([health])

    # the trader

    def request(
        self, quantity: str, side: Side = Side.BUY, price: str | None = None, **more: Any
    ) -> OrderRequest:
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        plain = {"type": kind, "price": None if price is None else D(price)}
        id_ = ClientOrderId(f"{next(self._ids):032x}")
        return OrderRequest(id_, NAME, BTC, side, quantity=D(quantity), **(plain | more))

    async def place(self, *args: Any, **more: Any) -> Report:
        (report,) = await self.client.place([self.request(*args, **more)])
        return report

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.said if isinstance(one, kind)]

    def ref(self, report: Report) -> OrderRef:
        return OrderRef(NAME, report.instrument, report.client_order_id)

    @property
    def wallet(self) -> Decimal:
        return self.paper.venue.balances(NAME)["USDT"].total

    @property
    def position(self) -> Decimal:
        return sum((p.quantity for p in self.paper.venue.positions(NAME)), D(0))
