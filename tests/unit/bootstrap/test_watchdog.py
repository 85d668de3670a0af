"""The watchdog says where the loop stands, in names alone, and that it turns again."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

from hedge_tui.bootstrap.watchdog import Watchdog, read_stuck

STUCK_S = 0.2


def stand_still(file: Path) -> dict[str, object]:
    """Block the loop until the watchdog has said so, as a bug would."""
    secret_of_nobody = "correct horse"
    for _ in range(100):
        threading.Event().wait(0.05)
        if file.exists():
            found = json.loads(file.read_text())
            assert secret_of_nobody not in file.read_text()
            return dict(found)
    raise AssertionError("nothing was said")


async def test_a_loop_that_stands_still_is_told_with_its_place(tmp_path: Path) -> None:
    file, told = tmp_path / "stuck.json", asyncio.Queue[str]()
    watchdog = Watchdog(file, 4242, told.put_nowait, stuck_s=STUCK_S)
    watchdog.start()
    found = stand_still(file)
    assert found["pid"] == 4242
    stack = found["stack"]
    assert isinstance(stack, list)
    assert any("test_watchdog.py" in call and call.endswith("stand_still") for call in stack)
    words = await asyncio.wait_for(told.get(), 5)
    assert "stood still" in words
    assert "turns again" in words
    assert not file.exists()
    watchdog.stop()


async def test_a_loop_that_turns_is_left_alone(tmp_path: Path) -> None:
    file, told = tmp_path / "stuck.json", []
    watchdog = Watchdog(file, 1, told.append, stuck_s=STUCK_S)
    watchdog.start()
    for _ in range(20):
        await asyncio.sleep(STUCK_S / 10)
    watchdog.stop()
    assert not told
    assert not file.exists()


def test_what_a_dead_process_said_counts_no_more(tmp_path: Path) -> None:
    file = tmp_path / "stuck.json"
    file.write_text(json.dumps({"pid": 1, "seconds": 9, "stack": []}))
    assert read_stuck(file) is None
    file.write_text("{")
    assert read_stuck(file) is None
