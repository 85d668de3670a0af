"""What keys may do, over simulated days: asked before the first connection, after it, and daily."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from simulated_desk import SimulatedClock, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.errors import CredentialError, Unavailable
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.key_rights import KeyStanding
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.key_watch import KeyWatch
from hedge_tui.wire import messages as m
from store.journal.memory import MemoryJournal

DAY_S = 86_400.0
FINE = KeyStanding(checked_ns=1)
LINE = "@desk-1 buy 0.1btc BTC.p at 59000"


@dataclass
class Checker:
    """Says of keys what a test has it say, and counts how often it was asked."""

    now: dict[str, KeyStanding | Exception] = field(default_factory=dict)
    known: dict[str, KeyStanding] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def standing(self, account: Account) -> KeyStanding:
        return self.known.get(account.name, KeyStanding())

    async def check(self, account: Account) -> KeyStanding:
        self.asked.append(account.name)
        found = self.now.get(account.name, FINE)
        if isinstance(found, Exception):
            raise found
        self.known[account.name] = found
        return found


def notes(desk: SimulatedDesk, level: str) -> list[str]:
    return [
        note.text for _, note in desk.engine.desk.state.log if note.topic == "keys" and note.level == level
    ]


def test_keys_are_asked_about_once_before_the_first_connection_and_then_daily() -> None:
    async def run(loop: SimulatedLoop) -> None:
        checker = Checker(known={"desk-2": FINE})
        desk = SimulatedDesk(loop, 1, accounts=2, keys=checker)
        await desk.start()
        assert checker.asked == ["desk-1"], "what is known of the other is enough to connect it"
        begun = loop.now
        await desk.until(lambda: len(checker.asked) == 2)
        assert checker.asked[1] == "desk-2"
        assert loop.now - begun < 10, "known from another day: asked again as soon as it is connected"

    simulate(run)


def test_every_key_is_asked_about_daily() -> None:
    async def run(loop: SimulatedLoop) -> None:
        clock = SimulatedClock(loop)
        desk = Desk(MemoryJournal(lambda: 0.001), clock, random.Random(1))
        checker, times = Checker(), []
        watch = KeyWatch(desk, checker)
        for name in ("a", "b"):
            desk.add_account(Account(name, "binance", Mode.LIVE))
            await watch.admit(desk.accounts[name].account, times.append)
        checker.now["b"] = Unavailable("no answer")
        begun, task = loop.now, loop.create_task(watch.run())
        await asyncio.sleep(3 * DAY_S + 60)
        assert checker.asked.count("a") == 4
        assert checker.asked.count("b") > 20, "one that gives no answer is asked more often"
        assert loop.now - begun < 3.1 * DAY_S
        told = [note.text for _, note in desk.state.log if note.account == "b" and note.level == "warning"]
        assert told
        assert set(told) == {"what the key may do could not be checked: no answer"}
        task.cancel()

    simulate(run)


def test_a_refused_key_is_not_connected() -> None:
    async def run(loop: SimulatedLoop) -> None:
        checker = Checker(now={"desk-1": KeyStanding(refusal="it may withdraw", checked_ns=1)})
        desk = SimulatedDesk(loop, 1, accounts=2, keys=checker)
        await desk.engine.start()
        account = desk.engine.desk.accounts["desk-1"]
        await desk.until(lambda: account.state is FeedState.LOCKED)
        assert account.remark == "it may withdraw"
        assert desk.engine.clients.get("desk-1") is None
        await desk.until(lambda: desk.engine.desk.accounts["desk-2"].state is FeedState.LIVE)

    simulate(run)


def test_a_venue_that_says_nothing_is_asked_again_until_it_does() -> None:
    async def run(loop: SimulatedLoop) -> None:
        checker = Checker(now={"desk-1": Unavailable("no answer")})
        desk = SimulatedDesk(loop, 1, accounts=1, keys=checker)
        await desk.engine.start()
        account = desk.engine.desk.accounts["desk-1"]
        await desk.until(lambda: len(checker.asked) == 4, 120)
        assert account.state is FeedState.RECONNECTING
        assert "not known yet: no answer" in account.remark
        checker.now.clear()
        await desk.until(lambda: account.state is FeedState.LIVE, 600)

    simulate(run)


def test_a_key_that_becomes_able_to_withdraw_takes_no_new_order_and_keeps_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hedge_tui.engine.key_watch.EVERY_S", 30.0)

    async def run(loop: SimulatedLoop) -> None:
        checker = Checker()
        desk = SimulatedDesk(loop, 1, accounts=1, keys=checker)
        await desk.start()
        assert isinstance(await desk.send(LINE), m.Result)
        assert isinstance(await desk.send("@desk-1 buy 0.2btc BTC.p"), m.Result)
        await desk.until(lambda: desk.engine.desk.accounts["desk-1"].positions)
        checker.now["desk-1"] = KeyStanding(refusal="the key may withdraw", checked_ns=2)
        await desk.until(lambda: len(checker.asked) > 1)
        assert notes(desk, "alarm") == [
            "the key may withdraw. No new order is taken; cancels and closing orders go through"
        ]
        preview = await desk.engine.lines.submit(m.Submit(1, LINE), "test", may_trade=True)
        assert isinstance(preview, m.Preview)
        assert [row.problem for row in preview.rows] == ["the key may withdraw"]
        assert isinstance(await desk.send("@desk-1 cancel all"), m.Result)
        assert isinstance(await desk.send("@desk-1 close all"), m.Result)
        await desk.until(lambda: not desk.engine.desk.accounts["desk-1"].positions)
        checker.known["desk-1"] = KeyStanding(warnings=("you accepted that",), checked_ns=3)
        desk.engine.keys.review()
        assert notes(desk, "info") == ["orders are taken again"]
        assert notes(desk, "warning") == ["you accepted that"]
        assert isinstance(await desk.send(LINE), m.Result)

    simulate(run)


def test_a_key_that_may_not_trade_makes_the_account_read_only() -> None:
    async def run(loop: SimulatedLoop) -> None:
        checker = Checker(now={"desk-1": KeyStanding(read_only=True, checked_ns=1)})
        desk = SimulatedDesk(loop, 1, accounts=1, keys=checker)
        await desk.start()
        assert "read-only: its key may not trade" in desk.engine.desk.accounts["desk-1"].remark
        preview = await desk.engine.lines.submit(m.Submit(1, LINE), "test", may_trade=True)
        assert isinstance(preview, m.Preview)
        assert [row.problem for row in preview.rows] == ["the account is read-only: its key may not trade"]

    simulate(run)


def test_a_key_that_was_removed_is_not_asked_about_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedge_tui.engine.key_watch.EVERY_S", 30.0)

    async def run(loop: SimulatedLoop) -> None:
        checker = Checker()
        desk = SimulatedDesk(loop, 1, accounts=1, keys=checker)
        await desk.start()

        def gone(_: Account) -> KeyStanding:
            raise CredentialError("no keys of that name")

        checker.standing = gone  # type: ignore[method-assign]
        desk.engine.keys.review()
        asked = len(checker.asked)
        await asyncio.sleep(120)
        assert len(checker.asked) == asked

    simulate(run)
