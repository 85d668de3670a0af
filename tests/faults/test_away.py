"""What happened while nobody looked, under simulated time: lost streams, a crash, money, refused orders."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from simulated_desk import SimulatedLoop, simulate
from trading_month import TradingMonth

from hedge_tui.engine.away_words import duration


async def report(world: TradingMonth, **args: Any) -> dict[str, Any]:
    assert world.engine is not None
    found: dict[str, Any] = await world.engine.queries.answer("away", args)
    return found


def test_it_tells_what_happened_between_the_last_console_and_the_next() -> None:
    async def main(loop: SimulatedLoop) -> None:
        world = TradingMonth(loop, 3, margin_accounts=2, spot_accounts=0)
        await world.boot()
        await asyncio.sleep(200)
        assert world.engine is not None
        world.engine.console_came(here=True)
        assert (await report(world))["absent_s"] == 0
        await world.send("@desk-1 buy 0.1btc BTC.p")
        await asyncio.sleep(5)
        world.engine.console_came(here=False)
        await asyncio.sleep(60)
        left_ns = world.clock.now_ns()
        await world.send("@desk-2 buy 0.2btc BTC.p")
        await world.send("@desk-2 sell 0.2btc BTC.p")
        world.clients["desk-1"].lose()
        await asyncio.sleep(1)
        await world.pass_hours(1)
        await world.clients["desk-1"].come_back()
        spec = world.specs[0]
        world._transfer(spec, "USDT", 250, world.clock.now_ns(), "DEPOSIT")  # type: ignore[arg-type]
        world.fund()
        await asyncio.sleep(1)
        world.engine.desk.note("alarm", "test", "it burns", "desk-2")
        await asyncio.sleep(1)
        await world.crash()
        loop.now += 120
        await world.boot()
        await asyncio.sleep(200)
        world.engine.console_came(here=True)
        found = await report(world)
        assert found["absent_s"] > 3600
        assert [(one["account"], one["count"]) for one in found["fills"]["accounts"]] == [("desk-2", 2)]
        (lost,) = found["outages"]
        assert lost["account"] == "desk-1"
        assert lost["seconds"] == pytest.approx(3602, abs=3)
        (restart,) = found["restarts"]
        assert not restart["clean"]
        assert restart["seconds"] >= 120
        assert [(one["kind"], float(one["quantity"])) for one in found["moved"]] == [("deposit", 250)]
        assert [one["text"] for one in found["alarms"]] == ["it burns"]
        book = [
            sums for key, sums in world.engine.desk.state.book.cells.items() if key[2] in ("desk-1", "desk-2")
        ]
        funding = sum(sums.funding for sums in book)
        assert found["pnl"]["funding"] == f"{funding:.2f}"
        assert float(found["pnl"]["moved"]) == 250
        text = "\n".join(found["lines"])
        for words in ("it burns", "desk-1", "died", "2 fills", "deposit 250 USDT"):
            assert words in text, words
        later = await report(world, since_ns=left_ns + 2 * 3600 * 10**9)
        assert later["fills"]["count"] == 0
        await world.engine.stop()

    simulate(main)


def test_a_console_that_a_crash_cut_off_was_there_until_the_crash() -> None:
    async def main(loop: SimulatedLoop) -> None:
        world = TradingMonth(loop, 4, margin_accounts=1, spot_accounts=0)
        await world.boot()
        assert world.engine is not None
        world.engine.console_came(here=True)
        await asyncio.sleep(50)
        world.engine.desk.note("info", "note", "still here")
        await asyncio.sleep(1)
        await world.crash()
        loop.now += 3000
        await world.boot()
        world.engine.console_came(here=True)
        found = await report(world)
        assert found["absent_s"] == pytest.approx(3000, abs=5)
        world.engine.console_came(here=False)
        await asyncio.sleep(5)
        world.engine.console_came(here=True)
        assert (await report(world))["absent_s"] == 5
        await world.engine.stop()

    simulate(main)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_660, "1 h 1 min"), (90_000, "1 d 1 h")]
)
def test_durations(seconds: int, words: str) -> None:
    assert duration(seconds) == words
