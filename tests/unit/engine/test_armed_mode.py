"""Armed mode: what goes without a preview, which bound stops it, and all the ways it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from simulated_desk import BTC, ETH, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.account import Mode
from hedge_tui.engine import checkpoint
from hedge_tui.engine.state import DeskState
from hedge_tui.wire import messages as m

ME = "console-1"


def run(scenario: Callable[[SimulatedDesk], object]) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 1)
        await desk.start()
        await scenario(desk)  # type: ignore[misc]

    simulate(main)


async def line(desk: SimulatedDesk, text: str, by: str = ME, *, holds_lock: bool = True) -> m.ServerMessage:
    desk.quote()
    message = m.Submit(1, text, "desk-1", BTC)
    return await desk.engine.lines.submit(message, by, may_trade=True, holds_lock=holds_lock)


async def arm(desk: SimulatedDesk, text: str = "arm 5m cap 5kusd", by: str = ME) -> m.Preview:
    asked = await line(desk, text, by)
    assert isinstance(asked, m.Preview), asked
    answer = await desk.engine.lines.confirm(m.Confirm(2, asked.hash), by)
    assert isinstance(answer, m.Result), answer
    return asked


def previewed(answer: m.ServerMessage, words: str) -> None:
    assert isinstance(answer, m.Preview), answer
    assert any(words in warning for warning in answer.warnings), answer.warnings
    assert answer.sendable


def spent(desk: SimulatedDesk) -> Decimal:
    return desk.engine.desk.state.armed_spent


def sent(desk: SimulatedDesk) -> int:
    return sum(len(client.placed) for client in desk.clients.values())


def noted(desk: SimulatedDesk, words: str) -> bool:
    return any(words in note.text for _, note in desk.engine.desk.state.log)


def test_the_preview_names_every_bound_and_arms_nothing() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        account = desk.engine.desk.accounts["desk-1"]
        account.account = replace(account.account, mode=Mode.LIVE)
        asked = await line(desk, "@all arm 90s cap 500usd on BTC.p,ETH.p")
        assert isinstance(asked, m.Preview)
        assert asked.headline == "Arm LIVE and sandbox money: 1m30s, up to 500.00 USDT"
        words = "\n".join(asked.details)
        assert "accounts: desk-1, desk-2" in words
        assert "markets: BTC/USDT:USDT, ETH/USDT:USDT" in words
        assert asked.warnings == ("LIVE money: desk-1",)
        assert desk.engine.desk.state.armed is None
        previewed(await line(desk, "buy 100usd BTC.p !"), "armed mode only")
        only = await line(desk, "arm 5m cap 1kusd ?")
        assert isinstance(only, m.Preview)
        assert (only.preview_only, only.sendable) == (True, 0)
        refused = await desk.engine.lines.confirm(m.Confirm(3, only.hash), ME)
        assert isinstance(refused, m.Failure)

    run(scenario)


def test_a_line_inside_the_envelope_goes_at_once_by_the_same_path() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk)
        answer = await line(desk, "buy 500usd BTC.p !")
        assert isinstance(answer, m.Result)
        assert answer.sent == 1
        await desk.until(lambda: bool(desk.engine.desk.state.fills))
        state = desk.engine.desk.state
        (run_,) = state.runs.values()
        assert state.armed is not None
        assert run_.envelope == state.armed.envelope
        assert Decimal(400) < spent(desk) <= Decimal(500)
        assert state.day_notional["desk-1"] == spent(desk)
        assert isinstance(await line(desk, "buy 500usd BTC.p"), m.Preview)  # without the mark it asks

    run(scenario)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@desk-2 buy 100usd BTC.p !", "desk-2 is not armed; armed: desk-1"),
        ("buy 1eth ETH.p at 2000 !", "ETH/USDT:USDT is not armed; armed: BTC/USDT:USDT"),
        ("buy 6kusd BTC.p !", "is above the 5,000.00 USDT left of the armed cap 5,000.00"),
        ("lev BTC.p 5 !", "leverage changes are not armed; armed: limit and market orders"),
        ("sell 0.01btc BTC.p stop:55000 !", "stop market orders are not armed"),
        ("buy 100usd BTC.p ! ; sell 100usd BTC.p", "1 of 2 commands carry the !"),
        ("buy 100usd BTC.p ! & buy 0.0001btc BTC.p at 59000 !", "1 of 2 legs cannot be sent"),
    ],
)
def test_what_breaks_a_bound_is_previewed_with_both_values(text: str, words: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        desk.price(ETH, 2_001)
        await arm(desk)
        previewed(await line(desk, text), words)
        assert (sent(desk), spent(desk)) == (0, 0)

    run(scenario)


def test_amendments_are_previewed() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk)
        await line(desk, "buy 0.01btc BTC.p at 59000 !")
        (order,) = desk.engine.desk.state.orders
        await desk.until(lambda: desk.engine.desk.state.orders[order].status.value == "live")
        previewed(await line(desk, "amend #1 at 58000 !"), "amendments are not armed")

    run(scenario)


def test_the_gate_holds_all_the_same() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk)
        limits = desk.engine.limits
        settings = replace(limits.settings, max_order_notional=Decimal(300))
        desk.engine.limits = replace(limits, settings=settings)
        answer = await line(desk, "buy 500usd BTC.p !")
        assert isinstance(answer, m.Failure)
        assert answer.kind == "denied"
        assert spent(desk) == 0

    run(scenario)


def test_what_was_meant_to_be_sent_counts_whatever_became_of_it() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk, "arm 5m cap 2kusd")
        for _ in range(3):  # rests, is cancelled, and counts
            assert isinstance(await line(desk, "buy 0.01btc BTC.p at 59000 !"), m.Result)
        assert spent(desk) == Decimal("1770.00")
        await desk.until(lambda: not desk.engine.desk.state.intents)
        await line(desk, "cancel all !")  # on their way still: the cancels follow them
        await desk.until(lambda: not list(desk.engine.desk.state.working_orders()))
        assert spent(desk) == Decimal("1770.00")
        previewed(await line(desk, "buy 0.01btc BTC.p at 59000 !"), "above the 230.00 USDT left")
        confirmed = await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        assert isinstance(confirmed, m.Result)
        assert spent(desk) == Decimal("1770.00")  # a confirmed preview is an envelope of its own

    run(scenario)


def test_a_used_up_cap_ends_it() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk, "arm 5m cap 590usd")
        assert isinstance(await line(desk, "buy 0.01btc BTC.p at 59000 !"), m.Result)
        assert desk.engine.desk.state.armed is None
        assert noted(desk, "its cap is used up; 1 line, 590.00 of 590.00 USDT sent")

    run(scenario)


def test_it_ends_by_time() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk, "arm 1m cap 5kusd")
        await asyncio.sleep(59.9)
        assert isinstance(await line(desk, "buy 0.01btc BTC.p at 59000 !"), m.Result)
        await asyncio.sleep(0.2)
        assert desk.engine.desk.state.armed is None
        assert noted(desk, "its time is over")
        previewed(await line(desk, "buy 0.01btc BTC.p at 59000 !"), "armed mode only")

    run(scenario)


def test_the_confirmation_starts_the_clock_and_grows_old() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        asked = await line(desk, "arm 1m cap 5kusd")
        assert isinstance(asked, m.Preview)
        await asyncio.sleep(10.1)
        answer = await desk.engine.lines.confirm(m.Confirm(2, asked.hash), ME)
        assert isinstance(answer, m.Failure)
        assert "the limit is 10 s" in answer.message
        assert desk.engine.desk.state.armed is None

    run(scenario)


@pytest.mark.parametrize("how", ["disarm", "disarm ; cancel all", "panic", "lost", "stopped", "anew"])
def test_every_other_way_out(how: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk)
        before = desk.engine.desk.state.armed
        assert before is not None
        if how == "lost":
            desk.engine.armed.lost("console-2", "another one")
            assert desk.engine.desk.state.armed is before
            desk.engine.armed.lost(ME, "console-2 took the trading lock over")
        elif how == "stopped":
            await desk.engine.stop()
        elif how == "anew":
            asked = await arm(desk, "arm 1m cap 100usd")
            assert any("replaces" in one for one in asked.warnings)
            after = desk.engine.desk.state.armed
            assert after is not None
            assert (after.cap, spent(desk)) == (Decimal(100), 0)
            return
        else:
            await line(desk, how)
        assert desk.engine.desk.state.armed is None

    run(scenario)


def test_it_never_survives_a_crash() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk)
        await line(desk, "buy 0.01btc BTC.p at 59000 !")
        saved = DeskState()
        checkpoint.load(saved, checkpoint.dump(desk.engine.desk.state))
        assert (saved.armed, saved.armed_spent) == (desk.engine.desk.state.armed, spent(desk))
        await desk.until(lambda: sent(desk) == 1)
        await desk.crash()
        await desk.start()
        assert desk.engine.desk.state.armed is None
        previewed(await line(desk, "buy 0.01btc BTC.p at 59000 !"), "armed mode only")

    run(scenario)


def test_another_session_has_no_part_in_it() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await arm(desk)
        previewed(await line(desk, "buy 100usd BTC.p !", "cli-7"), "armed mode is console-1's")
        reader = await line(desk, "buy 100usd BTC.p !", ME, holds_lock=False)
        previewed(reader, "the console that holds the trading lock")
        refused = await line(desk, "arm 5m cap 5kusd", "cli-7", holds_lock=False)
        assert isinstance(refused, m.Failure)
        assert sent(desk) == 0

    run(scenario)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("arm 2h cap 5kusd", "2h is too long, the most is 1h"),
        ("arm 5m cap 5keur", "no market tells what 5000 EUR is in USDT"),
        ("arm 5m cap 5kusd on XRP.p", "XRP"),
        ("arm 5m cap 5kusd ; buy 100usd BTC.p", "line of its own"),
        ("@nobody arm 5m cap 5kusd", "nobody"),
    ],
)
def test_what_cannot_be_armed(text: str, words: str) -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        answer = await line(desk, text)
        assert isinstance(answer, m.Failure)
        assert words in answer.message

    run(scenario)


def test_cancels_need_no_arming_but_stops_are_asked_for() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        await desk.send("@desk-1 buy 0.01btc BTC.p")
        await desk.until(lambda: bool(desk.engine.desk.accounts["desk-1"].positions))
        await desk.send("@desk-1 sell 0.01btc BTC.p stop:55000 reduce")
        stop = next(o for o in desk.engine.desk.state.working_orders() if o.request.type.triggered)
        previewed(await line(desk, "cancel all !"), "1 of 2 are protective stops")
        assert isinstance(await line(desk, "cancel #1 !"), m.Result)
        await desk.until(lambda: len(list(desk.engine.desk.state.working_orders())) == 1)
        assert stop.request.client_order_id in desk.engine.desk.state.working

    run(scenario)


def test_an_order_beside_it_takes_no_protective_stop_away() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.01btc BTC.p")
        await desk.until(lambda: bool(desk.engine.desk.accounts["desk-1"].positions))
        await desk.send("@desk-1 sell 0.01btc BTC.p stop:55000 reduce")
        await arm(desk)
        previewed(await line(desk, "cancel all ! & buy 0.01btc BTC.p !"), "1 of 2 are protective stops")
        assert len(list(desk.engine.desk.state.working_orders())) == 1
        assert spent(desk) == 0

    run(scenario)


def test_the_topic_counts_in_the_engine() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        assert desk.engine.board.rows("armed") == []
        desk.price(ETH, 2_001)
        await arm(desk, "arm 5m cap 5kusd on all")
        assert isinstance(await line(desk, "buy 1eth ETH.p at 2000 !"), m.Result)
        await asyncio.sleep(59.5)
        (row,) = desk.engine.board.rows("armed")
        values = dict(zip(desk.engine.board.tables["armed"].columns, row, strict=True))
        assert (values["left_s"], values["cap"], values["left"], values["lines"]) == (241, 5000, 3000, 1)
        assert (values["accounts"], values["instruments"]) == ("desk-1", "")
        await asyncio.sleep(241)
        assert desk.engine.board.rows("armed") == []

    run(scenario)
