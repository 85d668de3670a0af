"""The record of a panic without an engine: readable line by line, told once, harmless when the disk fails."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hedge_tui.domain import acts
from hedge_tui.domain.errors import StoreError
from store.panic_record import PanicRecord, last_words, mark_taken, untaken


def note(text: str, topic: str = "panic") -> acts.Noted:
    return acts.Noted(7, "alarm", topic, text)


async def test_it_is_read_when_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "panic" / "1.jsonl"
    record = PanicRecord(path)
    assert await record.append([note("pressed"), note("desk-1: 3 of 3 cancelled")]) == 2
    await record.append([note("something else", "feed")])
    assert last_words(path) is None
    await record.close()
    assert last_words(path) == "desk-1: 3 of 3 cancelled"
    assert [json.loads(line)["kind"] for line in path.read_text().splitlines()] == ["noted"] * 3
    assert untaken(path.parent) == [path]
    mark_taken(path)
    assert untaken(path.parent) == []


async def test_a_torn_end_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    record = PanicRecord(path)
    await record.append([note("desk-1: done"), note("desk-2: done")])
    await record.close()
    path.write_bytes(path.read_bytes()[:-20])
    assert last_words(path) == "desk-1: done"
    path.write_bytes(b"")
    assert last_words(path) == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
async def test_a_full_disk_stops_the_writing_and_nothing_else(tmp_path: Path) -> None:
    record = PanicRecord(tmp_path / "1.jsonl")
    os.dup2(os.open("/dev/full", os.O_WRONLY), record._handle)
    for _ in range(2):
        with pytest.raises(StoreError, match="No space left"):
            await record.append([note("desk-1: done")])
    assert "No space left" in record.dead
    await record.close()


async def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "panic").write_text("a file is in the way")
    record = PanicRecord(tmp_path / "panic" / "1.jsonl")
    assert record.dead
    with pytest.raises(StoreError):
        await record.append([note("x")])
