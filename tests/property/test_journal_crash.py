"""Whatever is appended and whenever the machine stops: what was acknowledged is there, or missed."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedge_tui.domain.acts import ACT_TYPES, Noted
from hedge_tui.domain.errors import StoreError
from store.journal.codec import decode_act, encode_act
from store.journal.memory import MemoryJournal
from store.journal.opening import DATABASE
from store.journal.sqlite_journal import SqliteJournal

st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=8))
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
st.register_type_strategy(
    str, st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
)  # lone surrogates are no text
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
STEPS = st.lists(
    st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=12
)  # (acts in the append, wait for it)


def notes(first: int, count: int) -> list[Noted]:
    return [Noted(n, "info", "test", "x" * (n % 700)) for n in range(first, first + count)]


@pytest.mark.parametrize("kind", sorted(ACT_TYPES))
def test_every_act_survives_the_codec(kind: str) -> None:
    @settings(parent=QUIET, max_examples=25)
    @given(st.from_type(ACT_TYPES[kind]))
    def check(act: Any) -> None:
        at_ns, found, body = encode_act(act)
        again = decode_act(1, found, body)
        assert again == act
        assert repr(again) == repr(act)  # exactly: 1.0 and 1.00 are equal decimals
        assert at_ns == act.at_ns

    check()


async def run_until_crash(journal: Any, steps: list[tuple[int, bool]]) -> tuple[int, int]:
    """(acknowledged, appended) when the last step was queued but not waited for."""
    appended = acknowledged = 0
    for count, wait in steps:
        promise = journal.append(notes(appended + 1, count))
        appended += count
        if wait:
            acknowledged = await promise
            assert acknowledged == appended
    return acknowledged, appended


@QUIET
@given(STEPS, st.integers(0, 5), st.booleans())
def test_a_simulated_crash_leaves_a_prefix_with_all_acknowledged(
    steps: list[tuple[int, bool]], turns: int, reached: bool
) -> None:
    async def play() -> None:
        journal = MemoryJournal()
        acknowledged, appended = await run_until_crash(journal, steps)
        for _ in range(turns):
            await asyncio.sleep(0)
        acknowledged = max(acknowledged, journal.durable_seq)
        after = journal.crash(commit_reached_disk=reached)
        kept = list(after.replay())
        assert acknowledged <= len(kept) <= appended
        assert kept == list(enumerate(notes(1, len(kept)), 1))
        assert await after.append(notes(len(kept) + 1, 2)) == len(kept) + 2

    asyncio.run(play())


@settings(parent=QUIET, max_examples=40)
@given(STEPS, st.sampled_from(["whole", "cut", "flip"]), st.integers(0, 9_999))
def test_a_crash_of_the_disk_journal_loses_nothing_acknowledged_unnoticed(
    steps: list[tuple[int, bool]], how: str, place: int
) -> None:
    """The files as a kill leaves them, with the log cut or flipped at any byte: a prefix, or a StoreError."""
    folder = Path(tempfile.mkdtemp(prefix="journal-"))
    try:
        acknowledged, appended = asyncio.run(crash_image(folder, steps))
        log = folder / "image" / f"{DATABASE}-wal"
        raw = log.read_bytes()
        if how != "whole" and raw:
            at = len(raw) * place // 10_000  # its length depends on what shared a commit
            log.write_bytes(raw[:at] if how == "cut" else raw[:at] + bytes([raw[at] ^ 0x40]) + raw[at + 1 :])
        try:
            journal = SqliteJournal.open(folder / "image")
        except StoreError:
            if how == "whole":
                raise
            return
        kept = list(journal.replay())
        assert acknowledged <= len(kept) <= appended
        assert kept == list(enumerate(notes(1, len(kept)), 1))
        asyncio.run(journal.close())
    finally:
        shutil.rmtree(folder)


async def crash_image(folder: Path, steps: list[tuple[int, bool]]) -> tuple[int, int]:
    journal = SqliteJournal.open(folder / "live")
    acknowledged, appended = await run_until_crash(journal, steps)
    # A copy is not made in one instant as a crash is: the mark first, since it never says more than the
    # database holds; the log last, since it then holds whatever the copy of the database lacks.
    (folder / "image").mkdir()
    for name in ("journal.mark", DATABASE, f"{DATABASE}-wal"):
        if (folder / "live" / name).exists():
            shutil.copy2(folder / "live" / name, folder / "image" / name)
    await journal.close()
    return acknowledged, appended


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of 400 acts, closed in peace: some in segments, two kept states, a mark."""
    folder = tmp_path_factory.mktemp("archived") / "journal"

    async def write() -> None:
        journal = SqliteJournal.open(folder)
        for first in range(1, 401, 50):
            last = await journal.append(notes(first, 50))
            if first in (101, 201):
                await journal.save_checkpoint(last, b"state %d" % last * 50)
        await journal.close()

    asyncio.run(write())
    assert list((folder / "segments").iterdir())
    return folder


@settings(parent=QUIET, max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_byte_flipped_or_a_tail_torn_anywhere_loses_nothing_unnoticed(
    archived: Path, data: st.DataObject
) -> None:
    """Database, mark or segment: it does not open, or reading says where it breaks, or all is there."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(archived, Path(place) / "journal"))
        files = [folder / DATABASE, folder / "journal.mark", *sorted((folder / "segments").iterdir())]
        file = data.draw(st.sampled_from(files))
        raw = file.read_bytes()
        at = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            file.write_bytes(raw[:at])
        else:
            file.write_bytes(raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :])
        try:
            journal = SqliteJournal.open(folder)
        except StoreError:
            return
        try:
            kept = list(journal.replay())
            saved = journal.checkpoint()
        except StoreError:
            return
        finally:
            asyncio.run(journal.close())
        assert kept == list(enumerate(notes(1, 400), 1))
        assert saved in ((250, b"state 250" * 50), (150, b"state 150" * 50), None)
