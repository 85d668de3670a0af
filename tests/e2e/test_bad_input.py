"""What goes wrong is said with what to do, and the rest of the desk goes on: real processes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from small_desk import PASSPHRASE, SmallDesk, children_of, small_desk

from hedge_tui.bootstrap.launch import EngineNotStarted
from hedge_tui.bootstrap.process import command_of, wait_gone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="Linux only")]


@pytest.fixture(scope="module")
def _venue(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: Path) -> Iterator[SmallDesk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDGE_RUNTIME_DIR", str(_runtime_dir))
        desk = small_desk(tmp_path_factory.mktemp("bad") / "desk")
        yield desk
        desk.end()


@pytest.fixture
def desk(_venue: SmallDesk, hidden_user: Path) -> SmallDesk:
    return _venue


def test_a_locked_engine_shows_markets_and_the_accounts_wait(desk: SmallDesk) -> None:
    desk.start(passphrase=None)
    desk.quoted()
    status = desk.json("engine", "status")
    assert (status["locked"], status["connected"]) == (True, 0)
    assert "hedge unlock" in desk.hedge("engine", "status").stdout
    assert desk.states() == {"desk-1": "locked", "desk-9": "locked"}
    assert any(row["bid"] for row in desk.json("markets"))
    told = desk.hedge("do", "@desk-1 buy 0.01btc BTC.p", "--yes", code=None)
    assert told.returncode != 0
    assert "hedge unlock" in told.stdout + told.stderr
    wrong = desk.hedge("unlock", given="wrong horse battery\n", code=1)
    assert "does not open" in wrong.stderr
    assert wrong.stdout == ""
    assert desk.states()["desk-1"] == "locked"
    desk.hedge("unlock", given=f"{PASSPHRASE}\n")
    desk.connected()
    assert PASSPHRASE not in (desk.folder / "logs" / "engine.log").read_text()


def test_keys_are_checked_and_a_running_engine_takes_changes_over(desk: SmallDesk) -> None:
    told = desk.hedge("keys", "test", "desk-9", given=f"{PASSPHRASE}\n").stdout
    assert "the key may: read, spot, futures" in told
    assert "USDT" in told
    assert desk.states()["desk-9"] == "live", "a check is no reason to connect anew"
    desk.hedge("keys", "rotate", "desk-9", given=f"{PASSPHRASE}\n{'k' * 64}\n{'s' * 64}\n")
    desk.until(lambda: desk.states()["desk-9"] not in ("live", "starting"), 15)
    refused = desk.hedge("keys", "test", "desk-9", given=f"{PASSPHRASE}\n", code=1)
    assert "-2014" in refused.stderr or "API-key" in refused.stderr
    from adapters.sandbox.accounts import demo_accounts

    right = next(one for one in demo_accounts() if one.name == "desk-9")
    desk.hedge("keys", "rotate", "desk-9", given=f"{PASSPHRASE}\n{right.key}\n{right.secret}\n")
    desk.connected()
    assert desk.states()["desk-1"] == "live", "the other account was left alone"
    log = (desk.folder / "logs" / "engine.log").read_text()
    assert right.secret not in log
    assert "k" * 64 not in log


def test_a_venue_that_goes_away_and_comes_back(desk: SmallDesk) -> None:
    desk.gate.close()
    desk.until(lambda: "live" not in desk.states().values(), 30)
    feeds = desk.hedge("stream", "feeds", "--count", "4").stdout
    assert "reconnecting" in feeds or "stale" in feeds
    told = desk.hedge("do", "@desk-1 buy 0.01btc BTC.p", "--yes", code=None)
    assert told.returncode in (1, 4), "an order that cannot go is not called done"
    desk.gate.open()
    desk.connected()
    desk.until(lambda: desk.hedge("do", "@desk-1 buy 0.01btc BTC.p", "--yes", code=None).returncode == 0, 30)


def test_an_engine_starts_without_its_venue_and_finds_it_later(desk: SmallDesk) -> None:
    desk.stop()
    desk.gate.close()
    desk.start()
    status = desk.json("engine", "status")
    assert status["connected"] == 0
    desk.until(lambda: "markets: " in desk.hedge("stream", "feeds", "--count", "4").stdout, 20)
    assert "clock binance" in desk.hedge("doctor", code=None).stdout
    desk.gate.open()
    desk.connected()


def test_a_full_disk_under_the_journal_refuses_orders_and_lets_cancels_through(desk: SmallDesk) -> None:
    desk.connected()
    desk.quoted()
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-5%", "--yes")
    assert len(desk.json("orders")) == 1
    resource.prlimit(desk.engine(), resource.RLIMIT_FSIZE, (1, 1))
    told = desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-6%", "--yes", code=1)
    assert "the journal cannot be written" in told.stderr
    assert "nothing was sent" in told.stderr or "only cancels" in told.stderr
    assert "cannot be written" in desk.json("engine", "status")["journal"]
    desk.hedge("do", "@desk-1 cancel all", "--yes", code=None)
    resting = [o for o in desk.venue(lambda c: c.orders("desk-1")) if o["status"] == "NEW"]
    assert resting == []
    assert desk.json("markets"), "the rest goes on"
    begun = time.monotonic()
    desk.stop()
    assert time.monotonic() - begun < 5


def test_a_full_disk_under_the_history_does_not_touch_trading(desk: SmallDesk) -> None:
    desk.start()
    desk.connected()
    desk.quoted()
    worker = next(pid for pid in children_of(desk.engine()) if "store.worker" in command_of(pid))
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, 1))
    desk.hedge("chart", "BTC.p", "--timeframe", "1m", "--count", "20", "--json", code=None)
    log = desk.folder / "logs" / "engine.log"
    desk.until(lambda: "history.duckdb" in log.read_text(), 15)
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p", "--yes")
    assert desk.ask("status")["journal"] == "ok"


def test_an_engine_that_hangs_is_passed_by_the_panic_button(desk: SmallDesk) -> None:
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-5%", "--yes")
    os.kill(desk.engine(), signal.SIGSTOP)
    try:
        begun = time.monotonic()
        told = desk.hedge("panic", given=f"{PASSPHRASE}\n")
        assert time.monotonic() - begun < 15
        assert "desk-1: 1 of 1 cancelled" in told.stdout
        assert "Traceback" not in told.stderr
        assert "may hang" in desk.hedge("engine", "status", code=3).stderr
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("hedge_tui.bootstrap.launch.OWNER_LIMIT_S", 0.1)
            with pytest.raises(EngineNotStarted, match=f"process {desk.engine()} owns .* does not answer"):
                desk.start()
    finally:
        os.kill(desk.engine(), signal.SIGCONT)
    desk.until(lambda: desk.ask("orders") == [], 30)


def test_a_data_directory_that_cannot_be_used(hidden_user: Path, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut").chmod(0o500)
    for name in ("open", "shut"):
        words = [sys.executable, "-m", "hedge_tui", "engine", "run", "--data-dir", str(tmp_path / name)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 1
        assert "chmod 700" in done.stderr


def test_a_tampered_vault_leaves_the_engine_locked_and_says_so(desk: SmallDesk) -> None:
    pid = desk.engine()
    desk.stop()
    assert wait_gone(pid, 5)
    vault = desk.folder / "vault.hedge"
    whole = vault.read_bytes()
    raw = bytearray(whole)
    raw[-5] ^= 1
    vault.write_bytes(raw)
    try:
        desk.start()
        desk.quoted()
        assert desk.json("engine", "status")["locked"] is True
        told = desk.hedge("unlock", given=f"{PASSPHRASE}\n", code=1).stderr
        assert "does not open" not in told, "a damaged file is not called a wrong passphrase"
        assert "vault.hedge" in told
    finally:
        vault.write_bytes(whole)
