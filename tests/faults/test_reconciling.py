"""After crashes, lost answers and foreign hands the books agree with the venue; nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from simulated_desk import BTC, ETH, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    VenueOrderId,
)
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.wire import messages as m

S = OrderStatus


def run(scenario: Callable[[SimulatedDesk], object], seed: int = 1, **more: object) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, **more)  # type: ignore[arg-type]
        await desk.start()
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def orders(desk: SimulatedDesk) -> list[OrderStatus]:
    return [o.status for o in desk.engine.desk.state.orders.values()]


def notes(desk: SimulatedDesk, level: str) -> list[str]:
    return [note.text for _, note in desk.engine.desk.state.log if note.level == level]


def foreign(desk: SimulatedDesk, price: int, quantity: str = "0.1", name: str = "web-1") -> None:
    """Somebody orders on the venue's own page."""
    request = OrderRequest(
        ClientOrderId(name), "desk-1", BTC, Side.BUY, OrderType.LIMIT, Decimal(quantity), Decimal(price)
    )
    desk.hub.publish(desk.venue.place(request, desk.clock.now_ns()))


def test_a_restart_with_200_live_orders_on_12_accounts_reconciles_and_sends_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        for i in range(16):
            await desk.send(f"@all buy 0.01btc/each BTC.p at {59_000 - i}")
        await desk.send("@desk-1,desk-2,desk-3,desk-4 buy 0.3btc/each BTC.p")
        await desk.send("@desk-5,desk-6,desk-7,desk-8 buy 0.02btc/each BTC.p at 58000")
        await asyncio.sleep(1)
        await desk.crash()
        # While nobody looked: fills, cancels and an order of somebody else.
        desk.price(BTC, 58_998)
        for name in desk.names[:3]:
            desk.venue.cancel_all(name, BTC, desk.clock.now_ns())
        foreign(desk, 58_500)
        sent = {name: list(client.placed) for name, client in desk.clients.items()}
        cancelled: list[object] = []
        desk.hooks.before_cancel = lambda _account, refs: cancelled.extend(refs)
        begun = desk.loop.now
        await desk.start()
        await desk.agree(10)
        assert desk.loop.now - begun < 10
        assert all(client.placed == [] for client in desk.clients.values()), "the restart sent orders"
        assert sum(map(len, sent.values())) == 16 * 12 + 4 + 4
        assert cancelled == []
        state = desk.engine.desk.state
        assert sum(o.status.working for o in state.orders.values()) >= 100
        assert [o.request.client_order_id for o in state.orders.values() if o.external] == ["web-1"]
        positions = {n: desk.engine.desk.accounts[n].position_quantity(BTC) for n in desk.names}
        theirs = {n: sum(p.quantity for p in desk.venue.positions(n)) for n in desk.names}
        assert positions == theirs

    run(scenario, accounts=12)


def test_foreign_orders_are_adopted_from_the_stream_and_from_the_list() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        foreign(desk, 59_000)
        await asyncio.sleep(1)
        desk.faults.stream_cut = True
        foreign(desk, 58_000, name="web-2")
        await desk.engine.reconciler.account("desk-1")
        state = desk.engine.desk.state
        assert [(o.external, o.status) for o in state.orders.values()] == [(True, S.LIVE)] * 2
        desk.faults.stream_cut = False
        answer = await desk.send("@desk-1 cancel all")
        assert isinstance(answer, m.Result)
        assert orders(desk) == [S.CANCELLED] * 2
        assert not desk.venue.open_orders("desk-1")

    run(scenario)


def test_a_false_empty_list_never_ends_an_order() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")

        async def empty(*_: object) -> list[object]:
            return []

        client = desk.clients["desk-1"]
        client.open_orders = empty  # type: ignore[method-assign, assignment]
        client.fills = empty  # type: ignore[method-assign, assignment]
        for _ in range(5):
            await desk.engine.reconciler.account("desk-1")
            await asyncio.sleep(10)
        assert orders(desk) == [S.LIVE, S.LIVE]

    run(scenario)


async def vanish(desk: SimulatedDesk) -> float:
    """An order whose request never arrived; returns when it left."""
    desk.faults.lose_request = 1.0
    await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
    desk.faults.lose_request = 0.0
    assert orders(desk) == [S.UNKNOWN]
    (order,) = desk.engine.desk.state.orders.values()
    return (order.sent_ns - desk.clock.now_ns()) / 1e9 + desk.loop.now


def test_absent_takes_twenty_seconds_and_three_answers_two_seconds_apart() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        asked: list[float] = []
        client = desk.clients["desk-1"]
        find = client.find_order

        async def counted(ref: object) -> Report | None:
            asked.append(desk.loop.now)
            return await find(ref)  # type: ignore[arg-type]

        client.find_order = counted  # type: ignore[method-assign, assignment]
        left = await vanish(desk)
        await desk.until(lambda: orders(desk) == [S.ABSENT], 40)
        assert 20 <= desk.loop.now - left < 26
        assert len([t for t in asked if t >= left]) >= 3

    run(scenario)


@pytest.mark.parametrize("broken", ["find_order", "open_orders", "fills"])
def test_an_incomplete_answer_is_no_proof(broken: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        from hedge_tui.domain.errors import OutcomeUnknown

        client = desk.clients["desk-1"]
        whole = getattr(client, broken)

        async def silence(*_: object) -> object:
            raise OutcomeUnknown("no answer")

        setattr(client, broken, silence)
        await vanish(desk)
        await asyncio.sleep(60)
        assert orders(desk) == [S.UNKNOWN]
        setattr(client, broken, whole)
        await desk.until(lambda: orders(desk) == [S.ABSENT], 10)

    run(scenario)


def test_without_a_healthy_private_stream_nothing_is_proved_absent() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        def say(state: FeedState) -> None:
            now = desk.clock.now_ns()
            desk.engine.intake.put(FeedHealth("desk-1:private", "desk-1", "binanceusdm", state, now, now))

        await vanish(desk)
        say(FeedState.RECONNECTING)
        await asyncio.sleep(60)
        assert orders(desk) == [S.UNKNOWN]
        say(FeedState.LIVE)
        await desk.until(lambda: orders(desk) == [S.ABSENT], 10)

    run(scenario)


def test_an_order_still_on_its_way_is_not_called_absent() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        client = desk.clients["desk-1"]
        place = client.place

        async def slow(requests: object) -> list[Report]:
            await asyncio.sleep(50)  # queued behind a rate limit
            return await place(requests)  # type: ignore[arg-type]

        client.place = slow  # type: ignore[method-assign, assignment]
        sending = asyncio.ensure_future(desk.send("@desk-1 buy 0.01btc BTC.p at 59000"))
        await asyncio.sleep(2)
        answer = await desk.send("@desk-1 cancel all")
        assert isinstance(answer, m.Result)
        for _ in range(4):
            await desk.engine.reconciler.account("desk-1")
            await asyncio.sleep(10)
            assert orders(desk) == [S.SENDING]
        await sending
        await desk.until(lambda: orders(desk) == [S.LIVE], 20)

    run(scenario)


def test_an_absent_order_that_turns_up_is_adopted_with_an_alarm() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await vanish(desk)
        await desk.until(lambda: orders(desk) == [S.ABSENT], 40)
        (order,) = desk.engine.desk.state.orders.values()
        desk.hub.publish(desk.venue.place(order.request, desk.clock.now_ns()))
        await desk.until(lambda: orders(desk) == [S.LIVE], 5)
        assert any("called absent and is at the venue after all" in text for text in notes(desk, "alarm"))

    run(scenario)


@pytest.mark.parametrize("seed", range(6))
def test_a_venue_that_files_orders_eight_seconds_late_loses_none(seed: int) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.stream_cut = True
        for i in range(5):
            await desk.send(f"@all buy 0.01btc/each BTC.p at {59_000 - i}")
        assert S.ABSENT not in orders(desk)
        await desk.until(lambda: set(orders(desk)) == {S.LIVE}, 40)
        await desk.agree()

    run(scenario, seed, faults=Faults(0.0, 1.0, 0.2, 0.2, 8.0, 0.2))


def test_an_order_that_the_venue_forgot_is_absent_in_the_end() -> None:
    """The engine was down for days: the venue lists an order nowhere any more."""

    async def scenario(desk: SimulatedDesk) -> None:
        ghost = OrderRequest(
            ClientOrderId("a" * 32), "desk-1", BTC, Side.BUY, OrderType.LIMIT, Decimal("0.1"), Decimal(59_000)
        )
        at = desk.clock.now_ns() - 5 * 86_400 * 10**9
        live = Report(ReportKind.LIVE, "desk-1", BTC, ghost.client_order_id, at, VenueOrderId("1"))
        desk.engine.desk.record(
            acts.OrdersIntended(at, (ghost,)),
            acts.OrdersSending(at, (ghost.client_order_id,)),
            acts.Reported(at, live),
        )
        await desk.engine.reconciler.account("desk-1")
        await desk.until(lambda: orders(desk) == [S.UNKNOWN], 8)
        await desk.until(lambda: orders(desk) == [S.ABSENT], 30)

    run(scenario)


def test_a_partly_filled_order_whose_cancel_was_lost_settles() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.5btc BTC.p at 59990")
        desk.thin(BTC, 59_980, "0.2")
        await desk.until(lambda: orders(desk) == [S.PARTIAL], 5)
        desk.faults.lose_request = 1.0
        await desk.send("@desk-1 cancel all")
        assert orders(desk) == [S.CANCEL_UNKNOWN]
        desk.faults.lose_request = 0.0
        await desk.until(lambda: orders(desk) == [S.PARTIAL], 10)
        assert any("did not arrive" in text for text in notes(desk, "warning"))
        desk.faults.lose_answer = 1.0
        await desk.send("@desk-1 cancel all")
        await desk.until(lambda: orders(desk) == [S.CANCELLED], 10)

    run(scenario)


def test_a_snapshot_that_is_older_than_the_stream_does_not_win() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        client = desk.clients["desk-1"]
        snapshot = client.snapshot

        async def slow() -> object:
            picture = await snapshot()
            await asyncio.sleep(1)
            return picture

        client.snapshot = slow  # type: ignore[method-assign, assignment]
        reconciling = asyncio.ensure_future(desk.engine.reconciler.account("desk-1"))
        await asyncio.sleep(0.5)
        await desk.send("@desk-1 buy 0.5btc BTC.p")
        await reconciling
        assert desk.engine.desk.accounts["desk-1"].position_quantity(BTC) == Decimal("0.5")

    run(scenario)


# -- panic


def test_panic_cancels_entries_keeps_stops_and_says_so_for_every_account() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1,desk-2 buy 0.1btc/each BTC.p")
        await asyncio.sleep(1)
        await desk.send("@desk-1,desk-2 sell 100%pos/each BTC.p stop:59000 reduce")
        await desk.send("@desk-1,desk-2 buy 0.01btc/each BTC.p at 59000")
        begun = desk.loop.now
        done = await desk.send("panic")
        assert isinstance(done, m.Done)
        assert desk.loop.now - begun < 1
        assert [line.partition(":")[0] for line in done.text.splitlines()] == desk.names
        assert "desk-3: nothing was resting" in done.text
        for name in ("desk-1", "desk-2"):
            (left,) = desk.venue.open_orders(name)
            assert left.trigger_price == 59_000
        assert all(desk.engine.desk.accounts[n].positions for n in ("desk-1", "desk-2"))

    run(scenario, accounts=3)


def test_panic_stops_a_bulk_that_is_still_going_out() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " ; ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(20))
        sending = asyncio.ensure_future(desk.send(line))
        await asyncio.sleep(1.5)
        assert 0 < len(desk.clients["desk-1"].placed) < 20
        done = await desk.send("panic")
        assert isinstance(done, m.Done)
        assert "that had not left yet will not be sent" in done.text
        await sending
        count = len(desk.clients["desk-1"].placed)
        await asyncio.sleep(10)
        assert len(desk.clients["desk-1"].placed) == count
        assert not any(status.working for status in orders(desk))
        assert not any(desk.venue.open_orders(name) for name in desk.names)

    run(scenario, faults=Faults(delay_s=0.4))


@pytest.mark.parametrize("seed", range(10))
def test_after_panic_nothing_rests_however_bad_the_line(seed: int) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " & ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(8))
        sending = asyncio.ensure_future(desk.send(line))
        await asyncio.sleep(desk.rng.random())
        begun = desk.loop.now
        await desk.send("panic")
        assert desk.loop.now - begun < 5.5
        await desk.until(lambda: not any(s.working for s in orders(desk)), 60)
        await sending
        assert not any(desk.venue.open_orders(name) for name in desk.names)

    run(scenario, seed, faults=Faults(0.2, 0.3, 0.1, 0.8, 2.0, 0.5))


def test_a_client_that_hangs_does_not_hold_panic_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")

        async def hang(_refs: object) -> list[Report]:
            await asyncio.sleep(3600)
            return []

        desk.clients["desk-1"].cancel = hang  # type: ignore[method-assign, assignment]
        begun = desk.loop.now
        done = await desk.send("panic")
        assert isinstance(done, m.Done)
        assert desk.loop.now - begun < 5.5
        assert "desk-1: NOT REACHED: no answer yet; 1 entry may still rest; asked once" in done.text
        assert "desk-2: 1 of 1 cancelled" in done.text

    run(scenario)


def test_panic_with_a_question_mark_does_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        done = await desk.send("panic?")
        assert isinstance(done, m.Done)
        assert done.text == "would cancel 2 orders and keep 0 protective stops"
        assert orders(desk) == [S.LIVE, S.LIVE]

    run(scenario)


def test_panic_flat_closes_everything_and_drops_the_stops_last() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        for _ in range(4):
            await desk.send("@desk-1 buy 50btc BTC.p ; @desk-2 sell 0.1btc BTC.p ; @desk-1 buy 1eth ETH.p")
            desk.price(BTC, 60_000)
        await asyncio.sleep(1)
        assert desk.engine.desk.accounts["desk-1"].position_quantity(BTC) > 120
        await desk.send("@desk-1 sell 1btc BTC.p stop:59000 reduce")
        await asyncio.sleep(1)
        done = await desk.send("panic flat")
        assert isinstance(done, m.Done)
        await desk.until(lambda: not any(p.quantity for n in desk.names for p in desk.venue.positions(n)), 10)
        await desk.until(lambda: not any(desk.venue.open_orders(n) for n in desk.names), 10)
        assert "1 stop dropped" in done.text

    def world(loop_scenario: Callable[[SimulatedDesk], object]) -> None:
        run(loop_scenario)

    async def with_eth(desk: SimulatedDesk) -> None:
        desk.price(ETH, 3_000)
        await scenario(desk)

    world(with_eth)
