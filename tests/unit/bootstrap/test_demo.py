"""The demo takes no folder that it has not made itself, and trusts no number that it finds in one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hedge_tui.bootstrap import demo
from hedge_tui.config import load
from hedge_tui.credentials.unlocking import Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.secret import Secret


@pytest.mark.parametrize("name", ["vault.hedge", "config.toml", "letters.txt"])
def test_a_folder_with_anything_else_in_it_is_refused_and_untouched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    for act in (demo.start_demo, demo.stop_demo):
        with pytest.raises(ConfigError, match="no demo"):
            act(tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(ConfigError, match="no demo"):
        demo.start_demo(tmp_path / "x")


def test_a_number_that_is_a_stranger_now_is_neither_believed_nor_ended(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    (tmp_path / "sandbox.json").write_text(json.dumps({"pid": os.getpid(), "port": 1, "control": 2}))
    assert demo.running_sandbox(tmp_path) is None
    assert demo.stop_demo(tmp_path) is False


def test_a_demo_that_cannot_start_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(
        demo, "_start_sandbox", lambda *_: {"pid": 7, "port": 1, "control": 2, "ca_file": "x"}
    )
    monkeypatch.setattr(
        demo, "running_sandbox", lambda d: {"pid": 7} if (d / "config.toml").exists() else None
    )
    monkeypatch.setattr(demo, "end", lambda pid, _limit, force: ended.append(pid))

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "start_engine", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo.start_demo(tmp_path / "d")
    assert ended == [7]


def test_the_files_of_a_demo(tmp_path: Path) -> None:
    from hedge_tui.bootstrap.demo_files import write_desk

    tmp_path.chmod(0o700)
    write_desk(tmp_path, 18443, str(tmp_path / "ca.pem"), demo.PASSPHRASE)
    accounts = load(tmp_path / "config.toml").accounts
    assert len(accounts) == 12
    assert {a.venue for a in accounts} == {"binance", "binanceusdm"}
    assert {a.connect for a in accounts} == {"127.0.0.1:18443"}
    vault = Vault.open(tmp_path / "vault.hedge", Passphrase(Secret(demo.PASSPHRASE)))
    assert set(vault.names()) == {a.name for a in accounts}
    assert {oct(file.stat().st_mode)[-3:] for file in tmp_path.iterdir()} == {"600"}
