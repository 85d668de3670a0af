"""What others do to an account: it is followed, said, and never taken for this desk's own doing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from simulated_desk import BTC, ETH, SimulatedClock, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderStatus, OrderType, Side
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


def notes(desk: SimulatedDesk, level: str, topic: str = "") -> list[str]:
    log = desk.engine.desk.state.log
    return [note.text for _, note in log if note.level == level and topic in ("", note.topic)]


def holdings(desk: SimulatedDesk) -> dict[str, Decimal]:
    return {key[0]: one.quantity for key, one in desk.engine.desk.state.holdings.items()}


def foreign(
    desk: SimulatedDesk,
    price: int | None,
    quantity: str = "0.1",
    name: str = "web-1",
    *,
    account: str = "desk-1",
    instrument: InstrumentId = BTC,
) -> None:
    """Somebody orders on the venue's own page."""
    kind = OrderType.LIMIT if price is not None else OrderType.MARKET
    at = Decimal(price) if price is not None else None
    request = OrderRequest(ClientOrderId(name), account, instrument, Side.BUY, kind, Decimal(quantity), at)
    desk.hub.publish(desk.venue.place(request, desk.clock.now_ns()))


def test_a_foreign_order_is_said_and_moves_the_position_when_it_fills() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        foreign(desk, 59_000)
        await asyncio.sleep(1)
        (words,) = notes(desk, "info", "external")
        assert words == "EXTERNAL buy 0.1 BTC/USDT:USDT at 59000 (limit): not from this desk, adopted"
        desk.price(BTC, 58_990)
        await desk.until(lambda: orders(desk) == [S.FILLED], 5)
        await desk.until(lambda: desk.engine.desk.accounts["desk-1"].position_quantity(BTC) == Decimal("0.1"))
        foreign(desk, None, "0.2", "web-2")
        await desk.until(lambda: desk.engine.desk.accounts["desk-1"].position_quantity(BTC) == Decimal("0.3"))
        await desk.until(lambda: holdings(desk) == {"desk-1": Decimal("0.3")}, 3)

    run(scenario)


def test_many_foreign_orders_found_at_once_get_one_line() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.stream_cut = True
        for i in range(9):
            foreign(desk, 59_000 - i, name=f"web-{i}")
        await desk.engine.reconciler.account("desk-1")
        assert notes(desk, "info", "external") == [
            "9 orders at the venue are not from this desk: adopted as EXTERNAL"
        ]

    run(scenario)


def test_two_accounts_may_use_the_same_foreign_id() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        foreign(desk, 59_000, account="desk-1")
        foreign(desk, 58_000, account="desk-2")
        await asyncio.sleep(1)
        assert orders(desk) == [S.LIVE, S.LIVE]
        answer = await desk.send("@desk-2 cancel all")
        assert isinstance(answer, m.Result)
        assert [len(desk.venue.open_orders(name)) for name in desk.names] == [1, 0]
        await desk.until(lambda: orders(desk) == [S.LIVE, S.CANCELLED], 5)

    run(scenario)


def test_one_line_cancels_the_orders_of_one_foreign_id_at_all_accounts() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        foreign(desk, 59_000, account="desk-1")
        foreign(desk, 2_000, account="desk-2", instrument=ETH)
        await asyncio.sleep(1)
        assert orders(desk) == [S.LIVE, S.LIVE]
        answer = await desk.send("@all cancel all")
        assert isinstance(answer, m.Result)
        assert [len(desk.venue.open_orders(name)) for name in desk.names] == [0, 0]
        await desk.until(lambda: orders(desk) == [S.CANCELLED, S.CANCELLED], 5)

    run(scenario)


def test_a_cancel_and_an_amendment_from_outside_are_followed_and_said() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        (order,) = desk.engine.desk.state.orders.values()
        now, id_ = desk.clock.now_ns(), order.request.client_order_id
        desk.hub.publish(
            desk.venue.amend(
                "desk-1", BTC, client_order_id=id_, quantity=Decimal("0.3"), price=Decimal(58_000), now_ns=now
            )
        )
        await asyncio.sleep(1)
        (order,) = desk.engine.desk.state.orders.values()
        assert (order.request.quantity, order.request.price) == (Decimal("0.3"), Decimal(58_000))
        desk.hub.publish(desk.venue.cancel("desk-1", BTC, client_order_id=id_, now_ns=now))
        await desk.until(lambda: orders(desk) == [S.CANCELLED], 5)
        terms = "quantity 0.1 -> 0.3, price 59000 -> 58000"
        assert notes(desk, "warning", "external") == [
            "#1 buy BTC/USDT:USDT was changed at the venue, not by this desk: " + terms,
            "#1 buy BTC/USDT:USDT was cancelled at the venue, not by this desk",
        ]

    run(scenario)


def test_a_cancel_of_ours_is_not_said_to_be_anothers() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        await desk.send("@desk-1 cancel all")
        await asyncio.sleep(2)
        assert orders(desk) == [S.CANCELLED]
        assert notes(desk, "warning") == []

    run(scenario)


@pytest.mark.parametrize("cut", [False, True])
def test_a_client_id_used_again_after_its_fill_is_another_order(cut: bool) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p")
        (ours,) = desk.engine.desk.state.orders.values()
        assert ours.status is S.FILLED
        await asyncio.sleep(2)
        desk.faults.stream_cut = cut
        again = replace(ours.request, type=OrderType.LIMIT, price=Decimal(59_000), quantity=Decimal("0.5"))
        desk.hub.publish(desk.venue.place(again, desk.clock.now_ns()))
        await asyncio.sleep(1)
        if cut:
            await desk.engine.reconciler.account("desk-1")
            desk.faults.stream_cut = False
        first, second = desk.engine.desk.state.orders.values()
        assert (first.status, first.filled, first.external) == (S.FILLED, Decimal("0.1"), False)
        assert (second.status, second.filled, second.external) == (S.LIVE, Decimal(0), True)
        assert any("a second order with the client id of #1" in text for text in notes(desk, "alarm"))
        desk.price(BTC, 58_990)
        await desk.until(lambda: orders(desk) == [S.FILLED, S.FILLED], 5)
        first, second = desk.engine.desk.state.orders.values()
        assert (first.filled, second.filled) == (Decimal("0.1"), Decimal("0.5"))

    run(scenario)


def test_the_twin_of_an_order_can_be_cancelled() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p")
        (ours,) = desk.engine.desk.state.orders.values()
        again = replace(ours.request, type=OrderType.LIMIT, price=Decimal(59_000))
        desk.hub.publish(desk.venue.place(again, desk.clock.now_ns()))
        await asyncio.sleep(1)
        answer = await desk.send("@desk-1 cancel all")
        assert isinstance(answer, m.Result)
        await desk.until(lambda: orders(desk) == [S.FILLED, S.CANCELLED], 5)
        assert not desk.venue.open_orders("desk-1")

    run(scenario)


def test_a_duplicate_answer_means_look_it_up() -> None:
    """A request that arrives twice (a proxy repeats it): the second answer refuses what the first made."""

    async def scenario(desk: SimulatedDesk) -> None:
        def twice(_account: str, requests: object) -> None:
            for request in requests:  # type: ignore[attr-defined]
                desk.hub.publish(desk.venue.place(request, desk.clock.now_ns()))

        desk.hooks.before_place = twice  # type: ignore[assignment]
        desk.faults.stream_cut = True
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        assert orders(desk) == [S.UNKNOWN]
        await desk.until(lambda: orders(desk) == [S.LIVE], 5)
        assert len(desk.venue.open_orders("desk-1")) == 1

    run(scenario)


def test_a_liquidation_raises_an_alarm_with_its_figures() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 lev BTC.p 10")
        await desk.send("@desk-1 buy 110btc BTC.p")
        await asyncio.sleep(2)
        held = desk.engine.desk.accounts["desk-1"].position_quantity(BTC)
        assert held > 100
        desk.price(BTC, 40_000)
        await desk.until(lambda: desk.engine.desk.accounts["desk-1"].position_quantity(BTC) == 0, 10)
        await desk.until(lambda: bool(notes(desk, "alarm", "liquidation")), 2)
        words = notes(desk, "alarm", "liquidation")
        assert words[0].startswith("liquidation: the venue closed ")
        assert "BTC/USDT:USDT long" in words[0]

    run(scenario)


def test_an_order_that_cannot_be_found_is_unknown_within_ten_seconds() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        desk.faults.stream_cut = True
        desk.venue.cancel_all("desk-1", BTC, desk.clock.now_ns())
        desk.faults.lookup_fails = 1.0

        async def empty(*_: object) -> list[object]:
            return []

        client = desk.clients["desk-1"]
        listed = client.open_orders
        client.open_orders = empty  # type: ignore[method-assign, assignment]
        await desk.engine.reconciler.account("desk-1")
        await desk.until(lambda: orders(desk) == [S.UNKNOWN], 10)
        assert desk.engine.desk.state.differences["desk-1"] == 1
        assert notes(desk, "warning", "reconcile") == [
            "order #1: live here, not found at the venue; UNKNOWN until it is settled"
        ]
        client.open_orders, desk.faults.lookup_fails = listed, 0.0  # type: ignore[method-assign]
        await desk.until(lambda: orders(desk) == [S.CANCELLED], 10)

    run(scenario)


def clock_jumps(desk: SimulatedDesk, seconds: float) -> None:
    """The clock of this machine, not the venue's."""
    desk.hub.clock = SimulatedClock(desk.loop)
    now_ns = desk.clock.now_ns
    desk.clock.now_ns = lambda: now_ns() + round(seconds * 1e9)  # type: ignore[method-assign]


def test_a_wall_clock_that_jumps_proves_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_request = 1.0
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        desk.faults.lose_request = 0.0
        clock_jumps(desk, 3600)
        await asyncio.sleep(15)
        assert orders(desk) == [S.UNKNOWN]
        await desk.until(lambda: orders(desk) == [S.ABSENT], 15)

    run(scenario)


def test_a_wall_clock_set_back_does_not_keep_an_order_in_doubt() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_answer, desk.faults.stream_cut = 1.0, True
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        assert orders(desk) == [S.UNKNOWN]
        clock_jumps(desk, -3600)
        await desk.until(lambda: orders(desk) == [S.LIVE], 10)

    run(scenario)


def test_after_a_reconnect_everything_the_repair_did_not_show_is_looked_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        await asyncio.sleep(1)
        client = desk.clients["desk-1"]
        desk.faults.stream_cut = True
        client._say(FeedState.RECONNECTING)
        await asyncio.sleep(1)
        await desk.engine.reconciler.account("desk-1")  # learnt over REST while the stream is away
        desk.venue.cancel_all("desk-1", BTC, desk.clock.now_ns())
        desk.faults.stream_cut = False
        client._say(FeedState.LIVE)
        await desk.until(lambda: orders(desk) == [S.CANCELLED], 10)

    run(scenario)


def test_a_frame_that_cannot_be_read_makes_the_desk_ask_for_what_it_said() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        desk.faults.stream_cut = True
        desk.venue.cancel_all("desk-1", BTC, desk.clock.now_ns())
        await asyncio.sleep(1)
        now = desk.clock.now_ns()
        desk.engine.intake.put(
            FeedHealth(
                "desk-1:private", "desk-1", "binanceusdm", FeedState.LIVE, now, now, detail="unreadable"
            )
        )
        await desk.until(lambda: orders(desk) == [S.CANCELLED], 10)

    run(scenario)


def test_an_absent_order_that_appears_after_its_cancel_is_asked_for_again() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_request = 1.0
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        await desk.send("@desk-1 cancel all")
        desk.faults.lose_request = 0.0
        await desk.until(lambda: orders(desk) == [S.ABSENT], 40)
        (order,) = desk.engine.desk.state.orders.values()
        desk.hub.publish(desk.venue.place(order.request, desk.clock.now_ns()))
        await desk.until(lambda: orders(desk) == [S.LIVE], 5)
        await desk.until(lambda: any("did not arrive" in text for text in notes(desk, "warning")), 5)
        (order,) = desk.engine.desk.state.orders.values()
        assert not order.cancel_asked

    run(scenario)
