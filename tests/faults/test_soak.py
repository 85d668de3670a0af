"""As many simulated worlds as time allows, from a seed that nobody has seen yet; run by `make soak`."""

from __future__ import annotations

import logging
import os
import secrets
import time

import pytest
from faults.tally import Tally
from faults.world.world import turn

pytestmark = pytest.mark.soak
SOAK_S = float(os.environ.get("HEDGE_SOAK_S", "600"))


def test_worlds_for_as_long_as_asked() -> None:
    first = secrets.randbelow(10**9)
    logging.disable(logging.CRITICAL)
    end = time.monotonic() + SOAK_S
    with Tally("simulated time", "soak") as tally:
        seed = first
        while time.monotonic() < end:
            figures = turn(seed)
            tally.add(orders=figures.orders)
            assert not figures.broken, f"HEDGE_SEED={seed}: {figures.broken[0]}"
            seed += 1
    print(f"{seed - first:,} worlds from seed {first} on, every promise kept")
