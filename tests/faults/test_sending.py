"""From confirmation to the venue: journal first, whatever the client, the disk or the answers do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from faults.tally import seeds
from simulated_desk import BTC, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.order import OrderRequest, OrderStatus
from hedge_tui.domain.report import Report
from hedge_tui.wire import messages as m

S = OrderStatus
SEEDS = seeds(short=20, long=300)
"""Runs of the races; `make soak` sets many more."""
BULK = " & ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(12))


def run(scenario: Callable[[SimulatedDesk], object], seed: int = 1, **more: object) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, **more)  # type: ignore[arg-type]
        await desk.start()
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def durable(desk: SimulatedDesk) -> tuple[set[str], set[str]]:
    """(intended, sending) of what is on disk."""
    intended, sending = set(), set()
    for _, act in desk.journal.replay():
        if isinstance(act, acts.OrdersIntended):
            intended |= {r.client_order_id for r in act.requests}
        elif isinstance(act, acts.OrdersSending):
            sending |= set(act.client_order_ids)
    return intended, sending


def write_ahead(desk: SimulatedDesk) -> list[str]:
    """From now on every order that leaves is checked against the disk; returns their ids."""
    left: list[str] = []

    def check(_account: str, requests: Sequence[OrderRequest]) -> None:
        intended, sending = durable(desk)
        ids = [r.client_order_id for r in requests]
        assert set(ids) <= intended & sending
        assert not set(ids) & set(left), "sent twice"
        left.extend(ids)

    desk.hooks.before_place = check
    return left


def statuses(desk: SimulatedDesk) -> list[OrderStatus]:
    return [o.status for o in desk.engine.desk.state.orders.values()]


def resting(desk: SimulatedDesk) -> int:
    return sum(len(desk.venue.open_orders(name)) for name in desk.names)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_leaves_before_it_is_on_disk(seed: int) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        left = write_ahead(desk)
        await desk.send(BULK)
        await desk.send("@all buy 0.5btc/each BTC.p")
        await desk.send("@desk-1 close BTC.p")
        await desk.send("panic flat")
        await desk.until(lambda: not any(s.working for s in statuses(desk)), 60)
        assert len(left) >= 24 + 2 + 1
        await desk.until(lambda: not any(a.positions for a in desk.engine.desk.accounts.values()), 5)

    run(scenario, seed, faults=Faults(delay_s=0.3))


@pytest.mark.parametrize("good", range(5))
def test_a_journal_that_dies_in_the_middle_sends_nothing_more_and_lets_cancels_through(good: int) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        left = write_ahead(desk)
        await desk.send("@all buy 0.01btc/each BTC.p at 58000")
        desk.journal.fail_commit("no space left", after=good)
        answer = await desk.send(BULK)
        await desk.until(lambda: not any(s in (S.SENDING, S.INTENT) for s in statuses(desk)), 30)
        assert desk.journal.dead
        _, sending = durable(desk)
        assert set(left) <= sending
        assert resting(desk) == len(left)
        if good == 0:
            assert isinstance(answer, m.Failure)
            assert answer.kind == "store"
        refused = await desk.send("@desk-1 buy 0.01btc BTC.p at 58000")
        assert isinstance(refused, m.Failure)
        assert "no space left" in refused.message
        assert isinstance(await desk.send("@all cancel all"), m.Result)
        assert resting(desk) == 0

    run(scenario)


def test_panic_flat_works_with_a_dead_journal() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.5btc/each BTC.p")
        await desk.send("@all buy 0.01btc/each BTC.p at 58000")
        await asyncio.sleep(1)  # the stream tells the position
        await desk.send("@desk-1 sell 100%pos BTC.p stop:59000 reduce")
        await asyncio.sleep(1)
        desk.journal.fail_commit("the disk is gone")
        desk.engine.desk.note("info", "test", "kill it")
        await asyncio.sleep(1)
        assert desk.journal.dead
        done = await desk.send("panic flat")
        assert isinstance(done, m.Done)
        await desk.until(lambda: not any(p.quantity for n in desk.names for p in desk.venue.positions(n)), 10)
        await desk.until(lambda: resting(desk) == 0, 10)
        assert "desk-1: 1 of 1 cancelled" in done.text
        assert "1 stop dropped" in done.text

    run(scenario)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("bug"), OSError("reset"), Unavailable("late"), KeyError("x"), TimeoutError()],
    ids=lambda e: type(e).__name__,
)
def test_a_client_that_raises_leaves_unknown_and_the_venue_tells(error: Exception) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        def explode(_account: str, _requests: object) -> None:
            raise error

        desk.hooks.before_place = explode
        result = await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        assert isinstance(result, m.Result)
        assert {leg.status for leg in result.legs} == {"unknown"}
        desk.hooks.before_place = lambda _a, _r: None
        await desk.until(lambda: set(statuses(desk)) == {S.ABSENT}, 40)
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        desk.hooks.before_cancel = explode
        await desk.send("@all cancel all")
        desk.hooks.before_cancel = lambda _a, _r: None
        await desk.until(lambda: statuses(desk)[2:] == [S.LIVE, S.LIVE], 10)
        assert resting(desk) == 2

    run(scenario)


BENT: dict[str, Callable[[list[Report]], list[Report]]] = {
    "short": lambda reports: reports[:-2],
    "none": lambda _: [],
    "long": lambda reports: [*reports, *reports, *_strangers(reports)],
    "shuffled": lambda reports: random.Random(4).sample(reports, len(reports)),
}


def _strangers(reports: list[Report]) -> list[Report]:
    from dataclasses import replace

    return [replace(r, client_order_id="f" * 32) for r in reports]  # type: ignore[arg-type]


@pytest.mark.parametrize("bend", BENT)
def test_a_batch_is_matched_by_id_never_by_position(bend: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.stream_cut = True
        desk.hooks.placed = BENT[bend]
        await desk.send(BULK)
        await desk.until(lambda: set(statuses(desk)) == {S.LIVE}, 40)
        prices = {o.client_order_id: o.price for n in desk.names for o in desk.venue.open_orders(n)}
        ours = {i: o.request.price for i, o in desk.engine.desk.state.orders.items()}
        assert ours == prices
        assert len(prices) == 24
        desk.hooks.cancelled = BENT[bend]
        await desk.send("@all cancel all")
        await desk.until(lambda: set(statuses(desk)) == {S.CANCELLED}, 40)

    run(scenario)


def first_sent(desk: SimulatedDesk, marks: list[tuple[float, Decimal]]) -> None:
    def note(_account: str, requests: Sequence[OrderRequest]) -> None:
        marks.extend((desk.loop.now, r.price or Decimal(0)) for r in requests)

    desk.hooks.before_place = note


def test_a_semicolon_waits_for_the_answer_and_an_ampersand_does_not() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        marks: list[tuple[float, Decimal]] = []
        first_sent(desk, marks)
        one = "@desk-1 buy 0.01btc BTC.p at 59000"
        await desk.send(f"{one} ; {one}")
        assert marks[1][0] - marks[0][0] >= 0.5
        marks.clear()
        await desk.send(f"{one} & @desk-2 buy 0.01btc BTC.p at 59000")
        assert marks[1][0] - marks[0][0] < 0.01

    async def slow(desk: SimulatedDesk) -> None:
        desk.faults.delay_s = 0.0
        original = desk.clients["desk-1"]._delay

        async def half_a_second() -> None:
            await original()
            await asyncio.sleep(0.5)

        for client in desk.clients.values():
            client._delay = half_a_second  # type: ignore[method-assign]
        await scenario(desk)

    run(slow)


@pytest.mark.parametrize(
    ("line", "placed"),
    [
        ("@desk-1 buy 0.01btc BTC.p at 59000 && @desk-1 buy 0.01btc BTC.p at 58000", 2),
        # Refused by the venue (far outside its price band), by our own grid, and never answered:
        ("@desk-1 buy 0.01btc BTC.p at 59000 stop:61000 && @desk-1 buy 0.01btc BTC.p at 58000", 2),
        ("@desk-1 buy 0.0001btc BTC.p && @desk-1 buy 0.01btc BTC.p at 58000", 0),
        ("@desk-1 buy 0.0001btc BTC.p ; @desk-1 buy 0.01btc BTC.p at 58000", 1),
        ("@desk-1 buy 0.01btc BTC.p at bid-1% & @desk-1 buy 0.0001btc BTC.p && @desk-1 buy 1btc BTC.p", 1),
    ],
)
def test_what_stands_behind_and_and_goes_only_when_all_before_was_acknowledged(
    line: str, placed: int
) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send(line)
        await asyncio.sleep(2)
        assert len(desk.clients["desk-1"].placed) == placed
        assert S.INTENT not in statuses(desk)

    run(scenario)


def test_an_order_without_an_answer_drops_what_stands_behind_and_and() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_answer = 1.0
        desk.faults.stream_cut = True
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000 && @desk-1 buy 0.01btc BTC.p at 58000")
        await asyncio.sleep(1)
        assert statuses(desk)[1] is S.DENIED
        assert len(desk.clients["desk-1"].placed) == 1

    run(scenario)


def test_a_leverage_that_cannot_be_set_keeps_its_order_back() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        async def refuse(*_: object) -> None:
            raise Unavailable("not now")

        desk.clients["desk-1"].set_leverage = refuse  # type: ignore[method-assign]
        result = await desk.send("@desk-1 buy 0.01btc BTC.p at 59000 lev:7")
        assert isinstance(result, m.Result)
        assert [leg.status for leg in result.legs] == ["failed", "denied"]
        assert result.legs[0].reason == "not now"
        assert desk.clients["desk-1"].placed == []

    run(scenario)


def test_cancels_and_amendments_race_with_fills() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        rng = random.Random(desk.seed)
        state = desk.engine.desk.state
        for _ in range(6):
            await desk.send(f"@all buy 0.{rng.randrange(10, 99)}btc/each BTC.p at 59990")
            row = rng.randrange(1, state.next_row)
            touched = desk.send(
                rng.choice([f"amend #{row} to 0.5btc", f"amend #{row} at 59980", f"cancel #{row}"])
            )
            task = asyncio.ensure_future(touched)
            desk.thin(BTC, 60_000 - rng.randrange(0, 30), "0.3")
            await task
            desk.price(BTC, 60_000)
        desk.faults.lose_request = desk.faults.lose_answer = desk.faults.lookup_fails = 0.0
        await desk.until(
            lambda: not any(s.value.endswith("unknown") or s is S.SENDING for s in statuses(desk)), 40
        )
        await desk.agree()

    for seed in range(SEEDS):
        try:
            run(scenario, seed, faults=Faults(0.15, 0.25, 0.1, 0.4, 2.0, 0.6))
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error}") from error
