"""Snapshots that contradict the books: an empty list clears nothing, and what is right in the end wins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from simulated_desk import BTC, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side

D = Decimal


def run(scenario: Callable[[SimulatedDesk], object], **more: object) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1, **more)  # type: ignore[arg-type]
        await desk.start()
        await desk.send("@desk-1 buy 0.5btc BTC.p")
        await asyncio.sleep(5)
        assert held(desk) == D("0.5")
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


def held(desk: SimulatedDesk) -> Decimal:
    return desk.engine.desk.accounts["desk-1"].position_quantity(BTC)


def bend(desk: SimulatedDesk, change: Callable[[AccountSnapshot], AccountSnapshot]) -> Callable[[], None]:
    """Every snapshot of desk-1 is bent from now on; returns what ends that."""
    client = desk.clients["desk-1"]
    whole = client.snapshot

    async def bent() -> AccountSnapshot:
        return change(await whole())

    client.snapshot = bent  # type: ignore[method-assign]

    def straight() -> None:
        client.snapshot = whole  # type: ignore[method-assign]

    return straight


def differences(desk: SimulatedDesk) -> list[str]:
    return [
        f"{act.subject}: {act.ours} -> {act.theirs}"
        for _, act in desk.journal.replay()
        if isinstance(act, acts.Differed)
    ]


def empty(snapshot: AccountSnapshot) -> AccountSnapshot:
    return replace(snapshot, balances=(), positions=())


async def shown(desk: SimulatedDesk) -> tuple[str | None, list[str]]:
    rows = await desk.engine.queries.answer("positions", {})
    accounts = await desk.engine.queries.answer("accounts", {})
    return (rows[0]["in_doubt"] if rows else None), accounts[0]["in_doubt"]


@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_a_false_empty_snapshot_clears_nothing_and_is_shown_as_unknown(seconds: float) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        account = desk.engine.desk.accounts["desk-1"]
        money = account.balances["USDT"].total
        straight = bend(desk, empty)
        await desk.engine.reconciler.snapshot("desk-1")
        await asyncio.sleep(seconds)
        assert (held(desk), account.balances["USDT"].total) == (D("0.5"), money)
        if seconds > 2:
            assert await shown(desk) == (
                "0.5 here, 0 at the venue",
                [
                    "position BTC/USDT:USDT UNKNOWN: 0.5 here, 0 at the venue",
                    f"balance USDT UNKNOWN: {money.normalize():f} here, 0 at the venue",
                ],
            )
        straight()
        await desk.until(lambda: not account.disputes, 10)
        assert (held(desk), account.balances["USDT"].total) == (D("0.5"), money)
        assert await shown(desk) == (None, [])
        assert differences(desk) == []

    run(scenario)


def test_a_position_that_is_gone_without_a_trade_is_believed_in_the_end_and_counted() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        bend(desk, lambda one: replace(one, positions=()))
        begun = desk.loop.now
        await desk.engine.reconciler.snapshot("desk-1")
        await asyncio.sleep(3)
        assert held(desk) == D("0.5")
        await desk.until(lambda: held(desk) == 0, 20)
        assert 4 <= desk.loop.now - begun < 15
        assert differences(desk) == ["position BTC/USDT:USDT: 0.5 -> 0"]
        words = [note.text for _, note in desk.engine.desk.state.log if note.topic == "reconcile"]
        assert words == ["position BTC/USDT:USDT: 0.5 here, 0 at the venue; taken from the venue"]
        (account, _) = await desk.engine.queries.answer("accounts", {})
        assert account["differences"] == 1

    run(scenario)


def test_a_manual_trade_whose_frames_were_lost_is_explained_by_its_fill() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.stream_cut = True
        request = OrderRequest(
            ClientOrderId("web-1"), "desk-1", BTC, Side.BUY, OrderType.MARKET, D("0.3"), None
        )
        desk.hub.publish(desk.venue.place(request, desk.clock.now_ns()))
        await asyncio.sleep(6)
        await desk.engine.reconciler.snapshot("desk-1")
        assert held(desk) == D("0.8"), "the larger is the worst case"
        await desk.until(lambda: not desk.engine.desk.accounts["desk-1"].disputes, 10)
        assert held(desk) == D("0.8")
        holdings = desk.engine.desk.state.holdings
        assert [h.quantity for key, h in holdings.items() if key[0] == "desk-1"] == [D("0.8")]
        (one, *_) = differences(desk)
        assert one.startswith("fill ")
        assert one.endswith("not told -> buy 0.3 at 60000.1")

    run(scenario)


def test_after_a_restart_an_empty_answer_is_not_believed_at_once() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.crash()
        await desk.engine.start()
        await desk.until(lambda: bool(desk.clients), 5)
        straight = bend(desk, lambda one: replace(one, positions=()))
        await desk.until(lambda: bool(desk.engine.desk.accounts["desk-1"].snapshot_ns), 10)
        assert held(desk) == D("0.5")
        await asyncio.sleep(3)
        straight()
        await desk.until(lambda: not desk.engine.desk.accounts["desk-1"].disputes, 10)
        assert held(desk) == D("0.5")
        assert not any(
            isinstance(act, acts.LedgerSeeded) and not act.quantity for _, act in desk.journal.replay()
        )

    run(scenario)


def test_trading_all_the_while_makes_no_difference() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        for i in range(30):
            side = "buy" if i % 3 else "sell"
            await desk.send(f"@desk-1 {side} 0.1btc BTC.p")
            await asyncio.sleep(desk.rng.random() * 3)
        await asyncio.sleep(20)
        theirs = sum((p.quantity for p in desk.venue.positions("desk-1")), D(0))
        assert held(desk) == theirs
        assert differences(desk) == []

    run(scenario)
