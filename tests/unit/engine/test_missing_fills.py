"""From when on executions are asked that an order's filled quantity tells of."""

from __future__ import annotations

from dataclasses import replace

from simulated_desk import SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.engine.execution.missing_fills import MissingFills

HOUR_NS = 3_600_000_000_000


def test_executions_are_found_though_the_clock_here_is_an_hour_ahead() -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        desk.faults.stream_cut = True
        await desk.send("@desk-1 buy 0.01btc BTC.p")
        state = desk.engine.desk.state
        (order,) = state.orders.values()
        id_ = order.request.client_order_id
        state.orders[id_] = replace(order, created_ns=order.created_ns + HOUR_NS)
        fills: MissingFills = desk.engine.reconciler._missing_fills
        await desk.until(lambda: id_ in state.fill_sums, 30)
        assert not fills._lacks(state.orders[id_])

    simulate(main)
