"""The socket's place: short, the same for every spelling of a data directory, in a folder of ours."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hedge_tui.domain.errors import ConfigError
from hedge_tui.wire.address import (
    MAX_PATH_BYTES,
    prepare_runtime_directory,
    runtime_directory,
    runtime_socket,
)


def test_a_deep_data_directory_still_has_a_short_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEDGE_RUNTIME_DIR")
    deep = tmp_path.joinpath(*["a-very-long-folder-name"] * 12)
    assert len(os.fsencode(runtime_socket(deep))) <= MAX_PATH_BYTES
    assert runtime_directory() == Path("/tmp") / f"hedge-{os.getuid()}"


def test_spellings_of_one_directory_meet_and_others_do_not(tmp_path: Path) -> None:
    real = tmp_path / "data"
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    assert runtime_socket(real) == runtime_socket(link) == runtime_socket(tmp_path / "x" / ".." / "data")
    assert runtime_socket(real) != runtime_socket(tmp_path / "data2")


def test_a_configured_folder_wins_and_may_be_too_long(tmp_path: Path) -> None:
    assert runtime_socket(tmp_path, Path("/run/hedge")).parent == Path("/run/hedge")
    with pytest.raises(ConfigError, match="bytes, 103 are possible"):
        runtime_socket(tmp_path, Path("/run") / ("x" * 100))


def test_the_folder_is_made_private_and_checked(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    prepare_runtime_directory(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    prepare_runtime_directory(folder)
    folder.chmod(0o755)
    with pytest.raises(ConfigError, match="mode 0755"):
        prepare_runtime_directory(folder)


def test_a_link_planted_by_someone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "target")
    with pytest.raises(ConfigError, match="is no folder"):
        prepare_runtime_directory(tmp_path / "run")
