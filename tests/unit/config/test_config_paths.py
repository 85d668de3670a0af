"""Where things lie, and that folders are made and kept private."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hedge_tui.config import locate, make_private_folder, write_private_file
from hedge_tui.domain.errors import ConfigError


def test_places_follow_xdg_and_the_command_line(hidden_user: Path) -> None:
    assert locate(environ={}).config_file == hidden_user / ".config/hedge/config.toml"
    assert locate(environ={}).data_dir == hidden_user / ".local/share/hedge"
    xdg = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "not/absolute"}
    assert locate(environ=xdg).config_file == Path("/c/hedge/config.toml")
    assert locate(environ=xdg).data_dir == hidden_user / ".local/share/hedge"
    assert locate(Path("here.toml"), Path("/d"), xdg).config_file == Path.cwd() / "here.toml"


def test_a_new_folder_is_private_and_its_parents_are_not_touched(tmp_path: Path) -> None:
    made = make_private_folder(tmp_path / "share" / "hedge")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert make_private_folder(made) == made


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_open_to_others_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "hedge"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(ConfigError, match=rf"mode {mode:04o}\); run: chmod 700"):
        make_private_folder(folder)


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "hedge").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        make_private_folder(tmp_path / "hedge")


def test_a_private_file_is_whole_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "token"
    write_private_file(file, b"old")
    write_private_file(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["token"]
