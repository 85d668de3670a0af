"""Simulated time: an event loop whose clock jumps, and a desk with a paper venue behind a faulty line.

Everything runs in one thread on one loop. Nothing sleeps: when no task is ready, time moves to the next
timer. A run is repeatable from its seed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from faulty_execution import Faults, FaultyExecution, Hooks

from adapters.paper.client import PaperHub
from adapters.paper.records import PaperOrder, PaperStatus
from adapters.paper.venue import PaperVenue
from hedge_tui.config.risk import RiskSettings
from hedge_tui.config.settings import Settings
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.errors import Refused
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentId, InstrumentKind
from hedge_tui.domain.market import Quote
from hedge_tui.domain.order import OrderStatus
from hedge_tui.engine.engine import Engine
from hedge_tui.wire import messages as m
from store.journal.memory import MemoryJournal

if TYPE_CHECKING:
    pass

T = TypeVar("T")
EPOCH_NS = 1_750_000_000_000_000_000
BTC = InstrumentId("binanceusdm:BTC/USDT:USDT")
ETH = InstrumentId("binanceusdm:ETH/USDT:USDT")


SAME = {
    PaperStatus.NEW: OrderStatus.LIVE,
    PaperStatus.PARTIALLY_FILLED: OrderStatus.PARTIAL,
    PaperStatus.FILLED: OrderStatus.FILLED,
    PaperStatus.CANCELED: OrderStatus.CANCELLED,
    PaperStatus.REJECTED: OrderStatus.REJECTED,
    PaperStatus.EXPIRED: OrderStatus.EXPIRED,
    PaperStatus.EXPIRED_IN_MATCH: OrderStatus.EXPIRED,
}
"""What the venue's word for an order is in ours."""


class _Jump:
    """A selector without sockets: waiting moves the clock."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("deadlock: no task is ready and no timer is set")
        self._loop.now += max(timeout, 0.0)
        return []

    def close(self) -> None:
        pass


class SimulatedLoop(asyncio.BaseEventLoop):
    """asyncio without waiting. `now` is its monotonic clock in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._selector = _Jump(self)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.now

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


class SimulatedClock:
    """Wall and monotonic time of a simulated loop."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now_ns(self) -> int:
        return EPOCH_NS + round(self._loop.now * 1e9)

    def monotonic(self) -> float:
        return self._loop.now


def simulate(make: Callable[[SimulatedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run one coroutine to its end under simulated time."""
    loop = SimulatedLoop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(make(loop))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()


class SimulatedData:
    """Public data that a test moves by hand."""

    venue = "binanceusdm"

    def __init__(self, instruments: list[Instrument]) -> None:
        self._instruments = instruments
        self.sink: Callable[[Sequence[Any]], None] = lambda _: None

    async def start(self, sink: Callable[[Sequence[Any]], None]) -> None:
        self.sink = sink

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        return self._instruments

    async def watch(self, topics: Sequence[str]) -> None:
        pass

    async def candles(self, *args: Any) -> Any:
        raise Refused("this venue keeps no history")

    async def open_interest(self, *args: Any) -> Any:
        raise Refused("this venue tells no open interest")

    async def funding(self) -> Any:
        raise Refused("this venue tells no funding")

    async def stop(self) -> None:
        pass


def perpetual(name: str = "BTC", tick: str = "0.1", lot: str = "0.001") -> Instrument:
    return Instrument(
        InstrumentId(f"binanceusdm:{name}/USDT:USDT"),
        f"{name}USDT",
        InstrumentKind.PERPETUAL,
        name,
        "USDT",
        "USDT",
        Grid(Decimal(tick), Decimal(lot), Decimal(lot), Decimal(1000), Decimal(120), Decimal(5)),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        max_leverage=Decimal(125),
        funding_interval_h=8,
    )


@dataclass
class SimulatedDesk:
    """Engine, venue and line of one simulated world."""

    loop: SimulatedLoop
    seed: int
    accounts: int = 2
    faults: Faults = field(default_factory=Faults)
    hooks: Hooks = field(default_factory=Hooks)

    keys: Any = None

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.clock = SimulatedClock(self.loop)
        self.instruments = [perpetual(), perpetual("ETH", "0.01", "0.001")]
        self.venue = PaperVenue("usdm", self.instruments)
        self.hub = PaperHub(self.venue, self.clock, spot=False)
        self.names = [f"desk-{i + 1}" for i in range(self.accounts)]
        for name in self.names:
            self.venue.add_account(name, {"USDT": Decimal(1_000_000)})
        self.journal = MemoryJournal(lambda: self.rng.random() * 0.005)
        self.clients: dict[str, FaultyExecution] = {}
        self.price(BTC, 60_000)
        self.boot()

    # the engine's connector

    @property
    def locked(self) -> bool:
        return False

    @property
    def has_vault(self) -> bool:
        return False

    def data(self, venue: str) -> SimulatedData:
        assert venue == "binanceusdm"
        return self.market

    def execution(self, account: Account) -> FaultyExecution:
        client = FaultyExecution(self.hub, account.name, self.faults, self.rng, self.hooks)
        self.clients[account.name] = client
        return client

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> str:
        return passphrase

    # the world

    def boot(self) -> None:
        """A new engine on the journal as it is on disk."""
        self.market = SimulatedData(self.instruments)
        risk = RiskSettings(
            max_order_notional=Decimal(10**7),
            max_bulk_notional=Decimal(10**8),
            max_day_notional=Decimal(10**9),
            max_order_count=1000,
            max_open_orders=1000,
            price_collar_pct=Decimal(50),
            max_position_notional=Decimal(10**9),
            max_leverage=Decimal(1000),
            max_leverage_setting=Decimal(125),
            max_order_rate=10**6,
        )
        self.engine = Engine(
            settings=Settings(risk=risk),
            accounts=[Account(name, "binanceusdm", Mode.SANDBOX) for name in self.names],
            journal=self.journal,
            history=None,
            connector=self,
            clock=self.clock,
            rng=self.rng,
            keys=self.keys,
        )

    async def start(self) -> None:
        await self.engine.start()
        await self.until(
            lambda: all(
                a.state is FeedState.LIVE and a.snapshot_ns for a in self.engine.desk.accounts.values()
            ),
            60,
        )
        self.quote()

    async def crash(self) -> None:
        """The process dies: only what is durable survives, tasks and sockets are gone."""
        for client in self.clients.values():
            self.hub.listen(client.account, None)
        await self.engine._supervisor.stop(0.0)
        self.journal = self.journal.crash()
        self.boot()

    def price(self, instrument: InstrumentId, price: int, spread: str = "0.1") -> None:
        """Put the venue's book at a price, deep enough for everything."""
        at, step = Decimal(price), Decimal(spread)
        bids = [(at - step * i, Decimal(50)) for i in range(20)]
        asks = [(at + step * (i + 1), Decimal(50)) for i in range(20)]
        now = self.clock.now_ns()
        self.hub.publish(self.venue.set_book(instrument, bids, asks, now))
        self.hub.publish(self.venue.set_mark(instrument, at, at, now))

    def thin(self, instrument: InstrumentId, price: int, quantity: str) -> None:
        """A book of one level on each side: orders that meet it fill in part."""
        at, now = Decimal(price), self.clock.now_ns()
        bids, asks = [(at, Decimal(quantity))], [(at + Decimal("0.1"), Decimal(quantity))]
        self.hub.publish(self.venue.set_book(instrument, bids, asks, now))

    async def agree(self, limit_s: float = 10.0) -> None:
        """The books equal the venue's within this time; on the way there they say UNKNOWN or are late."""
        end = self.loop.now + limit_s
        while True:
            try:
                self.check()
            except AssertionError:
                if self.loop.now > end:
                    raise
            else:
                return
            await asyncio.sleep(0.1)

    def check(self) -> None:
        """At most one venue order per intent; every settled order equals the venue's."""
        theirs: dict[str, list[PaperOrder]] = {}
        for name in self.names:
            for instrument in self.instruments:
                for one in self.venue.all_orders(name, instrument.id):
                    theirs.setdefault(one.client_order_id, []).append(one)
        for id_, found in theirs.items():
            assert len(found) == 1, f"{id_} is at the venue {len(found)} times"
        for order in self.engine.desk.state.orders.values():
            there = theirs.get(order.request.client_order_id)
            if there is None:
                assert order.status in (OrderStatus.ABSENT, OrderStatus.DENIED, OrderStatus.REJECTED), order
                continue
            (venue,) = there
            assert order.filled == venue.executed, (order, venue)
            assert order.status is SAME[venue.status], (order, venue)
            if order.status.working:
                assert (order.request.quantity, order.request.price) == (venue.quantity, venue.price)

    def quote(self) -> None:
        """Tell the desk the venue's best bid and ask."""
        now = self.clock.now_ns()
        for instrument in (BTC, ETH):
            bids, asks = self.venue.book(instrument, 1)
            if not bids or not asks:
                continue
            (bid, bq), (ask, aq) = bids[0], asks[0]
            texts = (f"{bid:f}", f"{ask:f}")
            quote = Quote(instrument, float(bid), float(bq), float(ask), float(aq), now, now, *texts)
            self.engine.feeds.take([quote])

    async def send(self, text: str) -> m.ServerMessage:
        """Type a line and confirm its preview."""
        self.quote()
        preview = await self.engine.lines.submit(m.Submit(1, text), "test", may_trade=True)
        if not isinstance(preview, m.Preview):
            return preview
        return await self.engine.lines.confirm(m.Confirm(2, preview.hash, wait=True), "test")

    async def until(self, condition: Callable[[], bool], limit_s: float = 60.0) -> None:
        """Let simulated time pass until something holds."""
        end = self.loop.now + limit_s
        while not condition():
            assert self.loop.now < end, f"not so within {limit_s} simulated seconds"
            await asyncio.sleep(0.05)
