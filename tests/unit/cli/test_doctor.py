"""The doctor finds what is wrong, says what to do, and exits 1 only for what is broken."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path

import pytest

from hedge_tui.cli import doctor
from hedge_tui.cli.checks import engine, folders, machine, terminal
from hedge_tui.cli.checks.finding import Finding, Status
from hedge_tui.cli.desk import Desk
from hedge_tui.cli.main import run
from hedge_tui.domain.errors import StoreError


@dataclass(frozen=True)
class Journal:
    acts: int = 3
    problems: tuple[str, ...] = ()


def probes(
    journal: Journal | None = None,
    keyring: tuple[bool, str] = (True, "Secret Service"),
    **offsets: float | str,
) -> engine.Probes:
    return engine.Probes(lambda: journal, lambda: keyring, lambda: offsets)


def statuses(found: list[Finding]) -> dict[str, Status]:
    return {one.check: one.status for one in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "data").mkdir(mode=0o700)
    file = tmp_path / "config.toml"
    file.write_text("")
    file.chmod(0o600)
    return Desk(file, tmp_path / "data")


def test_a_sound_machine_has_nothing_broken(desk: Desk) -> None:
    found = statuses(list(doctor.examine(desk, probes(Journal(), binance=0.01))))
    assert Status.BROKEN not in found.values()
    names = ("python", "package adapters", "unicode", "config", "data directory", "disk", "socket", "journal")
    assert set(names) | {"keyring", "clock binance", "colour", "terminal size"} <= set(found)
    assert all(found[name] is not Status.SKIPPED for name in names)


def test_the_command_prints_json_alone_and_exits_by_what_is_broken(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "doctor",
        "--json",
        "--config",
        str(desk.paths.config_file),
        "--data-dir",
        str(desk.paths.data_dir),
    ]
    assert run(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["broken"] == 0
    assert set(document["checks"][0]) == {"check", "status", "detail", "remedy"}
    desk.paths.data_dir.chmod(0o755)
    assert run(words) == 1
    broken = [one for one in json.loads(capsys.readouterr().out)["checks"] if one["status"] == "broken"]
    assert [one["check"] for one in broken] == ["data directory"]
    assert f"chmod 700 {desk.paths.data_dir}" in broken[0]["remedy"]


def test_a_broken_configuration_is_told_once(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.paths.config_file.write_text("[dsk]\n")
    assert (
        run(["doctor", "--config", str(desk.paths.config_file), "--data-dir", str(desk.paths.data_dir)]) == 1
    )
    told = capsys.readouterr().out
    assert told.count("unknown key") == 1
    assert "did you mean" in told


def test_python(desk: Desk) -> None:
    assert machine.check_python((3, 10, 4)).status is Status.BROKEN
    assert machine.check_python((3, 13, 0)).status is Status.OK


def test_a_package_of_another_distribution_is_broken() -> None:
    found = list(machine.check_packages({"adapters": ["adapters"], "store": ["hedge_tui", "hedge-tui"]}))
    assert statuses(found) == {
        "package hedge_tui": Status.OK,
        "package adapters": Status.BROKEN,
        "package store": Status.OK,
        "package indicators": Status.OK,
    }
    assert "pipx" in found[1].remedy


@pytest.mark.parametrize(
    ("size", "environ", "encoding", "expected"),
    [
        ((200, 50), {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "utf-8", "ok ok ok"),
        ((80, 23), {"TERM": "xterm"}, "ascii", "note note note"),
        (None, {"TERM": "xterm", "NO_COLOR": "1"}, "UTF8", "skipped ok ok"),
        ((80, 24), {}, None, "ok note note"),
    ],
)
def test_terminals(
    size: tuple[int, int] | None, environ: dict[str, str], encoding: str | None, expected: str
) -> None:
    assert " ".join(one.status for one in terminal.check_terminal(size, environ, encoding)) == expected


def test_files_open_to_others_are_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for name, mode in (("vault", 0o640), ("journal.db", 0o600)):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    found = list(folders.check_data_directory(tmp_path))
    assert [one.status for one in found] == [Status.OK, Status.BROKEN]
    assert found[1].remedy == f"chmod 600 {tmp_path / 'vault'}"


def test_a_missing_data_directory_is_no_fault(tmp_path: Path) -> None:
    assert [one.status for one in folders.check_data_directory(tmp_path / "none")] == [Status.OK]


def test_the_socket_is_asked_not_only_looked_at(desk: Desk) -> None:
    assert "no engine runs" in engine.check_socket(desk).detail
    desk.socket.parent.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(desk.socket))
        server.listen()
        assert "an engine answers" in engine.check_socket(desk).detail
    assert engine.check_socket(desk).status is Status.NOTE
    desk.socket.unlink()


def test_journals() -> None:
    def unreadable() -> None:
        raise StoreError("the journal cannot be read: disk error")

    assert engine.check_journal(lambda: None).status is Status.OK
    assert engine.check_journal(Journal).detail.startswith("3 acts")
    bad = engine.check_journal(lambda: Journal(3, ("act 2 does not follow act 1",)))
    assert (bad.status, bad.detail) == (Status.BROKEN, "act 2 does not follow act 1")
    assert engine.check_journal(unreadable).status is Status.BROKEN


def test_a_missing_keyring_matters_only_where_it_is_wanted() -> None:
    assert engine.check_keyring(lambda: (False, "no bus"), "passphrase").status is Status.OK
    assert engine.check_keyring(lambda: (False, "no bus"), "keyring").status is Status.BROKEN


def test_clocks() -> None:
    found = list(engine.check_clocks(lambda: {"a": 0.1, "b": -0.4, "c": 1.0, "d": "no network"}))
    assert [one.status for one in found] == [Status.OK, Status.NOTE, Status.BROKEN, Status.SKIPPED]
    assert "400 ms behind" in found[1].detail
    assert [one.status for one in engine.check_clocks(dict)] == [Status.SKIPPED]


def test_an_egress_route_that_reaches_nothing_is_broken() -> None:
    found = {"tokyo binance": (False, "proxy refused: 407 No"), "second binance": (True, "answers in 9 ms")}
    tokyo, second = engine.check_routes(lambda: found)
    assert (tokyo.check, tokyo.status, tokyo.detail) == (
        "egress tokyo binance",
        Status.BROKEN,
        "proxy refused: 407 No",
    )
    assert "hedge traffic test" in tokyo.remedy
    assert second.status is Status.OK
