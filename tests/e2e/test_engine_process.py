"""The engine as a process against the sandbox venue: fills, lost answers, kill -9, a second engine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from hedge_tui.config.paths import Paths
from hedge_tui.wire.address import runtime_socket

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import LiveDesk

pytestmark = pytest.mark.e2e
LINE = "@desk-1,desk-2,desk-3 buy 500usd/each BTC.p at ask"


def test_one_line_over_three_accounts_is_the_same_everywhere(live_desk: LiveDesk) -> None:
    result = live_desk.json("do", LINE, "--yes")
    ids = {leg["client_order_id"] for leg in result["result"]["legs"]}
    live_desk.lower_price()
    live_desk.until(lambda: {o["status"] for o in _orders(live_desk, ids)} == {"filled"}, 10)
    truth = [f for f in live_desk.venue(lambda c: c.fills()) if f["client_order_id"] in ids]
    by_account = live_desk.summed(truth)
    assert set(by_account) == {"desk-1", "desk-2", "desk-3"}
    assert live_desk.summed(f for f in live_desk.json("fills") if f["client_order_id"] in ids) == by_account
    positions = {
        p["account"]: Decimal(p["quantity"])
        for p in live_desk.json("positions")
        if p["instrument"] == "binanceusdm:BTC/USDT:USDT"
    }
    held = {
        row["account"]: Decimal(row["quantity"])
        for row in live_desk.venue(lambda c: c.balances())
        if row["what"] == "position" and row["account"] in by_account and Decimal(row["quantity"])
    }
    assert positions == held
    assert live_desk.journalled("filled") == len(truth)
    live_desk.until(lambda: _wallets(live_desk) == _ledger_wallets(live_desk), 10)


def test_a_lost_answer_on_fifty_orders(live_desk: LiveDesk) -> None:
    # The answers are lost, the stream says nothing, and look-ups fail for a while.
    live_desk.venue(lambda c: c.strike("ws_silence", account="desk-4", seconds=6))
    live_desk.venue(
        lambda c: c.fault(
            "drop_after", method="POST", path="(batchOrders|/order)", account="desk-4", count=None
        )
    )
    live_desk.venue(
        lambda c: c.fault("status", status=503, method="GET", path="rder", account="desk-4", count=None)
    )
    line = " & ".join(f"@desk-4 buy 0.01btc BTC.p at bid-{1 + i / 10}%" for i in range(1, 51))
    done = live_desk.hedge("do", line, "--yes", "--json", check=False)
    assert done.returncode == 5, done.stderr
    ours = {o["client_order_id"]: o["status"] for o in live_desk.json("orders") if o["account"] == "desk-4"}
    assert list(ours.values()) == ["unknown"] * 50
    live_desk.venue(lambda c: c.disarm())
    live_desk.until(lambda: not _unknown(live_desk), 40)
    orders = [o for o in live_desk.json("orders") if o["client_order_id"] in ours]
    truth = [o for o in live_desk.venue(lambda c: c.orders("desk-4")) if o["client_order_id"] in ours]
    assert len(truth) == 50, "each order is at the venue once"
    assert {o["client_order_id"]: o["status"] for o in orders} == dict.fromkeys(ours, "live")
    live_desk.hedge("do", "@desk-4 cancel all", "--yes")


def test_the_engine_killed_with_200_live_orders(live_desk: LiveDesk) -> None:
    futures = ",".join(f"desk-{n}" for n in range(1, 9))
    spot = ",".join(f"desk-{n}" for n in range(9, 12))
    line = " & ".join(
        [f"@{futures} buy 0.005btc/each BTC.p at bid-{2 + i / 4}%" for i in range(19)]
        + [f"@{spot} buy 0.001btc/each BTC at bid-{2 + i / 4}%" for i in range(16)]
    )
    live_desk.hedge("do", line, "--yes")
    live_desk.until(lambda: len(_working(live_desk)) >= 200, 20)
    before = _working(live_desk)
    live_desk.kill_engine()
    mark = max(row["seq"] for row in live_desk.venue(lambda c: c.ledger("request")))
    live_desk.start_engine()
    live_desk.connected()
    live_desk.until(lambda: not _unknown(live_desk), 40)
    truth = {
        o["client_order_id"]: o["status"]
        for o in live_desk.venue(lambda c: c.orders())
        if o["status"] in ("NEW", "PARTIALLY_FILLED")
    }
    assert set(_working(live_desk)) == set(truth) == set(before)
    sent = [
        row
        for row in live_desk.venue(lambda c: c.ledger("request", since=mark))
        if row["method"] in ("POST", "DELETE", "PUT") and "rder" in row["path"]
    ]
    assert sent == [], "a restarted engine sends nothing by itself"
    live_desk.hedge("do", "@all cancel all", "--yes")
    live_desk.until(lambda: not _working(live_desk), 20)


def test_a_second_engine_leaves_at_once_and_names_the_first(live_desk: LiveDesk) -> None:
    begun = time.monotonic()
    second = live_desk.hedge("engine", "run", check=False)
    assert time.monotonic() - begun < 3
    assert second.returncode == 1
    assert str(live_desk.pid()) in second.stderr


def test_sigterm_ends_the_engine_within_five_seconds_and_nothing_is_lost(live_desk: LiveDesk) -> None:
    live_desk.hedge("do", "@desk-5 buy 0.01btc BTC.p at bid-8%", "--yes")
    before = _working(live_desk)
    pid = live_desk.pid()
    begun = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    live_desk.until(lambda: _gone(pid), 5)
    assert time.monotonic() - begun < 5
    live_desk.start_engine()
    live_desk.connected()
    assert _working(live_desk) == before
    live_desk.hedge("do", "@desk-5 cancel all", "--yes")


def test_the_demo_without_a_terminal_runs_and_ends(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hedge_tui", "demo", "--data-dir", f"{tmp_path}/demo"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "12 accounts" in done.stdout
    assert ", 3 positions:" in done.stdout  # a market that moves may fill one order in two pieces


def _working(desk: LiveDesk) -> dict[str, str]:
    return {o["client_order_id"]: o["status"] for o in desk.json("orders")}


def _unknown(desk: LiveDesk) -> list[str]:
    return [s for s in _working(desk).values() if s.endswith("unknown") or s in ("sending", "acked")]


def _wallets(desk: LiveDesk) -> dict[tuple[str, str], Decimal]:
    return {(b["account"], b["asset"]): Decimal(b["total"]) for b in desk.json("balances")}


def _ledger_wallets(desk: LiveDesk) -> dict[tuple[str, str], Decimal]:
    rows = desk.venue(lambda control: control.balances())
    return {
        (row["account"], row["asset"]): Decimal(row["total"])
        for row in rows
        if row["what"] == "balance" and Decimal(row["total"])
    }


def _orders(desk: LiveDesk, ids: set[str]) -> list[dict[str, str]]:
    return [o for o in desk.json("orders", "--all") if o["client_order_id"] in ids]


def _gone(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_backup_made_while_the_engine_runs_starts_an_engine(live_desk: LiveDesk, tmp_path: Path) -> None:
    live_desk.hedge("do", "@desk-6,desk-7 buy 0.01btc/each BTC.p at bid-8%", "--yes")
    before = _working(live_desk)
    assert before
    copy, place = tmp_path / "copy", tmp_path / "restored"
    live_desk.hedge("backup", str(copy))
    live_desk.kill_engine()
    place.mkdir(mode=0o700)
    # As the README in the copy says.
    for name in ("journal", "vault.hedge", "config.toml"):
        (copy / name).rename(place / name)
    restored = type(live_desk)(
        Paths(place / "config.toml", place), runtime_socket(place), live_desk.control_port
    )
    try:
        restored.hedge("keys", "list", "--accept-older", check=False)
        restored.start_engine()
        restored.connected()
        assert _working(restored) == before
        assert restored.hedge("journal", "verify").returncode == 0
        assert restored.hedge("journal", "replay").returncode == 0
        restored.hedge("do", "@desk-6,desk-7 cancel all", "--yes")
        restored.until(lambda: not _working(restored), 20)
    finally:
        restored.hedge("engine", "stop", check=False)
        live_desk.start_engine()
        live_desk.connected()
