"""The venue's clock is off or jumps, and the engine itself stands still for a while."""

from __future__ import annotations

import asyncio

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.scene import Scene
from faults.sockets.test_races import order_path
from faults.sockets.test_streams import changed_on_the_page

pytestmark = pytest.mark.asyncio(loop_scope="session")
ASLEEP_S = 20.0
CLOCK_ASKED_S = 1.2
"""The difference is measured again at most once a second."""


async def accepted(scene: Scene) -> str:
    """A live order; until the difference between the clocks is measured, the venue refuses."""
    await scene.control.ban(scene.venue, 0)  # one that had ended runs again when the clock goes back
    for _ in range(4):
        (leg,) = (await scene.type_when_ready(scene.rest(below="4"), 30)).legs
        if leg.status == "live":
            id_ = str(leg.client_order_id)
            await scene.until(lambda id_=id_: scene.now().get(id_) == "live")
            return id_
        await asyncio.sleep(CLOCK_ASKED_S)
    raise AssertionError("the venue's clock was not measured again")


async def off_by(scene: Scene, seconds: int) -> None:
    """The venue's clock jumps; orders fail until the difference is measured again, and none is lost."""
    id_ = await accepted(scene)
    try:
        await scene.control.shift_clock(seconds * 1_000)
        await accepted(scene)
        how = await changed_on_the_page(scene, id_)
        await scene.until(lambda: scene.now()[id_] == how, 10, how)
        await scene.type("cancel all")
        await scene.until(lambda: "live" not in scene.now().values())
    finally:
        await scene.control.shift_clock(0)


async def the_clock_is_a_minute_ahead(scene: Scene) -> None:
    await off_by(scene, 60)


async def the_clock_is_a_minute_behind(scene: Scene) -> None:
    await off_by(scene, -60)


async def the_clock_is_3_s_ahead(scene: Scene) -> None:
    await off_by(scene, 3)


async def the_clock_jumps_back_by_an_hour(scene: Scene) -> None:
    """What happens after the jump looks older than what is known."""
    try:
        await scene.control.shift_clock(3_600_000)
        id_ = await accepted(scene)
        await scene.type_when_ready(scene.take())
        await scene.until(lambda: "filled" in scene.now().values())
        await scene.control.shift_clock(0)
        await scene.strike("ws_abort")
        how = await changed_on_the_page(scene, id_)
        await scene.until(lambda: scene.now()[id_] == how, 10, how)
        await accepted(scene)
    finally:
        await scene.control.shift_clock(0)


async def an_answer_is_lost_while_the_clock_jumps(scene: Scene) -> None:
    await accepted(scene)
    await scene.strike("ws_silence", seconds=4)
    try:
        await scene.fault("drop_after")
        await scene.type_when_ready(scene.take())
        await scene.control.shift_clock(-120_000)
        await scene.until(lambda: "filled" in scene.now().values(), 20)
    finally:
        await scene.control.shift_clock(0)
    await asyncio.sleep(0.5)


async def the_engine_stands_still_for_20_s(scene: Scene) -> None:
    await scene.type(scene.several(5))
    await scene.until_all("live", count=5)
    first, second, *_ = scene.now()
    asleep = asyncio.create_task(scene.asleep(ASLEEP_S))
    await asyncio.sleep(1)
    how = await changed_on_the_page(scene, first)
    await scene.act("DELETE", order_path(scene), symbol=scene.market, origClientOrderId=second)
    await asleep
    await scene.until(lambda: (scene.now()[first], scene.now()[second]) == (how, "cancelled"), 10)


async def the_engine_stands_still_while_a_bulk_leaves(scene: Scene) -> None:
    await scene.fault("delay", seconds=0.2, count=None)
    typed = scene.typed(scene.several(30))
    await scene.until(lambda: "live" in scene.now().values())
    await scene.asleep(12.0)
    await typed
    await scene.until_all("live", count=30, limit_s=20)


USDM, SPOT = "binanceusdm", "binance"
PLAYS = (
    the_clock_is_a_minute_ahead,
    the_clock_is_a_minute_behind,
    the_clock_is_3_s_ahead,
    the_clock_jumps_back_by_an_hour,
    an_answer_is_lost_while_the_clock_jumps,
)
CASES = [
    *(Case(play, venue, alone=True) for venue in (USDM, SPOT) for play in PLAYS),
    Case(the_engine_stands_still_for_20_s, alone=True),
    Case(the_engine_stands_still_for_20_s, SPOT, alone=True),
    Case(the_engine_stands_still_while_a_bulk_leaves, alone=True),
]


@pytest.mark.parametrize("case", of(CASES))
async def test_clocks(bench: Bench, case: Case) -> None:
    await bench.run(case)
