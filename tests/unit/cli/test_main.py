"""The entry point: what a command line finds, what it prints where, and with which exit code it ends."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

import hedge_tui
from hedge_tui.cli import commands, main
from hedge_tui.cli.desk import Desk, desk_of, take_desk
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json
from hedge_tui.domain import errors

SECRET = "s3cr3t-of-the-trader"


class Failure:
    """What the wire's refusal looks like to the command line."""

    def __init__(self, kind: str, readings: tuple[str, ...] = ()) -> None:
        self.kind, self.readings, self.hint = kind, readings, ""


class Refusal(errors.HedgeError):
    def __init__(self, failure: Failure) -> None:
        super().__init__("the order is 60,000 USDT, the cap is 25,000 USDT")
        self.failure = failure


RAISED: dict[str, BaseException] = {
    "config": errors.ConfigError("config.toml:3: unknown key"),
    "command": errors.CommandError("500 could be a size or a price", readings=("500usd", "at 500")),
    "no-engine": errors.EngineUnreachable("no engine answers"),
    "unknown": errors.OutcomeUnknown("no answer to 2 orders"),
    "refused": errors.Refused("Margin is insufficient.", "-2019"),
    "denied": Refusal(Failure("denied")),
    "engine-command": Refusal(Failure("command", ("a", "b"))),
    "disk": OSError(errno.ENOSPC, "No space left on device", "journal.db"),
    "interrupt": KeyboardInterrupt(),
    "abort": typer.Abort(),
    "exit": typer.Exit(5),
}
CODES = {
    "config": 1,
    "command": 2,
    "no-engine": 3,
    "unknown": 5,
    "refused": 1,
    "denied": 4,
    "engine-command": 2,
    "disk": 1,
    "interrupt": 130,
    "abort": 1,
    "exit": 5,
}


def probe(ctx: typer.Context, word: str = "nothing", json: Json = False) -> int | None:
    """A command for these tests."""
    if word in RAISED:
        raise RAISED[word]
    if word == "bug":
        held = SECRET
        raise RuntimeError(f"signed with {held}")
    desk = desk_of(ctx)
    if json:
        print_json({"word": word, "config": desk.paths.config_file, "data": desk.paths.data_dir})
    return 1 if word == "one" else None


@pytest.fixture(autouse=True)
def _probe_command(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("hedge_tui.cli.probe")
    module.__spec__ = commands.find_spec("hedge_tui.cli.main")
    group = command_group("A group for these tests.")
    group.command("ask")(probe)
    vars(module).update(command=probe, group=group)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    rows = (
        commands.Command("probe", "probe:command", "Ask"),
        commands.Command("probes", "probe:group", "Asks"),
    )
    monkeypatch.setitem(commands.SECTIONS, "Tests", rows)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out == f"hedge {hedge_tui.__version__}\n"
    assert main.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "doctor" in shown
    assert "probe" in shown


def test_commands_of_missing_modules_are_neither_listed_nor_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        commands.SECTIONS, "Tests", (commands.Command("ghost", "no_such_module:command", "?"),)
    )
    main.run(["--help"])
    assert "ghost" not in capsys.readouterr().out
    assert main.run(["ghost"]) == 2


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["dctor"]) == 2
    printed = capsys.readouterr()
    assert printed.err == 'hedge: unknown command "dctor"; did you mean "doctor"?\n       try: hedge --help\n'
    assert printed.out == ""


@pytest.mark.parametrize("word", RAISED)
def test_every_error_has_its_exit_code_and_few_plain_lines(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["probe", "--word", word]) == CODES[word]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) <= 2
    assert "Traceback" not in printed.err


def test_readings_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["probe", "--word", "command"])
    assert capsys.readouterr().err.splitlines()[1] == "       it could mean: 500usd | at 500"


def test_a_bug_tells_its_place_and_nothing_it_held(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["probe", "--word", "bug"]) == 1
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "test_main.py" in told
    assert "in probe" in told
    assert SECRET not in told


def test_a_wrong_option_is_two_lines_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["probe", "--wrod", "x"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "hedge probe: No such option: --wrod (Possible options: --word)",
        "Try: hedge probe --help",
    ]
    assert main.run(["probes", "aks"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "Try: hedge probes --help"


def test_a_command_gives_its_own_exit_code() -> None:
    assert main.run(["probe", "--word", "one"]) == 1
    assert main.run(["probe"]) == 0
    assert main.run(["probes", "ask", "--word", "one"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "/c.toml", "--data-dir", "/d", "probe", "--json"],
        ["probe", "--data-dir=/d", "--json", "--config=/c.toml"],
        ["probes", "ask", "--json", "--config", "/c.toml", "--data-dir", "/d"],
    ],
)
def test_the_desks_options_may_stand_anywhere(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(words) == 0
    assert capsys.readouterr().out == '{"word":"nothing","config":"/c.toml","data":"/d"}\n'


def test_behind_a_bare_dash_dash_nothing_is_taken() -> None:
    assert take_desk(["do", "--", "--config", "x"])[1] == ["do", "--", "--config", "x"]


def test_an_option_without_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["doctor", "--data-dir"]) == 2
    assert "--data-dir needs a path" in capsys.readouterr().err


def test_help_about_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["help", "probe"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: hedge probe")
    assert "--data-dir" in shown


def test_without_a_command_the_default_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "DEFAULT", "probe")
    assert main.run([]) == 0
    assert main.run(["--data-dir", "/d"]) == 0


def test_a_named_configuration_must_exist(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError, match="named by --config"):
        _ = Desk(tmp_path / "none.toml").settings
    assert Desk(data_dir=tmp_path).settings.accounts == ()


def test_the_table_is_well_formed() -> None:
    rows: list[Any] = [one for row in commands.SECTIONS.values() for one in row]
    assert len({one.name for one in rows}) == len(rows)
    assert all(one.module.startswith("hedge_tui.cli.") and one.attribute for one in rows)
    assert not any(one.help.endswith(".") for one in rows)
