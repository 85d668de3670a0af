"""`hedge panic` with real processes: through the engine, past one that hangs, and without any."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_desk import ACCOUNTS, PASSPHRASE, SmallDesk, desk_of

from adapters.sandbox.accounts import demo_accounts
from adapters.sandbox.control import SandboxControl
from hedge_tui.bootstrap.launch import attach
from hedge_tui.bootstrap.process import wait_gone

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e
DEAD_MAN_S = 120


@pytest.fixture(scope="module")
def _venue(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: Path) -> Iterator[SmallDesk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDGE_RUNTIME_DIR", str(_runtime_dir))
        accounts = [(one, ACCOUNTS[one.name]) for one in demo_accounts() if one.name in ACCOUNTS]
        desk = desk_of(
            tmp_path_factory.mktemp("panic") / "desk", accounts, more=f"dead_man_s = {DEAD_MAN_S}\n"
        )
        yield desk
        desk.end()


@pytest.fixture
def desk(_venue: SmallDesk, hidden_user: Path) -> SmallDesk:
    if not _venue.socket.exists():
        _venue.start()
    _venue.connected()
    _venue.quoted()
    return _venue


def working(desk: SmallDesk) -> list[dict[str, Any]]:
    orders = [o for name in ("desk-1", "desk-9") for o in desk.venue(lambda c, name=name: c.orders(name))]
    return [o for o in orders if o["status"] in ("NEW", "PARTIALLY_FILLED")]


def position(desk: SmallDesk) -> Decimal:
    rows = desk.venue(lambda c: c.balances())
    return sum(
        (Decimal(r["quantity"]) for r in rows if r["what"] == "position" and r["account"] == "desk-1"),
        Decimal(0),
    )


def loaded(desk: SmallDesk) -> None:
    """A position with its stop, and entries on both accounts."""
    desk.hedge("do", "@desk-1 buy 0.02btc BTC.p", "--yes")
    desk.until(lambda: position(desk) == Decimal("0.02"), 10)
    desk.until(lambda: len(desk.ask("positions")) == 1, 10)
    desk.hedge("do", "@desk-1 close BTC.p stop:20000", "--yes")
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-5%", "--yes")
    desk.hedge("do", "@desk-9 buy 0.001btc BTC.s at bid-5%", "--yes")
    desk.until(lambda: len(working(desk)) == 3, 10)


def test_the_engine_does_it_and_says_it_account_by_account(desk: SmallDesk) -> None:
    loaded(desk)
    done = desk.json("panic")
    assert (done["by"], done["record"]) == ("engine", None)
    first, second = done["accounts"]
    assert (first["cancelled"], first["kept"], first["phase"]) == (1, 1, "done")
    assert (second["cancelled"], second["entries"], second["settled"]) == (1, 1, True)
    (stop,) = working(desk)
    assert stop["account"] == "desk-1"
    assert position(desk) == Decimal("0.02")
    told = desk.hedge("panic", "flat").stdout
    assert "1 of 1 position closed" in told
    assert "1 stop dropped" in told
    assert "spot holdings are no positions" in told
    assert (position(desk), working(desk)) == (0, [])


def test_an_engine_that_hangs_is_passed_and_its_journal_learns_of_it(desk: SmallDesk) -> None:
    loaded(desk)
    os.kill(desk.engine(), signal.SIGSTOP)
    try:
        begun = time.monotonic()
        told = desk.hedge("panic", "--flat", given=f"{PASSPHRASE}\n")
        assert time.monotonic() - begun < 25
        assert "desk-1: 1 of 1 cancelled" in told.stdout
        assert "1 of 1 position closed, 1 stop dropped" in told.stdout
        assert "desk-9: 1 of 1 cancelled" in told.stdout
        assert "Traceback" not in told.stderr
        assert (position(desk), working(desk)) == (0, [])
        (record,) = (desk.folder / "panic").glob("*.jsonl")
        assert stat.S_IMODE(record.stat().st_mode) == 0o600
        kinds = [json.loads(line)["kind"] for line in record.read_text().splitlines()]
        assert {"order_adopted", "cancels_sending", "orders_intended", "reported", "noted"} <= set(kinds)
        assert PASSPHRASE not in record.read_text()
    finally:
        os.kill(desk.engine(), signal.SIGCONT)
    desk.until(lambda: not record.exists(), 15)
    assert record.with_suffix(".taken").exists()
    desk.until(lambda: (desk.ask("orders"), desk.ask("positions")) == ([], []), 30)


@pytest.mark.soak
def test_without_an_engine_and_the_next_one_takes_the_record_in(desk: SmallDesk) -> None:
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-5%", "--yes")
    pid = desk.engine()
    os.kill(pid, signal.SIGKILL)
    assert wait_gone(pid, 5)
    told = desk.hedge("panic", "--json", given=f"{PASSPHRASE}\n")
    document = json.loads(told.stdout)
    assert document["by"] == "break glass"
    assert [one["cancelled"] for one in document["accounts"]] == [1, 0]
    assert Path(document["record"]).exists()
    assert working(desk) == []
    desk.start()
    desk.connected()
    desk.until(lambda: not Path(document["record"]).exists(), 15)
    assert "`hedge panic` worked beside this engine" in (desk.folder / "logs" / "engine.log").read_text()
    desk.until(lambda: desk.ask("orders") == [], 30)


@pytest.mark.soak
def test_a_venue_that_cannot_be_reached_is_named_and_tried_again(desk: SmallDesk) -> None:
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-5%", "--yes")
    desk.gate.close()
    try:
        told = desk.hedge("panic", "--for", "1", code=1)
        assert "desk-1: NOT REACHED: " in told.stdout
        assert "1 entry may still rest; asked " in told.stdout
        assert "hedge panic stop" in told.stderr
    finally:
        desk.gate.open()
    desk.until(lambda: working(desk) == [], 40)
    desk.until(lambda: all(one["settled"] for one in desk.ask("panic")), 40)


def test_abort_lets_no_order_leave_later_than_300_ms(desk: SmallDesk) -> None:
    desk.venue(lambda c: c.fault("delay", method="POST", path="batchOrders", seconds=0.3, count=None))
    line = " & ".join(f"@desk-1 buy 0.01btc BTC.p at bid-{3 + n / 10}%" for n in range(120))

    async def abort_in_the_middle() -> tuple[int, str]:
        console, other = await attach(desk.socket), await attach(desk.socket)
        try:
            preview = await console.submit(line)
            sending = asyncio.ensure_future(console.confirm(preview.hash, wait=True))
            await _leaving(desk)
            at = time.time_ns()
            told = await other.submit("abort")
            await sending
            return at, told.text
        finally:
            await console.close()
            await other.close()

    at, told = asyncio.run(abort_in_the_middle())
    rows = desk.venue(lambda c: c.requests("batchOrders", "desk-1"))
    late_ms = max(row["time_ns"] - at for row in rows if row["method"] == "POST") / 1e6
    print(f"\nabort: last order {late_ms:.0f} ms after the key; {told}")
    assert late_ms < 300
    desk.venue(lambda c: c.disarm())
    resting = len(working(desk))
    assert 0 < resting < 120
    assert f"aborted: {resting} of 120 orders had left and stay" in told
    desk.until(lambda: len(desk.ask("orders")) == resting, 10)
    desk.hedge("do", "cancel all", "--yes", code=None)
    desk.hedge("panic")
    assert working(desk) == []


async def _leaving(desk: SmallDesk) -> None:
    """Wait until the first batches are at the venue."""
    async with SandboxControl(desk.control_port) as control:
        for _ in range(2_000):
            if len(await control.requests("batchOrders", "desk-1")) >= 5:
                return
            await asyncio.sleep(0.01)
    raise AssertionError("no order leaves")


def test_entries_are_gone_when_a_dead_engine_stays_silent_and_stops_are_not(desk: SmallDesk) -> None:
    desk.hedge("do", "@desk-1 buy 0.5eth ETH.p", "--yes")
    desk.until(lambda: len(desk.ask("positions")) == 1, 10)
    desk.hedge("do", "@desk-1 close ETH.p stop:500", "--yes")
    desk.hedge("do", "@desk-1 buy 0.5eth ETH.p at bid-5%", "--yes")
    desk.hedge("do", "@desk-1 buy 0.01btc BTC.p at bid-5%", "--yes")

    def wound_up() -> list[Any]:
        rows = desk.venue(lambda c: c.requests("countdownCancelAll"))
        return [(row["params"]["symbol"], int(row["params"]["countdownTime"])) for row in rows]

    desk.until(lambda: wound_up()[-1:] == [("BTCUSDT", DEAD_MAN_S * 1_000)], 10)
    pid = desk.engine()
    os.kill(pid, signal.SIGKILL)
    assert wait_gone(pid, 5)
    desk.venue(lambda c: c.shift_clock((DEAD_MAN_S - 10) * 1_000))
    assert len(working(desk)) == 3
    desk.venue(lambda c: c.shift_clock((DEAD_MAN_S + 1) * 1_000))
    desk.until(lambda: {o["symbol"] for o in working(desk)} == {"ETHUSDT"}, 10)
    assert len(working(desk)) == 2
