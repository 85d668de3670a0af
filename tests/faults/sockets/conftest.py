"""One desk of real processes for all cases that a test process runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from faults.sockets.bench import Bench
from faults.sockets.bench import bench as running_bench
from hidden_user import hide_user


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bench(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: Path) -> AsyncIterator[Bench]:
    """Started by the first case, ended after the last."""
    with pytest.MonkeyPatch.context() as patch:
        hide_user(patch, tmp_path_factory.mktemp("home"), _runtime_dir)
        async with running_bench(tmp_path_factory.mktemp("sockets") / "desk") as made:
            yield made
