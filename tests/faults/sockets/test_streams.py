"""Private streams that die, lie, fall silent or flood: what happened meanwhile is known within 10 s."""

from __future__ import annotations

import asyncio

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.scene import Scene
from faults.sockets.test_races import bought_on_the_page, order_path, resting

pytestmark = pytest.mark.asyncio(loop_scope="session")
DAY_S = 86_400 + 60
UNREADABLE = (
    "",
    "[1,2",
    '{"e":"ACCOUNT_UPDATE","a":7}',
    '{"e":"executionReport"}',
    '{"e":"ORDER_TRADE_UPDATE","o":{"c":5,"X":"FILLED","z":"NaN"}}',
)


async def changed_on_the_page(scene: Scene, id_: str) -> str:
    """Our order is ended by somebody else; how it ends."""
    if scene.venue == "binanceusdm":
        await bought_on_the_page(scene, id_)
        return "filled"
    await scene.act("DELETE", order_path(scene), symbol=scene.market, origClientOrderId=id_)
    return "cancelled"


async def ends_unseen(scene: Scene, kind: str, limit_s: float = 10.0, **fields: object) -> None:
    """Strike the stream, end an order behind its back, and take part in the market all the same."""
    id_ = await resting(scene)
    assert await scene.strike(kind, **fields) >= 1
    how = await changed_on_the_page(scene, id_)
    await scene.until(lambda: scene.now()[id_] == how, limit_s, how)
    await scene.type_when_ready(scene.take())
    await scene.until(lambda: len(scene.now()) == 2 and set(scene.now().values()) <= {how, "filled"})


async def closed(scene: Scene) -> None:
    await ends_unseen(scene, "ws_close", code=1001)


async def aborted(scene: Scene) -> None:
    await ends_unseen(scene, "ws_abort")


async def silent_for_good(scene: Scene) -> None:
    await ends_unseen(scene, "ws_silence", seconds=0)
    await scene.strike("ws_abort")  # the next case wants to hear again
    await asyncio.sleep(0.5)
    await scene.until_live()


async def half_open(scene: Scene) -> None:
    await ends_unseen(scene, "ws_half_open")
    await scene.until_live()


async def one_frame_is_lost(scene: Scene) -> None:
    await ends_unseen(scene, "ws_gap", frames=1)


async def two_frames_are_lost(scene: Scene) -> None:
    await ends_unseen(scene, "ws_gap", frames=2)


async def ten_frames_are_lost(scene: Scene) -> None:
    await ends_unseen(scene, "ws_gap", frames=10)


async def frames_come_twice(scene: Scene) -> None:
    await ends_unseen(scene, "ws_duplicate", frames=12)


async def frames_come_in_another_order(scene: Scene) -> None:
    await ends_unseen(scene, "ws_reorder", frames=4)


async def frames_come_3_s_late(scene: Scene) -> None:
    await ends_unseen(scene, "ws_late", frames=6, seconds=3)


async def a_cancel_overtakes_its_order(scene: Scene) -> None:
    await scene.strike("ws_late", frames=1, seconds=3)
    await resting(scene)
    await scene.type("cancel all")
    await scene.until_all("cancelled")
    await asyncio.sleep(3)
    await scene.until_all("cancelled")


async def the_listen_key_expires(scene: Scene) -> None:
    await ends_unseen(scene, "listen_key_expired", count=1)
    await scene.until_live()


async def cut_after_24_hours(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.control.grow_older(DAY_S)
    how = await changed_on_the_page(scene, id_)
    await scene.until(lambda: scene.now()[id_] == how, 10.0, how)
    await scene.type_when_ready(scene.take())
    await scene.until(lambda: len(scene.now()) == 2 and set(scene.now().values()) <= {how, "filled"})
    await scene.until_live()


async def malformed_frames(scene: Scene) -> None:
    id_ = await resting(scene)
    for body in UNREADABLE:
        await scene.strike("ws_malformed", body=body)
    how = await changed_on_the_page(scene, id_)
    await scene.type(scene.take())
    await scene.until(lambda: scene.now()[id_] == how)


async def a_huge_frame(scene: Scene) -> None:
    await ends_unseen(scene, "ws_huge", frames=20)


async def a_flood_of_frames(scene: Scene) -> None:
    await ends_unseen(scene, "ws_flood", frames=3_000, body='{"e":"nothing","x":[1,2,3]}')


async def a_flood_of_unreadable_frames(scene: Scene) -> None:
    await ends_unseen(scene, "ws_flood", frames=500)


async def another_accounts_events(scene: Scene) -> None:
    """Events do not say whose they are: what the venue does not know as ours is left out, and said."""
    stranger = "desk-8" if scene.account != "desk-8" else "desk-7"
    id_ = await resting(scene)
    await scene.strike("ws_foreign", body=stranger, frames=3)
    order = {"symbol": scene.market, "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    await scene.control.act(stranger, scene.venue, "POST", order_path(scene), **order)
    how = await changed_on_the_page(scene, id_)
    await scene.until(lambda: scene.now()[id_] == how)
    await scene.until_true(lambda: scene.noted("an event of another account: ignored"), 30.0)
    assert set(scene.seen) == {id_}


async def accepted_and_closed_at_once(scene: Scene) -> None:
    await scene.fault("ws_accept_close", method="", path="", count=3)
    await ends_unseen(scene, "ws_abort")
    await scene.until_live()


async def refused_for_a_while(scene: Scene) -> None:
    await scene.fault("ws_refuse", method="", path="", status=503, count=3)
    await ends_unseen(scene, "ws_abort")
    await scene.until_live()


async def an_empty_list_after_a_reconnect(scene: Scene) -> None:
    """A false empty list of open orders clears nothing."""
    await scene.type(scene.several(5))
    await scene.until_all("live", count=5)
    lying = await scene.fault("list_empty", method="GET", path="openOrders", count=None)
    await scene.strike("ws_abort")
    await scene.until_struck(lying, 1)
    await scene.until_live()
    await asyncio.sleep(3)
    assert set(scene.now().values()) <= {"live", "unknown"}, scene.now()
    await scene.calm()
    await scene.until_all("live", count=5)


USDM, SPOT = "binanceusdm", "binance"
ON_BOTH = (
    closed,
    aborted,
    silent_for_good,
    half_open,
    one_frame_is_lost,
    two_frames_are_lost,
    ten_frames_are_lost,
    frames_come_twice,
    frames_come_in_another_order,
    frames_come_3_s_late,
    a_cancel_overtakes_its_order,
    malformed_frames,
    a_huge_frame,
    a_flood_of_frames,
    a_flood_of_unreadable_frames,
    accepted_and_closed_at_once,
    refused_for_a_while,
    an_empty_list_after_a_reconnect,
)
QUICK = {aborted, frames_come_twice, frames_come_in_another_order}
CASES = [
    *(Case(play, venue, quick=play in QUICK and venue == USDM) for venue in (USDM, SPOT) for play in ON_BOTH),
    Case(the_listen_key_expires),
    Case(another_accounts_events, alone=True),
    Case(cut_after_24_hours, alone=True),
    Case(cut_after_24_hours, SPOT, alone=True),
]


@pytest.mark.parametrize("case", of(CASES))
async def test_streams(bench: Bench, case: Case) -> None:
    await bench.run(case)
