"""Bulks whose answers are shuffled, short, long or lost, and bulks that are stopped in the middle."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.record import now_ns
from faults.sockets.scene import Scene

from hedge_tui.wire.client import RequestRefused

pytestmark = pytest.mark.asyncio(loop_scope="session")
ABORTED_MS = 300
SIZE = 5
"""Orders that the venue takes in one request."""


async def shuffled(scene: Scene) -> None:
    await scene.fault("list_shuffle", count=None)
    await scene.type(scene.several(2 * SIZE))
    await scene.until_all("live", count=2 * SIZE)


async def one_row_is_missing(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=3)
    await scene.fault("list_short", count=None)
    await scene.type(scene.several(2 * SIZE))
    await scene.until_all("live", count=2 * SIZE)


async def one_row_comes_twice(scene: Scene) -> None:
    await scene.fault("list_long", count=None)
    await scene.type(scene.several(2 * SIZE))
    await scene.until_all("live", count=2 * SIZE)


async def no_row_comes(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=3)
    await scene.fault("list_empty", count=None)
    await scene.type(scene.several(2 * SIZE))
    await scene.until_all("live", count=2 * SIZE)


async def answers_are_lost_after_accept(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=3)
    await scene.fault("drop_after", count=2)
    await scene.type(scene.several(4 * SIZE))
    await scene.until_all("live", count=4 * SIZE)
    assert len(await scene.requests("POST")) == 4


async def a_truncated_answer(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=3)
    await scene.fault("truncate")
    await scene.type(scene.several(2 * SIZE))
    await scene.until_all("live", count=2 * SIZE)


async def one_batch_never_arrives(scene: Scene) -> None:
    await scene.fault("drop_before", skip=1)
    typed = scene.typed(scene.several(3 * SIZE))
    await scene.until_all("live", "absent", count=3 * SIZE, limit_s=40)
    await typed
    assert sorted(scene.now().values()).count("absent") == SIZE


async def rows_of_a_batch_time_out_inside_a_200(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=3)
    row = '{"code":-1007,"msg":"Timeout waiting for response from backend server."}'
    await scene.fault("status", status=200, body=f"[{','.join([row] * SIZE)}]", accepted=True)
    await scene.type(scene.several(SIZE))
    await scene.until_all("live", count=SIZE)


async def a_part_is_refused(scene: Scene) -> None:
    """The venue's tick has become coarser a moment ago: two of four prices are not on it."""
    await coarse(scene, lost=False)


async def a_part_is_refused_and_the_answer_is_lost(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=3)
    await coarse(scene, lost=True)


async def coarse(scene: Scene, *, lost: bool) -> None:
    await scene.control.change_instrument(scene.venue, scene.market, tick="50")
    try:
        if lost:
            await scene.fault("drop_after")
        near = int(scene.last) * 97 // 100 // 50 * 50
        prices = (near, near - 101, near - 200, near - 303)
        await scene.type(" & ".join(f"buy 0.01btc {scene.symbol} at {price}" for price in prices))
        await scene.until_all("live", "absent", "rejected", count=4, limit_s=40)
        assert list(scene.now().values()).count("live") == 2, scene.now()
    finally:
        await scene.control.change_instrument(scene.venue, scene.market, tick="0.1")


async def a_429_in_the_middle(scene: Scene) -> None:
    await scene.fault("rate_limit", seconds=3, skip=2)
    typed = scene.typed(scene.several(8 * SIZE))
    await scene.until_all("live", "rejected", "denied", count=8 * SIZE, limit_s=20)
    await typed
    assert "rejected" in scene.now().values()


async def a_418_in_the_middle(scene: Scene) -> None:
    await scene.fault("ban", seconds=8, skip=2)
    typed = scene.typed(scene.several(8 * SIZE))
    await scene.until_all("live", "rejected", "denied", count=8 * SIZE, limit_s=20)
    await typed
    assert "rejected" in scene.now().values()
    await asyncio.sleep(8)  # the address may be used again


async def a_ban_of_the_address(scene: Scene) -> None:
    await scene.control.ban(scene.venue, 6)
    await scene.type(scene.several(SIZE))
    await scene.until_all("rejected", "denied", count=SIZE)
    await asyncio.sleep(6.5)
    await scene.type(scene.rest())
    await scene.until(lambda: "live" in scene.now().values())


async def cancels_wait_for_the_end_of_a_ban(scene: Scene) -> None:
    """Ten fit into one request: the first is turned away, the others wait."""
    await scene.type(scene.several(40))
    await scene.until_all("live", count=40)
    await scene.fault("rate_limit", seconds=4, method="DELETE")
    await scene.type("cancel all")
    await scene.until(lambda: "cancelled" in scene.now().values())
    await scene.until_true(lambda: cancelled_again(scene))
    await scene.until_all("cancelled", count=40)


async def cancelled_again(scene: Scene) -> bool:
    """Type it until nothing rests any more."""
    if set(scene.now().values()) == {"cancelled"}:
        return True
    with contextlib.suppress(RequestRefused, AssertionError):
        await scene.type("cancel all")
    return False


async def the_key_is_revoked_in_the_middle(scene: Scene) -> None:
    await scene.fault("delay", seconds=0.3, count=None)
    typed = scene.typed(scene.several(12 * SIZE))
    await scene.until(lambda: "live" in scene.now().values())
    await scene.control.change_key(scene.account, [])
    try:
        await typed
        await scene.until_all("live", "rejected", "denied", count=12 * SIZE)
        assert {"live", "rejected"} <= set(scene.now().values())
    finally:
        await scene.control.change_key(scene.account, None)
    await scene.calm()


async def abort_in_the_middle(scene: Scene) -> None:
    """No new order arrives later than 300 ms after the key."""
    await scene.fault("delay", seconds=0.3, accepted=True, count=None)
    typed = scene.typed(scene.several(100))
    await scene.until(lambda: "live" in scene.now().values())
    pressed_ns = now_ns()
    await scene.type("abort")
    await typed
    await scene.until_all("live", "denied", "rejected", count=100)
    assert {"live", "denied"} <= set(scene.now().values()), scene.now().values()
    late_ms = max(row["real_ns"] - pressed_ns for row in await scene.requests("POST")) / 1e6
    assert late_ms <= ABORTED_MS, f"an order arrived {late_ms:.0f} ms after abort"


CASES = [
    Case(abort_in_the_middle, quick=True),
    Case(shuffled, quick=True),
    Case(one_row_is_missing, quick=True),
    Case(one_row_comes_twice),
    Case(no_row_comes),
    Case(answers_are_lost_after_accept),
    Case(a_truncated_answer),
    Case(one_batch_never_arrives),
    Case(rows_of_a_batch_time_out_inside_a_200),
    Case(a_part_is_refused, alone=True, quick=True),
    Case(a_part_is_refused_and_the_answer_is_lost, alone=True),
    Case(a_429_in_the_middle, alone=True),
    Case(a_418_in_the_middle, alone=True),
    Case(a_ban_of_the_address, alone=True),
    Case(cancels_wait_for_the_end_of_a_ban, alone=True),
    Case(the_key_is_revoked_in_the_middle),
]


@pytest.mark.parametrize("case", of(CASES))
async def test_batches(bench: Bench, case: Case) -> None:
    await bench.run(case)
