"""Finding an engine: one that is gone, one that hangs, one that is another program."""

from __future__ import annotations

import fcntl
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hedge_tui.bootstrap import launch
from hedge_tui.bootstrap.launch import EngineNotStarted, NoEngine, attach, engine_owner, engine_pid
from hedge_tui.config.paths import Paths
from hedge_tui.domain.errors import ConfigError, EngineUnreachable


@pytest.fixture
def place(_runtime_dir: Path) -> Path:
    path = _runtime_dir / "launch.sock"
    yield path
    path.unlink(missing_ok=True)


async def test_nobody_listens(place: Path) -> None:
    with pytest.raises(NoEngine, match="no engine runs"):
        await attach(place)
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(place))
    with pytest.raises(NoEngine):
        await attach(place)


async def test_one_that_says_nothing_is_no_missing_engine(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(place))
        hanging.listen()
        with pytest.raises(EngineUnreachable, match="does not answer") as told:
            await attach(place, timeout_s=0.05)
    assert not isinstance(told.value, NoEngine)


def test_a_left_over_socket_is_no_engine(place: Path) -> None:
    assert engine_pid(place) is None
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(place))
    assert engine_pid(place) is None


def test_the_owner_of_a_data_directory_is_checked_not_believed(tmp_path: Path) -> None:
    assert engine_owner(tmp_path) is None
    lock = tmp_path / "journal" / "journal.lock"
    lock.parent.mkdir()
    lock.write_text("1\n")
    assert engine_owner(tmp_path) is None
    words = [sys.executable, "-c", "input()", "hedge_tui", "engine", "run"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        lock.write_text(f"{process.pid}\n")
        assert engine_owner(tmp_path) is None, "a number without a lock is a left-over"
        with lock.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            assert engine_owner(tmp_path) == process.pid
            lock.write_text("1\n")
            assert engine_owner(tmp_path) is None
        process.communicate(b"\n")
    assert engine_owner(tmp_path) is None


def test_stopping_what_does_not_run(tmp_path: Path, place: Path) -> None:
    assert launch.stop_engine(place, tmp_path) is False


def test_an_engine_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path, place: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[engin]\n")
    with pytest.raises(EngineNotStarted) as told:
        launch.start_engine(Paths(file, tmp_path / "data"), place)
    assert f"{file}:1: unknown key" in str(told.value)
    assert 'did you mean "engine"?' in str(told.value)


def test_a_folder_that_cannot_be_used_starts_nothing(tmp_path: Path, place: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    with pytest.raises(ConfigError, match="open to others"):
        launch.start_engine(Paths(tmp_path / "config.toml", data), place)
