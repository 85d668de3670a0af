"""Odd terminals, storms, remapped keys, crashes: the console bends and says so."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from console_desk import press_keys
from scripted_client import ScriptedClient
from textual.events import Resize
from textual.geometry import Size

from hedge_tui.config import ConsoleSettings
from hedge_tui.domain.errors import ConfigError
from hedge_tui.ui.app import HedgeApp
from hedge_tui.wire import messages as m
from hedge_tui.wire.client import RequestRefused

SCREENS = "TPROFH"


def app_on(client: ScriptedClient, keys: dict[str, str] | None = None, **settings: Any) -> HedgeApp:
    async def attach() -> Any:
        return client

    return HedgeApp(attach, ConsoleSettings(**settings), keys)


async def ready(pilot: Any) -> None:
    async with asyncio.timeout(15):
        while not (pilot.app.state.markets and pilot.app.state.accounts):
            await pilot.pause(0.01)


async def until(pilot: Any, told: Any) -> None:
    async with asyncio.timeout(15):
        while not told():
            await pilot.pause(0.01)


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (200, 2), (17, 5), (30, 12)])
async def test_tiny_terminals_show_what_fits(size):
    app = app_on(ScriptedClient())
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        for key in SCREENS:
            await press_keys(pilot, key)
            await pilot.pause(0.02)
        await press_keys(pilot, ":", *"buy 1btc BTC.p", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmDialog")
        assert not app.screen.may_send
        await press_keys(pilot, "escape", "escape", "escape", "ctrl+k", "escape", "?", "escape")


async def test_a_storm_of_resizes_ends_where_it_ends():
    app = app_on(ScriptedClient())
    async with app.run_test(size=(160, 48)) as pilot:
        await ready(pilot)
        for n in range(120):
            size = Size(1 + n * 37 % 220, 1 + n * 23 % 60)
            app._driver.send_message(Resize(size, size))
            if n % 10 == 0:
                await pilot.pause(0)
        app._driver.send_message(Resize(Size(120, 40), Size(120, 40)))
        grid = app.desk_screen().grid
        await until(pilot, lambda: {"watchlist", "chart"} <= {pane.id for pane in grid.shown})
        await until(pilot, lambda: grid.pane("chart").size.width > 30)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"HEDGE_ASCII": "1"}, {"TERM": "vt100"}])
def test_poor_terminals(variables):
    """In a process of its own: both are decided once, at start."""
    code = (
        "import asyncio, sys\n"
        "from test_console_robustness import app_on, ready, press_keys, ScriptedClient\n"
        "async def main():\n"
        "    app = app_on(ScriptedClient())\n"
        "    async with app.run_test(size=(120, 40)) as pilot:\n"
        "        await ready(pilot)\n"
        "        await pilot.pause(0.2)\n"
        "        for key in 'TPOFH':\n"
        "            await press_keys(pilot, key)\n"
        "            await pilot.pause(0.05)\n"
        "        await press_keys(pilot, 'T', 'p')\n"
        "        await pilot.pause(0.2)\n"
        "        lines = [''.join(s.text for s in line) for line in app.screen._compositor.render_strips()]\n"
        "        print('\\n'.join(lines))\n"
        "asyncio.run(main())\n"
    )
    folder = Path(__file__).parent
    environment = os.environ | variables | {"PYTHONPATH": os.pathsep.join([str(folder), str(folder.parent)])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "long" in done.stdout
    assert "LIVE + SANDBOX" in done.stdout
    if "HEDGE_ASCII" in variables:
        assert done.stdout.isascii(), sorted(set(filter(lambda c: not c.isascii(), done.stdout)))


async def test_keys_are_rebound_by_the_configuration():
    client = ScriptedClient()
    app = app_on(client, {"orders.cancel": "ctrl+y", "screen.orders": "4"})
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, "4")
        await until(pilot, lambda: app.desk_screen().mode_id == "orders")
        table = app.desk_screen().grid.pane("orders").table
        await until(pilot, lambda: table.row_count == 3)
        await press_keys(pilot, "x")
        assert client.sent == []
        await press_keys(pilot, "ctrl+y")
        await until(pilot, lambda: client.sent)
        assert client.sent[0].startswith("@main cancel #1")


def test_the_keys_of_panic_and_abort_are_given_to_nothing_else():
    with pytest.raises(ConfigError, match=r'"orders.cancel" = "x,ctrl\+x": ctrl\+x is the key of app.abort'):
        app_on(ScriptedClient(), {"orders.cancel": "x,ctrl+x"})
    app_on(ScriptedClient(), {"orders.cancel": "x,ctrl+x", "app.abort": "f9"})


async def test_a_slow_answer_sends_a_line_once():
    client = ScriptedClient()
    gate = asyncio.Event()
    submit = client.submit

    async def slow(text: str, **more: Any) -> Any:
        answer = await submit(text, **more)
        await gate.wait()
        return answer

    client.submit = slow
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, ":", *"@main buy 1btc BTC.p", "enter", "enter", "enter")
        await until(pilot, lambda: client.sent)
        await press_keys(pilot, "enter")
        gate.set()
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmDialog")
        assert client.sent == ["@main buy 1btc BTC.p"]
        assert client.confirmed == []


async def test_an_expired_preview_cannot_be_sent_and_is_made_anew():
    client = ScriptedClient()
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, ":", *"@main buy 1btc BTC.p", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmDialog" and app.screen.is_mounted)
        dialog: Any = app.screen
        later = dialog._now() + 11
        dialog._now = lambda: later
        await until(pilot, lambda: dialog.phase.value == "expired")
        await press_keys(pilot, "enter", "y")
        assert client.confirmed == []
        await press_keys(pilot, "r")
        await until(pilot, lambda: dialog.phase.value == "asking")
        assert len(client.sent) == 2


async def test_a_refused_confirmation_says_why_and_can_be_previewed_again():
    client = ScriptedClient()
    client.result = m.Failure(1, "stale", "BTC/USDT:USDT moved 31 bp", hint="preview the line again")
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, ":", *"@main buy 1btc BTC.p", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmDialog" and app.screen.is_mounted)
        dialog: Any = app.screen
        await until(pilot, lambda: dialog._arming.armed(dialog._now()))
        await press_keys(pilot, "enter")
        await until(pilot, lambda: dialog.phase.value == "refused")
        assert "moved 31 bp" in str(dialog.query_one("#footer").render())
        assert client.confirmed == ["hash-1"]


async def test_failed_legs_stay_in_sight():
    client = ScriptedClient()
    legs = (
        m.LegResult("main", "binanceusdm:BTC/USDT:USDT", "a", "1", "filled", "0.031", "64120.5", ""),
        m.LegResult(
            "desk-1", "binanceusdm:BTC/USDT:USDT", "b", "", "rejected", "0", "", "insufficient margin"
        ),
    )
    client.result = m.Result(1, "9b1c44aa", 2, legs)
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, ":", *"@main buy 1btc BTC.p", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmDialog" and app.screen.is_mounted)
        dialog: Any = app.screen
        await until(pilot, lambda: dialog._arming.armed(dialog._now()))
        await press_keys(pilot, "enter")
        await until(pilot, lambda: dialog.phase.value == "done")
        assert "insufficient margin" in str(dialog.query_one("#rows").render())
        await press_keys(pilot, "enter")
        await until(pilot, lambda: app.screen is not dialog)
        assert client.confirmed == ["hash-1"]


async def test_the_vault_is_opened_from_the_console():
    client = ScriptedClient()
    said: list[str] = []

    async def unlock(passphrase: str) -> Any:
        said.append(passphrase)
        if passphrase != "open sesame":
            raise RequestRefused(m.Failure(1, "locked", "the passphrase is wrong"))
        return m.Done(1, "the vault is open")

    client.unlock = unlock
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, "U")
        await until(pilot, lambda: type(app.screen).__name__ == "UnlockDialog" and app.screen.is_mounted)
        dialog: Any = app.screen
        await press_keys(pilot, *"guess", "enter")
        await until(pilot, lambda: "wrong" in str(dialog.query_one("#words").render()))
        await press_keys(pilot, *"open sesame", "enter")
        await until(pilot, lambda: app.screen is not dialog)
        assert said == ["guess", "open sesame"]


async def test_the_palette_offers_what_keys_do():
    app = app_on(ScriptedClient())
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        names = {command.title for command in app.get_system_commands(app.screen)}
        assert any(name.startswith("Portfolio (P") for name in names)
        assert {"Theme: dark", "Theme: light"} <= names
        await press_keys(pilot, "ctrl+p")
        await until(pilot, lambda: type(app.screen).__name__ == "CommandPalette")
        await press_keys(pilot, *"portfolio")
        await pilot.pause(0.3)
        await press_keys(pilot, "enter")
        await until(pilot, lambda: app.desk_screen().mode_id == "portfolio")


async def test_help_of_commands_and_panes_is_read_and_closed():
    client = ScriptedClient()
    client.answers["help buy"] = m.Done(1, "text", {"help": "buy"})
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await press_keys(pilot, ":", *"help buy", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ReaderDialog" and app.screen.is_mounted)
        assert "buy SIZE SYMBOL" in str(app.screen.query_one("Static").render())
        await press_keys(pilot, "q")
        await until(pilot, lambda: type(app.screen).__name__ == "TradeScreen")
        await press_keys(pilot, "o", "?")
        await until(pilot, lambda: type(app.screen).__name__ == "ReaderDialog" and app.screen.is_mounted)
        text = str(app.screen.query_one("Static").render())
        assert "orders.cancel" in text
        assert "number to use in a line" in text


async def test_history_is_recalled_searched_and_completed(tmp_path):
    client = ScriptedClient()
    client.answers["note one"] = client.answers["watch BTC.p"] = m.Done(1, "", {})

    async def attach() -> Any:
        return client

    app = HedgeApp(attach, history=tmp_path / "history")
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        bar = app.desk_screen().bar
        for line in ("note one", "watch BTC.p"):
            await press_keys(pilot, ":", *line, "enter")
            await until(pilot, lambda: not bar.is_open)
        await press_keys(pilot, ":", "up")
        await until(pilot, lambda: bar.input.value == "watch BTC.p")
        await press_keys(pilot, "up")
        await until(pilot, lambda: bar.input.value == "note one")
        await press_keys(pilot, "down", "down")
        await until(pilot, lambda: bar.input.value == "")
        await press_keys(pilot, "ctrl+r", *"btc")
        assert [choice.text for choice in bar.choices.choices] == ["watch BTC.p"]
        await press_keys(pilot, "tab")
        await until(pilot, lambda: bar.input.value == "watch BTC.p")
        await press_keys(pilot, "ctrl+u", *"acc", "tab")
        await until(pilot, lambda: bar.input.value == "account ")
        await until(pilot, lambda: bar.choices.current is not None)
        await press_keys(pilot, "down", "down", "enter")
        await until(pilot, lambda: bar.input.value == "account desk-1 ")
        assert client.sent == ["note one", "watch BTC.p"]


def _console(tmp_path: Path, more: str) -> subprocess.Popen[bytes]:
    """The console in a pseudo-terminal of its own."""
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from hedge_tui.config import ConsoleSettings\nfrom hedge_tui.ui import console\n"
        f"{more}\n"
        f"code = console.run_console(Path({str(tmp_path / 'no.sock')!r}), ConsoleSettings())\n"
        "sys.exit(code)\n"
    )
    master, slave = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    child.terminal = master  # type: ignore[attr-defined]
    return child


def _read(child: Any, seconds: float, stop: bytes = b"\0never") -> bytes:
    """What the program writes, until `stop` comes or it ends."""
    os.set_blocking(child.terminal, False)
    found, until_s = b"", time.monotonic() + seconds
    while time.monotonic() < until_s and stop not in found:
        try:
            part = os.read(child.terminal, 65536)
            if not part:
                break
            found += part
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            break
    return found


def test_a_crash_restores_the_terminal_tells_no_values_and_exits_with_an_error(tmp_path):
    boom = (
        "def boom(self):\n    secret = 'hunter2'\n    raise ValueError(secret)\n"
        "console.TerminalApp.on_ready = boom"
    )
    child = _console(tmp_path, boom)
    output = _read(child, 30)
    assert child.wait(30) == 1
    os.close(child.terminal)
    assert b"hunter2" not in output
    assert b"ValueError" in output
    assert output.rindex(b"\x1b[?1049l") < output.index(b"stopped by a bug")


BUSY = """
import os, signal
console.END_S = 0.5
plain = console.TerminalApp.on_ready
def on_ready(app):
    plain(app)
    def write():
        thread = app._driver._writer_thread
        thread.write(" ")
        if not thread.is_alive():
            while thread._queue.qsize() < 30:
                thread.write(" ")
            os.kill(os.getpid(), signal.SIGHUP)
    app.set_interval(0.01, write)
console.TerminalApp.on_ready = on_ready
"""
"""Once the terminal is gone: more to write than Textual queues, then the hang-up."""


def test_a_console_whose_terminal_is_gone_ends(tmp_path):
    child = _console(tmp_path, BUSY)
    assert b"not connected" in _read(child, 30, b"not connected")
    os.close(child.terminal)
    try:
        assert child.wait(20) == 128 + signal.SIGHUP
    finally:
        child.kill()


HOARD = """
import gc, os, weakref
from textual.widgets import Static
console.WARM_UP_S = console.SWEEP_S = 0.05
gc.disable()
plain = console.TerminalApp._warm_up
async def warm_up(app):
    await plain(app)
    for _ in range(3):  # Textual itself remembers the last one
        shown = Static("passing")
        await app.mount(shown)
        await shown.remove()
        weakref.finalize(shown, lambda: os.write(2, b"swept away"))
console.TerminalApp._warm_up = warm_up
"""
"""A widget that comes and goes, with nobody but the console's own sweep to collect it."""


def test_widgets_that_are_gone_are_swept_away(tmp_path):
    child = _console(tmp_path, HOARD)
    try:
        assert b"swept away" in _read(child, 30, b"swept away")
    finally:
        child.kill()
        child.wait()
        os.close(child.terminal)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_signals_end_the_console_cleanly(tmp_path, number):
    child = _console(tmp_path, "")
    output = _read(child, 30, b"not connected")
    assert b"not connected" in output
    child.send_signal(number)
    output = _read(child, 10)
    assert child.wait(10) == 128 + number
    os.close(child.terminal)
    assert b"\x1b[?1049l" in output
