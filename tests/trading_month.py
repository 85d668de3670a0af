"""A month of a desk under simulated time: two venues, twelve accounts, transfers, funding, faults, restarts.

Time is spent where something happens: between two spells of trading the clock jumps by hours. What must come
out is added up from the venues' own records alone.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from simulated_desk import Faults, FaultyExecution, SimulatedClock, SimulatedData, SimulatedLoop, perpetual

from adapters.paper.client import PaperHub
from adapters.paper.records import IncomeKind
from adapters.paper.refusal import PaperRefusal
from adapters.paper.venue import PaperVenue
from hedge_tui.config.risk import RiskSettings
from hedge_tui.config.settings import DeskSettings, Settings
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentId, InstrumentKind
from hedge_tui.domain.market import Quote
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side
from hedge_tui.engine.engine import Engine
from hedge_tui.engine.pnl.book import COLUMNS
from hedge_tui.engine.pnl.calendar import Calendar
from hedge_tui.wire import messages as m
from store.journal.memory import MemoryJournal

D = Decimal
ZERO = D(0)
ZONE, DAY_START = "America/New_York", "17:00"
"""A day that begins at another hour than the venue's."""
HOUR_S = 3600.0
FUNDS = D(100_000)
Key = tuple[int, str, str]
"""(start of the day, account, asset)."""


def spot(name: str) -> Instrument:
    return Instrument(
        InstrumentId(f"binance:{name}/USDT"),
        f"{name}USDT",
        InstrumentKind.SPOT,
        name,
        "USDT",
        "USDT",
        Grid(D("0.1"), D("0.001"), D("0.001"), D(1000), D(1000), D(5)),
        maker_fee=D("0.001"),
        taker_fee=D("0.001"),
    )


class MonthExecution(FaultyExecution):
    """A paper account of either venue whose stream can be lost."""

    lost = False

    def lose(self) -> None:
        """The connection is gone: nothing comes, and the desk is told so."""
        self.lost = True
        self._tell(FeedState.RECONNECTING)

    async def come_back(self) -> None:
        """A new connection: a snapshot and open orders, then live; fills are left to the ledger."""
        self.lost = False
        if self._outer is not None:
            self._outer(await self.snapshot())
            for report in await self.open_orders():
                self._outer(report)
            self._tell(FeedState.LIVE)

    def _later(self, event: Any) -> None:
        if not self.lost:
            super()._later(event)

    def _tell(self, state: FeedState) -> None:
        now = self._hub.clock.now_ns()
        self._outer(FeedHealth(f"{self.account}:private", self.account, self.venue, state, now, now))


class TradingMonth:
    """The world; `agree` compares the desk's book with the venues' records."""

    def __init__(
        self, loop: SimulatedLoop, seed: int, *, margin_accounts: int = 9, spot_accounts: int = 3
    ) -> None:
        self.loop = loop
        self.rng = random.Random(seed)
        self.clock = SimulatedClock(loop)
        self.calendar = Calendar(ZONE, DAY_START)
        self.listed = {
            "binanceusdm": [perpetual(), perpetual("ETH", "0.01", "0.001")],
            "binance": [spot("BTC"), spot("ETH")],
        }
        self.venues = {
            "binanceusdm": PaperVenue("usdm", self.listed["binanceusdm"]),
            "binance": PaperVenue("spot", self.listed["binance"]),
        }
        self.hubs = {
            name: PaperHub(venue, self.clock, spot=name == "binance") for name, venue in self.venues.items()
        }
        self.specs = [
            *(
                Account(f"desk-{i + 1}", "binanceusdm", Mode.SANDBOX, ("core",) if i % 2 else ("swing",))
                for i in range(margin_accounts)
            ),
            *(
                Account(f"spot-{i + 1}", "binance", Mode.SANDBOX, tags=("coins",))
                for i in range(spot_accounts)
            ),
        ]
        for spec in self.specs:
            self.venues[spec.venue].add_account(spec.name, {"USDT": FUNDS})
        self.prices = {"BTC": 60_000, "ETH": 3_000}
        self.faults = Faults(lose_answer=0.02, lookup_lag_s=1.0, stream_lag_s=0.3)
        self.journal = MemoryJournal(lambda: self.rng.random() * 0.005)
        self.clients: dict[str, MonthExecution] = {}
        self.engine: Engine | None = None
        self.requests = 0
        self.move_prices(0)

    # the engine's connector

    locked = False

    def data(self, venue: str) -> SimulatedData:
        data = SimulatedData(self.listed[venue])
        data.venue = venue
        return data

    def execution(self, account: Account) -> MonthExecution:
        client = MonthExecution(self.hubs[account.venue], account.name, self.faults, self.rng)
        client.venue = account.venue
        self.clients[account.name] = client
        return client

    async def unlock(self, passphrase: str) -> str:
        return passphrase

    # the desk

    async def boot(self) -> None:
        """An engine on the journal as it is on disk."""
        caps = RiskSettings(
            D(10**9),
            D(10**9),
            D(10**9),
            1000,
            1000,
            D(50),
            max_position_notional=D(10**9),
            max_leverage=D(1000),
        )
        self.engine = Engine(
            settings=Settings(desk=DeskSettings(timezone=ZONE, day_start=DAY_START), risk=caps),
            accounts=self.specs,
            journal=self.journal,
            history=None,
            connector=self,
            clock=self.clock,
            rng=self.rng,
        )
        await self.engine.start()
        await self.until(lambda: all(a.state is FeedState.LIVE for a in self.accounts), 60)
        self.quote()

    async def crash(self) -> None:
        """The process dies; what is not durable is gone."""
        assert self.engine is not None
        for client in self.clients.values():
            self.hubs[client.venue].listen(client.account, None)
        await self.engine._supervisor.stop(0.0)
        self.journal = self.journal.crash()

    @property
    def accounts(self) -> list[Any]:
        assert self.engine is not None
        return list(self.engine.desk.accounts.values())

    async def until(self, condition: Any, limit_s: float) -> None:
        end = self.loop.now + limit_s
        while not condition():
            assert self.loop.now < end, f"not so within {limit_s} simulated seconds"
            await asyncio.sleep(0.5)

    async def pass_hours(self, hours: float) -> None:
        """Nothing happens for so long."""
        self.loop.now += hours * HOUR_S
        await asyncio.sleep(1)

    def quote(self) -> None:
        assert self.engine is not None
        now = self.clock.now_ns()
        for venue in self.venues.values():
            for instrument in venue.instruments:
                (bid, bq), (ask, aq) = (side[0] for side in venue.book(instrument, 1))
                texts = (f"{bid:f}", f"{ask:f}")
                quote = Quote(instrument, float(bid), float(bq), float(ask), float(aq), now, now, *texts)
                self.engine.feeds.take([quote])

    async def send(self, text: str) -> m.ServerMessage:
        assert self.engine is not None
        self.quote()
        preview = await self.engine.lines.submit(m.Submit(1, text), "test", may_trade=True)
        if not isinstance(preview, m.Preview):
            return preview
        return await self.engine.lines.confirm(m.Confirm(2, preview.hash, wait=True), "test")

    # the world

    def move_prices(self, step: int) -> None:
        """New books and marks around a walk."""
        now = self.clock.now_ns()
        for base in self.prices:
            self.prices[base] += self.rng.randrange(-step, step + 1) * self.prices[base] // 1000
        for name, venue in self.venues.items():
            for one in self.listed[name]:
                at, tick = D(self.prices[one.base]), one.grid.tick
                bids = [(at - tick * i, D(500)) for i in range(3)]
                asks = [(at + tick * (i + 1), D(500)) for i in range(3)]
                self.hubs[name].publish(venue.set_book(one.id, bids, asks, now))
                if name == "binanceusdm":
                    self.hubs[name].publish(venue.set_mark(one.id, at, at, now))

    def fund(self) -> None:
        """Funding of every perpetual."""
        for one in self.listed["binanceusdm"]:
            rate = D(self.rng.randrange(-30, 60)) / 100_000
            hub = self.hubs["binanceusdm"]
            hub.publish(hub.venue.pay_funding(one.id, rate, self.clock.now_ns()))

    def move_money(self) -> None:
        """A deposit, a withdrawal, a transfer between two accounts, a rebate or a bonus."""
        rng, now = self.rng, self.clock.now_ns()
        giver, taker = rng.sample(self.specs, 2)
        asset, quantity = "USDT", D(rng.randrange(1, 200_000)) / 100
        match rng.randrange(5):
            case 0:
                self._transfer(giver, asset, quantity, now, "DEPOSIT")
            case 1:
                self._transfer(giver, asset, -quantity, now, "WITHDRAW")
            case 2:
                if self._transfer(giver, asset, -quantity, now, "TRANSFER"):
                    self._transfer(taker, asset, quantity, now, "TRANSFER")
            case 3:
                # Twice the same sum in one breath: the stream's words cannot be told apart.
                self._transfer(giver, asset, quantity, now, "TRANSFER")
                self._transfer(giver, asset, quantity, now, "TRANSFER")
            case _:
                kind = rng.choice(
                    (IncomeKind.COMMISSION_REBATE, IncomeKind.WELCOME_BONUS, IncomeKind.API_REBATE)
                )
                if giver.venue == "binanceusdm":
                    hub = self.hubs[giver.venue]
                    hub.publish(hub.venue.adjust(giver.name, asset, quantity / 100, kind, now))

    def _transfer(self, spec: Account, asset: str, quantity: Decimal, now: int, kind: str) -> bool:
        hub = self.hubs[spec.venue]
        try:
            hub.publish(hub.venue.transfer(spec.name, asset, quantity, now, kind))
        except PaperRefusal:
            return False
        return True

    def trade_elsewhere(self, count: int) -> None:
        """Orders that reach the venue from another program: the desk is told, or is not there at all."""
        for _ in range(count):
            spec = self.rng.choice(self.specs)
            hub, one = self.hubs[spec.venue], self.rng.choice(self.listed[spec.venue])
            self.requests += 1
            side = self.rng.choice((Side.BUY, Side.SELL))
            quantity = D(self.rng.randrange(1, 200)) / 1000
            id_ = ClientOrderId(f"{self.requests:032x}")
            request = OrderRequest(id_, spec.name, one.id, side, OrderType.MARKET, quantity)
            try:
                hub.publish(hub.venue.place(request, self.clock.now_ns()))
            except PaperRefusal:
                continue  # no coins to sell, no money left

    # what must come out

    def records(self) -> dict[Key, dict[str, Decimal]]:
        """By day, account and asset: what the venues' own records say, spot's realized PnL aside."""
        found: dict[Key, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(COLUMNS, ZERO))
        for spec in self.specs:
            venue = self.venues[spec.venue]
            for one in venue.income(spec.name):
                cell = found[self.calendar.day_of(one.at_ns), spec.name, one.asset]
                match one.kind:
                    case IncomeKind.REALIZED_PNL:
                        cell["realized"] += one.quantity
                    case IncomeKind.COMMISSION:
                        cell["fees"] -= one.quantity
                    case IncomeKind.FUNDING_FEE:
                        cell["funding"] += one.quantity
                    case IncomeKind.TRANSFER:
                        words = {"DEPOSIT": "deposits", "WITHDRAW": "withdrawals"}
                        cell[words.get(one.info, "transfers")] += one.quantity
                    case _:
                        cell["other"] += one.quantity
            if spec.venue == "binance":
                for day, asset, realized, fee in self._coins(spec):
                    found[day, spec.name, asset]["realized"] += realized
                    found[day, spec.name, asset]["fees"] += fee
        return {key: cell for key, cell in found.items() if any(cell.values())}

    def _coins(self, spec: Account) -> Iterator[tuple[int, str, Decimal, Decimal]]:
        """(day, asset, realized, fee) of each execution of a spot account that began without coins."""
        for one in self.listed["binance"]:
            held = worth = ZERO
            for trade in self.venues["binance"].trades(spec.name, one.id):
                day = self.calendar.day_of(trade.at_ns)
                yield day, trade.commission_asset, ZERO, trade.commission
                if trade.side is Side.BUY:
                    held, worth = held + trade.quantity, worth + trade.quantity * trade.price
                else:
                    share = worth * trade.quantity / held
                    yield day, one.quote, trade.quantity * trade.price - share, ZERO
                    held, worth = held - trade.quantity, worth - share

    def booked(self) -> dict[Key, dict[str, Decimal]]:
        """The same out of the desk's book."""
        assert self.engine is not None
        found: dict[Key, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(COLUMNS, ZERO))
        for (day, _, account, _, _, asset), sums in self.engine.desk.state.book.cells.items():
            for name in COLUMNS:
                found[day, account, asset][name] += getattr(sums, name)
        return {key: cell for key, cell in found.items() if any(cell.values())}

    def agree(self) -> None:
        """Book and records are equal to the last digit; PnL of coins, a division, to a trillionth."""
        ours, theirs = self.booked(), self.records()
        for key in sorted(ours.keys() | theirs.keys()):
            mine = ours.get(key, dict.fromkeys(COLUMNS, ZERO))
            right = theirs.get(key, dict.fromkeys(COLUMNS, ZERO))
            for name in COLUMNS:
                tolerance = D("1e-12") if name == "realized" and key[1].startswith("spot") else ZERO
                assert abs(mine[name] - right[name]) <= tolerance, (key, name, mine[name], right[name])
        for spec in self.specs:
            if spec.venue == "binanceusdm":
                earned = sum(
                    (
                        sums.net + sums.moved
                        for key, sums in self.engine.desk.state.book.cells.items()  # type: ignore[union-attr]
                        if key[2] == spec.name
                    ),
                    ZERO,
                )
                wallet = self.venues[spec.venue].ledger.total(spec.name, "USDT")
                assert wallet == FUNDS + earned, (spec.name, wallet, FUNDS + earned)
