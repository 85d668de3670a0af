"""A position whose stop is lost or in doubt is UNPROTECTED within 2 s; until then it gets no second stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from simulated_desk import BTC, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.order import OrderRequest, OrderStatus, Side
from hedge_tui.domain.report import Report
from hedge_tui.wire import messages as m

S = OrderStatus
STOP = "@desk-1 close BTC.p stop:59000"


def run(scenario: Callable[[SimulatedDesk], object], seed: int = 1, **more: object) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, **more)  # type: ignore[arg-type]
        await desk.start()
        await desk.send("@desk-1 buy 0.5btc BTC.p")
        await asyncio.sleep(3)
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def alarms(desk: SimulatedDesk) -> list[str]:
    log = desk.engine.desk.state.log
    return [note.text for _, note in log if note.level == "alarm" and note.topic == "protection"]


def stop(desk: SimulatedDesk) -> S:
    return list(desk.engine.desk.state.orders.values())[1].status


async def marked(desk: SimulatedDesk) -> bool:
    """As `hedge positions --json` prints it, and as the table and the status bar show it."""
    (row,) = await desk.engine.queries.answer("positions", {})
    (shown,) = await desk.engine.queries.answer("summary", {})
    tables = desk.engine.board.tables["positions"]
    values = dict(zip(tables.columns, desk.engine.board.rows("positions")[0], strict=True))
    assert row["unprotected"] is (shown["unprotected"] == 1) is (values["protected_pct"] == 0)
    return bool(row["unprotected"])


async def with_stop(desk: SimulatedDesk) -> str:
    await desk.send(STOP)
    assert stop(desk) is S.LIVE
    assert not await marked(desk)
    assert alarms(desk) == []
    return list(desk.engine.desk.state.orders)[1]


async def alarm_within(desk: SimulatedDesk, seconds: float, words: str) -> None:
    await desk.until(lambda: any(words in text for text in alarms(desk)), seconds)
    assert await marked(desk)


def set_off(desk: SimulatedDesk) -> None:
    """Somebody trades below the stop."""
    price, now = Decimal(58_900), desk.clock.now_ns()
    desk.hub.publish(desk.venue.print_trade(BTC, price, Decimal("0.001"), Side.SELL, now))


@pytest.mark.parametrize("lost", ["lose_answer", "lose_request"])
def test_a_stop_without_an_answer(lost: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.stream_cut = True
        setattr(desk.faults, lost, 1.0)
        desk.faults.lookup_fails = 1.0
        await desk.send(STOP)
        assert stop(desk) is S.UNKNOWN
        await alarm_within(
            desk, 2, "UNPROTECTED: BTC/USDT:USDT long 0.5: the outcome of its stop #2 is not known"
        )
        for _ in range(3):
            refused = await desk.engine.lines.submit(m.Submit(1, STOP), "test", may_trade=True)
            assert isinstance(refused, m.Preview)
            assert refused.rows[0].problem.startswith("stop #2 of this position is in doubt (unknown)")
            assert refused.sendable == 0
            await asyncio.sleep(2)
        assert len(alarms(desk)) == 1, "said once"
        setattr(desk.faults, lost, 0.0)
        desk.faults.lookup_fails, desk.faults.stream_cut = 0.0, False
        await desk.until(lambda: not stop(desk).working or stop(desk) is S.LIVE, 40)
        assert stop(desk) is (S.LIVE if lost == "lose_answer" else S.ABSENT)
        assert await marked(desk) is (lost == "lose_request")
        again = await desk.send(STOP)
        assert isinstance(again, m.Result) is (lost == "lose_request")
        assert sum(o.trigger_price == 59_000 for o in desk.venue.open_orders("desk-1")) == 1
        assert not await marked(desk)

    run(scenario)


def test_a_stop_that_is_answered_late() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        client = desk.clients["desk-1"]
        place = client.place

        async def slow(requests: Sequence[OrderRequest]) -> list[Report]:
            await asyncio.sleep(6)
            return await place(requests)

        client.place = slow  # type: ignore[method-assign]
        sending = asyncio.ensure_future(desk.send(STOP))
        await alarm_within(desk, 2, "no answer about its stop #2 for 1.5 s")
        await sending
        await asyncio.sleep(1)
        assert not await marked(desk)
        log = desk.engine.desk.state.log
        assert any(note.text == "protected again: BTC/USDT:USDT long 0.5" for _, note in log)

    run(scenario)


def test_a_cancel_of_a_stop_without_an_answer() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await with_stop(desk)
        desk.faults.lose_request, desk.faults.lookup_fails = 1.0, 1.0
        await desk.send("@desk-1 cancel all")
        assert stop(desk) is S.CANCEL_UNKNOWN
        await alarm_within(desk, 2, "the outcome of its stop #2 is not known (cancel_unknown)")
        desk.faults.lose_request, desk.faults.lookup_fails = 0.0, 0.0
        await desk.until(lambda: stop(desk) is S.LIVE, 10)
        assert not await marked(desk)

    run(scenario)


def test_a_second_stop_of_the_same_line_waits_for_the_first() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await with_stop(desk)
        desk.faults.lose_request, desk.faults.lookup_fails, desk.faults.stream_cut = 1.0, 1.0, True
        line = "@desk-1 cancel all ; @desk-1 sell 0.5btc BTC.p stop:58000 reduce"
        answer = await desk.send(line)
        assert isinstance(answer, m.Result)
        first, second = list(desk.engine.desk.state.orders.values())[1:]
        assert (first.status, second.status) == (S.CANCEL_UNKNOWN, S.DENIED)
        assert second.reason.startswith("stop #2 of this position is in doubt (cancel_unknown)")
        assert len(desk.clients["desk-1"].placed) == 2

    run(scenario)


@pytest.mark.parametrize("how", ["cancelled", "expired"])
def test_a_stop_that_vanishes(how: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        id_ = await with_stop(desk)
        if how == "cancelled":
            events = desk.venue.cancel("desk-1", BTC, client_order_id=id_, now_ns=desk.clock.now_ns())
            desk.hub.publish(events)
            words = "its stop #2 was cancelled, not by this desk"
        else:
            # Set off where nobody buys: the market order that it becomes finds no book and expires.
            desk.hub.publish(desk.venue.set_book(BTC, [], [], desk.clock.now_ns()))
            set_off(desk)
            words = "its stop #2 expired"
        await alarm_within(desk, 2, words)

    run(scenario)


def test_a_stop_that_is_taken_back_raises_no_alarm() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await with_stop(desk)
        await desk.send("@desk-1 cancel all")
        await asyncio.sleep(3)
        assert stop(desk) is S.CANCELLED
        assert await marked(desk)
        assert alarms(desk) == []

    run(scenario)


def test_a_stop_that_does_its_work_raises_no_alarm() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await with_stop(desk)
        desk.price(BTC, 58_900)
        set_off(desk)
        await desk.until(lambda: not desk.engine.desk.accounts["desk-1"].positions, 5)
        await asyncio.sleep(3)
        assert alarms(desk) == []

    run(scenario)


def test_stops_of_several_parts_leave_together() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        answer = await desk.send(
            "@desk-1 sell 0.2btc BTC.p stop:59000 reduce & @desk-1 sell 0.3btc BTC.p stop:58000 reduce"
        )
        assert isinstance(answer, m.Result)
        assert [leg.status for leg in answer.legs] == ["live", "live"]
        assert not await marked(desk)

    run(scenario)
