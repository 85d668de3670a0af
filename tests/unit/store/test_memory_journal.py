"""The journal of the simulation: its disk is slow, fails and crashes on demand, by the loop's own time."""

from __future__ import annotations

import asyncio

import pytest

from hedge_tui.domain.acts import Noted
from hedge_tui.domain.errors import StoreError
from store.journal.memory import MemoryJournal


def note(number: int) -> Noted:
    return Noted(number, "info", "test", "text")


async def test_what_arrives_during_a_commit_shares_the_next_one() -> None:
    journal = MemoryJournal(lambda: 0.005)
    first = journal.append([note(1)])
    await asyncio.sleep(0)  # the commit is on its way
    later = [journal.append([note(n)]) for n in range(2, 50)]
    await asyncio.gather(first, *later)
    assert journal.commits == 2
    assert journal.durable_seq == journal.last_seq == 49


async def test_nothing_is_durable_before_the_disk_is_done() -> None:
    journal = MemoryJournal(lambda: 3_600.0)
    promise = asyncio.ensure_future(journal.append([note(1)]))
    for _ in range(5):
        await asyncio.sleep(0)
    assert list(journal.replay()) == []
    assert not promise.done()
    assert list(journal.crash().replay()) == []


async def test_a_commit_may_reach_the_disk_though_nobody_was_told() -> None:
    journal = MemoryJournal(lambda: 3_600.0)
    promise = asyncio.ensure_future(journal.append([note(1), note(2)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    journal.append([note(3)])
    after = journal.crash(commit_reached_disk=True)
    assert [seq for seq, _ in after.replay()] == [1, 2]
    assert after.last_seq == 2
    assert not promise.done()
    with pytest.raises(StoreError, match="power"):
        await journal.append([note(4)])
    promise.cancel()


async def test_a_commit_fails_when_it_is_told_to() -> None:
    journal = MemoryJournal()
    journal.fail_commit("disk full", after=2)
    assert await journal.append([note(1)]) == 1
    assert await journal.append([note(2)]) == 2
    with pytest.raises(StoreError, match="disk full"):
        await journal.append([note(3)])
    assert journal.dead.endswith("disk full")
    assert [seq for seq, _ in journal.replay()] == [1, 2]


async def test_only_the_two_newest_checkpoints_are_kept_and_survive() -> None:
    journal = MemoryJournal()
    await journal.append([note(n) for n in range(1, 4)])
    for seq in (1, 2, 3):
        await journal.save_checkpoint(seq, bytes([seq]))
    assert len(journal._checkpoints) == 2
    assert journal.crash().checkpoint() == (3, b"\x03")
