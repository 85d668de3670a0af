"""`hedge engine` and what surrounds it, as processes: one engine, found, stopped, restarted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from small_desk import PASSPHRASE, SmallDesk, small_desk

from hedge_tui.bootstrap.process import alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def _venue(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: Path) -> Iterator[SmallDesk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDGE_RUNTIME_DIR", str(_runtime_dir))
        desk = small_desk(tmp_path_factory.mktemp("engine") / "desk")
        yield desk
        desk.end()


@pytest.fixture
def desk(_venue: SmallDesk, hidden_user: Path) -> SmallDesk:
    return _venue


def test_without_an_engine_reading_ends_with_three_and_says_how_to_start_one(desk: SmallDesk) -> None:
    for words in (("positions", "--json"), ("engine", "status", "--json"), ("do", "@desk-1 buy 5usd BTC.p")):
        done = desk.hedge(*words, code=3)
        assert done.stdout == ""
        assert "hedge engine run" in done.stderr
    assert "no engine runs" in desk.hedge("engine", "stop", code=3).stdout
    assert [row["state"] for row in desk.json("accounts", "list")] == ["no engine", "no engine"]


def test_an_engine_in_the_foreground_says_that_it_runs_and_ends_by_interrupt(desk: SmallDesk) -> None:
    with running(desk) as engine:
        assert engine.stderr is not None
        assert "the engine runs: process" in engine.stderr.readline()
        second = time.monotonic()
        told = desk.hedge("engine", "run", code=1)
        assert time.monotonic() - second < 2.5
        assert f"in use by process {engine.pid}" in told.stderr
        begun = time.monotonic()
        engine.send_signal(signal.SIGINT)
        assert engine.wait(8) == 0
        assert time.monotonic() - begun < 5
        assert "resting orders stay" in engine.stderr.read()


def test_a_left_over_socket_is_taken_over(desk: SmallDesk) -> None:
    pid = desk.start()
    os.kill(pid, signal.SIGKILL)
    desk.until(lambda: not alive(pid), 5)
    assert desk.socket.exists()
    desk.hedge("positions", code=3)
    assert "left over" in desk.hedge("doctor", code=None).stdout
    again = desk.start()
    assert again != pid
    desk.connected()


def test_two_starts_at_once_give_one_engine(desk: SmallDesk) -> None:
    desk.stop()
    code = (
        "import sys; from pathlib import Path; from hedge_tui.bootstrap.launch import start_engine;"
        "from hedge_tui.config.paths import Paths; from hedge_tui.wire.address import runtime_socket;"
        "d = Path(sys.argv[1]);"
        "print(start_engine(Paths(d / 'config.toml', d), runtime_socket(d), sys.argv[2]))"
    )
    words = [sys.executable, "-c", code, str(desk.folder), PASSPHRASE]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = {process.communicate(timeout=60)[0].strip() for process in both}
    assert found == {str(desk.engine())}


def test_status_and_doctor_of_a_sound_desk(desk: SmallDesk) -> None:
    desk.connected()
    desk.quoted()
    status = desk.json("engine", "status")
    assert (status["connected"], status["accounts"], status["journal"]) == (2, 2, "ok")
    assert "2 of 2 connected" in desk.hedge("engine", "status").stdout
    found = json.loads(desk.hedge("doctor", "--json").stdout)
    by_name = {check["check"]: check["status"] for check in found["checks"]}
    assert found["broken"] == 0
    assert {by_name[name] for name in ("journal", "socket", "clock binance", "clock binanceusdm")} == {"ok"}


def test_a_backup_of_a_desk_that_trades_opens(desk: SmallDesk, tmp_path: Path) -> None:
    desk.connected()
    desk.quoted()
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p", "--yes")
    told = desk.json("backup", str(tmp_path / "copy"))
    assert told["files"] == ["journal", "config.toml", "vault.hedge"]
    assert told["last_act"] > 5
    copy = desk.hedge("doctor", "--json", "--config", str(tmp_path / "copy" / "config.toml"), code=None)
    assert "journal" in copy.stdout


def test_instruments_are_chosen_by_the_configuration(desk: SmallDesk) -> None:
    desk.stop()
    file = desk.folder / "config.toml"
    before = file.read_text()
    file.write_text(
        before + '[venues.binanceusdm]\nsymbols = ["BTC/*"]\n[venues.binance]\nmax_instruments = 2\n'
    )
    try:
        desk.start()
        desk.connected()
        desk.until(lambda: len(quoted(desk, "binance")) == 2 and quoted(desk, "binanceusdm") != set(), 20)
        assert all(symbol.startswith("BTC/") for symbol in quoted(desk, "binanceusdm"))
    finally:
        file.write_text(before)


def test_stop(desk: SmallDesk) -> None:
    pid = desk.engine()
    assert "has ended" in desk.hedge("engine", "stop").stdout
    assert not alive(pid)
    assert not desk.socket.exists()


def running(desk: SmallDesk) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "hedge_tui",
            "engine",
            "run",
            "--passphrase-stdin",
            "--data-dir",
            str(desk.folder),
        ],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(PASSPHRASE + "\n")
    process.stdin.flush()
    return process


def quoted(desk: SmallDesk, venue: str) -> set[str]:
    return {row["symbol"] for row in desk.ask("markets") if row["venue"] == venue and row["bid"]}
