"""What a restarted engine knows of the budgets."""

from __future__ import annotations

import asyncio
import stat

import pytest

from adapters.traffic.balancer import Balancer
from adapters.traffic.budget import SHARE
from adapters.traffic.kept_budgets import KeptBudgets
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Heard, Lane, Per, Spend
from tests.unit.traffic.test_balancer import HOME, LIMITS, Hands, settle, spend_all

ORDER_ROOM = int(80 * SHARE[Lane.ORDER])


class Desk:
    """A balancer and its file; monotonic time begins anew with each start."""

    def __init__(self, file, now_ns: int, up_s: float = 5.0) -> None:
        self.clock = Hands()
        self.clock.now = up_s
        self.clock.now_ns = lambda: now_ns + int((self.clock.now - up_s) * 1e9)
        self.balancer = Balancer(LIMITS.__getitem__, self.clock)
        self.pacer = self.balancer.pacer(HOME)
        self.kept = KeptBudgets(file, self.balancer, self.clock)
        self.kept.load()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "budgets.json"


T = 1_750_000_000_000_000_000


async def test_a_restart_does_not_plan_as_if_nothing_was_spent(file):
    first = Desk(file, T)
    for number in range(50):
        orders, account = (1, "a") if number < 5 else (0, "")
        await first.pacer.acquire(Spend(Lane.ORDER, 1.0, orders, account, 0.0))
        first.clock.now += 0.1
    await first.kept.save()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = Desk(file, T + 5_000_000_000, up_s=70_000.0)
    assert second.kept.notices == []
    assert await spend_all(second.pacer, Lane.ORDER) == ORDER_ROOM - 50
    second.clock.now += 4.0
    assert await spend_all(second.pacer, Lane.ORDER, weight=0.0, orders=1, account="a") == 7 - 5
    second.clock.now += 54.0  # a minute after the first of them, kept in fewer and later steps
    assert 0 < await spend_all(second.pacer, Lane.ORDER) <= 50
    second.clock.now += 5.0
    assert await spend_all(second.pacer, Lane.ORDER) > 0


async def test_a_ban_is_remembered(file):
    first = Desk(file, T)
    first.pacer.heard(Heard(418, retry_after_s=100.0))
    first.pacer.heard(Heard(429, "a", 50.0, per=Per.ACCOUNT))
    await first.kept.save()
    second = Desk(file, T + 60_000_000_000, up_s=1.0)
    assert [(one.status, one.account, one.left_s) for one in second.balancer.snapshot().bans] == [
        (418, "", 41.0)
    ]
    with pytest.raises(Unavailable, match="a ban runs"):
        await second.pacer.acquire(Spend(Lane.ORDER))
    waiting = asyncio.create_task(second.pacer.acquire(Spend(Lane.CANCEL)))
    await settle()
    assert not waiting.done()
    second.clock.now += 41.1
    second.balancer.wake()
    await waiting


async def test_a_process_beside_the_engine_takes_its_bans_alone(file):
    first = Desk(file, T)
    assert await spend_all(first.pacer, Lane.ORDER) == ORDER_ROOM
    first.pacer.heard(Heard(418, retry_after_s=1.0))
    await first.kept.save()
    beside = Desk(file.with_name("none"), T)
    KeptBudgets(file, beside.balancer, beside.clock).load(bans_alone=True)
    assert [one.status for one in beside.balancer.snapshot().bans] == [418]
    beside.clock.now += 3.0
    assert await spend_all(beside.pacer, Lane.ORDER) == ORDER_ROOM
    file.write_bytes(b"torn")
    KeptBudgets(file, beside.balancer, beside.clock).load(bans_alone=True)


async def test_a_clock_that_was_set_back_prolongs_no_ban(file):
    first = Desk(file, T)
    first.pacer.heard(Heard(418, retry_after_s=100.0))
    await spend_all(first.pacer, Lane.ORDER)
    await first.kept.save()
    second = Desk(file, T - 3600_000_000_000)
    assert second.balancer.snapshot().bans[0].left_s == 101.0


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"weight", b"height"),
        lambda _: b"",
        lambda _: b"\x00" * 4096,
        lambda _: b"{}",
    ],
)
async def test_a_torn_or_foreign_file_is_left_aside_and_the_start_is_careful(file, damage):
    first = Desk(file, T)
    await first.pacer.acquire(Spend(Lane.ORDER))
    await first.kept.save()
    file.write_bytes(damage(file.read_bytes()))
    second = Desk(file, T)
    assert "is not used" in second.kept.notices[0]
    assert await spend_all(second.pacer, Lane.ORDER) == ORDER_ROOM - 40
    second.clock.now += 62.0
    assert await spend_all(second.pacer, Lane.ORDER) == ORDER_ROOM
    await second.kept.save()
    assert Desk(file, T).kept.notices == []


async def test_nothing_is_written_while_nothing_changes(file):
    desk = Desk(file, T)
    await desk.pacer.acquire(Spend(Lane.ORDER))
    await desk.kept.save()
    file.unlink()
    await desk.kept.save()
    assert not file.exists()


async def test_a_disk_that_refuses_stops_nothing(tmp_path):
    desk = Desk(tmp_path / "gone" / "budgets.json", T)
    await desk.pacer.acquire(Spend(Lane.ORDER))
    await desk.kept.save()
    await desk.pacer.acquire(Spend(Lane.ORDER))
