"""Answers lost before and after the venue took the order: nothing is sent again, nothing is guessed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")
TIMED_OUT = '{"code":-1007,"msg":"Timeout waiting for response from backend server."}'
LOST = {
    "dropped": {"kind": "drop_after"},
    "reset": {"kind": "reset", "accepted": True},
    "a 502": {"kind": "status", "status": 502, "accepted": True},
    "a 503 without a body": {"kind": "status", "status": 503, "accepted": True},
    "HTML": {"kind": "html", "accepted": True},
    "empty": {"kind": "empty", "accepted": True},
    "truncated": {"kind": "truncate"},
    "success without id": {"kind": "status", "status": 200, "body": '{"status":"NEW"}', "accepted": True},
    "a time-out code in a 200": {"kind": "status", "status": 200, "body": TIMED_OUT, "accepted": True},
    "a time-out code in a 400": {"kind": "refuse", "code": -1007, "accepted": True},
    "an unknown error code": {"kind": "refuse", "code": -1000, "accepted": True},
    "a redirect": {
        "kind": "status",
        "status": 302,
        "headers": {"Location": "https://elsewhere.example/"},
        "accepted": True,
    },
    "the id is a duplicate": {"kind": "refuse", "code": -4116, "body": "ClientOrderId is duplicated."}
    | {"accepted": True},
}
"""After the venue took the order, its answer is ..."""
SLOW = {
    "never": {"kind": "stall", "accepted": True},
    "drips for 13 s": {"kind": "drip", "seconds": 13.0},
    "comes after 2 s": {"kind": "delay", "seconds": 2.0, "accepted": True},
}
NOT_TAKEN = {
    "dropped": {"kind": "drop_before"},
    "reset": {"kind": "reset"},
    "a 503": {"kind": "status", "status": 503},
    "HTML": {"kind": "html"},
    "empty": {"kind": "empty"},
    "a time-out code in a 200": {"kind": "status", "status": 200, "body": TIMED_OUT},
    "a redirect": {"kind": "status", "status": 307, "headers": {"Location": "https://elsewhere.example/"}},
    "never": {"kind": "stall"},
}
Play = Callable[[Scene, dict[str, Any]], Awaitable[None]]
QUERIES = r"(/order|openOrders|allOrders|userTrades|myTrades)$"


def play_of(name: str, play: Play, fault: dict[str, Any]) -> Any:
    async def played(scene: Scene) -> None:
        await play(scene, fault)

    played.__name__ = name.replace(" ", "_")
    return played


async def taken(scene: Scene, fault: dict[str, Any]) -> None:
    await scene.strike("ws_silence", seconds=3)
    await scene.fault(**fault)
    await scene.type(scene.rest())
    await scene.until_all("live")
    assert len(await scene.requests("POST")) == 1


async def taken_and_filled(scene: Scene, fault: dict[str, Any]) -> None:
    await scene.strike("ws_silence", seconds=3)
    await scene.fault(**fault)
    await scene.type(scene.take())
    await scene.until_all("filled")
    assert len(await scene.requests("POST")) == 1


async def not_taken(scene: Scene, fault: dict[str, Any]) -> None:
    await scene.fault(**fault)
    typed = scene.typed(scene.rest())
    await scene.until_all("unknown")
    await scene.until_all("absent", limit_s=40)
    await typed
    assert len(await scene.requests("POST")) == 1
    assert not await scene.truth()


async def lookups_fail_for_six_seconds(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=8)
    failing = await scene.fault("status", status=503, method="GET", path=QUERIES, count=None)
    await scene.fault("drop_after")
    await scene.type(scene.take())
    await scene.until_all("unknown")
    await scene.until_struck(failing, 3)
    await scene.calm()
    await scene.until_all("filled")
    assert len(await scene.requests("POST")) == 1


async def the_lookup_lags_8_s(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=12)
    await scene.fault("lag", seconds=8, method="GET", path=QUERIES, count=None)
    await scene.fault("drop_after")
    await scene.type(scene.rest())
    await scene.until_all("unknown")
    await scene.until_all("live", limit_s=20)


async def the_lookup_of_a_filled_order_lags_8_s(scene: Scene) -> None:
    await scene.strike("ws_silence", seconds=12)
    await scene.fault("lag", seconds=8, method="GET", path=QUERIES, count=None)
    await scene.fault("drop_after")
    await scene.type(scene.take())
    await scene.until_all("unknown")
    await scene.until_all("filled", limit_s=20)


async def an_order_appears_after_it_was_absent(scene: Scene) -> None:
    await scene.fault("late", seconds=28, accepted=True)
    await scene.type(scene.rest())
    await scene.until_all("absent", limit_s=27)
    await scene.until_true(scene.truth, 20)
    await scene.until_all("live")
    await scene.until_true(lambda: scene.noted("called absent and is at the venue after all"))


async def an_order_that_comes_too_late_is_turned_away(scene: Scene) -> None:
    await scene.fault("late", seconds=12)
    await scene.type(scene.rest())
    await scene.until_all("absent", limit_s=40)
    assert not await scene.truth()


async def its_sending_is_on_disk_before_it_arrives(scene: Scene) -> None:
    await scene.fault("stall", accepted=True)
    typed = scene.typed(scene.rest())
    (row,) = await scene.until_true(lambda: scene.requests("POST"))
    (id_,) = {row["params"]["newClientOrderId"].removeprefix("x-")} & set(scene.now()) or {""}
    assert scene.journalled(id_ or row["params"]["newClientOrderId"])
    await scene.until_all("live", limit_s=20)
    await typed


async def a_stop_without_an_answer(scene: Scene) -> None:
    await scene.type(scene.take())
    await scene.until_all("filled")
    await scene.fault("drop_after")
    await scene.type(f"sell 0.01btc {scene.symbol} stop:{scene.at(-4)}@mark reduce")
    await scene.until_all("filled", "live", count=2)
    assert len(await scene.requests("POST")) == 2


BOTH = ("binanceusdm", "binance")
DUPLICATE = {"kind": "refuse", "code": -2010, "body": "Duplicate order sent.", "accepted": True}
FILLED = ("dropped", "empty", "a time-out code in a 200")
QUICK = {"dropped", "a time-out code in a 200", "the id is a duplicate"}


def lost_cases() -> list[Case]:
    found = []
    for venue in BOTH:
        for name, fault in LOST.items():
            if venue == "binance" and "duplicate" in name:
                fault = DUPLICATE  # noqa: PLW2901 - the venue's other words for it
            play = play_of(f"after accept: {name}", taken, fault)
            found.append(Case(play, venue, quick=name in QUICK))
        plays = [
            *(play_of(f"after a fill: {name}", taken_and_filled, LOST[name]) for name in FILLED),
            *(play_of(f"after accept: {name}", taken, fault) for name, fault in SLOW.items()),
            *(play_of(f"before accept: {name}", not_taken, fault) for name, fault in NOT_TAKEN.items()),
        ]
        found += [
            *(Case(play, venue) for play in plays),
            Case(lookups_fail_for_six_seconds, venue),
            Case(the_lookup_lags_8_s, venue),
            Case(the_lookup_of_a_filled_order_lags_8_s, venue),
            Case(an_order_appears_after_it_was_absent, venue),
            Case(an_order_that_comes_too_late_is_turned_away, venue),
            Case(its_sending_is_on_disk_before_it_arrives, venue),
        ]
    return [*found, Case(a_stop_without_an_answer)]


@pytest.mark.parametrize("case", of(lost_cases()))
async def test_lost_answers(bench: Bench, case: Case) -> None:
    await bench.run(case)
