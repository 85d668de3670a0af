"""The long form of the fault worlds, a thousand seeds of each; run by `make soak`."""

from __future__ import annotations

import pytest
from simulated_desk import SimulatedLoop, simulate

pytestmark = pytest.mark.soak
SEEDS = 1_000


@pytest.mark.parametrize("world", ["fifty_lost", "anything_lost", "crash_in_the_middle"])
def test_a_thousand_seeds(world: str) -> None:
    from faults import test_lost_answers

    scenario = getattr(test_lost_answers, world)
    for seed in range(SEEDS):

        async def main(loop: SimulatedLoop, seed: int = seed) -> None:
            await scenario(loop, seed)

        try:
            simulate(main)
        except BaseException as error:
            raise AssertionError(f"{world} fails with seed {seed}: {error}") from error
