"""Notices: few one by one, bursts in sums, alarms always."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from plan_bench import BTC, NOW_NS
from simulated_desk import SimulatedClock, SimulatedLoop, simulate

from hedge_tui.domain.acts import Noted
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.order import ClientOrderId, Side, VenueOrderId
from hedge_tui.engine.notices import Notices
from hedge_tui.engine.state import Changes
from hedge_tui.wire.messages import Notice


def fill(number: int, account: str = "desk-1") -> Fill:
    return Fill(
        account,
        BTC,
        str(number),
        ClientOrderId(""),
        VenueOrderId(""),
        Side.BUY,
        Decimal("0.1"),
        Decimal(60_000),
        Decimal(0),
        "USDT",
        Liquidity.MAKER,
        NOW_NS,
        NOW_NS,
    )


def note(level: str, text: str, topic: str = "feed") -> Changes:
    return Changes(notes=[Noted(NOW_NS, level, topic, text, "desk-1")])


def told(scenario) -> list[Notice]:
    sent: list[Notice] = []

    async def main(loop: SimulatedLoop) -> None:
        await scenario(Notices(sent.append, SimulatedClock(loop)))

    simulate(main)
    return sent


def test_a_few_fills_come_one_by_one() -> None:
    async def scenario(notices: Notices) -> None:
        for i in range(5):
            notices.changed(Changes(fills=[fill(i)]))
            await asyncio.sleep(1.1)

    assert [n.text for n in told(scenario)] == ["buy 0.1 BTC/USDT:USDT at 60000"] * 5


def test_a_burst_is_summed_up_however_it_is_cut() -> None:
    async def scenario(notices: Notices) -> None:
        for i in range(200):
            notices.changed(Changes(fills=[fill(i, f"desk-{i % 4}")]))
            await asyncio.sleep(0.01)
        await asyncio.sleep(3)
        notices.changed(Changes(fills=[fill(999)]))

    texts = [n.text for n in told(scenario)]
    assert texts[:3] == ["buy 0.1 BTC/USDT:USDT at 60000"] * 3
    assert len(texts) <= 3 + 3 + 1
    assert texts[3].endswith("more fills on 4 accounts")
    assert sum(int(t.split()[0]) for t in texts if "more fills" in t) == 197
    assert texts[-1] == "buy 0.1 BTC/USDT:USDT at 60000"


def test_alarms_are_never_held_back_and_information_is_for_the_log() -> None:
    async def scenario(notices: Notices) -> None:
        for i in range(50):
            notices.changed(note("alarm", f"alarm {i}"))
            notices.changed(note("info", f"info {i}"))
            notices.changed(note("warning", f"warning {i}"))
        notices.close()

    texts = [n.text for n in told(scenario)]
    assert [t for t in texts if t.startswith("alarm")] == [f"alarm {i}" for i in range(50)]
    assert not any(t.startswith("info") for t in texts)
    assert [t for t in texts if "warning" in t] == [f"warning {i}" for i in range(3)] + [
        "47 more: warning 49"
    ]
