"""A desk to plan on."""

from __future__ import annotations

import pytest
from plan_bench import PlanBench


@pytest.fixture
def bench() -> PlanBench:
    return PlanBench()
