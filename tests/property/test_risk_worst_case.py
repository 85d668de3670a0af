"""Whatever is typed, filled, lost or amended: what the gate approves stays below its caps at its worst."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from plan_bench import BTC, ETH, PlanBench

from hedge_tui.domain import acts
from hedge_tui.domain.account import Position
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import (
    ClientOrderId,
    Order,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    VenueOrderId,
)
from hedge_tui.domain.plan import Act, Approved, OrderPlan
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.execution.amends import amends_intended
from hedge_tui.engine.execution.case import reporting_value
from hedge_tui.engine.execution.limits import limits_now
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.reduce import apply

D = Decimal
POSITION = D(30_000)
LEVERAGE = D("0.5")
DAY = D(200_000)
OPEN = 6
COUNT = 4
BTC_DAY = D(2)
"""Caps of the runs; equity is 100,000 in each account."""
PRICES = {BTC: D("60000.1"), ETH: D("3000.01")}

LINES = (
    *(f"{side} {size}btc BTC.p at {at}" for side in ("buy", "sell") for size in ("0.05", "0.2", "0.4")
      for at in ("59000", "60000", "61500")),
    *(f"{side} {size}eth ETH.p" for side in ("buy", "sell") for size in ("1", "4", "9")),
    "sell 0.1btc BTC.p at 61000 reduce",
    "buy 0.1btc BTC.p at 62000 stop:61000",
)  # fmt: skip
lines = st.sampled_from(LINES)


def one_step(rng: random.Random) -> tuple[Any, ...]:
    """Something a trader, the venue or the line to it does."""
    index, part = rng.randrange(40), rng.choice(("0.3", "1"))
    several = [rng.choice(LINES) for _ in range(rng.choice((1, 1, 1, 2, 4)))]
    size, price = rng.choice(("0.1", "0.3", "0.45", "0.6")), rng.choice(("58000", "60000"))
    return rng.choice(
        (
            ("line", rng.choice(("desk-1", "desk-1", "desk-2", "@both")), several, rng.choice(";&")),
            ("line", rng.choice(("desk-1", "desk-1", "desk-2", "@both")), several, rng.choice(";&")),
            ("line", "desk-1", ["close BTC.p"], ";"),
            ("amend", f"amend #{rng.randrange(1, 30)} to {size}btc at {price}"),
            ("amend", f"amend #{rng.randrange(1, 30)} to {size}btc at {price}"),
            ("answer", index, rng.choice(("live", "live", "lost", "refused", "cancelled"))),
            ("answer", index, rng.choice(("live", "live", "lost"))),
            ("fill", index, part, rng.random() < 0.5),
            ("amended", rng.choice(("made", "refused", "lost"))),
            *((("tighten", rng.choice(("20000", "10000", "0"))),) if rng.random() < 0.05 else ()),
        )
    )


AMENDED = {
    "made": ReportKind.AMENDED,
    "refused": ReportKind.AMEND_REFUSED,
    "lost": ReportKind.AMEND_NO_ANSWER,
}


class World(PlanBench):
    """A desk whose venue does what it likes; `held` is the truth about its positions."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, InstrumentId], Decimal] = {}
        self.trades = 0
        self.position_cap = POSITION
        self._limit()

    def _limit(self) -> None:
        self.risk(
            max_position_notional=self.position_cap,
            max_leverage=LEVERAGE,
            max_day_notional=DAY,
            max_open_orders=OPEN,
            max_order_count=COUNT,
            max_day_quantity={"BTC": BTC_DAY},
        )
        self.limits = limits_now(self.limits, self.state, [one.account for one in self.accounts.values()])

    def tighten(self, cap: str) -> None:
        self.position_cap = min(self.position_cap, D(cap))
        self._limit()

    def send(self, text: str) -> OrderPlan | None:
        """What the executor records of an approved line; the plan, or None when the gate denied it."""
        try:
            plan = self.plan(text)
        except CommandError:  # rows and positions that are not there
            return None
        approved = RiskGate().review(plan, self.view())
        if not isinstance(approved, Approved):
            return None
        legs = [
            leg for leg in plan.legs if leg.act is Act.PLACE and not leg.problem and leg.request is not None
        ]
        requests, values = [], []
        for leg in legs:
            assert leg.request is not None
            client_id = ClientOrderId(f"{self._rng.getrandbits(128):032x}")
            requests.append(replace(leg.request, client_order_id=client_id))
            values.append(reporting_value(leg, self.view()))
        if requests:
            apply(self.state, acts.OrdersIntended(self.now_ns, tuple(requests), tuple(values)))
        if (meant := amends_intended(plan, self.state, self.now_ns)) is not None:
            apply(self.state, meant)
            for id_, quantity in zip(meant.client_order_ids, meant.quantities, strict=True):
                apply(self.state, acts.AmendSending(self.now_ns, id_, f"{quantity:f}", None))
        return plan

    def some(self, index: int, *statuses: OrderStatus) -> Order | None:
        found = [one for one in self.state.orders.values() if one.status in statuses]
        return found[index % len(found)] if found else None

    def report(self, order: Order, kind: ReportKind, **more: object) -> None:
        r = order.request
        apply(
            self.state,
            acts.Reported(
                self.now_ns,
                Report(kind, r.account, r.instrument, r.client_order_id, self.now_ns, **more),  # type: ignore[arg-type]
            ),
        )

    def answer(self, index: int, how: str) -> None:
        order = self.some(index, OrderStatus.INTENT)
        if order is None:
            return
        apply(self.state, acts.OrdersSending(self.now_ns, (order.request.client_order_id,)))
        kinds = {"live": ReportKind.LIVE, "lost": ReportKind.NO_ANSWER, "refused": ReportKind.REJECTED}
        if how == "cancelled":
            self.report(order, ReportKind.LIVE)
        self.report(order, kinds.get(how, ReportKind.CANCELLED))
        self.state.restraints.holds.clear()  # five rejects alike would end the run

    def amended(self, how: str) -> None:
        order = next((one for one in self.state.orders.values() if one.amend_asked), None)
        if order is not None:
            quantity = order.asked_quantity if how == "made" else None
            self.report(order, AMENDED[how], quantity=quantity)

    def line(self, scope: str, cmds: list[str], joiner: str) -> None:
        where = f"@{scope}"
        if scope == "@both":
            where = "@desk-1,desk-2"
            cmds = [cmd.replace("btc ", "btc/each ").replace("eth ", "eth/each ") for cmd in cmds]
        self.send(f" {joiner} ".join(f"{where} {cmd}" for cmd in cmds))

    def fill(self, index: int, part: str, told: bool) -> None:
        """The venue executes; its word about the position may come later, or never."""
        order = self.some(index, OrderStatus.LIVE, OrderStatus.PARTIAL, OrderStatus.UNKNOWN)
        if order is None or order.amend_asked:
            return
        r = order.request
        key = (r.account, r.instrument)
        quantity = (order.remaining * D(part)).quantize(D("0.001"))
        if r.only_reduces:
            held = self.held.get(key, D(0))
            quantity = min(quantity, max(-held * r.side.sign, D(0)))
        if not quantity:
            return
        self.held[key] = self.held.get(key, D(0)) + quantity * r.side.sign
        self.trades += 1
        fill = Fill(
            account=r.account,
            instrument=r.instrument,
            trade_id=str(self.trades),
            client_order_id=r.client_order_id,
            venue_order_id=order.venue_order_id or VenueOrderId(""),
            side=r.side,
            quantity=quantity,
            price=r.price or D(60_000 if r.instrument == BTC else 3_000),
            commission=D(0),
            commission_asset="USDT",
            liquidity=Liquidity.TAKER,
            venue_ns=self.now_ns,
            local_ns=self.now_ns,
        )
        apply(self.state, acts.Filled(self.now_ns, fill))
        if told:
            for (account, id_), total in self.held.items():
                positions = self.accounts[account].positions
                positions.pop((id_, "net"), None)  # type: ignore[call-overload]
                if total:
                    price = D(60_000 if id_ == BTC else 3_000)
                    positions[id_, "net"] = Position(account, id_, PositionSide.NET, total, price)  # type: ignore[index]

    def worst(self, account: str, instrument: InstrumentId) -> Decimal:
        """The largest position that the venue could make of what it was sent or will be, base units."""
        held = self.held.get((account, instrument), D(0))
        buys = sells = D(0)
        for order in self.state.orders.values():
            r = order.request
            if (r.account, r.instrument) != (account, instrument) or r.only_reduces:
                continue
            if not (order.status.working or order.status is OrderStatus.INTENT):
                continue
            left = max(
                order.at_most, self.state.restraints.amends.get(r.client_order_id, D(0)) - order.filled
            )
            if r.side is Side.BUY:
                buys += left
            else:
                sells += left
        # What is held on the other side may be closed first: that is never held up.
        return max(max(held, D(0)) + buys, max(-held, D(0)) + sells)


def check(world: World, before: dict[tuple[str, InstrumentId], Decimal]) -> None:
    """What a step has made larger lies below its caps."""
    grown = [key for key in before if world.worst(*key) > before[key]]
    for account, id_ in grown:
        assert world.worst(account, id_) * PRICES[id_] <= world.position_cap
    for account in {account for account, _ in grown}:
        assert sum(world.worst(account, id_) * PRICES[id_] for id_ in PRICES) <= LEVERAGE * 100_000
        # A market order does not rest, though it may be in doubt.
        entries = (o.request for o in world.state.working_orders(account) if not o.request.only_reduces)
        assert sum(request.type is not OrderType.MARKET for request in entries) <= OPEN
    assert sum(world.state.day_notional.values(), D(0)) <= DAY
    sent = world.state.restraints.day_quantity.items()
    assert sum((units for (_, id_), units in sent if id_ == BTC), D(0)) <= BTC_DAY


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_no_approved_plan_takes_the_worst_case_past_its_cap(seed: int) -> None:
    world, rng = World(), random.Random(seed)
    for _ in range(60):
        name, *words = one_step(rng)
        before = {(one, id_): world.worst(one, id_) for one in ("desk-1", "desk-2") for id_ in PRICES}
        {
            "line": world.line,
            "amend": world.send,
            "answer": world.answer,
            "fill": world.fill,
            "amended": world.amended,
            "tighten": world.tighten,
        }[name](*words)
        check(world, before)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(lines, min_size=1, max_size=3),
    st.sampled_from(
        [
            ("max_order_notional", "20000", "3000"),
            ("max_bulk_notional", "40000", "5000"),
            ("max_day_notional", "40000", "5000"),
            ("max_order_count", "3", "1"),
            ("max_open_orders", "3", "1"),
            ("price_collar_pct", "5", "0.5"),
            ("max_day_count", "3", "1"),
            ("max_order_quantity.BTC", "0.3", "0.05"),
            ("max_bulk_quantity.BTC", "0.3", "0.05"),
            ("max_day_quantity.ETH", "5", "1"),
            ("max_position_notional", "20000", "3000"),
            ("max_leverage", "0.2", "0.05"),
            ("max_order_rate", "3", "1"),
            ("allow", "BTC/*,ETH/*", "ETH/*"),
            ("deny", "DOGE/*", "DOGE/*,BTC/*"),
        ]
    ),
    st.sampled_from(["", "@account:desk-1", "@group:core"]),
)
def test_tightening_never_approves_more(typed: list[str], cap: tuple[str, str, str], scope: str) -> None:
    name, wide, tight = cap
    world = PlanBench()
    plan = world.plan(
        " ; ".join(f"@desk-1 {one}" for one in typed if "close" not in one) or "@desk-1 buy 1eth ETH.p"
    )
    key = f"{name}{'' if name == 'max_order_rate' else scope}"
    answers = []
    for value in (tight, wide, None):
        world.limits = replace(world.limits, typed={} if value is None else {key: value})
        answers.append(isinstance(RiskGate().review(plan, world.view()), Approved))
    assert answers == sorted(answers)


ZEROS = (
    "max_order_notional", "max_bulk_notional", "max_day_notional", "max_order_count", "max_day_count",
    "max_position_notional", "max_leverage", "max_order_rate", "max_order_quantity.BTC",
    "max_bulk_quantity.BTC", "max_day_quantity.BTC",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZEROS),
    st.sampled_from(["0.001", "0.5"]),
    st.sampled_from(["", " at 59000"]),
    st.booleans(),
)
def test_zero_approves_nothing_that_increases(name: str, quantity: str, price: str, short: bool) -> None:
    world = PlanBench()
    world.limits = replace(world.limits, typed={name: "0"})
    world.position("desk-1", BTC, "-1" if short else "1")
    side = "sell" if short else "buy"
    at = price.replace("59000", "61000") if short else price
    assert world.review(f"@desk-1 {side} {quantity}btc BTC.p{at}")
    if name != "max_order_count":
        back = "buy" if short else "sell"
        far = "58000" if short else "62000"
        assert world.review(f"@desk-1 {back} {quantity}btc BTC.p at {far} reduce") == ""
    assert world.review("@desk-1 close BTC.p") == ""
