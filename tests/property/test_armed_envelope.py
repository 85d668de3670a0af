"""Armed mode never lets more through than was confirmed, however lines, faults and time fall together."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_desk import BTC, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain import acts
from hedge_tui.wire import messages as m

ME = "console-1"
LINES = st.sampled_from(
    [
        "buy 0.01btc BTC.p at 59000 !",
        "sell 0.02btc BTC.p at 61000 !",
        "buy 300usd BTC.p !",
        "sell 700usd BTC.p !",
        "@desk-1,desk-2 buy 200usd/each BTC.p !",
        "buy 0.01btc BTC.p at 59000 ! & sell 0.01btc BTC.p at 61000 !",
        "cancel all !",
        "disarm",
        "arm 30s cap 2kusd",
        "panic",
    ]
)


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.tuples(LINES, st.sampled_from([0.0, 0.0, 0.0, 0.01, 1.0, 20.0])), min_size=5, max_size=25
    ),
    lost=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 1000),
)
def test_no_envelope_lets_out_more_than_its_cap(steps: Any, lost: float, seed: int) -> None:
    """Lines of concurrent tasks, answers lost, partial fills: the journal is the judge."""

    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, faults=Faults(lose_answer=lost, lose_request=lost / 2))
        await desk.start()
        desk.thin(BTC, 60_000, "0.005")
        lines = desk.engine.lines

        async def type_line(text: str) -> None:
            answer = await lines.submit(m.Submit(1, text, "desk-1", BTC), ME, may_trade=True)
            if isinstance(answer, m.Preview) and answer.asks:
                await lines.confirm(m.Confirm(2, answer.hash), ME)

        await type_line("arm 1m cap 2kusd")
        tasks = []
        for text, pause in steps:
            tasks.append(asyncio.create_task(type_line(text)))
            if pause:
                await asyncio.sleep(pause)
                desk.quote()
        await asyncio.gather(*tasks)
        await asyncio.sleep(1)
        judge([act for _, act in desk.journal.replay(1)])

    simulate(main)


def judge(journal: list[acts.Act]) -> None:
    """What left in an envelope left while it was open, within its accounts, markets, kinds and cap."""
    armed: acts.Armed | None = None
    spent = Decimal(0)
    inside: set[str] = set()
    for act in journal:
        match act:
            case acts.Armed():
                armed, spent = act, Decimal(0)
            case acts.Disarmed() | acts.EngineStarted():
                armed = None
            case acts.LineConfirmed():
                if act.envelope:
                    assert armed is not None
                    assert act.envelope == armed.envelope
                    inside.add(act.run)
            case acts.OrdersIntended() if act.requests[0].run in inside:
                assert armed is not None
                assert act.at_ns < armed.until_ns
                assert {r.account for r in act.requests} <= set(armed.accounts)
                assert {r.instrument for r in act.requests} <= set(armed.instruments)
                assert {r.type.value for r in act.requests} <= {"limit", "market"}
                assert len(act.values) == len(act.requests)
                spent += sum(act.values)
                assert spent <= armed.cap
