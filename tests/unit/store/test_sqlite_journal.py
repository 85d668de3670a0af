"""The journal on disk: damage, locks, archiving, full disks, real kills."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from hedge_tui.domain.acts import Noted
from hedge_tui.domain.errors import StoreError
from store.journal import archive, database
from store.journal.backup import copy_journal
from store.journal.high_water import HighWater, HighWaterFile, read_high_water
from store.journal.integrity import check_journal
from store.journal.segments import list_segments
from store.journal.sqlite_journal import SqliteJournal
from store.lock import OwnerLock

if TYPE_CHECKING:
    from pathlib import Path


def notes(first: int, last: int) -> list[Noted]:
    return [Noted(n, "info", "test", f"note {n}") for n in range(first, last + 1)]


async def written(folder: Path, count: int) -> None:
    journal = SqliteJournal.open(folder)
    await journal.append(notes(1, count))
    await journal.close()


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "journal.db") as connection:
        connection.execute(statement)
    connection.close()


async def test_files_are_private_and_commits_are_full(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    journal = SqliteJournal.open(folder)
    await journal.append(notes(1, 1))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {f.stat().st_mode & 0o777 for f in folder.iterdir()} == {0o600}
    connection = journal._writer._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await journal.close()


async def test_many_appends_share_commits(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path)
    commits = 0
    real = journal._writer._write

    def counting(work: object) -> bool:
        nonlocal commits
        commits += 1
        return real(work)  # type: ignore[arg-type]

    journal._writer._write = counting  # type: ignore[method-assign,assignment]
    await asyncio.gather(*(journal.append(notes(n, n)) for n in range(1, 501)))
    assert commits < 50
    await journal.close()


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE acts SET body = x'7b7d' WHERE seq = 5", "act 5 .* altered"),
        ("UPDATE acts SET at_ns = 1 WHERE seq = 5", "act 5 .* altered"),
        ("DELETE FROM acts WHERE seq = 5", "jumps from act 4 to act 6"),
        ("DELETE FROM acts WHERE seq > 7", "ends at act 7, but act 10 was written: 3 acts were lost"),
        ("DELETE FROM acts", "ends at act 0, but act 10"),
        ("PRAGMA user_version = 99", "format 99"),
    ],
)
async def test_damage_is_noticed_when_opening(tmp_path: Path, statement: str, complaint: str) -> None:
    await written(tmp_path, 10)
    change(tmp_path, statement)
    with pytest.raises(StoreError, match=complaint):
        SqliteJournal.open(tmp_path)
    SqliteJournal.open(tmp_path / "other")  # the lock of the failed one is not in the way
    with pytest.raises(StoreError, match=complaint):
        SqliteJournal.open(tmp_path)


async def test_a_flipped_byte_in_the_log_is_noticed_and_kept_as_evidence(tmp_path: Path) -> None:
    live, image = tmp_path / "live", tmp_path / "image"
    journal = SqliteJournal.open(live)
    for number in range(1, 21):
        await journal.append(notes(number, number))
    shutil.copytree(live, image)
    await journal.close()
    log = image / "journal.db-wal"
    raw = bytearray(log.read_bytes())
    raw[len(raw) // 2] ^= 1
    log.write_bytes(raw)

    with pytest.raises(StoreError, match=r"20 was written: \d+ acts were lost"):
        SqliteJournal.open(image)
    assert (image / "damaged" / "001" / "journal.db-wal").read_bytes() == bytes(raw)

    journal = SqliteJournal.open(image, accept_loss=True)
    assert "acts were lost" in journal.notices[0]
    kept = len(list(journal.replay()))
    assert 0 < kept < 20
    assert await journal.append(notes(1, 1)) == kept + 1
    await journal.close()
    again = SqliteJournal.open(image)
    assert again.notices == ()
    await again.close()


async def test_an_altered_act_is_cut_off_when_the_loss_is_accepted(tmp_path: Path) -> None:
    await written(tmp_path, 10)
    change(tmp_path, "UPDATE acts SET kind = 'filled' WHERE seq = 6")
    journal = SqliteJournal.open(tmp_path, accept_loss=True)
    assert [act for _, act in journal.replay()] == notes(1, 5)
    assert await journal.append(notes(6, 6)) == 6
    await journal.close()


async def test_a_missing_mark_is_noticed(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    (tmp_path / "journal.mark").unlink()
    with pytest.raises(StoreError, match="missing"):
        SqliteJournal.open(tmp_path)


def test_a_torn_mark_falls_back_to_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "mark"
    marks = HighWaterFile(path)
    for seq in (1, 2, 3):
        marks.write(HighWater(seq, bytes([seq]) * 32))
    marks.sync()
    marks.close()
    assert read_high_water(path) == HighWater(3, b"\x03" * 32)
    raw = bytearray(path.read_bytes())
    raw[3] ^= 1
    path.write_bytes(raw)
    assert read_high_water(path) == HighWater(2, b"\x02" * 32)
    path.write_bytes(b"")
    assert read_high_water(path) is None


async def test_no_journal_file_at_all_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteJournal.open(tmp_path)
    with pytest.raises(StoreError, match="there is no journal"):
        check_journal(tmp_path / "nowhere")


async def test_a_second_engine_fails_at_once_and_names_the_first(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path)
    code = (
        "import sys; from pathlib import Path; from store.journal.sqlite_journal import SqliteJournal\n"
        "SqliteJournal.open(Path(sys.argv[1]))"
    )
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), stderr=subprocess.PIPE
    )
    _, shown = await done.communicate()
    assert f"in use by process {os.getpid()}" in shown.decode()
    started = time.monotonic()
    with pytest.raises(StoreError, match=f"process {os.getpid()}"):
        SqliteJournal.open(tmp_path)
    assert time.monotonic() - started < 1
    await journal.close()
    await SqliteJournal.open(tmp_path).close()


async def test_a_really_full_database_kills_the_journal_and_loses_nothing(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path)
    await journal.append(notes(1, 5))
    journal._writer._connection.execute("PRAGMA max_page_count = 1").fetchall()
    with pytest.raises(StoreError, match="full"):
        await journal.append([Noted(6, "info", "test", "x" * 100_000)])
    assert "full" in journal.dead
    with pytest.raises(StoreError, match="full"):
        await journal.append(notes(7, 7))
    await journal.close()
    again = SqliteJournal.open(tmp_path)
    assert [act for _, act in again.replay()] == notes(1, 5)
    await again.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from hedge_tui.domain.acts import Noted
from store.journal.sqlite_journal import SqliteJournal

async def main():
    journal = SqliteJournal.open(Path(sys.argv[1]))
    n = 0
    while True:
        n += 1
        journal.append([Noted(n, "info", "test", "x" * 50)])
        if n % 7 == 0:
            seq = await journal.append([])
            sys.stdout.write(f"{seq}\\n")
            sys.stdout.flush()
asyncio.run(main())
"""


def test_after_kill_9_everything_acknowledged_is_there(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for _ in range(100):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in child.stdout.read().split("\n")[:-1]] or [700]
    journal = SqliteJournal.open(tmp_path)
    kept = [act.at_ns for _, act in journal.replay()]
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) >= max(acknowledged[-1], 700)
    asyncio.run(journal.close())


async def test_old_acts_move_to_segments_and_stay_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SEGMENT_ROWS", 300)
    monkeypatch.setattr("store.journal.writer._PRUNE_STEP", 100)
    journal = SqliteJournal.open(tmp_path)
    await journal.append(notes(1, 1_000))
    await journal.save_checkpoint(700, b"older")
    assert list_segments(tmp_path / "segments") == []
    await journal.save_checkpoint(1_000, b"newer")
    await asyncio.to_thread(journal._archiver.join)
    await until(lambda: floor_of(tmp_path) == 700)

    spans = [(s.first_seq, s.last_seq) for s in list_segments(tmp_path / "segments")]
    assert spans == [(1, 300), (301, 600), (601, 700)]
    await journal.append(notes(1_001, 1_010))
    for start in (1, 2, 300, 301, 699, 700, 701, 1_005):
        assert [act for _, act in journal.replay(start)] == notes(start, 1_010)
    report = check_journal(tmp_path)
    assert (report.acts, report.last_seq, report.archived_seq, report.segments) == (1_010, 1_010, 700, 3)
    assert report.checkpoints == (1_000, 700)
    assert report.problems == ()
    await journal.close()

    journal = SqliteJournal.open(tmp_path)
    assert [act for _, act in journal.replay()] == notes(1, 1_010)
    list_segments(tmp_path / "segments")[1].path.unlink()
    with pytest.raises(StoreError, match="jumps from act 300 to act 601"):
        list(journal.replay())
    with pytest.raises(StoreError, match=r"301 to 600 .* missing"):
        list(journal.replay(301))
    assert journal.checkpoint() == (1_000, b"newer")
    await journal.close()


async def test_a_crash_while_archiving_repeats_no_act(tmp_path: Path) -> None:
    """Segments are written before rows are dropped: afterwards some acts stand in both."""
    journal = SqliteJournal.open(tmp_path)
    await journal.append(notes(1, 100))
    await journal.save_checkpoint(40, b"")
    await journal.save_checkpoint(50, b"")
    await asyncio.to_thread(journal._archiver.join)
    await until(lambda: floor_of(tmp_path) == 40)
    before = tmp_path / "before"
    before.mkdir()
    copy_journal(tmp_path, before / "copy")
    await journal.save_checkpoint(60, b"")
    await asyncio.to_thread(journal._archiver.join)
    await journal.close()
    for segment in list_segments(tmp_path / "segments"):
        shutil.copy2(segment.path, before / "copy" / "segments")
    again = SqliteJournal.open(before / "copy")
    assert [act for _, act in again.replay()] == notes(1, 100)
    await again.close()


def floor_of(folder: Path) -> int:
    connection = database.connect_reader(folder / "journal.db")
    try:
        return database.read_floor(connection).seq
    finally:
        connection.close()


async def until(true: object) -> None:
    async with asyncio.timeout(10):
        while not true():  # type: ignore[operator]  # noqa: ASYNC110 - the journal thread gives no event
            await asyncio.sleep(0.005)


async def test_a_damaged_checkpoint_gives_way_to_the_older_one(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path)
    await journal.append(notes(1, 10))
    await journal.save_checkpoint(4, b"older")
    await journal.save_checkpoint(8, b"newer")
    await journal.close()
    change(tmp_path, "UPDATE checkpoints SET state = x'00' WHERE seq = 8")
    journal = SqliteJournal.open(tmp_path)
    assert journal.checkpoint() == (4, b"older")
    assert "checkpoint at act 8" in check_journal(tmp_path).problems[0]
    await journal.close()


async def test_the_doctor_sees_damage_without_an_engine_and_keeps_evidence(tmp_path: Path) -> None:
    await written(tmp_path, 10)
    assert check_journal(tmp_path).problems == ()
    change(tmp_path, "DELETE FROM acts WHERE seq = 5")
    assert "jumps" in " ".join(check_journal(tmp_path).problems)


async def test_a_backup_of_a_running_journal_opens_like_it(tmp_path: Path) -> None:
    journal = SqliteJournal.open(tmp_path / "live")
    await journal.append(notes(1, 10))
    await journal.save_checkpoint(9, b"state")
    assert copy_journal(tmp_path / "live", tmp_path / "copy") == 10
    await journal.append(notes(11, 12))
    copy = SqliteJournal.open(tmp_path / "copy")
    assert [act for _, act in copy.replay()] == notes(1, 10)
    assert copy.checkpoint() == (9, b"state")
    with pytest.raises(StoreError, match="exists already"):
        copy_journal(tmp_path / "live", tmp_path / "copy")
    await copy.close()
    await journal.close()


async def test_an_older_format_is_migrated_after_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(tmp_path, 3)
    monkeypatch.setattr(database, "VERSION", 2)
    monkeypatch.setitem(database.MIGRATIONS, 1, "CREATE TABLE extra (x INTEGER) STRICT")
    journal = SqliteJournal.open(tmp_path)
    assert len(list(journal.replay())) == 3
    await journal.close()
    with sqlite3.connect(tmp_path / "journal.db.v1.bak") as old:
        assert old.execute("SELECT count(*) FROM acts").fetchone() == (3,)
    old.close()


@pytest.mark.parametrize(
    "pid", ["1", "999999999", "nonsense", ""], ids=["reused", "gone", "garbage", "empty"]
)
async def test_what_stands_in_the_lock_file_locks_nothing(tmp_path: Path, pid: str) -> None:
    """Only the kernel's lock counts: the id in the file may be a stranger's by now."""
    tmp_path.joinpath("journal.lock").write_text(pid)
    journal = SqliteJournal.open(tmp_path)
    assert tmp_path.joinpath("journal.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(StoreError, match=f"in use by process {os.getpid()}"):
        SqliteJournal.open(tmp_path)
    await journal.close()


SECOND = """
import sys
from pathlib import Path
from hedge_tui.domain.errors import StoreError
from store.journal.sqlite_journal import SqliteJournal
try:
    SqliteJournal.open(Path(sys.argv[1]))
except StoreError as error:
    print(error)
"""


def test_a_second_engine_in_another_network_and_process_namespace_is_kept_out(tmp_path: Path) -> None:
    """Nothing but the file is common to them: no socket, no process id means anything there."""
    unshare = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], check=False).returncode:
        pytest.skip("this machine makes no namespaces")
    lock = OwnerLock(tmp_path / "journal.lock", "the journal")
    again = [*unshare, sys.executable, "-c", SECOND, str(tmp_path)]
    said = subprocess.run(again, capture_output=True, text=True, check=True, timeout=30).stdout
    assert f"in use by process {os.getpid()}" in said
    lock.release()
    assert subprocess.run(again, capture_output=True, text=True, check=True, timeout=30).stdout == ""
