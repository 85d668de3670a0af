"""What others do to an account: settings and rules changed, manual trades, liquidation, prices that jump."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from faults.sockets.bench import Bench, Case, of
from faults.sockets.scene import Scene
from faults.sockets.test_races import bought_on_the_page, order_path, resting

from hedge_tui.wire import messages as m
from hedge_tui.wire.client import RequestRefused

ASKED_EVERY_S = 130.0
"""No stream tells of a changed position mode: the desk asks now and then, and after a refusal."""
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def the_price_jumps_after_the_preview(scene: Scene) -> None:
    preview = await scene.client.submit(f"buy 0.01btc {scene.symbol}", scope=scene.account)
    assert isinstance(preview, m.Preview)
    await scene.control.move_price(scene.venue, scene.market, scene.at(3))
    try:
        await scene.until_true(lambda: scene.moved(2))
        with pytest.raises(RequestRefused, match=r"moved|stale"):
            await scene.client.confirm(preview.hash, wait=True)
    finally:
        await scene.control.move_price(scene.venue, scene.market, scene.at(0))
    assert await scene.requests("POST") == []


async def the_position_mode_is_changed(scene: Scene) -> None:
    preview = await scene.client.submit(scene.rest(), scope=scene.account)
    await flat(scene)
    await hedged(scene, on=True)
    try:
        await scene.client.confirm(preview.hash, wait=True)
        await scene.until(lambda: "rejected" in scene.now().values())
        await scene.type_when_ready(f"{scene.rest()} long")
        await scene.until(lambda: "live" in scene.now().values())
        await scene.type("cancel all")
        await scene.until(lambda: "cancelled" in scene.now().values())
    finally:
        await hedged(scene, on=False)
    await scene.type_when_ready(scene.rest(), ASKED_EVERY_S)


async def the_leverage_is_changed(scene: Scene) -> None:
    await resting(scene)
    for leverage in (3, 7):
        await scene.act("POST", "/fapi/v1/leverage", symbol=scene.market, leverage=leverage)

        async def told(leverage: int = leverage) -> bool:
            answer = await scene.client.submit(f"lev {scene.symbol}", scope=scene.account)
            return f"{leverage}" in str(getattr(answer, "text", ""))

        await scene.until_true(told, 10)
    await scene.act("POST", "/fapi/v1/leverage", symbol=scene.market, leverage=20)


async def the_grid_is_changed(scene: Scene) -> None:
    await scene.control.change_instrument(scene.venue, scene.market, tick="50")
    try:
        await scene.type(f"buy 0.01btc {scene.symbol} at {Decimal(scene.at(-3)) // 50 * 50 + 1}")
        await scene.until_all("rejected")
    finally:
        tick = "0.1" if scene.venue == "binanceusdm" else "0.01"
        await scene.control.change_instrument(scene.venue, scene.market, tick=tick)
    await scene.type(scene.rest())
    await scene.until(lambda: "live" in scene.now().values())


async def the_instrument_is_halted(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.control.change_instrument(scene.venue, scene.market, active=False)
    try:
        await scene.type(scene.rest(below="4"))
        await scene.until(lambda: sorted(scene.now().values()) == ["live", "rejected"])
        assert scene.now()[id_] == "live"
    finally:
        await scene.control.change_instrument(scene.venue, scene.market, active=True)


async def somebody_trades_by_hand(scene: Scene) -> None:
    for side in ("BUY", "BUY", "SELL"):
        await manual(scene, side=side, type="MARKET", quantity="0.02")
    await scene.until_all("filled", count=0)


async def somebody_places_and_cancels_by_hand(scene: Scene) -> None:
    fields = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    order = await manual(scene, price=scene.at(-4), **fields)
    await scene.until_all("live")
    (id_,) = scene.now()
    assert scene.seen[id_][-1].external
    await scene.act("DELETE", order_path(scene), symbol=scene.market, orderId=order["orderId"])
    await scene.until_all("cancelled")


async def a_manual_order_is_cancelled_from_the_desk(scene: Scene) -> None:
    fields = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    await manual(scene, price=scene.at(-4), **fields)
    await scene.until_all("live")
    await scene.type("cancel all")
    await scene.until_all("cancelled")


async def our_order_is_cancelled_by_hand(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.act("DELETE", order_path(scene), symbol=scene.market, origClientOrderId=id_)
    await scene.until_all("cancelled")


async def our_order_is_amended_and_filled_by_hand(scene: Scene) -> None:
    id_ = await resting(scene)
    await bought_on_the_page(scene, id_)
    await scene.until_all("filled")


async def manual_trades_while_the_stream_is_away(scene: Scene) -> None:
    id_ = await resting(scene)
    await scene.fault("ws_refuse", method="", path="", status=503, count=3)
    await scene.strike("ws_abort")
    await manual(scene, side="BUY", type="MARKET", quantity="0.02")
    await scene.act("DELETE", order_path(scene), symbol=scene.market, origClientOrderId=id_)
    fields = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    await manual(scene, price=scene.at(-4), **fields)
    await scene.until(lambda: scene.now()[id_] == "cancelled", 10)
    await scene.until(lambda: "live" in scene.now().values(), 10)


async def our_client_id_is_used_again_after_its_fill(scene: Scene) -> None:
    await scene.type(scene.take())
    await scene.until_all("filled")
    (id_,) = scene.now()
    fields = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.03"}
    order = await manual(scene, price=scene.at(-4), newClientOrderId=id_, **fields)
    await asyncio.sleep(2)
    assert scene.now()[id_] == "filled"
    assert scene.seen[id_][-1].filled == pytest.approx(0.01)
    await scene.act("DELETE", order_path(scene), symbol=scene.market, orderId=order["orderId"])
    await scene.until(lambda: sorted(scene.now().values()) == ["cancelled", "filled"])
    assert scene.now()[id_] == "filled"
    scene.strangers.add(str(order["orderId"]))


async def auto_deleveraging_takes_a_part(scene: Scene) -> None:
    await scene.type(scene.take("0.04"))
    await scene.until_all("filled")
    await scene.control.deleverage(scene.account, scene.market, "0.01")
    await asyncio.sleep(1)


async def a_liquidation(scene: Scene) -> None:
    """A position of many times the account's money, and a price that falls."""
    resting_id = await resting(scene, below="12")
    await scene.act("POST", "/fapi/v1/leverage", symbol=scene.market, leverage=50)
    wallet = next(
        Decimal(row["total"])
        for row in await scene.control.balances(scene.account)
        if row["what"] == "balance" and row["venue"] == scene.venue
    )
    await scene.control.hold_market()
    size = f"{wallet * 12 / scene.last / 8:.3f}"
    try:
        for _ in range(8):
            await manual(scene, side="BUY", type="MARKET", quantity=size)
        for percent in (-4, -7, -9):
            await scene.control.move_price(scene.venue, scene.market, scene.at(percent))
            await asyncio.sleep(0.5)
        await scene.until_true(lambda: without_position(scene), 20)
    finally:
        await scene.control.move_price(scene.venue, scene.market, scene.at(0))
        await scene.control.hold_market(still=False)
    await scene.until(lambda: scene.now()[resting_id] in ("cancelled", "expired"), 10)
    await scene.control.transfer(scene.account, scene.venue, "USDT", str(wallet))
    await scene.act("POST", "/fapi/v1/leverage", symbol=scene.market, leverage=20)


# -- what they are made of


async def manual(scene: Scene, **fields: Any) -> Any:
    """An order from the venue's own page."""
    return await scene.act("POST", order_path(scene), symbol=scene.market, **fields)


async def without_position(scene: Scene) -> bool:
    rows = await scene.control.balances(scene.account)
    return not any(row["what"] == "position" and Decimal(row["quantity"]) for row in rows)


async def flat(scene: Scene) -> None:
    """No position: the mode can only be changed without one."""
    for row in await scene.control.balances(scene.account):
        if row["what"] == "position" and (held := Decimal(row["quantity"])):
            side = "SELL" if held > 0 else "BUY"
            await manual(scene, side=side, type="MARKET", quantity=str(abs(held)), reduceOnly="true")


async def hedged(scene: Scene, *, on: bool) -> None:
    await scene.act("POST", "/fapi/v1/positionSide/dual", dualSidePosition=str(on).lower())


USDM, SPOT = "binanceusdm", "binance"
ON_BOTH = (
    somebody_trades_by_hand,
    somebody_places_and_cancels_by_hand,
    a_manual_order_is_cancelled_from_the_desk,
    our_order_is_cancelled_by_hand,
    manual_trades_while_the_stream_is_away,
    our_client_id_is_used_again_after_its_fill,
)
ALONE = (the_price_jumps_after_the_preview, the_grid_is_changed, the_instrument_is_halted)
ON_USDM = (
    the_position_mode_is_changed,
    the_leverage_is_changed,
    our_order_is_amended_and_filled_by_hand,
    auto_deleveraging_takes_a_part,
)
QUICK = {somebody_trades_by_hand, our_order_is_cancelled_by_hand}
CASES = [
    *(Case(play, venue, quick=play in QUICK and venue == USDM) for venue in (USDM, SPOT) for play in ON_BOTH),
    *(Case(play, venue, alone=True) for venue in (USDM, SPOT) for play in ALONE),
    *(Case(play, quick=play in QUICK) for play in ON_USDM),
    Case(a_liquidation, alone=True),
]


@pytest.mark.parametrize("case", of(CASES))
async def test_outside(bench: Bench, case: Case) -> None:
    await bench.run(case)
