"""The paper venue's answers depend on the commands alone: not on their grouping, trials or refusals."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import ROUND_UP, Decimal, Underflow, localcontext
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from adapters.paper.events import Event, OrderTraded, PaperRefusal, PublicTrade
from adapters.paper.venue import PaperVenue
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id
from hedge_tui.domain.order import OrderRequest, OrderType, Side, TimeInForce, TriggerSource

if TYPE_CHECKING:
    from collections.abc import Callable

D = Decimal
Command = tuple[str, tuple[Any, ...], dict[str, Any]]


def perpetual(base: str) -> Instrument:
    return Instrument(
        instrument_id("binanceusdm", f"{base}/USDT:USDT"),
        f"{base}USDT",
        InstrumentKind.PERPETUAL,
        base,
        "USDT",
        "USDT",
        Grid(D("0.01"), D("0.001"), D("0.001")),
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
        max_leverage=D(50),
    )


ONE, TWO = perpetual("ONE"), perpetual("TWO")
DESKS = {ONE.id: ("ana", "bo"), TWO.id: ("cy", "di")}
SEEDS = range(10)


def fresh() -> PaperVenue:
    venue = PaperVenue("usdm", [ONE, TWO])
    for names in DESKS.values():
        for name in names:
            venue.add_account(name, {"USDT": D(2_000)})
    return venue


def script(instrument: Instrument, seed: int, length: int = 150) -> list[Command]:
    """Random commands in one instrument by its own two accounts, naming orders by client id."""
    rng = random.Random(f"{instrument.base}{seed}")
    placed: list[tuple[str, str]] = []

    def price() -> Decimal:
        return D(10_000 + rng.randint(-30, 30)) / 100

    def quantity() -> Decimal:
        return D(rng.randint(1, 9_000)) / 1000

    def place() -> Command:
        account = rng.choice(DESKS[instrument.id])
        kind = rng.choice(
            [OrderType.LIMIT] * 5
            + [OrderType.MARKET] * 2
            + [OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_LIMIT]
        )
        limit = kind in (OrderType.LIMIT, OrderType.TAKE_PROFIT_LIMIT)
        request = OrderRequest(
            f"{instrument.base}-{len(placed)}",
            account,
            instrument.id,
            rng.choice(list(Side)),
            kind,
            quantity(),
            price() if limit else None,
            price() if kind.triggered else None,
            rng.choice(list(TriggerSource)),
            rng.choice([TimeInForce.GTC] * 4 + [TimeInForce.IOC, TimeInForce.FOK]),
            reduce_only=rng.random() < 0.2,
        )
        placed.append((account, request.client_order_id))
        return "place", (request,), {}

    def named() -> tuple[tuple[Any, ...], dict[str, Any]]:
        account, client_order_id = rng.choice(placed[-8:])
        return (account, instrument.id), {"client_order_id": client_order_id}

    def change() -> Command:
        args, name = named()
        amended = name | {"quantity": quantity(), "price": price()}
        return rng.choice((("cancel", args, name), ("amend", args, amended)))

    def set_book() -> Command:
        mid = price()
        bids = [(mid - D(n) / 100, quantity()) for n in range(1, 5)]
        asks = [(mid + D(n) / 100, quantity()) for n in range(1, 5)]
        return "set_book", (instrument.id, bids, asks), {}

    def print_trade() -> Command:
        return "print_trade", (instrument.id, price(), quantity(), rng.choice(list(Side))), {}

    def value() -> Command:
        if rng.random() < 0.3:
            return "pay_funding", (instrument.id, D(rng.randint(-20, 20)) / 10_000), {}
        mark = price()
        return "set_mark", (instrument.id, mark, mark), {}

    makers: list[Callable[[], Command]] = [place] * 6 + [set_book] * 3 + [print_trade] * 2 + [value] * 3
    makers += [change, change]
    return [set_book(), value(), place(), *(rng.choice(makers)() for _ in range(length))]


def run(venue: PaperVenue, commands: list[Command], start_ns: int = 1) -> list[list[Event] | str]:
    """Each command's events, or the code that refused it."""
    out: list[list[Event] | str] = []
    for step, (name, args, named) in enumerate(commands):
        try:
            out.append(getattr(venue, name)(*args, now_ns=start_ns + step, **named))
        except PaperRefusal as refusal:
            out.append(refusal.code.value)
    return out


def fills(answers: list[list[Event] | str], instrument: Instrument) -> list[tuple[Any, ...]]:
    """The tape of one instrument, order ids and times left out."""
    return [
        (t.trade_id, t.account, t.client_order_id, t.price, t.quantity, t.commission, t.realized_pnl)
        for events in answers
        if not isinstance(events, str)
        for event in events
        if isinstance(event, OrderTraded) and (t := event.trade).instrument == instrument.id
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_commands_give_equal_events(seed: int) -> None:
    commands = script(ONE, seed)
    first, second = run(fresh(), commands), run(fresh(), commands)
    assert first == second
    assert len(fills(first, ONE)) > 20


def test_another_library_s_decimal_rounding_changes_nothing() -> None:
    """The decimal library has one setting per thread, and ccxt changes it."""
    plain = run(fresh(), script(ONE, 3))
    with localcontext() as context:
        context.rounding = ROUND_UP
        context.traps[Underflow] = True
        assert run(fresh(), script(ONE, 3)) == plain


@pytest.mark.parametrize("seed", SEEDS)
def test_other_instruments_do_not_change_a_fill_sequence(seed: int) -> None:
    one, two = script(ONE, seed), script(TWO, seed)
    alone = run(fresh(), one)
    rng = random.Random(seed)
    mixed: list[Command] = []
    left = [list(reversed(one)), list(reversed(two))]
    while any(left):
        queue = rng.choice([queue for queue in left if queue])
        mixed += [queue.pop() for _ in range(min(len(queue), rng.randint(1, 6)))]
    together = run(fresh(), mixed)
    assert fills(together, ONE) == fills(alone, ONE)
    assert fills(together, TWO) == fills(run(fresh(), two), TWO)


@pytest.mark.parametrize("seed", SEEDS)
def test_trials_leave_no_trace(seed: int) -> None:
    commands = script(ONE, seed)
    venue, tried = fresh(), 0
    answers: list[list[Event] | str] = []
    for step, command in enumerate(commands):
        if command[0] == "place":
            refused = ""
            try:
                venue.test(command[1][0], 1 + step)
            except PaperRefusal as refusal:
                refused = refusal.code.value
            tried += 1
            answer = run(venue, [command], 1 + step)[0]
            assert (answer if isinstance(answer, str) else "") == refused
            answers.append(answer)
        else:
            answers += run(venue, [command], 1 + step)
    assert answers == run(fresh(), commands)
    assert tried > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_refused_commands_leave_no_trace(seed: int) -> None:
    commands = script(ONE, seed)
    answers = run(fresh(), commands)
    venue, step_of = fresh(), 1
    for (name, args, named), answer in zip(commands, answers, strict=True):
        if not isinstance(answer, str):
            assert getattr(venue, name)(*args, now_ns=step_of, **named) == answer
        step_of += 1
    assert any(isinstance(answer, str) for answer in answers)


@pytest.mark.parametrize("seed", range(30))
def test_a_print_in_parts_fills_what_the_whole_fills(seed: int) -> None:
    rng = random.Random(seed)
    venues = fresh(), fresh()
    for venue in venues:
        book = [(D(100) - D(n) / 100, D(3)) for n in range(1, 6)]
        venue.set_book(ONE.id, book, [(D(101), D(1))], 1)
        dice = random.Random(seed)
        for number in range(12):
            request = OrderRequest(
                f"r{number}",
                dice.choice(DESKS[ONE.id]),
                ONE.id,
                Side.BUY,
                OrderType.LIMIT,
                D(dice.randint(1, 900)) / 1000,
                D(100) - D(dice.randint(1, 5)) / 100,
            )
            venue.place(request, 2)
    whole = rng.randint(100, 15_000)
    cuts = sorted({0, whole, *(rng.randint(1, whole) for _ in range(rng.randint(1, 4)))})
    price = D(100) - D(rng.randint(1, 5)) / 100
    at_once = venues[0].print_trade(ONE.id, price, D(whole) / 1000, Side.SELL, 3)
    in_parts: list[Event] = []
    for low, high in pairwise(cuts):
        in_parts += venues[1].print_trade(ONE.id, price, D(high - low) / 1000, Side.SELL, 3)
    printed = [sum(e.quantity for e in part if isinstance(e, PublicTrade)) for part in (at_once, in_parts)]
    assert printed[0] == printed[1] == D(whole) / 1000
    states = [
        [replace(o, last_trade_id=0) for name in DESKS[ONE.id] for o in venue.all_orders(name, ONE.id)]
        for venue in venues
    ]
    assert states[0] == states[1]
    assert venues[0].book(ONE.id) == venues[1].book(ONE.id)
