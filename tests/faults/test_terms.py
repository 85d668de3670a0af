"""Leverage, margin and position mode on a bad line: journalled first, never sent twice, read back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from faults.tally import seeds
from simulated_desk import BTC, ETH, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.domain.order import PositionSide
from hedge_tui.wire import messages as m

D = Decimal
SEEDS = seeds(short=12, long=300)


def run(scenario: Callable[[SimulatedDesk], object], seed: int = 1, *, hedge: bool = False) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed)
        for name in desk.names:
            if hedge:
                desk.venue.set_hedge_mode(name, enabled=True)
        await desk.start()
        await desk.until(lambda: all(a.brackets for a in desk.engine.desk.accounts.values()))
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


async def outcomes(desk: SimulatedDesk, line: str) -> list[str]:
    result = await desk.send(line)
    assert isinstance(result, m.Result), result
    await asyncio.sleep(0.1)  # what was learnt is on disk
    return [
        f"{leg.status}: {leg.reason}" if leg.reason and not leg.client_order_id else leg.status
        for leg in result.legs
    ]


def journal(desk: SimulatedDesk) -> list[str]:
    """What the journal says of settings, in order."""
    found = []
    for _, act in desk.journal.replay():
        if isinstance(act, acts.TermSending):
            found.append("sending")
        elif isinstance(act, acts.TermSettled):
            found.append(act.outcome)
    return found


def sent(desk: SimulatedDesk, account: str = "desk-1") -> list[str]:
    return desk.clients[account].settings


def settled(desk: SimulatedDesk) -> bool:
    return not desk.engine.desk.state.terms


def wallet(desk: SimulatedDesk) -> Decimal:
    (position,) = [p for p in desk.venue.positions("desk-1") if p.quantity]
    return position.isolated_wallet


def test_a_change_is_on_disk_before_it_leaves_and_read_back_after() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        seen: list[list[str]] = []
        client = desk.clients["desk-1"]
        ask = client.set_leverage

        async def watched(*args: object) -> None:
            seen.append(journal(desk))
            await ask(*args)  # type: ignore[arg-type]

        client.set_leverage = watched  # type: ignore[method-assign]
        assert await outcomes(desk, "@desk-1 lev BTC.p 7") == ["done"]
        assert seen == [["sending"]]
        assert journal(desk) == ["sending", "done"]
        assert desk.engine.desk.accounts["desk-1"].leverage[BTC] == 7

    run(scenario)


def test_a_lost_answer_is_read_back() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_answer = 1.0
        assert await outcomes(desk, "@desk-1 lev BTC.p 7") == ["done"]
        assert await outcomes(desk, "@desk-1 margin BTC.p iso") == ["done"]
        assert await outcomes(desk, "@desk-2 mode hedge") == ["done"]
        assert desk.venue.leverage("desk-1", BTC) == 7
        assert desk.venue.is_isolated("desk-1", BTC)
        assert desk.engine.desk.accounts["desk-2"].hedge_mode is True
        assert (sent(desk), sent(desk, "desk-2")) == (["leverage", "margin mode"], ["position mode"])
        assert settled(desk)

    run(scenario)


def test_a_lost_request_is_not_made_and_keeps_its_order_back() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_request = 1.0
        start = desk.loop.now
        said = await outcomes(desk, "@desk-1 buy 0.01btc BTC.p at 59000 lev:7")
        assert said == ["failed: no answer came, and it is not so", "denied"]
        assert desk.loop.now - start >= 10, "it might have been on its way"
        assert (sent(desk), desk.clients["desk-1"].placed) == (["leverage"], [])
        assert journal(desk) == ["sending", "not done"]
        assert settled(desk)

    run(scenario)


def test_what_nobody_can_tell_is_unknown_until_somebody_can() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_answer = 1.0
        desk.faults.settings_unreadable = True
        assert await outcomes(desk, "@desk-1 lev BTC.p 7") == ["unknown"]
        assert await outcomes(desk, "@desk-1 lev BTC.p 8") == [
            "not sent: an earlier change of it is not settled yet"
        ]
        desk.faults.settings_unreadable = False
        await desk.until(lambda: settled(desk), 30)
        await asyncio.sleep(0.1)
        assert journal(desk) == ["sending", "unknown", "done"]
        assert (sent(desk), desk.venue.leverage("desk-1", BTC)) == (["leverage"], 7)

    run(scenario)


def test_margin_moves_once_whatever_is_heard_of_it() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await outcomes(desk, "@desk-1 margin BTC.p iso")
        await outcomes(desk, "@desk-1 buy 0.1btc BTC.p")
        await asyncio.sleep(5)
        before = wallet(desk)
        desk.faults.lose_answer = 1.0
        assert await outcomes(desk, "@desk-1 margin BTC.p +100") == ["done"]
        assert wallet(desk) == before + 100
        desk.faults.lose_answer, desk.faults.lose_request = 0.0, 1.0
        assert await outcomes(desk, "@desk-1 margin BTC.p +50") == [
            "failed: no answer came, and it is not so"
        ]
        assert wallet(desk) == before + 100
        assert sent(desk) == ["margin mode", "margin", "margin"]

    run(scenario)


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_crash_it_is_read_back_and_not_sent_again(arrived: bool) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.faults.lose_answer, desk.faults.lose_request = float(arrived), float(not arrived)
        desk.faults.settings_unreadable = True
        task = asyncio.ensure_future(desk.send("@desk-1 lev BTC.p 7"))
        await asyncio.sleep(2)
        await desk.crash()
        task.cancel()
        desk.faults.lose_answer = desk.faults.lose_request = 0.0
        desk.faults.settings_unreadable = False
        await desk.start()
        await desk.until(lambda: settled(desk), 40)
        await asyncio.sleep(0.1)
        assert journal(desk)[-1] == ("done" if arrived else "not done")
        assert sent(desk) == []
        assert desk.engine.desk.accounts["desk-1"].leverage[BTC] == (7 if arrived else 20)

    run(scenario)


def test_the_venues_no_is_final() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.venue.set_leverage("desk-1", BTC, D(50))
        await outcomes(desk, "@desk-1 buy 30btc BTC.p")
        desk.engine.desk.accounts["desk-1"].balances.clear()
        desk.engine.desk.accounts["desk-1"].brackets = {}
        (said,) = await outcomes(desk, "@desk-1 lev BTC.p 125")
        assert said.startswith("failed: ")
        assert journal(desk) == ["sending", "refused"]

    run(scenario)


def test_a_position_mode_changed_at_the_venue_asks_for_a_new_preview() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.quote()
        submit = m.Submit(1, "@desk-1 buy 0.01btc BTC.p")
        preview = await desk.engine.lines.submit(submit, "test", may_trade=True)
        assert isinstance(preview, m.Preview)
        desk.venue.set_hedge_mode("desk-1", enabled=True)
        await desk.engine.reconciler.account("desk-1")
        answer = await desk.engine.lines.confirm(m.Confirm(2, preview.hash), "test")
        assert isinstance(answer, m.Failure)
        assert "switched to hedge mode at the venue since the preview" in answer.message
        assert desk.clients["desk-1"].placed == []

    run(scenario)


def test_settings_and_hedged_trades_on_a_bad_line_end_as_the_venue_has_them() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        rng = random.Random(desk.seed)
        desk.faults.lose_request, desk.faults.lose_answer, desk.faults.lookup_fails = 0.15, 0.25, 0.2
        for _ in range(12):
            desk.price(BTC, 60_000)
            name, side = rng.choice(desk.names), rng.choice(("long", "short"))
            line = rng.choice(
                (
                    f"@{name} lev BTC.p {rng.randrange(1, 60)}",
                    f"@{name} buy 0.{rng.randrange(1, 9)}btc BTC.p {side}",
                    f"@{name} sell 0.{rng.randrange(1, 9)}btc BTC.p {side}",
                    f"@{name} margin ETH.p {rng.choice(('iso', 'cross'))}",
                    f"@{name} close BTC.p {side} stop:{'59000' if side == 'long' else '61000'}",
                )
            )
            await desk.send(line)
        desk.faults.lose_request = desk.faults.lose_answer = desk.faults.lookup_fails = 0.0
        await desk.until(lambda: settled(desk), 60)
        await desk.until(lambda: not desk.engine.reconciler.unsettled, 60)
        for name in desk.names:
            await desk.engine.reconciler.account(name)
            account = desk.engine.desk.accounts[name]
            assert account.leverage[BTC] == desk.venue.leverage(name, BTC)
            assert account.isolated[ETH] is desk.venue.is_isolated(name, ETH)
            legs = {p.side: p.quantity for p in desk.venue.positions(name) if p.quantity}
            ours = desk.engine.desk.state.holdings
            assert {s: p.quantity for (_, s), p in account.positions.items()} == legs
            assert {s: h.quantity for (n, _, s), h in ours.items() if n == name and h.quantity} == legs
            assert PositionSide.NET not in legs
        calls = sum(len(sent(desk, name)) for name in desk.names)
        assert journal(desk).count("sending") == calls

    for seed in range(SEEDS):
        try:
            run(scenario, seed, hedge=True)
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def test_panic_flat_closes_both_legs_and_drops_the_stops_of_each() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.3btc BTC.p long ; @desk-1 sell 0.2btc BTC.p short")
        await asyncio.sleep(2)
        await desk.send("@desk-1 close BTC.p long stop:59000 & @desk-1 close BTC.p short trail 1%")
        await desk.send("@desk-1 buy 0.1btc BTC.p long at 58000")
        await asyncio.sleep(3)
        state = desk.engine.desk.state
        assert len(list(state.working_orders("desk-1"))) == 3
        answer = await desk.engine.lines.submit(m.Submit(9, "panic flat"), "test", may_trade=True)
        assert isinstance(answer, m.Done)
        assert "2 of 2 positions closed" in answer.text
        assert "2 stops dropped" in answer.text
        await asyncio.sleep(3)
        assert not [p for p in desk.venue.positions("desk-1") if p.quantity]
        assert not list(state.working_orders("desk-1"))

    run(scenario, hedge=True)


def test_one_leg_is_closed_and_the_other_keeps_its_stop() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.3btc BTC.p long ; @desk-1 sell 0.2btc BTC.p short")
        await asyncio.sleep(2)
        await desk.send("@desk-1 close BTC.p short stop:61000@mark")
        assert await outcomes(desk, "@desk-1 close BTC.p long") == ["filled"]
        await asyncio.sleep(3)
        (left,) = desk.engine.desk.accounts["desk-1"].positions.values()
        assert (left.position_side, left.quantity) == (PositionSide.SHORT, D("-0.2"))
        (stop,) = desk.engine.desk.state.working_orders("desk-1")
        assert (stop.request.close_position, stop.request.position_side) == (True, PositionSide.SHORT)
        desk.price(BTC, 61_500)
        await asyncio.sleep(3)
        assert not desk.engine.desk.accounts["desk-1"].positions

    run(scenario, hedge=True)
