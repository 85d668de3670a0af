"""Benches for the contract suites: a client under test, what it said, and the truth behind it.

A bench is all that a card knows. Here they are made of ccxt clients against the sandbox; another
client factory joins a suite by making the same bench.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from adapters.sandbox.control import SandboxControl
from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.execution import CcxtExecutionClient
from adapters.via_ccxt.execution_parts import ExecutionParts
from adapters.via_ccxt.factory import make_local_data
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of, quirks_of
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import Instrument
from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest, OrderType, Side, TriggerSource
from hedge_tui.domain.report import ReportKind
from hedge_tui.domain.rounding import floor_to

PATIENCE_S = 8.0
BENCHES = {
    "spot": ("binance", False),
    "usdm": ("binanceusdm", False),
    "usdm-by-ccxt": ("binanceusdm", True),
}
RESTING = (ReportKind.LIVE, ReportKind.ACKED)
ACCOUNTS = {"binance": "desk-9", "binanceusdm": "desk-1"}
SYMBOLS = {"binance": "BTC/USDT", "binanceusdm": "BTC/USDT:USDT"}


class SkippingClock:
    """Real time that a test may push forward."""

    def __init__(self) -> None:
        self.skipped_s = 0.0

    def now_ns(self) -> int:
        return time.time_ns() + int(self.skipped_s * 1e9)

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped_s


@dataclass
class Recorder:
    """Everything a client said, with a way to wait for more."""

    events: list[Any] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def one(self, event: Any) -> None:
        self.events.append(event)
        self._news.set()

    def many(self, events: Sequence[Any]) -> None:
        for event in events:
            self.one(event)

    def of(self, kind: type, where: Callable[[Any], bool] = lambda _: True) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind) and where(event)]

    async def until(
        self, kind: type, where: Callable[[Any], bool] = lambda _: True, *, after: int = 0, count: int = 1
    ) -> Any:
        """The `count`th matching event among those after index `after`."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = [e for e in self.events[after:] if isinstance(e, kind) and where(e)]
                if len(found) >= count:
                    return found[count - 1]
                self._news.clear()
                await self._news.wait()

    async def state(self, state: FeedState, *, feed: str = "", after: int = 0) -> FeedHealth:
        return await self.until(FeedHealth, lambda h: h.state is state and feed in h.feed, after=after)


@dataclass
class ExecutionBench:
    """One account under test.

    Attributes:
        venue_symbol: the truth ledger's name of `instrument`.
        client: under test, started. seen: what it said.
    """

    client: Any
    seen: Recorder
    control: SandboxControl
    clock: SkippingClock
    instrument: Instrument
    venue_symbol: str
    account: str
    last: Decimal
    balancer: Any = None
    sandbox: Any = None
    _ids: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def contracts(self) -> bool:
        return self.client.venue != "binance"

    def new_id(self) -> ClientOrderId:
        return ClientOrderId(f"{self._ids.getrandbits(128):032x}")

    def price(self, factor: str) -> Decimal:
        return floor_to(self.last * Decimal(factor), self.instrument.grid.tick)

    def request(self, **fields: Any) -> OrderRequest:
        """A small limit buy far below the market, unless told otherwise."""
        lot = self.instrument.grid.lot
        plain = {
            "client_order_id": self.new_id(),
            "account": self.account,
            "instrument": self.instrument.id,
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": floor_to(Decimal(250) / self.last, lot),
            "price": self.price("0.9"),
        }
        return OrderRequest(**(plain | fields))

    def market(self, **fields: Any) -> OrderRequest:
        return self.request(type=OrderType.MARKET, price=None, **fields)

    def ref(self, request: OrderRequest, **fields: Any) -> OrderRef:
        return OrderRef(
            self.account,
            request.instrument,
            request.client_order_id,
            triggered=request.type.triggered,
            **fields,
        )

    async def arm(self, kind: str, **fields: Any) -> int:
        """Arm a fault of the sandbox."""
        return await self.control.fault(kind, **fields)

    async def strike(self, kind: str, **fields: Any) -> int:
        """Strike the open streams of this account at once."""
        fields = {"account": self.account, "count": None} | fields
        return await self.control.strike(kind, **fields)

    async def truth(self, request: OrderRequest) -> list[dict[str, Any]]:
        """The venue's own rows of one order."""
        rows = await self.control.orders(self.account)
        return [row for row in rows if row["client_order_id"] == request.client_order_id]

    async def at_market(self) -> None:
        """Pin the price, so that numbers in a card do not drift."""
        await self.control.move_price(self.client.venue, self.venue_symbol, str(self.last))


def stop_of(bench: ExecutionBench) -> OrderRequest:
    """A stop a little below the market, by mark where there is one."""
    return bench.request(
        side=Side.SELL,
        type=OrderType.STOP_MARKET,
        price=None,
        trigger_price=bench.price("0.95"),
        trigger_source=TriggerSource.MARK if bench.contracts else TriggerSource.LAST,
    )


def egress_of(sandbox: Any) -> Egress:
    return Egress(f"127.0.0.1:{sandbox.port}", str(sandbox.ca_file))


@asynccontextmanager
async def execution_bench(sandbox: Any, control: SandboxControl, venue: str, *, parsed_by_ccxt: bool = False):
    """A started client of one sandbox account.

    With `parsed_by_ccxt` it takes the path of venues without a frame parser of ours.
    """
    quirks = quirks_of(venue)
    if parsed_by_ccxt:
        watch = ("watch_orders", "watch_my_trades", "watch_balance")
        watch += ("watch_positions",) if venue != "binance" else ()
        quirks = replace(quirks, private_tap="", private_watch=watch, subscribe_settle_s=0.05)
    client, balancer, clock, markets = build_client(sandbox, quirks, ACCOUNTS[venue])
    seen = Recorder()
    await client.start(seen.one)
    try:
        await seen.state(FeedState.LIVE)
        instrument = next(i for i in (await markets()).instruments if i.symbol == SYMBOLS[venue])
        last = Decimal(await last_price(client, instrument))
        bench = ExecutionBench(
            client,
            seen,
            control,
            clock,
            instrument,
            instrument.venue_symbol,
            ACCOUNTS[venue],
            floor_to(last, instrument.grid.tick),
            balancer,
            sandbox,
        )
        yield bench
    finally:
        await client.stop()


def build_client(
    sandbox: Any,
    quirks: Any,
    name: str,
    shelf: MarketShelf | None = None,
    clock: Any = None,
    *,
    egress: Egress | None = None,
):
    """An unstarted client, its balancer, its clock and its markets."""
    spec = sandbox.account(name)
    clock = clock or SkippingClock()
    balancer = Balancer(limits_of, clock)
    pacer = balancer.pacer(Home(quirks.venue))
    shelf = shelf or MarketShelf()
    egress = egress or egress_of(sandbox)

    async def markets():
        return await shelf.get(quirks, Mode.SANDBOX, egress, pacer)

    parts = ExecutionParts(
        Account(name, quirks.venue, Mode.SANDBOX),
        quirks,
        egress,
        pacer,
        clock,
        random.Random(1),
        {"apiKey": spec.key, "secret": spec.secret},
        markets,
        markets,
    )
    return CcxtExecutionClient(parts), balancer, clock, markets


@dataclass
class DataBench:
    """Public data of one venue under test, started."""

    client: Any
    seen: Recorder
    control: SandboxControl
    clock: SkippingClock
    symbol: str
    venue_symbol: str


@asynccontextmanager
async def data_bench(
    sandbox: Any, control: SandboxControl, venue: str, client: Any = None, clock: Any = None
):
    """A started data client; `client` in place of the local ccxt one."""
    clock = clock or SkippingClock()
    client = client or make_local_data(
        venue,
        egress_of(sandbox),
        shelf=MarketShelf(),
        pacer=Balancer(limits_of, clock).pacer(Home(venue)),
        clock=clock,
        rng=random.Random(1),
        mode=Mode.SANDBOX,
    )
    seen = Recorder()
    await client.start(seen.many)
    try:
        yield DataBench(client, seen, control, clock, SYMBOLS[venue], "BTCUSDT")
    finally:
        await client.stop()


async def last_price(client: Any, instrument: Instrument) -> str:
    ticker = await client._caller.instance.fetch_ticker(instrument.symbol)
    return str(ticker["last"])
