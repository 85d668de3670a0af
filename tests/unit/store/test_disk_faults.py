"""A disk that is full, read-only or broken under a running journal, and whole again afterwards.

The faults are real to SQLite: its own file handles are put on a device that is always full, or on one that
takes no writing; a read-only connection refuses as a read-only file system does.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hedge_tui.domain.acts import Noted
from hedge_tui.domain.errors import StoreError
from store.journal import reopening
from store.journal.integrity import check_journal
from store.journal.sqlite_journal import SqliteJournal

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="file handles are found in /proc")


def note(number: int) -> Noted:
    return Noted(number, "info", "test", f"note {number} " * 50)


def put_handles_on(folder: Path, device: Path, flags: int) -> None:
    """What this process has open of the journal's log is written to `device` from now on."""
    log = str(folder / "journal.db-wal")
    other = os.open(device, flags)
    for handle in list(Path("/proc/self/fd").iterdir()):
        if handle.is_symlink() and str(handle.readlink()) == log:
            os.dup2(other, int(handle.name))
    os.close(other)


def fill(journal: SqliteJournal) -> None:
    put_handles_on(journal.folder, Path("/dev/full"), os.O_RDWR)


def break_(journal: SqliteJournal) -> None:
    put_handles_on(journal.folder, journal.folder / "journal.db-wal", os.O_RDONLY)


def protect(journal: SqliteJournal) -> None:
    journal._writer._connection.execute("PRAGMA query_only=ON")


LARGE = Noted(2, "info", "test", "x" * 100_000)
"""Needs pages that the file does not have yet."""
FAULTS = {"full": (fill, "full"), "broken": (break_, "I/O error"), "read-only": (protect, "readonly")}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_disk_that_fails_is_said_and_a_mended_one_takes_everything(
    fault: str, tmp_path: Path
) -> None:
    harm, words = FAULTS[fault]
    journal = SqliteJournal.open(tmp_path)
    for number in range(1, 30):
        await journal.append([note(number)])
    harm(journal)
    for number in range(30, 35):
        with pytest.raises(StoreError, match=words):
            await journal.append([note(number)])
    assert words in journal.dead
    assert [act for _, act in journal.replay()] == [note(n) for n in range(1, 30)]
    assert await journal.reopen() == 5
    assert await journal.append([note(35)]) == 35
    await journal.close()
    assert check_journal(tmp_path).problems == ()
    again = SqliteJournal.open(tmp_path)
    assert [act for _, act in again.replay()] == [note(n) for n in range(1, 36)]
    await again.close()


async def test_a_disk_that_is_still_full_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqliteJournal.open(tmp_path)
    await journal.append([note(1)])
    fill(journal)
    with pytest.raises(StoreError):
        await journal.append([LARGE])
    opened = reopening.open_checked

    def still_full(folder: Path, *, accept_loss: bool) -> object:
        found = opened(folder, accept_loss=accept_loss)
        found[0].execute("PRAGMA max_page_count = 1").fetchall()
        return found

    monkeypatch.setattr(reopening, "open_checked", still_full)
    for number in (3, 4):
        with pytest.raises(StoreError, match="full"):
            await journal.reopen()
        with pytest.raises(StoreError, match="full"):
            await journal.append([note(number)])
    monkeypatch.undo()
    assert await journal.reopen() == 3
    assert [act for _, act in journal.replay()] == [note(1), LARGE, note(3), note(4)]
    await journal.close()


async def test_a_commit_that_failed_and_is_on_disk_all_the_same_is_not_written_twice(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path)
    await journal.append([note(1)])

    class AlmostDead:
        """The commit succeeds, and its answer is an error."""

        in_transaction = False

        def __init__(self) -> None:
            self.real = journal._writer._connection
            self.close, self.executemany = self.real.close, self.real.executemany

        def execute(self, statement: str, *values: object) -> object:
            found = self.real.execute(statement, *values)
            if statement == "COMMIT":
                raise OSError(5, "Input/output error")
            return found

    journal._writer._connection = AlmostDead()  # type: ignore[assignment]
    with pytest.raises(StoreError, match="Input/output"):
        await journal.append([note(2), note(3)])
    with pytest.raises(StoreError, match="Input/output"):
        await journal.append([note(4)])
    await journal.reopen()
    assert list(journal.replay()) == [(n, note(n)) for n in range(1, 5)]
    await journal.close()


async def test_a_journal_changed_behind_our_back_is_not_gone_on_with(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path)
    for number in range(1, 4):
        await journal.append([note(number)])
    protect(journal)
    with pytest.raises(StoreError):
        await journal.append([note(4)])
    journal._writer._connection.execute("PRAGMA query_only=OFF")
    journal._writer._connection.execute("DELETE FROM acts WHERE seq = 3")
    with pytest.raises(StoreError, match=r"act 3 .*acknowledged|acts were lost"):
        await journal.reopen()
    assert journal.dead
    await journal.close()
