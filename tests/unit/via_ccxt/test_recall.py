"""What is taken back leaves nothing; what has begun to leave is in doubt, never "not sent"."""

from __future__ import annotations

import asyncio

from adapters.via_ccxt.caller import VenueCaller
from adapters.via_ccxt.errors import Blame
from adapters.via_ccxt.instance import close_instance
from adapters.via_ccxt.wiring import FreePacer
from hedge_tui.domain.ports.pacing import Lane, Spend, ahead_of_all
from tests.unit.via_ccxt.raw_venue import never, raw_venue
from tests.unit.via_ccxt.test_wire_outcomes import instance_at


class ShutPacer(FreePacer):
    """Lets go only what is ahead of all."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.lanes: list[Lane] = []

    async def acquire(self, spend: Spend) -> str:
        self.lanes.append(spend.lane)
        if spend.lane is not Lane.CANCEL:
            await self.opened.wait()
        return ""


def order(instance):
    return instance.create_order("BTC/USDT:USDT", "limit", "buy", "0.01", "60000", {})


async def settle(condition) -> None:
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.0002)
    raise AssertionError("it did not come so far")


async def test_an_order_that_waits_for_the_pacer_never_leaves(tmp_path):
    async with raw_venue(tmp_path) as venue:
        pacer = ShutPacer()
        instance = instance_at(venue.egress, pacer)
        caller = VenueCaller(instance.desk, "desk-1")
        caller.attach(instance)
        waiting = [
            asyncio.ensure_future(caller.send(Lane.ORDER, order, orders=1, patience_s=5, asked=0))
            for _ in range(3)
        ]
        await settle(lambda: len(pacer.lanes) == 3)
        caller.recall()
        answers = await asyncio.wait_for(asyncio.gather(*waiting), 1)
        pacer.opened.set()
        late = await caller.send(Lane.ORDER, order, orders=1, patience_s=5, asked=0)
        assert [answer.verdict.blame for answer in (*answers, late)] == [Blame.NOT_SENT] * 4
        assert "recalled" in late.verdict.reason
        assert venue.requests == []
        await close_instance(instance)


async def test_an_order_on_the_wire_is_left_alone(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = never
        pacer = ShutPacer()
        pacer.opened.set()
        instance = instance_at(venue.egress, pacer)
        caller = VenueCaller(instance.desk, "desk-1")
        caller.attach(instance)
        sent = asyncio.ensure_future(caller.send(Lane.ORDER, order, orders=1, patience_s=5, asked=0))
        await settle(lambda: venue.requests)
        caller.recall()
        answer = await sent
        assert answer.verdict.blame is Blame.UNKNOWN
        assert "recalled" not in answer.verdict.reason
        await close_instance(instance)


async def test_what_is_ahead_of_all_goes_in_the_lane_of_cancels(tmp_path):
    async with raw_venue(tmp_path) as venue:
        pacer = ShutPacer()
        instance = instance_at(venue.egress, pacer)
        caller = VenueCaller(instance.desk, "desk-1")
        caller.attach(instance)
        with ahead_of_all():
            await asyncio.gather(caller.call(Lane.ACCOUNT, order), caller.call(Lane.ORDER, order))
        assert pacer.lanes == [Lane.CANCEL, Lane.CANCEL]
        assert len(venue.requests) == 2
        await close_instance(instance)
