"""Whatever happens and whenever frames are skipped: a replica ends equal to a fresh, full snapshot."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from plan_bench import BTC, BTCS, ETH, NOW_NS, instrument, instruments

from hedge_tui.domain import acts
from hedge_tui.domain.account import Account, AccountSnapshot, Balance, Mode, Position
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.lifecycle import NEXT
from hedge_tui.domain.market import MarketStats, Quote
from hedge_tui.domain.order import OrderRequest, OrderStatus, OrderType, PositionSide, Side, VenueOrderId
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.board import orders as order_rows
from hedge_tui.engine.board.board import Board, Follower
from hedge_tui.engine.board.restraints import LimitRows
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.execution.limits import RiskLimits, limits_now
from hedge_tui.engine.execution.view import View
from hedge_tui.wire.messages import Frame
from hedge_tui.wire.replica import Replica
from hedge_tui.wire.topics import COLUMNS

TOPICS = sorted(COLUMNS)


class Still:
    """A clock that stands, and a journal that keeps nothing."""

    dead = ""
    last_seq = 0

    def now_ns(self) -> int:
        return NOW_NS

    def monotonic(self) -> float:
        return 0.0

    def append(self, acts: Sequence[object]) -> Still:
        self.last_seq += len(acts)
        return self

    def add_done_callback(self, _done: object) -> None:
        pass


class World:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        still = Still()
        self.desk = Desk(still, still, self.rng)  # type: ignore[arg-type]
        self.desk.set_instruments(instruments())
        for name in ("desk-1", "desk-2"):
            self.desk.add_account(Account(name, "binanceusdm", Mode.SANDBOX, ("core",)))
        self.desk.add_account(Account("spot-1", "binance", Mode.SANDBOX))
        self.health: dict[str, FeedHealth] = {}
        self.board = self.make_board()
        self.trades = 0
        self.now = 0.0

    def make_board(self) -> Board:
        board = Board(self.desk, [], self.health)
        board.serve(LimitRows(self.desk, self.view))
        return board

    def view(self) -> View:
        desk = self.desk
        limits = limits_now(RiskLimits(), desk.state, [one.account for one in desk.accounts.values()])
        return View(desk.state, desk.accounts, desk.markets, limits, NOW_NS)

    def step(self) -> None:
        name = self.rng.choice(
            ("order", "report", "fill", "snapshot", "quote", "note", "feed", "run", "list")
        )
        getattr(self, f"_{name}")()

    def _order(self) -> None:
        account, id_ = self.rng.choice((("desk-1", BTC), ("desk-2", ETH), ("spot-1", BTCS)))
        request = OrderRequest(
            self.desk.new_order_id(),
            account,
            id_,
            self.rng.choice(list(Side)),
            OrderType.LIMIT,
            Decimal(self.rng.randrange(1, 9)) / 10,
            Decimal(self.rng.randrange(50_000, 70_000)),
            run=self.rng.choice(("", "run-1", "run-2")),
        )
        at = NOW_NS
        self.desk.record(acts.OrdersIntended(at, (request,)))
        if self.rng.random() < 0.9:
            self.desk.record(acts.OrdersSending(at, (request.client_order_id,)))

    def _report(self) -> None:
        state = self.desk.state
        if not state.orders:
            return
        order = self.rng.choice(list(state.orders.values()))
        kinds = [k for k in NEXT[order.status] if k is not ReportKind.SENT]
        if not kinds:
            return
        r = order.request
        venue = VenueOrderId(r.client_order_id[:8])
        filled = max(order.filled, Decimal(self.rng.randrange(0, 9)) / 10)
        kind = self.rng.choice(kinds)
        report = Report(kind, r.account, r.instrument, r.client_order_id, NOW_NS, venue, filled)
        self.desk.record(acts.Reported(NOW_NS, report))

    def _fill(self) -> None:
        working = [o for o in self.desk.state.orders.values() if o.status is not OrderStatus.INTENT]
        working = [o for o in working if o.status is not OrderStatus.DENIED]
        if not working:
            return
        r = self.rng.choice(working).request
        self.trades += self.rng.randrange(2)  # some come twice
        fill = Fill(
            r.account,
            r.instrument,
            str(self.trades),
            r.client_order_id,
            VenueOrderId(""),
            r.side,
            Decimal("0.1"),
            Decimal(60_000),
            Decimal("0.1"),
            "USDT",
            Liquidity.MAKER,
            NOW_NS,
            NOW_NS,
        )
        self.desk.record(acts.Filled(NOW_NS, fill))

    def _snapshot(self) -> None:
        name = self.rng.choice(list(self.desk.accounts))
        assets = self.rng.sample(("USDT", "BTC", "ETH", "BNB"), self.rng.randrange(4))
        balances = tuple(
            Balance(name, a, Decimal(self.rng.randrange(3)), Decimal(1), Decimal(0)) for a in assets
        )
        positions = tuple(
            Position(name, i, PositionSide.NET, Decimal(self.rng.randrange(-2, 3)), Decimal(60_000))
            for i in self.rng.sample((BTC, ETH), self.rng.randrange(3))
        )
        margin = None if name == "spot-1" else Decimal(1)
        account = self.desk.accounts[name]
        touched = account.take_snapshot(AccountSnapshot(name, NOW_NS, balances, positions, margin, margin))
        from hedge_tui.engine.state import Changes

        self.desk.tell(Changes(positions=touched, accounts={name}))

    def _quote(self) -> None:
        id_, price = self.rng.choice((BTC, ETH, BTCS)), float(self.rng.randrange(50_000, 70_000))
        self.desk.markets.quote(Quote(id_, price, 1.0, price + 1, 1.0, NOW_NS, NOW_NS))
        self.desk.markets.stat(MarketStats(id_, NOW_NS, last=price, mark=price))

    def _note(self) -> None:
        for _ in range(self.rng.choice((1, 1, 300))):
            self.desk.note("info", "test", f"note {self.rng.random()}", "desk-1")

    def _feed(self) -> None:
        feed = self.rng.choice(("a", "b"))
        state = self.rng.choice(list(FeedState))
        self.health[feed] = FeedHealth(feed, "", "binance", state, NOW_NS, NOW_NS)

    def _run(self) -> None:
        run = self.rng.choice(("run-1", "run-2"))
        self.desk.record(acts.LineConfirmed(NOW_NS, run, "buy", "h", "keyboard"))

    def _list(self) -> None:
        active = self.rng.random() < 0.7
        self.desk.set_instruments([instrument(ETH, active=active)])

    def tick(self) -> None:
        self.now += self.rng.choice((0.03, 0.3, 2.0))
        self.board.refresh(self.now)

    def settle(self) -> None:
        self.now += 10.0
        self.board.refresh(self.now)


class Client:
    def __init__(self, world: World) -> None:
        self.world, self.follower, self.replica = world, Follower(), Replica()
        world.board.add(self.follower)

    def follow(self, topics: set[str]) -> None:
        self.replica.forget(topics)
        self.world.board.follow(self.follower, topics)

    def read(self) -> None:
        deltas = self.world.board.take(self.follower)
        self.replica.apply(Frame(self.replica.seq + 1, NOW_NS, deltas))


def tables(replica: Replica, topics: set[str]) -> dict[str, Any]:
    return {topic: sorted(map(repr, replica.table(topic).rows.values())) for topic in topics}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(5, 120))
def test_a_replica_equals_a_fresh_full_snapshot(seed: int, steps: int) -> None:
    world = World(seed)
    rng = random.Random(seed + 1)
    clients = [Client(world) for _ in range(3)]
    for _ in range(steps):
        for _ in range(rng.randrange(6)):
            world.step()
        if rng.random() < 0.2:
            world.board.rows(rng.choice(TOPICS))
        if rng.random() < 0.3:
            rng.choice(clients).follow(set(rng.sample(TOPICS, rng.randrange(len(TOPICS) + 1))))
        world.tick()
        for client in clients:
            if rng.random() < 0.6:
                client.read()
    world.settle()
    for client in clients:
        client.read()
    # The truth comes from tables that have seen nothing before.
    world.board = world.make_board()
    fresh = Client(world)
    fresh.follow(set(TOPICS))
    world.settle()
    fresh.read()
    for client in clients:
        topics = client.follower.topics
        assert tables(client.replica, topics) == tables(fresh.replica, topics)


def test_old_finished_orders_leave_the_table_and_the_replica(monkeypatch: Any) -> None:
    monkeypatch.setattr(order_rows, "KEEP_FINISHED", 5)
    world = World(1)
    client = Client(world)
    client.follow({"orders", "fills"})
    for _ in range(60):
        world._order()
        order = list(world.desk.state.orders.values())[-1]
        kind = ReportKind.DENIED if order.status is OrderStatus.INTENT else ReportKind.REJECTED
        r = order.request
        world.desk.record(
            acts.Reported(NOW_NS, Report(kind, r.account, r.instrument, r.client_order_id, NOW_NS))
        )
        world.tick()
        client.read()
    assert 5 <= len(client.replica.table("orders").rows) <= 11
