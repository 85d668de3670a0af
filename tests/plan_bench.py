"""A desk standing still: a test puts accounts, instruments and quotes there, and plans lines on it."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hedge_tui.command.parser import parse
from hedge_tui.config.risk import RiskSettings
from hedge_tui.domain import acts
from hedge_tui.domain.account import Account, AccountSnapshot, Balance, Mode, Position
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentId, InstrumentKind
from hedge_tui.domain.market import MarketStats, Quote
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    VenueOrderId,
)
from hedge_tui.domain.plan import Leg, OrderPlan
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.accounts import AccountState
from hedge_tui.engine.execution.limits import RiskLimits
from hedge_tui.engine.execution.planner import plan_line
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.execution.view import View
from hedge_tui.engine.markets import Markets
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState

NOW_NS = 1_763_600_000_000_000_000
"""2025-11-20 00:53:20 UTC."""
D = Decimal

BTC = InstrumentId("binanceusdm:BTC/USDT:USDT")
ETH = InstrumentId("binanceusdm:ETH/USDT:USDT")
BTCS = InstrumentId("binance:BTC/USDT")
ETHBTC = InstrumentId("binance:ETH/BTC")
INVERSE = InstrumentId("binancecoinm:BTC/USD:BTC")


def instrument(id_: str, **changes: Any) -> Instrument:
    """An instrument by its id, with a Binance-like grid."""
    symbol = id_.partition(":")[2]
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    kind = InstrumentKind.PERPETUAL if settle else InstrumentKind.SPOT
    grid = Grid(D("0.1"), D("0.001"), D("0.001"), D(1000), D(120), D(5))
    made = Instrument(
        InstrumentId(id_),
        base + quote,
        kind,
        base,
        quote,
        settle or quote,
        grid,
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
        max_leverage=D(125) if settle else None,
        inverse=settle == base,
    )
    return replace(made, **changes)


def instruments() -> list[Instrument]:
    return [
        instrument(BTC),
        instrument(ETH, grid=Grid(D("0.01"), D("0.001"), D("0.001"), D(10_000), D(2_000), D(5))),
        instrument(BTCS, grid=Grid(D("0.01"), D("0.00001"), D("0.00001"), D(9000), D(100), D(5))),
        instrument("binance:ETH/USDT", grid=Grid(D("0.01"), D("0.0001"), D("0.0001"), min_notional=D(5))),
        instrument(ETHBTC, grid=Grid(D("0.00001"), D("0.0001"), D("0.0001"), min_notional=D("0.0001"))),
        instrument(INVERSE, contract_size=D(100), grid=Grid(D("0.1"), D(1), D(1))),
    ]


class PlanBench:
    """Attributes: state, markets, accounts: what a view shows; `limits` of the risk gate; `now_ns`."""

    def __init__(self) -> None:
        self.state = DeskState()
        self.markets = Markets("USDT")
        self.state.instruments = self.markets.instruments
        self.markets.set_instruments(instruments())
        self.accounts: dict[str, AccountState] = {}
        self.limits = RiskLimits(generous())
        self.now_ns = NOW_NS
        self._rng = random.Random(3)
        for id_, bid, ask in (
            (BTC, "60000", "60000.1"),
            (ETH, "3000", "3000.01"),
            (BTCS, "60010", "60010.01"),
            ("binance:ETH/USDT", "3001", "3001.01"),
            (ETHBTC, "0.05", "0.05001"),
            (INVERSE, "60000", "60000.1"),
        ):
            self.quote(id_, bid, ask)
        for name in ("desk-1", "desk-2", "desk-3"):
            self.account(name, "binanceusdm", {"USDT": 100_000}, groups=("core",))

    def account(
        self, name: str, venue: str, funds: dict[str, Any], *, hedge: bool | None = False, **more: Any
    ) -> AccountState:
        account = AccountState(Account(name, venue, Mode.SANDBOX, **more))
        balances = tuple(Balance(name, asset, D(q), D(q), D(0)) for asset, q in funds.items())
        margin = None if venue == "binance" else D(0)
        account.take_snapshot(
            AccountSnapshot(name, self.now_ns, balances, (), margin, margin, hedge_mode=hedge)
        )
        account.health = FeedHealth(f"{name}:private", name, venue, FeedState.LIVE, self.now_ns)
        self.accounts[name] = account
        return account

    def position(
        self, account: str, id_: str, quantity: str, entry: str = "60000", side: str = "net"
    ) -> None:
        position = Position(account, InstrumentId(id_), PositionSide(side), D(quantity), D(entry))
        self.accounts[account].positions[position.instrument, side] = position

    def quote(self, id_: str, bid: str, ask: str) -> None:
        self.markets.quote(
            Quote(InstrumentId(id_), float(bid), 1.0, float(ask), 1.0, self.now_ns, self.now_ns, bid, ask)
        )

    def stats(self, id_: str, **values: float) -> None:
        self.markets.stat(MarketStats(InstrumentId(id_), self.now_ns, **values))

    def order(
        self,
        account: str = "desk-1",
        id_: str = BTC,
        side: Side = Side.BUY,
        quantity: str = "0.1",
        price: str | None = "59000",
        **more: Any,
    ) -> int:
        """A resting order; returns its row number."""
        client_id = ClientOrderId(f"{self._rng.getrandbits(128):032x}")
        more.setdefault("type", OrderType.LIMIT)
        request = OrderRequest(
            client_id,
            account,
            InstrumentId(id_),
            side,
            quantity=D(quantity),
            price=D(price) if price is not None else None,
            **more,
        )
        at = self.now_ns
        report = Report(
            ReportKind.LIVE, account, request.instrument, client_id, at, VenueOrderId(client_id[:6])
        )
        for act in (
            acts.OrdersIntended(at, (request,)),
            acts.OrdersSending(at, (client_id,)),
            acts.Reported(at, report),
        ):
            apply(self.state, act)
        return self.state.rows[client_id]

    def view(self, scope: str = "", **more: Any) -> View:
        return View(self.state, self.accounts, self.markets, self.limits, self.now_ns, scope=scope, **more)

    def plan(self, text: str, scope: str = "", **more: Any) -> OrderPlan:
        return plan_line(text, parse(text), self.view(scope, **more), "keyboard")

    def legs(self, text: str, scope: str = "", **more: Any) -> tuple[Leg, ...]:
        return self.plan(text, scope, **more).legs

    def leg(self, text: str, scope: str = "", **more: Any) -> Leg:
        (leg,) = self.legs(text, scope, **more)
        return leg

    def quantity(self, text: str, scope: str = "") -> Decimal:
        """Quantity of the only leg, which can be sent."""
        leg = self.leg(text, scope)
        assert not leg.problem, leg.problem
        assert leg.request is not None
        return leg.request.quantity

    def review(self, text: str, **more: Any) -> str:
        """ "" when the gate approves, else the reason's code."""
        answer = RiskGate().review(self.plan(text, **more), self.view())
        return getattr(answer, "reason", "")

    def risk(self, **caps: Any) -> None:
        self.limits = replace(self.limits, settings=replace(generous(), **caps))


def generous() -> RiskSettings:
    """Caps that no test meets by accident."""
    return RiskSettings(
        max_order_notional=D(10**9),
        max_bulk_notional=D(10**9),
        max_day_notional=D(10**9),
        max_order_count=1000,
        max_open_orders=1000,
        price_collar_pct=D(90),
        max_position_notional=D(10**12),
        max_leverage=D(10**6),
        max_leverage_setting=D(1000),
    )
