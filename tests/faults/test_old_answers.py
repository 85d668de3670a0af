"""Answers that were true when they were given and are not any more when they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from simulated_desk import BTC, SimulatedDesk, SimulatedLoop, simulate

from adapters.paper.client import PaperExecution
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderStatus, OrderType, PositionSide, Side


def test_an_order_that_turns_up_while_its_absence_is_proved_is_not_absent() -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        desk.faults.lose_request = 1.0
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        (order,) = desk.engine.desk.state.orders.values()
        client = desk.clients["desk-1"]
        ask = client.fills
        begun = loop.now

        async def late(since_ns: int, instruments: Sequence[Any]) -> list[Any]:
            found = await ask(since_ns, instruments)
            if loop.now - begun > 18 and not desk.venue.open_orders("desk-1"):
                # The request was under way all the time: it arrives now, and the stream is faster.
                PaperExecution._place(client, order.request)
                await asyncio.sleep(3)
            return found

        client.fills = late  # type: ignore[method-assign]
        state, seen = desk.engine.desk.state, set()
        for _ in range(300):
            seen.add(state.orders[order.request.client_order_id].status)
            await asyncio.sleep(0.1)
        assert OrderStatus.LIVE in seen
        assert OrderStatus.ABSENT not in seen

    simulate(main)


def test_executions_that_a_repair_hands_over_are_not_counted_on_top_of_its_snapshot() -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        client, put = desk.clients["desk-1"], desk.engine.intake.put
        desk.faults.stream_cut = True
        put(
            FeedHealth("desk-1:private", "desk-1", "binanceusdm", FeedState.RECONNECTING, desk.clock.now_ns())
        )
        await asyncio.sleep(0.1)
        desk.venue.place(_market("desk-1"), desk.clock.now_ns())
        put(await client.snapshot())
        for fill in await client.fills(0, [BTC]):
            put(fill)
        put(FeedHealth("desk-1:private", "desk-1", "binanceusdm", FeedState.LIVE, desk.clock.now_ns()))
        await asyncio.sleep(0.1)
        held = desk.engine.desk.state.holdings["desk-1", BTC, PositionSide.NET]
        (position,) = desk.engine.desk.accounts["desk-1"].positions.values()
        assert (held.quantity, position.quantity) == (Decimal("0.2"), Decimal("0.2"))

    simulate(main)


def _market(account: str) -> OrderRequest:
    return OrderRequest(ClientOrderId("web_1"), account, BTC, Side.BUY, OrderType.MARKET, Decimal("0.2"))
