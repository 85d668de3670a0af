"""Whatever a venue says, the desk goes on: half characters, unknown accounts, numbers that are none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from simulated_desk import BTC, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.account import AccountDelta, CashFlow
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.order import ClientOrderId, OrderStatus
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.board.board import Follower
from hedge_tui.wire.codec import encode
from hedge_tui.wire.messages import Frame
from hedge_tui.wire.topics import COLUMNS

HALF = "reason \ud800 \x1b[31m\u202e"


def run(scenario: Callable[[SimulatedDesk], object]) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        await scenario(desk)  # type: ignore[misc]

    simulate(main)


def test_half_a_character_is_journalled_and_shown() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.hooks.placed = lambda reports: [
            replace(r, kind=ReportKind.REJECTED, reason=HALF, code="\ud800") for r in reports
        ]
        desk.faults.stream_cut = True
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        now = desk.clock.now_ns()
        desk.engine.intake.put(
            FeedHealth("desk-1:private", "desk-1", "binanceusdm", FeedState.LIVE, now, now, detail=HALF)
        )
        desk.engine.desk.note("warning", "test", HALF)
        await asyncio.sleep(1)
        (order,) = desk.engine.desk.state.orders.values()
        assert order.status is OrderStatus.REJECTED
        assert order.reason.startswith("reason ?")
        follower = Follower()
        desk.engine.board.add(follower)
        desk.engine.board.follow(follower, COLUMNS)
        desk.engine.board.refresh(1.0)
        assert encode(Frame(1, 1, desk.engine.board.take(follower)))
        assert desk.engine.desk.faults == 0
        assert desk.journal.durable_seq == desk.journal.last_seq

    run(scenario)


def test_one_event_that_cannot_be_understood_does_not_take_the_others_down() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        (order,) = desk.engine.desk.state.orders.values()
        id_ = order.request.client_order_id
        intake, now = desk.engine.intake, desk.clock.now_ns()
        intake.put(AccountDelta("nobody", now, reason="ORDER"))
        intake.put(CashFlow("desk-1", "\ud800", "funding", "USDT", Decimal("NaN"), now, BTC))
        intake.put(Report(ReportKind.DENIED, "desk-1", BTC, id_, now))
        intake.put(Report(ReportKind.LIVE, "nobody", BTC, ClientOrderId("x"), now))
        intake.put(Report(ReportKind.CANCELLED, "desk-1", BTC, id_, now))
        await asyncio.sleep(1)
        assert desk.engine.desk.state.orders[id_].status is OrderStatus.CANCELLED
        assert desk.engine.desk.faults >= 2
        alarms = [n.text for _, n in desk.engine.desk.state.log if n.level == "alarm"]
        assert len(alarms) >= 2
        await desk.send("@desk-1 buy 0.1btc BTC.p at 59000")
        await asyncio.sleep(1)
        assert not desk.journal.dead
        assert not desk.engine.desk.state.cash
        assert desk.journal.durable_seq == desk.journal.last_seq

    run(scenario)
