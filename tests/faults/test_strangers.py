"""Events of orders that nobody here knows are believed when the venue says that they are of this account."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from faults.test_outside import foreign, holdings, notes, orders, run
from simulated_desk import BTC, ETH, SimulatedDesk

from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderStatus, OrderType, Side, VenueOrderId
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.wire import messages as m

S = OrderStatus


def told(desk: SimulatedDesk, number: str = "900001", *, filled: bool = True) -> list[Report | Fill]:
    """What the stream of desk-1 says of an order of somebody else's account."""
    now, name, id_ = desk.clock.now_ns(), ClientOrderId(f"theirs-{number}"), VenueOrderId(number)
    one = Decimal(1)
    request = OrderRequest(name, "desk-1", BTC, Side.BUY, OrderType.LIMIT, one, Decimal(59_000))
    live = Report(ReportKind.LIVE, "desk-1", BTC, name, now, id_, Decimal(0), venue_ns=now, request=request)
    if not filled:
        return [live]
    price = Decimal(59_000)
    fill = Fill(
        "desk-1",
        BTC,
        f"t{number}",
        name,
        id_,
        Side.BUY,
        one,
        price,
        Decimal(1),
        "USDT",
        Liquidity.MAKER,
        now,
        now,
    )
    done = replace(live, kind=ReportKind.LAST_FILL, filled=one, average_price=price)
    return [live, fill, done]


def counted(desk: SimulatedDesk, name: str = "desk-1") -> Counter[str]:
    """Counts from now on what is asked of an account's venue."""
    found: Counter[str] = Counter()
    client = desk.clients[name]
    for what in ("find_order", "open_orders", "fills", "snapshot"):
        ask = getattr(client, what)

        async def asked(*args: object, what: str = what, ask: object = ask) -> object:
            found[what] += 1
            return await ask(*args)  # type: ignore[operator]

        setattr(client, what, asked)
    return found


def test_an_event_of_another_account_is_left_out_and_the_account_is_compared() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p")
        await desk.until(lambda: holdings(desk) == {"desk-1": Decimal("0.1")}, 5)
        asked, state = counted(desk), desk.engine.desk.accounts["desk-1"]
        for event in told(desk):
            desk.engine.intake.put(event)
        await asyncio.sleep(2)
        assert orders(desk) == [S.FILLED]
        assert state.in_doubt == ["position BTC/USDT:USDT UNKNOWN: 0.1 here, 1.1 at the venue"]
        await desk.until(lambda: bool(notes(desk, "alarm", "external")), 15)
        assert notes(desk, "alarm", "external") == [
            (
                "an event of another account: ignored;"
                " desk-1 has no order 900001 (theirs-900001) in BTC/USDT:USDT at the venue"
            )
        ]
        await asyncio.sleep(2)
        assert asked["find_order"] <= 4
        assert asked["snapshot"] >= 1
        assert (orders(desk), state.in_doubt) == ([S.FILLED], [])
        assert holdings(desk) == {"desk-1": Decimal("0.1")}
        for event in told(desk):
            desk.engine.intake.put(event)  # it goes on: neither asked nor said again
        await asyncio.sleep(5)
        assert len(notes(desk, "alarm", "external")) == 1
        assert asked["find_order"] <= 4

    run(scenario)


def test_a_market_order_of_the_venues_page_shows_at_once_and_costs_one_request() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        asked = counted(desk)
        foreign(desk, None, "0.2")
        await desk.until(lambda: orders(desk) == [S.FILLED], 2)
        assert holdings(desk) == {"desk-1": Decimal("0.2")}
        assert asked["find_order"] + asked["open_orders"] == 1
        (order,) = desk.engine.desk.state.orders.values()
        assert order.external

    run(scenario)


def test_without_an_answer_it_waits_and_the_position_is_in_doubt() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await asyncio.sleep(5)
        desk.faults.lookup_fails = 1.0
        foreign(desk, None, "0.2")
        await asyncio.sleep(20)
        state = desk.engine.desk.accounts["desk-1"]
        assert (orders(desk), holdings(desk)) == ([], {})
        assert state.in_doubt == ["position BTC/USDT:USDT UNKNOWN: 0 here, 0.2 at the venue"]
        desk.faults.lookup_fails = 0.0
        await desk.until(lambda: orders(desk) == [S.FILLED], 20)
        assert holdings(desk) == {"desk-1": Decimal("0.2")}
        await desk.until(lambda: not state.in_doubt, 20)

    run(scenario)


def test_what_is_told_while_it_waits_is_taken_in_order() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await asyncio.sleep(5)
        desk.faults.lookup_fails = 1.0
        foreign(desk, 59_000)
        await asyncio.sleep(1)
        desk.price(BTC, 58_990)
        await asyncio.sleep(3)
        assert orders(desk) == []
        desk.faults.lookup_fails = 0.0
        await desk.until(lambda: orders(desk) == [S.FILLED], 20)
        assert holdings(desk) == {"desk-1": Decimal("0.1")}

    run(scenario)


def test_an_order_that_came_and_went_is_not_asked_for() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        asked = counted(desk)
        (live,) = told(desk, filled=False)
        desk.engine.intake.put(live)
        desk.engine.intake.put(replace(live, kind=ReportKind.CANCELLED))
        await asyncio.sleep(5)
        assert (orders(desk), asked["find_order"]) == ([], 0)
        assert not notes(desk, "alarm")

    run(scenario)


@pytest.mark.parametrize("price", [None, 59_000], ids=["market", "limit"])
def test_a_busy_program_on_the_account_costs_few_requests(price: int | None) -> None:
    """Also in the long run: about one request in two seconds, however many orders it places."""

    async def scenario(desk: SimulatedDesk) -> None:
        await desk.engine.reconciler.account("desk-1")
        asked, count, begun = counted(desk), 600 if price is None else 180, desk.loop.now
        for i in range(count):
            foreign(desk, price, "0.001", f"bot-{i}")
            await asyncio.sleep(0.2)
        ended = S.LIVE if price else S.FILLED
        await desk.until(lambda: orders(desk) == [ended] * count, 30)
        took = desk.loop.now - begun
        assert asked["find_order"] + asked["open_orders"] < 0.65 * took + 10, asked  # with the schedule's
        assert asked["fills"] < 0.75 * took, asked  # two thirds are asked for the changing position
        if price is None:
            assert holdings(desk) == {"desk-1": Decimal("0.6")}

    run(scenario)


def test_a_stream_mixed_up_with_a_busy_one_is_held_to_a_budget() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        asked = counted(desk)
        for i in range(600):
            for event in told(desk, f"9{i:05}"):
                desk.engine.intake.put(event)
            await asyncio.sleep(0.1)
        foreign(desk, 58_000, name="web-1")
        await asyncio.sleep(60)
        assert asked["find_order"] + asked["open_orders"] + asked["fills"] < 140, asked
        assert all(
            order.request.client_order_id == "web-1" for order in desk.engine.desk.state.orders.values()
        )
        assert notes(desk, "alarm", "external")
        assert holdings(desk) == {}

    run(scenario)


def test_an_order_waits_for_its_own_symbol_alone() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.price(ETH, 3_000)
        await asyncio.sleep(1)
        for event in told(desk):
            desk.engine.intake.put(event)
        done = await desk.send("@desk-1 buy 2eth ETH.p")
        assert isinstance(done, m.Result)
        await desk.until(lambda: orders(desk) == [S.FILLED], 2)

    run(scenario)
