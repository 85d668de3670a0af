"""`hedge demo` as processes: it starts, is found again, begins anew without its venue, and leaves nothing."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest
from small_desk import SmallDesk, children_of, processes_with

from hedge_tui.bootstrap.demo import running_sandbox, start_demo, stop_demo
from hedge_tui.bootstrap.launch import engine_owner, engine_pid
from hedge_tui.bootstrap.process import alive
from hedge_tui.wire.address import runtime_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not Path("/proc/self/cmdline").exists(), reason="the process table is read from /proc"
    ),
]


@pytest.fixture
def folder(tmp_path: Path, hidden_user: Path) -> Iterator[Path]:
    yield tmp_path / "demo"
    stop_demo(tmp_path / "demo")


def family(folder: Path) -> list[int]:
    """Every process of a demo: venue, engine and what the engine started."""
    found = processes_with(str(folder))
    owner = engine_owner(folder)
    return sorted({*found, *(children_of(owner) if owner else [])})


def test_a_demo_is_found_again_renewed_without_its_venue_and_ended_whole(folder: Path) -> None:
    said: list[str] = []
    first = start_demo(folder, said.append)
    assert first.fresh
    assert len(said) == 3
    assert {oct(path.stat().st_mode)[-2:] for path in folder.iterdir()} == {"00"}
    engine = engine_pid(first.socket)
    assert engine is not None
    again = start_demo(folder, said.append)
    assert not again.fresh
    assert (again.sandbox_pid, engine_pid(again.socket)) == (first.sandbox_pid, engine)
    os.kill(first.sandbox_pid, signal.SIGKILL)
    SmallDesk.until(lambda: not alive(first.sandbox_pid), 5)
    said.clear()
    renewed = start_demo(folder, said.append)
    assert renewed.fresh
    assert "begins anew" in said[0]
    assert not alive(engine), "the engine of the old venue has ended"
    members = family(folder)
    assert len(members) >= 5, "venue, engine, history, a feed worker for each of two venues"
    done = hedge("demo", "--stop", "--data-dir", str(folder))
    assert done.stdout == "the demo has ended\n"
    SmallDesk.until(lambda: not [pid for pid in members if alive(pid)], 5)
    assert hedge("demo", "--stop", "--data-dir", str(folder)).stdout == "no demo runs\n"


def test_an_interrupt_while_it_starts_leaves_no_process(folder: Path) -> None:
    # In a terminal, since without one it is a short run that ends by itself.
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a background job ignores it, and so would its children
        os.execv(sys.executable, [sys.executable, "-m", "hedge_tui", "demo", "--data-dir", str(folder)])
    SmallDesk.until(lambda: bool(processes_with(str(folder / "sandbox"), "sandbox")), 20)
    os.kill(pid, signal.SIGINT)
    SmallDesk.until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, 20)
    os.close(terminal)
    SmallDesk.until(lambda: not family(folder), 8)
    assert running_sandbox(folder) is None


def test_two_demos_live_side_by_side(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        one, two = start_demo(folder), start_demo(other)
        assert one.socket != two.socket
        assert one.control_port != two.control_port
        assert stop_demo(other)
        assert engine_pid(one.socket) is not None
    finally:
        stop_demo(other)


def test_a_desk_of_ones_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vault.hedge").write_text("keys")
    done = hedge("demo", "--data-dir", str(tmp_path), code=1)
    assert "no demo" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["vault.hedge"]


def test_an_engine_whose_socket_is_lost_is_still_ended(folder: Path) -> None:
    demo = start_demo(folder)
    owner = engine_owner(folder)
    assert owner is not None
    runtime_socket(folder).unlink()
    assert stop_demo(folder)
    assert not alive(owner)
    assert not alive(demo.sandbox_pid)


def test_in_a_terminal_it_says_what_it_does_opens_the_screen_and_goes_on_without_it(folder: Path) -> None:
    words = ["-m", "hedge_tui", "demo", "--data-dir", str(folder)]
    terminal = pexpect.spawn(sys.executable, words, dimensions=(40, 140), encoding="utf-8", timeout=40)
    for said in ("starting a practice venue", "making twelve accounts", "starting the engine", "BTC"):
        terminal.expect(said)
    terminal.sendcontrol("q")
    terminal.expect("the demo goes on without the screen")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert engine_pid(runtime_socket(folder)) is not None


def hedge(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "hedge_tui", *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done
