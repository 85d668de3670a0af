"""Things that overtake each other: fills and acks, cancels and fills, amendments, two consoles at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.scene import Scene

from hedge_tui.wire.client import RequestRefused

pytestmark = pytest.mark.asyncio(loop_scope="session")
USDM, SPOT = "binanceusdm", "binance"


async def resting(scene: Scene, **fields: str) -> str:
    """One live order; its client id."""
    await scene.type(scene.rest(**fields))
    await scene.until_all("live")
    (id_,) = scene.now()
    return id_


async def bought_on_the_page(scene: Scene, id_: str) -> None:
    """The account's owner lifts a resting USD-M buy into the market."""
    changed = {"origClientOrderId": id_, "side": "BUY", "quantity": "0.01", "price": scene.at(2)}
    await scene.act("PUT", "/fapi/v1/order", symbol=scene.market, **changed)


async def the_fill_comes_before_the_answer(scene: Scene) -> None:
    await scene.fault("delay", seconds=4, accepted=True)
    typed = scene.typed(scene.take())
    await scene.until_all("filled", limit_s=3.5)
    assert not typed.done()
    await typed


async def the_fill_comes_before_the_answer_that_is_lost(scene: Scene) -> None:
    await scene.fault("stall", accepted=True)
    typed = scene.typed(scene.take())
    await scene.until_all("filled", limit_s=5)
    await typed


async def the_answer_of_a_cancel_is_lost(scene: Scene) -> None:
    await resting(scene)
    await scene.strike("ws_silence", seconds=4)
    await scene.fault("drop_after", method="DELETE")
    await scene.type("cancel all")
    await scene.until_all("cancelled")


async def a_cancel_never_arrives(scene: Scene) -> None:
    await resting(scene)
    await scene.fault("drop_before", method="DELETE")
    await scene.type("cancel all")
    await scene.until_all("cancel_unknown")
    await scene.until_all("live")
    await scene.type("cancel all")
    await scene.until_all("cancelled")


async def a_cancel_arrives_long_after_it_was_given_up(scene: Scene) -> None:
    await resting(scene)
    await scene.fault("late", method="DELETE", seconds=4, accepted=True)
    await scene.type("cancel all")
    await scene.until_all("cancelled")


async def a_cancel_without_meaning(scene: Scene) -> None:
    await resting(scene)
    await scene.fault("status", status=200, body="{}", method="DELETE", accepted=True)
    await scene.type("cancel all")
    await scene.until_all("cancelled")


async def a_bulk_of_cancels_loses_its_answers(scene: Scene) -> None:
    await scene.type(scene.several(20))
    await scene.until_all("live", count=20)
    await scene.strike("ws_silence", seconds=4)
    await scene.fault("drop_after", method="DELETE", count=2)
    await scene.fault("list_shuffle", method="DELETE", count=None)
    await scene.type("cancel all")
    await scene.until_all("cancelled", count=20)


async def an_order_fills_while_its_cancel_is_on_its_way(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.fault("delay", method="DELETE", seconds=1.0)
    typed = scene.typed("cancel all")
    await scene.until_true(lambda: scene.requests("DELETE"))
    await bought_on_the_page(scene, id_)
    await typed
    await scene.until_all("filled")


async def an_order_fills_unseen_while_its_cancel_is_on_its_way(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.strike("ws_silence", seconds=6)
    await scene.fault("delay", method="DELETE", seconds=1.0)
    typed = scene.typed("cancel all")
    await scene.until_true(lambda: scene.requests("DELETE"))
    await bought_on_the_page(scene, id_)
    await typed
    await scene.until_all("filled")


async def an_order_fills_while_its_amendment_is_on_its_way(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.fault("delay", method="PUT", seconds=1.0)
    typed = scene.typed(f"amend id:{id_} at {scene.at(-4)}")
    await scene.until_true(lambda: scene.requests("PUT"))
    await bought_on_the_page(scene, id_)
    await typed
    await scene.until_all("filled")


async def an_amendment_fills_and_its_answer_is_lost(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.strike("ws_silence", seconds=4)
    await scene.fault("drop_after", method="PUT")
    await scene.type(f"amend id:{id_} at {scene.at(1)}")
    await scene.until_all("filled")


async def the_answer_of_an_amendment_is_lost(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.strike("ws_silence", seconds=4)
    await scene.fault("drop_after", method="PUT")
    await scene.type(f"amend id:{id_} at {scene.at(-5)}")
    await scene.until_all("live")
    await shown_at(scene, id_, scene.at(-5))


async def an_amendment_never_arrives(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.fault("drop_before", method="PUT")
    await scene.type(f"amend id:{id_} at {scene.at(-5)}")
    await scene.until_all("live")
    await shown_at(scene, id_, scene.at(-3))


async def a_replacement_loses_its_answer(scene: Scene) -> None:
    """On spot an amendment is a cancel and a new order."""
    id_ = await resting(scene)
    await scene.strike("ws_silence", seconds=4)
    await scene.fault("drop_after", path="cancelReplace")
    await scene.type(f"amend id:{id_} at {scene.at(-5)}")
    await scene.until_all("live", "cancelled", count=2)
    assert sorted(scene.now().values()) == ["cancelled", "live"]


async def a_replacement_never_arrives(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.fault("drop_before", path="cancelReplace")
    await scene.type(f"amend id:{id_} at {scene.at(-5)}")
    await scene.until_all("live", "absent", count=2, limit_s=40)
    assert scene.now()[id_] == "live"


async def the_cancel_of_an_order_that_is_gone(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.strike("ws_silence", seconds=6)
    await scene.act("DELETE", order_path(scene), symbol=scene.market, origClientOrderId=id_)
    await scene.type("cancel all")
    await scene.until_all("cancelled")


async def the_amendment_of_an_order_that_is_gone(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.strike("ws_silence", seconds=6)
    await scene.act("DELETE", order_path(scene), symbol=scene.market, origClientOrderId=id_)
    await scene.type(f"amend id:{id_} at {scene.at(-5)}")
    await scene.until(lambda: scene.now()[id_] == "cancelled")


async def two_consoles_cancel_the_same(scene: Scene) -> None:
    await scene.type(scene.several(5))
    await scene.until_all("live", count=5)
    other = await scene.bench.client()
    try:
        done = await asyncio.gather(
            scene.type("cancel all"), scene.type("cancel all", client=other), return_exceptions=True
        )
    finally:
        await other.close()
    assert any(not isinstance(one, BaseException) for one in done)
    assert all(isinstance(one, RequestRefused) for one in done if isinstance(one, BaseException)), done
    await scene.until_all("cancelled", count=5)


async def two_consoles_confirm_the_same_line(scene: Scene) -> None:
    other = await scene.bench.client()
    try:
        await asyncio.gather(scene.type(scene.rest()), scene.type(scene.rest(), client=other))
    finally:
        await other.close()
    await scene.until_all("live", count=2)
    assert len(scene.now()) == 2, "two lines were typed and confirmed"


async def a_preview_is_confirmed_twice(scene: Scene) -> None:
    preview = await scene.client.submit(scene.rest(), scope=scene.account)
    done = await asyncio.gather(
        *(scene.client.confirm(preview.hash, wait=True) for _ in range(3)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in done) == 1, done
    await scene.until_all("live")
    assert len(await scene.requests("POST")) == 1


def order_path(scene: Scene) -> str:
    return "/fapi/v1/order" if scene.venue == USDM else "/api/v3/order"


async def shown_at(scene: Scene, id_: str, price: str) -> None:
    async def same() -> bool:
        rows: list[dict[str, Any]] = await scene.client.query("orders")
        return any(row["client_order_id"] == id_ and float(row["price"]) == float(price) for row in rows)

    await scene.until_true(same)


ON_BOTH = (
    the_fill_comes_before_the_answer,
    the_fill_comes_before_the_answer_that_is_lost,
    the_answer_of_a_cancel_is_lost,
    a_cancel_never_arrives,
    a_cancel_arrives_long_after_it_was_given_up,
    a_cancel_without_meaning,
    the_cancel_of_an_order_that_is_gone,
    the_amendment_of_an_order_that_is_gone,
    two_consoles_cancel_the_same,
    two_consoles_confirm_the_same_line,
    a_preview_is_confirmed_twice,
)
ON_USDM = (
    a_bulk_of_cancels_loses_its_answers,
    an_order_fills_while_its_cancel_is_on_its_way,
    an_order_fills_unseen_while_its_cancel_is_on_its_way,
    an_order_fills_while_its_amendment_is_on_its_way,
    an_amendment_fills_and_its_answer_is_lost,
    the_answer_of_an_amendment_is_lost,
    an_amendment_never_arrives,
)
QUICK = {
    two_consoles_cancel_the_same,
    a_preview_is_confirmed_twice,
    the_fill_comes_before_the_answer,
    the_amendment_of_an_order_that_is_gone,
    the_answer_of_an_amendment_is_lost,
    an_amendment_fills_and_its_answer_is_lost,
}
CASES = (
    [Case(play, venue, quick=play in QUICK and venue == USDM) for venue in (USDM, SPOT) for play in ON_BOTH]
    + [Case(play, quick=play in QUICK) for play in ON_USDM]
    + [Case(play, SPOT) for play in (a_replacement_loses_its_answer, a_replacement_never_arrives)]
)


@pytest.mark.parametrize("case", of(CASES))
async def test_races(bench: Bench, case: Case) -> None:
    await bench.run(case)
