"""The paper venue under any sequence of commands, held against books kept by hand beside it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.paper.events import (
    BalanceChanged,
    Liquidated,
    OrderTraded,
    PaperRefusal,
    PaperStatus,
    PublicTrade,
)
from adapters.paper.ledger import INTERNAL
from adapters.paper.margin_brackets import bracket_of
from adapters.paper.self_trade import SelfTrade
from adapters.paper.venue import PaperVenue
from hedge_tui.domain.order import (
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    TriggerSource,
)
from tests.property.paper_books import PERP, SPOT, Books
from tests.property.paper_walk import walk

D = Decimal
ZERO = D(0)
CENT = D("0.00000001")
ACCOUNTS = ("ana", "bo", "cy")
SETTINGS = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

prices = st.integers(9_985, 10_015).map(lambda ticks: D(ticks) / 100)
far_prices = st.integers(9_000, 11_000).map(lambda ticks: D(ticks) / 100)
quantities = st.integers(1, 20_000).map(lambda lots: D(lots) / 1000)
sides = st.sampled_from(Side)
accounts = st.sampled_from(ACCOUNTS)
NET = PositionSide.NET
LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)


class VenueMachine(RuleBasedStateMachine):
    """Commands that both kinds of venue take."""

    instrument = SPOT
    balances = {"ABC": D(20), "USDT": D(2_000)}  # noqa: RUF012 - read only

    def __init__(self) -> None:
        super().__init__()
        self.now_ns = 1_000
        kind = "spot" if self.instrument is SPOT else "usdm"
        self.venue = PaperVenue(kind, [self.instrument], max_orders=30)
        self.books = Books()
        for account in ACCOUNTS:
            self.venue.add_account(account, self.balances)
            for asset, quantity in self.balances.items():
                self.books.wallet[account, asset] = quantity

    @initialize()
    def market(self) -> None:
        self.book(D(100), [D(5)] * 3, [D(5)] * 3)

    def act(self, call, *args, **kwargs):
        """Run one command at the next nanosecond and check what it tells."""
        self.now_ns += 1
        try:
            events = call(*args, now_ns=self.now_ns, **kwargs)
        except PaperRefusal as refusal:
            assert str(refusal)  # noqa: PT017 - refusing is one of the right answers
            return []
        self.check_events(events)
        return events

    def check_events(self, events) -> None:
        prints: dict[int, Decimal] = {}
        for event in events:
            match event:
                case OrderTraded(order=order, trade=trade):
                    assert 0 < order.executed <= order.quantity
                    if order.price is not None:
                        assert (trade.price - order.price) * order.side.sign <= 0, "through its limit"
                    held = self.books.position[trade.account, trade.position_side]
                    signed = trade.quantity * trade.side.sign
                    if order.reduce_only or order.close_position:
                        assert held * signed < 0, "a reducing order opened"
                        assert abs(signed) <= abs(held), "a reducing order turned the position"
                    self.books.count(trade)
                case Liquidated(trade=trade):
                    self.books.count(trade)
                case BalanceChanged(account=account, asset=asset, total=total, delta=delta):
                    assert event.free + event.locked == total
                    self.books.wallet[account, asset] += delta
                    assert self.books.wallet[account, asset] == total, "a balance changed untold"
                case PublicTrade(trade_id=trade_id, quantity=quantity):
                    assert trade_id not in prints
                    prints[trade_id] = quantity
                case _:
                    pass
        for event in events:
            if isinstance(event, OrderTraded):
                assert prints[event.trade.trade_id] == event.trade.quantity

    def book(self, mid: Decimal, bids: list[Decimal], asks: list[Decimal]) -> None:
        below = [(mid - D(n + 1) / 100, quantity) for n, quantity in enumerate(bids)]
        above = [(mid + D(n + 1) / 100, quantity) for n, quantity in enumerate(asks)]
        self.act(self.venue.set_book, self.instrument.id, below, above)

    def place(self, account: str, side: Side, quantity: Decimal, **fields):
        fields.setdefault("type", OrderType.LIMIT if fields.get("price") else OrderType.MARKET)
        request = OrderRequest(
            "", account, self.instrument.id, side, quantity=quantity, **self.suited(fields)
        )
        mode = list(SelfTrade)[int(quantity * 1000) % 3]
        return self.act(self.venue.place, request, self_trade=mode)

    def suited(self, fields):
        return fields

    @rule(mid=prices, bids=st.lists(quantities, max_size=4), asks=st.lists(quantities, max_size=4))
    def set_book(self, mid, bids, asks) -> None:
        self.book(mid, bids, asks)

    @rule(price=prices, quantity=quantities, side=sides)
    def print_trade(self, price, quantity, side) -> None:
        events = self.act(self.venue.print_trade, self.instrument.id, price, quantity, side)
        assert sum((e.quantity for e in events if isinstance(e, PublicTrade)), ZERO) >= quantity

    @rule(
        account=accounts,
        side=sides,
        quantity=quantities,
        price=prices,
        tif=st.sampled_from((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)),
        reduce_only=st.booleans(),
        post_only=st.booleans(),
    )
    def limit(self, account, side, quantity, price, *, tif, reduce_only, post_only) -> None:
        self.place(
            account,
            side,
            quantity,
            price=price,
            time_in_force=tif,
            reduce_only=reduce_only,
            post_only=post_only and tif is TimeInForce.GTC,
        )

    @rule(account=accounts, side=sides, quantity=quantities, price=prices, life=st.integers(1, 30))
    def good_till_date(self, account, side, quantity, price, life) -> None:
        self.place(
            account,
            side,
            quantity,
            price=price,
            time_in_force=TimeInForce.GTD,
            expire_ns=self.now_ns + life,
        )

    @rule(account=accounts, side=sides, quantity=quantities, reduce_only=st.booleans())
    def market_order(self, account, side, quantity, reduce_only) -> None:
        self.place(account, side, quantity, reduce_only=reduce_only)

    @rule(
        account=accounts,
        side=sides,
        quantity=quantities,
        trigger=prices,
        price=prices,
        kind=st.sampled_from([t for t in OrderType if t.triggered]),
        source=st.sampled_from(TriggerSource),
        reducing=st.sampled_from(("", "reduce_only", "close_position")),
    )
    def stop(self, account, side, quantity, trigger, *, price, kind, source, reducing) -> None:
        fields = {reducing: True} if reducing else {}
        if kind in LIMITS:
            fields.pop("close_position", None)
        if kind is OrderType.TRAILING_STOP:
            fields["trail_pct"] = D("0.1")
        self.place(
            account,
            side,
            quantity,
            type=kind,
            trigger_price=trigger,
            trigger_source=source,
            price=price if kind in LIMITS else None,
            **fields,
        )

    @rule(account=accounts, pick=st.integers(0, 50))
    def cancel(self, account, pick) -> None:
        orders = self.venue.open_orders(account)
        if orders:
            order = orders[pick % len(orders)]
            self.act(self.venue.cancel, account, self.instrument.id, order_id=order.order_id)
            assert not self.venue.order(account, self.instrument.id, order.order_id).status.open

    @rule(account=accounts)
    def cancel_all(self, account) -> None:
        self.act(self.venue.cancel_all, account, self.instrument.id)
        assert self.venue.open_orders(account) == []

    @rule(
        account=accounts, pick=st.integers(0, 50), quantity=quantities, price=prices, what=st.integers(0, 2)
    )
    def amend(self, account, pick, quantity, price, what) -> None:
        orders = self.venue.open_orders(account)
        if orders:
            changes = {} if what == 2 else {"quantity": quantity}
            changes |= {} if what == 1 else {"price": price}
            order = orders[pick % len(orders)]
            self.act(self.venue.amend, account, self.instrument.id, order_id=order.order_id, **changes)

    @rule(account=accounts, quantity=st.integers(-20_000, 5_000))
    def transfer(self, account, quantity) -> None:
        self.act(self.venue.transfer, account, "USDT", D(quantity))

    @invariant()
    def money_is_conserved(self) -> None:
        assert all(total == 0 for total in self.venue.ledger.sums().values())
        assert set(self.venue.ledger.accounts()) <= {*ACCOUNTS, *INTERNAL}

    @invariant()
    def book_is_uncrossed(self) -> None:
        bids, asks = self.venue.book(self.instrument.id, 100)
        if bids and asks:
            assert bids[0][0] < asks[0][0]
        assert [price for price, _ in bids] == sorted({price for price, _ in bids}, reverse=True)
        assert [price for price, _ in asks] == sorted({price for price, _ in asks})
        assert all(quantity > 0 for _, quantity in (*bids, *asks))

    @invariant()
    def reads_agree(self) -> None:
        for account in ACCOUNTS:
            for asset, balance in self.venue.balances(account).items():
                assert balance.free + balance.locked == balance.total
                assert balance.total == self.books.wallet[account, asset]
            executed = sum((t.quantity for t in self.venue.trades(account, self.instrument.id)), ZERO)
            orders = self.venue.all_orders(account, self.instrument.id)
            assert executed == sum((order.executed for order in orders), ZERO)
            assert [o for o in orders if o.status.open] == self.venue.open_orders(account)
            for order in orders:
                late = order.expire_ns is not None and order.expire_ns <= self.now_ns
                assert not (late and order.status.open)
                assert order.status.open or (order.status is PaperStatus.FILLED) is (
                    0 < order.executed == order.quantity
                )


class SpotMachine(VenueMachine):
    def suited(self, fields):
        return {
            name: value
            for name, value in fields.items()
            if name not in ("reduce_only", "close_position", "trigger_source")
        }

    @rule(
        account=accounts,
        side=sides,
        quantity=quantities,
        away=st.integers(1, 12),
        below=st.integers(1, 12),
        entry=st.sampled_from((None, None, -3, 3)),
    )
    def pair(self, account, side, quantity, away, *, below, entry) -> None:
        """An OCO around the price or, with an entry, the bracket of it."""
        last = self.venue.last(self.instrument.id) or D(100)
        far, near = D(away) / 100, D(below) / 100

        def request(side, kind, **fields) -> OrderRequest:
            name = f"{self.now_ns}-{kind}-{len(fields)}"
            return OrderRequest(
                name, account, self.instrument.id, side, kind, quantity, origin="list", **fields
            )

        target = request(side, OrderType.LIMIT, price=last - side.sign * far, post_only=True)
        stop = request(side, OrderType.STOP_MARKET, trigger_price=last + side.sign * near)
        working = None
        if entry is not None:
            working = request(side.opposite, OrderType.LIMIT, price=last + D(entry) / 100)
        self.act(self.venue.place_list, working, [target, stop], client_id=f"list{self.now_ns}")

    @invariant()
    def lists_keep_their_promise(self) -> None:
        for account in ACCOUNTS:
            for one in self.venue.order_lists(account):
                found = [self.venue.order(account, self.instrument.id, key) for key, _ in one.orders]
                assert one.done is not any(order.status.open for order in found)
                pair = found[-2:]
                if any(order.executed or order.triggered for order in pair):
                    assert sum(order.status.open for order in pair) <= 1
                    assert not all(order.executed for order in pair)

    @invariant()
    def locks_match_the_open_orders(self) -> None:
        for account in ACCOUNTS:
            locked = {"ABC": ZERO, "USDT": ZERO}
            shared: dict[tuple[str, int], Decimal] = {}
            for order in self.venue.open_orders(account):
                if order.status is PaperStatus.PENDING_NEW:
                    continue
                asset, need = "ABC", order.remaining
                if order.side is Side.BUY:
                    asset, need = "USDT", order.remaining * (order.price or order.trigger_price)
                key = asset, order.order_id if order.list_id < 0 else -order.list_id
                shared[key] = max(shared.get(key, ZERO), need)
            for (asset, _), need in shared.items():
                locked[asset] += need
            for asset, balance in self.venue.balances(account).items():
                assert balance.locked == locked[asset]
                assert balance.free >= 0


class UsdmMachine(VenueMachine):
    instrument = PERP
    balances = {"USDT": D(150)}  # noqa: RUF012 - read only

    @initialize(target_mark=prices)
    def first_mark(self, target_mark) -> None:
        self.mark(target_mark)

    @rule(mark=far_prices)
    def set_mark(self, mark) -> None:
        self.mark(mark)

    def mark(self, mark: Decimal) -> None:
        self.act(self.venue.set_mark, self.instrument.id, mark, mark)

    @rule(rate=st.integers(-200, 200).map(lambda r: D(r) / 10_000))
    def funding(self, rate) -> None:
        before = {a: self.books.wallet[a, "USDT"] for a in ACCOUNTS}
        liquidated = any(
            isinstance(e, Liquidated) for e in self.act(self.venue.pay_funding, self.instrument.id, rate)
        )
        mark = self.venue.mark(self.instrument.id)
        for account in ACCOUNTS if not liquidated and mark else ():
            paid = before[account] - self.books.wallet[account, "USDT"]
            assert abs(paid - self.books.net(account) * mark * rate) <= CENT

    @rule(account=accounts, leverage=st.sampled_from((1, 3, 20, 50)))
    def leverage(self, account, leverage) -> None:
        self.setting(self.venue.set_leverage, account, self.instrument.id, D(leverage))

    @rule(account=accounts, isolated=st.booleans())
    @precondition(lambda self: self.books.trades < 3 or self.books.trades % 3 == 0)
    def margin_mode(self, account, isolated) -> None:
        self.setting(self.venue.set_margin_mode, account, self.instrument.id, isolated=isolated)

    @rule(quantity=st.integers(0, 40))
    def insurance(self, quantity) -> None:
        self.venue.limit_insurance("USDT", D(quantity))

    @rule(account=accounts, quantity=quantities)
    def deleverage(self, account, quantity) -> None:
        self.act(self.venue.deleverage, account, self.instrument.id, NET, quantity)

    @rule(account=accounts, delta=st.integers(-40, 40))
    def own_margin(self, account, delta) -> None:
        self.act(self.venue.move_margin, account, self.instrument.id, NET, D(delta))

    @staticmethod
    def setting(call, *args, **kwargs) -> None:
        try:
            call(*args, **kwargs)
        except PaperRefusal as refusal:
            assert str(refusal)  # noqa: PT017 - refusing is one of the right answers

    @invariant()
    def positions_are_the_sum_of_fills(self) -> None:
        held = {a: sum((p.quantity for p in self.venue.positions(a)), ZERO) for a in ACCOUNTS}
        assert held == {account: self.books.net(account) for account in ACCOUNTS}
        assert sum(held.values(), self.venue.outside_position(self.instrument.id)) == 0

    @invariant()
    def realized_pnl_is_average_cost(self) -> None:
        slack = Fraction(CENT) * (self.books.trades + 1)
        for account in ACCOUNTS:
            told = self.books.told[account, NET]
            assert abs(Fraction(told) - self.books.realized[account, NET]) <= slack
            other = sum(
                (
                    i.quantity
                    for i in self.venue.income(account)
                    if i.kind.value not in ("REALIZED_PNL", "COMMISSION")
                ),
                ZERO,
            )
            change = self.books.wallet[account, "USDT"] - self.balances["USDT"]
            assert change == told - self.books.commission[account] + other
            assert change == sum((i.quantity for i in self.venue.income(account)), ZERO)

    @invariant()
    def margins_match_a_fresh_sum(self) -> None:
        mark = self.venue.mark(self.instrument.id)
        for account in ACCOUNTS:
            margin = self.venue.margin(account, "USDT")
            leverage = self.venue.leverage(account, self.instrument.id)
            quantity, cost = self.books.position[account, NET], self.books.cost[account, NET]
            present = quantity * mark if mark is not None else D(cost.numerator) / D(cost.denominator)
            assert abs(margin.position_initial - abs(present) / leverage) <= 2 * CENT
            bracket = bracket_of(self.venue.brackets(self.instrument.id), abs(present))
            assert abs(margin.maintenance - (abs(present) * bracket.rate - bracket.offset)) <= 2 * CENT
            unrealized = Fraction(present) - cost
            assert abs(Fraction(margin.unrealized) - unrealized) <= Fraction(CENT) * (self.books.trades + 2)
            if not any(o.working and not o.reduce_only for o in self.venue.open_orders(account)):
                assert margin.order_initial == 0
            for position in self.venue.positions(account):
                assert (position.isolated_wallet == 0) is (not position.isolated or not position.quantity)

    @invariant()
    def nobody_is_under_water(self) -> None:
        for account in ACCOUNTS:
            margin = self.venue.margin(account, "USDT")
            if margin.maintenance and not self.venue.is_isolated(account, self.instrument.id):
                assert margin.margin_balance > margin.maintenance
            for leg in self.venue.positions(account):
                if leg.isolated and leg.quantity:
                    assert leg.isolated_wallet + leg.unrealized > leg.maintenance_margin


class HedgeMachine(VenueMachine):
    """The common rules in hedge mode: closes never exceed their leg, money stays whole."""

    instrument = PERP
    balances = {"USDT": D(3_000)}  # noqa: RUF012 - read only

    def __init__(self) -> None:
        super().__init__()
        for account in ACCOUNTS:
            self.venue.set_hedge_mode(account, enabled=True)

    def suited(self, fields):
        flag = fields.pop("reduce_only", False)
        return fields | {"position_side": PositionSide.LONG if flag else PositionSide.SHORT}

    @rule(mark=prices)
    def set_mark(self, mark) -> None:
        self.act(self.venue.set_mark, self.instrument.id, mark, mark)

    @invariant()
    def legs_are_the_sum_of_their_fills(self) -> None:
        outside = self.venue.outside_position(self.instrument.id)
        for account in ACCOUNTS:
            for position in self.venue.positions(account):
                assert position.quantity == self.books.position[account, position.side]
                assert (
                    position.quantity >= 0 if position.side is PositionSide.LONG else position.quantity <= 0
                )
                outside += position.quantity
        assert outside == 0


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("machine", [SpotMachine, UsdmMachine, HedgeMachine])
def test_a_long_random_life_keeps_every_promise(machine: type[VenueMachine], seed: int) -> None:
    living = machine()
    walk(living, ACCOUNTS, seed, 400)
    assert living.books.trades > 30


TestSpotVenue = SpotMachine.TestCase
TestSpotVenue.settings = SETTINGS
TestUsdmVenue = UsdmMachine.TestCase
TestUsdmVenue.settings = SETTINGS
TestHedgeVenue = HedgeMachine.TestCase
TestHedgeVenue.settings = SETTINGS
