"""Real and simulated money are never in one sum."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from hedge_tui.domain.account import Account, Mode
from hedge_tui.engine.counted import left_out
from tests.simulated_desk import SimulatedDesk, simulate


def accounts(*modes: Mode) -> list[Account]:
    return [Account(f"{mode}-{n}", "binance", mode) for n, mode in enumerate(modes)]


@pytest.mark.parametrize(
    ("modes", "apart"),
    [
        ((Mode.LIVE, Mode.PAPER), {"paper-1"}),
        ((Mode.SANDBOX, Mode.LIVE, Mode.DEMO), {"sandbox-0", "demo-2"}),
        ((Mode.LIVE, Mode.LIVE), set()),
        ((Mode.PAPER, Mode.SANDBOX), set()),
        ((), set()),
    ],
)
def test_a_desk_with_live_accounts_counts_them_alone(modes, apart):
    assert left_out(accounts(*modes)) == apart


def test_every_total_of_the_desk_keeps_them_apart():
    async def story(loop):
        desk = SimulatedDesk(loop, seed=1)
        await desk.start()
        for name in desk.names:
            await desk.send(f"@{name} buy 0.01btc BTC")
        await asyncio.sleep(2)
        state = desk.engine.desk.accounts["desk-1"]
        state.account = replace(state.account, mode=Mode.LIVE)
        pnl = await desk.engine.queries.answer("pnl", {})
        assert pnl["left_out"] == ["desk-2"]
        assert pnl["total"]["equity"] == next(
            a["equity"] for a in pnl["accounts"] if a["account"] == "desk-1"
        )
        table = {row["key"]: row for row in await desk.engine.queries.answer("portfolio", {})}
        assert table["total:"]["equity"] == table["account:desk-1"]["equity"]
        by_account = await desk.engine.queries.answer("pnl_book", {"by": "account"})
        assert {row["key"] for row in by_account["rows"]} == {"desk-1", "desk-2"}
        assert by_account["total"]["fills"] == 1
        by_day = await desk.engine.queries.answer("pnl_book", {"by": "day"})
        assert sum(row["fills"] for row in by_day["rows"]) == by_day["total"]["fills"] == 1
        (summary,) = await desk.engine.queries.answer("summary", {})
        assert (summary["accounts"], summary["positions"]) == (1, 1)
        assert summary["equity"] == table["total:"]["equity"]
        risk = await desk.engine.queries.answer("risk", {"moves": "-10%"})
        assert [row["account"] for row in risk["accounts"]] == ["desk-1", "desk-2"]
        assert [row["account"] for row in risk["stress"]["accounts"]] == ["desk-1"]
        assets = [row["equity"] for key, row in table.items() if key.startswith("asset:")]
        assert abs(sum(assets) - table["total:"]["equity"]) < 0.05
        await desk.engine.stop()

    simulate(story)
