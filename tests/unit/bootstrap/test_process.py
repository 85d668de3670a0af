"""Processes are known by what they run, not by a number that may be a stranger's by now."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from hedge_tui.bootstrap.process import alive, command_of, end, is_ours, wait_gone

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
)


@pytest.fixture
def child() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", SLEEP, "hedge_tui", "engine run"])
    yield process
    process.kill()
    process.wait()


def test_a_process_is_ours_by_its_words(child: subprocess.Popen[bytes]) -> None:
    assert is_ours(child.pid, "engine", "run")
    assert not is_ours(child.pid, "sandbox")
    assert not is_ours(os.getppid(), "no such word")
    assert not is_ours(-1)
    assert not is_ours(0)
    assert command_of(child.pid)[-1] == "engine run"


def test_one_that_has_ended_is_not_alive_before_it_is_reaped() -> None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        # A parent that never waits: its child stays a zombie for as long as it lives.
        os.close(reader)
        inner = os.fork()
        if inner == 0:
            os._exit(0)
        os.write(writer, f"{inner}\n".encode())
        signal.pause()
    os.close(writer)
    with os.fdopen(reader) as said:
        inner = int(said.readline())
    try:
        assert wait_gone(inner, 5)
        assert command_of(inner) == []
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_ending(child: subprocess.Popen[bytes]) -> None:
    assert alive(child.pid)
    assert end(child.pid, 5)
    assert not alive(child.pid)
    assert end(child.pid, 0.1), "one that is gone has ended"


def test_only_force_kills_what_does_not_want_to_end() -> None:
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert not end(process.pid, 0.2)
        assert alive(process.pid)
        assert end(process.pid, 0.2, force=True)
