"""Promise 20: from the journal alone the same state, and from the figures in it the same decisions."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from recorded_desk import trade
from simulated_desk import BTC, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.engine import checkpoint
from hedge_tui.engine.checkpoint import state_hash
from hedge_tui.engine.decide_again import Planned, judge_again, plan_again
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState


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
