"""`hedge backup` and `hedge doctor --accept-journal`: what is copied opens, what was lost is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hedge_tui.bootstrap.diagnosis import accept_journal, clock_offsets, journal_state
from hedge_tui.cli import main
from hedge_tui.config import parse
from hedge_tui.domain.acts import EngineStarted
from hedge_tui.domain.errors import StoreError
from store.journal.sqlite_journal import SqliteJournal


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    """A data directory whose journal has three acts."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    journal = SqliteJournal.open(folder / "journal")
    for number in range(3):
        await journal.append([EngineStarted(number, "0.1.0", ("desk-1",))])
    await journal.close()
    (folder / "vault.hedge").write_bytes(b"sealed")
    (folder / "vault.hedge").chmod(0o600)
    return folder


def test_a_copy_opens_like_the_original(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "copy"
    assert main.run(["backup", str(target), "--data-dir", str(data_dir), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"folder": str(target), "last_act": 3, "files": ["journal", "vault.hedge"]}
    found = journal_state(target)
    assert found is not None
    assert (found.acts, found.problems) == (3, ())
    assert (target / "vault.hedge").read_bytes() == b"sealed"
    assert oct(target.stat().st_mode)[-3:] == "700"
    assert "--accept-older" in (target / "README").read_text()


def test_a_folder_that_is_in_use_is_not_written_into(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "mine" / "x").write_text("")
    assert main.run(["backup", str(tmp_path / "mine"), "--data-dir", str(data_dir)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["x"]
    assert main.run(["backup", str(tmp_path / "c"), "--data-dir", str(tmp_path / "none")]) == 1


def test_a_damaged_journal_is_accepted_only_when_told(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3

    (data_dir / "vault.hedge").unlink()  # not a real one, which is a finding of its own
    with sqlite3.connect(data_dir / "journal" / "journal.db") as connection:
        connection.execute("UPDATE acts SET body = x'00' WHERE seq = 3")
    connection.close()
    with pytest.raises(StoreError, match="hedge doctor --accept-journal"):
        SqliteJournal.open(data_dir / "journal")
    assert main.run(["doctor", "--data-dir", str(data_dir)]) == 1
    assert "--accept-journal" in capsys.readouterr().out
    assert main.run(["doctor", "--accept-journal", "--data-dir", str(data_dir), "--json"]) == 0
    printed = capsys.readouterr()
    assert "damaged" in printed.err
    assert json.loads(printed.out)["broken"] == 0
    assert accept_journal(data_dir) == (), "it is whole now"
    assert any((data_dir / "journal" / "damaged").iterdir())


def test_without_a_journal_there_is_nothing_to_accept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["doctor", "--accept-journal", "--data-dir", str(tmp_path / "none")]) == 1
    assert "there is no journal" in capsys.readouterr().err


def test_a_venue_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    text = (
        '[[accounts]]\nname = "a"\nvenue = "binance"\nmode = "sandbox"\nconnect = "127.0.0.1:9"\n'
        'ca_file = "none.pem"\n'
    )
    (words,) = clock_offsets(parse(text, tmp_path / "config.toml")).values()
    assert isinstance(words, str)
    assert "none.pem" in words
