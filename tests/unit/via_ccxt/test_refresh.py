"""A refresh of an account that got no answer is asked again, without waiting for the next change."""

from __future__ import annotations

import asyncio

from simulated_desk import SimulatedClock, SimulatedLoop, simulate

from adapters.via_ccxt.refresh import AccountRefresh
from hedge_tui.domain.errors import Unavailable


def test_a_refresh_without_an_answer_is_asked_again() -> None:
    async def main(loop: SimulatedLoop) -> None:
        asked: list[float] = []

        async def ask() -> None:
            asked.append(loop.now)
            if len(asked) < 3:
                raise Unavailable("too many requests")

        refresh = AccountRefresh("desk-1", SimulatedClock(loop), ask, lambda: True)
        refresh.due()
        await asyncio.sleep(60)
        assert len(asked) == 3
        assert 1 <= asked[1] - asked[0] <= 10
        await refresh.stop()

    simulate(main)
