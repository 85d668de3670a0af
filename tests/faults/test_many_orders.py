"""Panic and restart with many live orders, over real sockets and real ccxt, the venue's limits in force.

The full size (1,000 orders on 20 accounts) run by `make soak` and prints figures; a small one runs always.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from small_desk import PASSPHRASE, SmallDesk, desk_of

from adapters.sandbox.accounts import sandbox_account
from hedge_tui.bootstrap.launch import attach
from hedge_tui.bootstrap.process import wait_gone
from hedge_tui.wire.messages import Preview

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
RISK = """[risk]
max_bulk_notional = 100_000_000
max_day_notional = 1_000_000_000
max_order_count = 5_000
max_open_orders = 500
price_collar_pct = 50
"""
SYMBOLS = {"binanceusdm": ("BTC.p", "ETH.p", "SOL.p", "BNB.p", "XRP.p"), "binance": ("BTC.s", "ETH.s")}
SIZES = [
    pytest.param((3, 1, 25), id="100 orders on 4 accounts"),
    pytest.param((16, 4, 50), id="1,000 orders on 20 accounts", marks=pytest.mark.soak),
]


@dataclass
class Crowd:
    """A desk of many accounts, its orders resting."""

    desk: SmallDesk
    futures: list[str]
    spot: list[str]
    each: int

    @property
    def total(self) -> int:
        return self.each * (len(self.futures) + len(self.spot))

    def resting(self) -> int:
        return sum(o["status"] == "NEW" for o in self.desk.venue(lambda c: c.orders()))

    def requests(self, since: int) -> list[dict[str, Any]]:
        return self.desk.venue(lambda c: c.ledger("request", since=since))

    def mark(self) -> int:
        rows = self.desk.venue(lambda c: c.ledger("request"))
        return max(row["seq"] for row in rows)

    async def fill_up(self) -> None:
        """Send the orders, in lines of one symbol."""
        client = await attach(self.desk.socket)
        try:
            for names, venue in ((self.futures, "binanceusdm"), (self.spot, "binance")):
                symbols = SYMBOLS[venue]
                for turn, symbol in enumerate(symbols):
                    count = self.each // len(symbols) + (turn < self.each % len(symbols))
                    line = " & ".join(
                        f"@{','.join(names)} buy 300usd/each {symbol} at bid-{3 + n / 10}%"
                        for n in range(count)
                    )
                    preview = await client.submit(line)
                    assert isinstance(preview, Preview), preview
                    assert preview.sendable == count * len(names), preview.rows[0].problem
                    await client.confirm(preview.hash, wait=True)
        finally:
            await client.close()


@pytest.fixture
def crowd(
    request: pytest.FixtureRequest, tmp_path: Path, hidden_user: Path, _runtime_dir: Path
) -> Iterator[Crowd]:
    futures, spot, each = request.param
    names = [f"f{n + 1}" for n in range(futures)], [f"s{n + 1}" for n in range(spot)]
    accounts = [(sandbox_account(name, usdm={"USDT": "50000"}), "binanceusdm") for name in names[0]]
    accounts += [(sandbox_account(name, spot={"USDT": "50000"}), "binance") for name in names[1]]
    desk = desk_of(tmp_path / "desk", accounts, limits="real", config=RISK, gated=False)
    try:
        desk.start()
        desk.until(lambda: desk.ask("status")["connected"] == len(accounts), 150)
        desk.quoted()
        made = Crowd(desk, *names, each)
        asyncio.run(made.fill_up())
        desk.until(lambda: made.resting() == made.total, 150)
        desk.until(lambda: desk.ask("status")["working_orders"] == made.total, 30)
        yield made
    finally:
        desk.end()


@pytest.mark.parametrize("crowd", SIZES, indirect=True)
def test_panic_while_a_third_of_the_cancels_get_429(crowd: Crowd) -> None:
    desk, total = crowd.desk, crowd.total
    desk.venue(
        lambda c: c.fault("rate_limit", method="DELETE", seconds=1, probability=1 / 3, count=None, seed=7)
    )
    mark = crowd.mark()

    async def press() -> tuple[int, float, str]:
        client = await attach(desk.socket)
        try:
            at, begun = time.time_ns(), time.monotonic()
            done = await client.submit("panic")
            return at, time.monotonic() - begun, str(getattr(done, "text", ""))
        finally:
            await client.close()

    at, answered_s, text = asyncio.run(press())
    desk.until(lambda: crowd.resting() == 0, 60)
    gone_s = (time.time_ns() - at) / 1e9
    desk.until(lambda: all(one["settled"] for one in desk.ask("panic")), 60)
    cancels = [row for row in crowd.requests(mark) if row["method"] == "DELETE"]
    attempted: dict[str, float] = {}
    for row in cancels:
        for id_ in _ids(row):
            attempted.setdefault(id_, (row["time_ns"] - at) / 1e9)
    first, last = min(attempted.values()), max(attempted.values())
    refused = sum(row["outcome"] == "rate_limit" for row in cancels)
    print(
        f"\npanic, {total} orders on {len(desk.ask('accounts'))} accounts: first cancel {first:.3f} s,"
        f" all attempted {last:.3f} s, answer {answered_s:.2f} s, all gone {gone_s:.2f} s;"
        f" {len(cancels)} requests, {refused} of them 429"
    )
    assert len(attempted) == total, text
    assert first < 1
    assert last < 5
    assert refused
    assert all(one["phase"] == "done" and one["cancelled"] == crowd.each for one in desk.ask("panic"))


@pytest.mark.parametrize("crowd", SIZES, indirect=True)
def test_a_restart_compares_everything_within_the_limits(crowd: Crowd) -> None:
    desk, total = crowd.desk, crowd.total
    pid = desk.engine()
    os.kill(pid, signal.SIGKILL)
    assert wait_gone(pid, 5)
    if total == 1_000:
        time.sleep(60)  # what the start and the orders before have used is not what is measured
    mark, begun = crowd.mark(), time.monotonic()
    desk.start(PASSPHRASE)
    started_s = time.monotonic() - begun

    def compared() -> bool:
        status = desk.ask("status")
        return bool(
            status["connected"] == status["accounts"]
            and not status["unsettled"]
            and not status["unknown_orders"]
            and status["working_orders"] == total
        )

    desk.until(compared, 150)
    took_s = time.monotonic() - begun
    rows = crowd.requests(mark)
    refused = [row for row in rows if row["status"] in (418, 429)]
    print(
        f"\nrestart, {total} orders on {len(desk.ask('accounts'))} accounts: listens after {started_s:.1f} s,"
        f" all accounts compared after {took_s:.1f} s; {len(rows)} requests, {len(refused)} of them 429"
    )
    assert refused == []
    assert took_s < 30
    assert crowd.resting() == total


def _ids(row: dict[str, Any]) -> list[str]:
    """Client order ids that a cancel names."""
    params = row["params"]
    listed = params.get("origClientOrderIdList") or params.get("origclientorderidlist")
    if listed is None:
        return [str(params.get("origClientOrderId") or params.get("orderId") or params.get("symbol"))]
    return [one.strip('"') for one in str(listed).strip("[]").split(",")]


@pytest.mark.soak
@pytest.mark.parametrize("crowd", [(16, 4, 50)], indirect=True, ids=["1,000 orders on 20 accounts"])
def test_without_an_engine_that_answers(crowd: Crowd) -> None:
    desk, mark, at = crowd.desk, crowd.mark(), time.time_ns()
    os.kill(desk.engine(), signal.SIGSTOP)
    try:
        told = desk.hedge("panic", "--for", "40", given=f"{PASSPHRASE}\n", code=None)
        whole_s = (time.time_ns() - at) / 1e9
        rows = crowd.requests(mark)
        cancels = [(row["time_ns"] - at) / 1e9 for row in rows if row["method"] == "DELETE"]
        refused = sum(row["status"] in (418, 429) for row in rows)
        print(
            f"\nbreak glass, {crowd.total} orders on 20 accounts: first cancel {min(cancels):.1f} s,"
            f" last {max(cancels):.1f} s, ended {whole_s:.1f} s; {len(rows)} requests, {refused} of them 429"
        )
        assert crowd.resting() == 0, told.stdout
        assert not refused
    finally:
        os.kill(desk.engine(), signal.SIGCONT)
