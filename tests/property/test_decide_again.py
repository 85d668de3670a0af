"""Promise 20: from the journal alone the same state, and from the figures in it the same decisions."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from simulated_desk import BTC, ETH, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.engine import checkpoint
from hedge_tui.engine.checkpoint import state_hash
from hedge_tui.engine.decide_again import Planned, judge_again, plan_again
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState
from hedge_tui.wire import messages as m

LINES = (
    "@all buy 0.0{n}btc/each BTC.p at 5999{n}",
    "@desk-1 buy {n}00usd BTC.p at ask+{n}t",
    "@all buy 10%free/each ETH.p at bid",
    "@desk-2 sell {n}%eq BTC.p",
    "@all sell 0.0{n}btc/each BTC.p at 6000{n} & @desk-1 buy 0.1btc BTC.p at mid-{n}bp",
    "@desk-1 buy 9000{n}btc BTC.p",
    "@desk-1 buy 1btc BTC.p at 9{n}000",
    "@desk-2 close BTC.p",
    "@all close all",
    "@all cancel buys",
    "@desk-1 buy 0.5btc BTC.p at {n}0000 sl 5{n}000 tp 70000",
    "@desk-1 sell 100%pos BTC.p stop:59000 reduce",
    "cancel #{n}",
    "amend #{n} to 0.{n}btc at 5900{n}",
    "quick @desk-1 {n}",
    "@all lev BTC.p {n}",
    "@desk-1,desk-2 buy 0.{n}btc/split BTC.p at 5999{n}",
    "@desk-1 buy =0.{n}btc BTC.p",
)


async def trade(desk: SimulatedDesk, steps: int) -> None:
    """Lines of every kind; some are confirmed late, so that the market has left them behind."""
    rng = random.Random(desk.seed)
    await desk.start()
    desk.price(ETH, 3_000)
    await desk.send("alias quick @{{1}} buy 0.0{{2}}btc BTC.p".replace("{{", "{").replace("}}", "}"))
    for _ in range(steps):
        text = rng.choice(LINES).format(n=rng.randrange(1, 9))
        desk.quote()
        preview = await desk.engine.lines.submit(m.Submit(1, text, scope="desk-1"), "test", may_trade=True)
        if rng.random() < 0.3:
            desk.price(BTC, 60_000 + rng.randrange(-400, 400))
            desk.quote()
            await asyncio.sleep(rng.random())
        if isinstance(preview, m.Preview) and preview.sendable:
            await desk.engine.lines.confirm(m.Confirm(2, preview.hash, wait=True), "test")
        if rng.random() < 0.1:
            await asyncio.sleep(rng.random() * 10)


def decided_again(desk: SimulatedDesk) -> list[tuple[acts.LineJudged, Planned, Any]]:
    """Every judgement in the journal, made anew; the fold sees the journal and nothing else."""
    rows = list(desk.journal.replay())
    wanted = Counter(act.planned.after for _, act in rows if isinstance(act, acts.LineJudged))
    states: dict[int, DeskState] = {}
    state, found = DeskState(), []
    for seq, act in rows:
        if isinstance(act, acts.LineJudged):
            planned = plan_again(act, states[act.planned.after])
            verdict = judge_again(act, planned.plan, state) if planned.plan is not None else None
            found.append((act, planned, verdict))
        apply(state, act)
        if wanted[seq]:
            states[seq] = DeskState()
            checkpoint.load(states[seq], checkpoint.dump(state))
    assert state_hash(state) == state_hash(desk.engine.desk.state)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_decision_comes_out_the_same_from_the_journal_alone(seed: int) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, faults=Faults(0.05, 0.1, 0.05, 0.1, 1.0, 0.2))
        await trade(desk, 40)
        await asyncio.sleep(30)
        await desk.engine.stop()
        found = decided_again(desk)
        for act, planned, verdict in found:
            assert planned.same, (act.text, planned.problem)
            assert verdict.same, (act.text, act.message, verdict)
        verdicts = Counter(act.verdict for act, _, _ in found)
        assert verdicts["allowed"] > 5
        assert verdicts["denied"]
        runs = {act.run for act, _, _ in found if act.verdict == "allowed"}
        confirmed = {act.run for _, act in desk.journal.replay() if isinstance(act, acts.LineConfirmed)}
        assert runs == confirmed, "every confirmed line has its figures in the journal"

    simulate(main)


def test_another_figure_gives_another_decision() -> None:
    """The comparison can fail: a price, a cap or a balance that was different is noticed."""

    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 3)
        await desk.start()
        await desk.send("@desk-1 buy 10%free BTC.p at ask")
        (judged,) = (act for _, act in desk.journal.replay() if isinstance(act, acts.LineJudged))
        state = DeskState()
        for _, act in desk.journal.replay():
            if act == judged:
                break
            apply(state, act)
        sight = judged.planned
        (market,) = (one for one in sight.markets if one.instrument == BTC)
        (account,) = sight.accounts
        poorer = replace(account, balances=tuple(replace(b, free=b.free / 2) for b in account.balances))
        dearer = replace(market, ask="61000.5")
        assert plan_again(judged, state).same
        for other in (replace(sight, accounts=(poorer,)), replace(sight, markets=(dearer,))):
            assert not plan_again(replace(judged, planned=other), state).same
        plan = plan_again(judged, state).plan
        assert plan is not None
        tight = replace(
            sight, limits=sight.limits.replace('"max_order_notional":"10000000"', '"max_order_notional":"5"')
        )
        assert tight.limits != sight.limits
        found = judge_again(replace(judged, planned=tight, judged=None), plan, state)
        assert (found.verdict, found.reason, found.same) == ("denied", "order_notional", False)
        assert Decimal(plan.legs[0].request.quantity) > 0  # type: ignore[union-attr]

    simulate(main)
