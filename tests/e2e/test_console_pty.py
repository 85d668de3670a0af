"""The real console in a real terminal: type a line, confirm it, see it; kill the console, attach again."""

from __future__ import annotations

import signal
from decimal import Decimal
from typing import TYPE_CHECKING

import pexpect
import pytest
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import LiveDesk

pytestmark = pytest.mark.e2e
LIMIT_S = 20.0
LINE = "@desk-1,desk-2,desk-3 buy 500usd/each BTC.p at ask"


@pytest.fixture
def terminal(live_desk: LiveDesk) -> Iterator[Terminal]:
    opened = Terminal(live_desk.paths.data_dir)
    yield opened
    opened.close()


def test_a_typed_line_fills_three_accounts_and_is_the_same_everywhere(
    live_desk: LiveDesk, terminal: Terminal
) -> None:
    terminal.until("SANDBOX")
    terminal.until("BTC/USDT:USDT")
    terminal.type(":")
    terminal.type(LINE)
    terminal.type("\r")
    terminal.until("over 3 accounts")
    terminal.until("sends 3 orders")
    terminal.type("\r")
    live_desk.until(lambda: len(live_desk.json("runs")) == 1, 10)
    live_desk.lower_price()
    live_desk.until(lambda: _filled(live_desk) == 3, 10)
    truth = live_desk.summed(_fills(live_desk))
    assert set(truth) == {"desk-1", "desk-2", "desk-3"}
    positions = {p["account"]: Decimal(p["quantity"]) for p in live_desk.json("positions")}
    assert positions == truth
    assert live_desk.summed(live_desk.json("fills")) == truth
    assert live_desk.journalled("filled") == len(_fills(live_desk))
    terminal.wait(lambda: len(_long_rows(terminal)) == 3)
    for row in _long_rows(terminal):
        account = next(name for name in truth if name in row)
        assert f"{truth[account]}" in row, row


def test_killing_the_console_touches_nothing_and_attaching_shows_the_truth(live_desk: LiveDesk) -> None:
    first = Terminal(live_desk.paths.data_dir)
    try:
        first.until("SANDBOX")
        live_desk.hedge("do", "@desk-7 buy 0.01btc BTC.p at bid-5%", "--yes")
        first.until("desk-7")
        pid = live_desk.pid()
        first.child.kill(signal.SIGKILL)
        first.child.wait()
    finally:
        first.close()
    assert live_desk.pid() == pid
    orders = live_desk.json("orders")
    assert [o["status"] for o in orders if o["account"] == "desk-7"] == ["live"]
    second = Terminal(live_desk.paths.data_dir, 80, 24)
    try:
        second.until("SANDBOX")
        second.type("O")
        second.until("desk-7")
        second.type("\x11")
        second.child.expect(pexpect.EOF, timeout=10)
    finally:
        second.close()
    assert second.child.exitstatus == 0
    assert live_desk.pid() == pid
    live_desk.hedge("do", "@desk-7 cancel all", "--yes")


def _fills(desk: LiveDesk) -> list[dict[str, str]]:
    return desk.venue(lambda control: control.fills())


def _filled(desk: LiveDesk) -> int:
    return sum(order["status"] == "filled" for order in desk.json("orders", "--all"))


def _long_rows(terminal: Terminal) -> list[str]:
    return [line for line in terminal.text.splitlines() if " long " in line and "desk-" in line]
