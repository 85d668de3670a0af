"""J: what every journal promises, held by the one on disk and the one of the simulation alike."""

from __future__ import annotations

import asyncio
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from hedge_tui.domain.account import CashFlow
from hedge_tui.domain.acts import (
    Act,
    AmendSending,
    CancelsSending,
    CashMoved,
    EngineStarted,
    EngineStopped,
    Filled,
    LineConfirmed,
    Noted,
    OrderAdopted,
    OrdersIntended,
    OrdersSending,
    Reported,
    SettingChanged,
)
from hedge_tui.domain.errors import LedgerError, StoreError
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.instrument import instrument_id
from hedge_tui.domain.order import (
    ClientOrderId,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
    VenueOrderId,
)
from hedge_tui.domain.report import Report, ReportKind
from store.journal.memory import MemoryJournal
from store.journal.sqlite_journal import SqliteJournal

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.domain.ports.journal import Journal

BTC = instrument_id("binanceusdm", "BTC/USDT:USDT")
CID = ClientOrderId("0123456789abcdef0123456789abcdef")
VID = VenueOrderId("8389765")
REQUEST = OrderRequest(
    CID,
    "desk-1",
    BTC,
    Side.BUY,
    OrderType.LIMIT,
    Decimal("0.00100000"),
    Decimal("64000.10"),
    time_in_force=TimeInForce.GTD,
    expire_ns=1_700_000_000_123_456_789,
)
EVERY_ACT: tuple[Act, ...] = (
    EngineStarted(1_700_000_000_000_000_001, "0.1.0", ("desk-1", "desk-2")),
    LineConfirmed(2, "run", 'buy 500usd BTC.p "at" ask\n\u202e', "f00d", "keyboard"),
    OrdersIntended(3, (REQUEST, REQUEST)),
    OrdersSending(4, (CID,)),
    CancelsSending(5, (CID, CID)),
    AmendSending(6, CID, "0.002", None),
    Reported(7, Report(ReportKind.LIVE, "desk-1", BTC, CID, 7, VID, Decimal("0E-8"), request=REQUEST)),
    Filled(
        8,
        Fill(
            *("desk-1", BTC, "t1", CID, VID, Side.BUY, Decimal("0.001"), Decimal("64000.1")),
            *(Decimal("-0.0000000001"), "BNB", Liquidity.MAKER, 1, 2),
        ),
    ),
    OrderAdopted(9, Order(REQUEST, OrderStatus.LIVE, 1, 2, VID, Decimal("0.0005"), Decimal("63999.95"))),
    SettingChanged(11, "alias", "bb", "buy 1btc", "cli"),
    Noted(12, "alarm", "panic", "all cancelled", "desk-1"),
    EngineStopped(13),
)


def note(number: int) -> Noted:
    return Noted(number, "info", "test", f"note {number}")


class Bench(Protocol):
    """One kind of journal: how to open it, and what a crash leaves."""

    def open(self) -> Any: ...
    async def crash(self, journal: Any) -> None: ...
    def break_disk(self, journal: Any) -> None: ...


class MemoryBench:
    def __init__(self) -> None:
        self.journal = MemoryJournal()

    def open(self) -> Journal:
        return self.journal

    async def crash(self, journal: MemoryJournal) -> None:
        self.journal = journal.crash()

    def break_disk(self, journal: MemoryJournal) -> None:
        journal.fail_commit("No space left on device")


class DiskBench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0

    def open(self) -> Journal:
        return SqliteJournal.open(self.folder / str(self.number))

    async def crash(self, journal: SqliteJournal) -> None:
        # Copying takes longer than a crash: housekeeping must not change the files meanwhile.
        await asyncio.to_thread(journal._archiver.join)
        async with asyncio.timeout(10):
            while journal.queued or journal._writer._prune_to:  # noqa: ASYNC110 - the journal gives no event
                await asyncio.sleep(0.005)
        shutil.copytree(self.folder / str(self.number), self.folder / str(self.number + 1))
        self.number += 1
        await journal.close()

    def break_disk(self, journal: SqliteJournal) -> None:
        class Broken:
            in_transaction = False

            def __init__(self, real: Any) -> None:
                self.close = real.close

            def execute(self, _statement: str) -> None:
                raise OSError(28, "No space left on device")

        journal._writer._connection = Broken(journal._writer._connection)


@pytest.fixture(params=["memory", "disk"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return MemoryBench() if request.param == "memory" else DiskBench(tmp_path)


async def test_j01_every_kind_of_act_comes_back_equal(bench: Bench) -> None:
    journal = bench.open()
    flow = CashMoved(10, cash_flow())
    acts = (*EVERY_ACT, flow)
    await journal.append(acts)
    assert list(journal.replay()) == list(enumerate(acts, 1))
    replayed = dict(journal.replay())[3]
    assert str(replayed.requests[0].quantity) == "0.00100000"
    await journal.close()


def cash_flow() -> CashFlow:
    return CashFlow("desk-1", "id-1", "funding", "USDT", Decimal("-0.12345678"), 5)


async def test_j02_numbers_count_from_one_without_holes(bench: Bench) -> None:
    journal = bench.open()
    first, second = journal.append([note(1), note(2)]), journal.append([note(3)])
    assert await second == 3
    assert await first == 2
    assert await journal.append([]) == 3
    assert [seq for seq, _ in journal.replay()] == [1, 2, 3]
    assert [seq for seq, _ in journal.replay(3)] == [3]
    assert list(journal.replay(4)) == []
    await journal.close()


async def test_j03_order_is_that_of_the_calls_not_of_the_waiting(bench: Bench) -> None:
    journal = bench.open()
    promises = [journal.append([note(n)]) for n in range(1, 200)]
    await asyncio.gather(*reversed(promises))
    assert [act.at_ns for _, act in journal.replay()] == list(range(1, 200))
    await journal.close()


async def test_j04_acts_are_queued_by_the_call_even_if_nobody_waits(bench: Bench) -> None:
    journal = bench.open()
    journal.append([note(1)])
    await journal.append([note(2)])
    assert len(list(journal.replay())) == 2
    await journal.close()


async def test_j05_a_crash_keeps_everything_acknowledged(bench: Bench) -> None:
    journal = bench.open()
    await journal.append([note(1), note(2)])
    await journal.append([note(3)])
    await bench.crash(journal)
    again = bench.open()
    assert [act for _, act in again.replay()] == [note(1), note(2), note(3)]
    assert await again.append([note(4)]) == 4
    assert [seq for seq, _ in again.replay(2)] == [2, 3, 4]
    await again.close()


async def test_j06_close_makes_queued_acts_durable_and_then_refuses(bench: Bench) -> None:
    journal = bench.open()
    for number in range(1, 50):
        journal.append([note(number)])
    await journal.close()
    with pytest.raises(StoreError, match="closed"):
        await journal.append([note(50)])
    await journal.close()
    if isinstance(bench, DiskBench):
        journal = bench.open()
        await journal.close()
    assert len(list(journal.replay())) == 49


async def test_j07_a_broken_disk_fails_all_who_wait_and_all_who_come(bench: Bench) -> None:
    journal = bench.open()
    await journal.append([note(1)])
    assert journal.dead == ""
    bench.break_disk(journal)
    waiting = [journal.append([note(2)]), journal.append([note(3)]), journal.save_checkpoint(1, b"x")]
    for promise in waiting:
        with pytest.raises(StoreError, match="No space left"):
            await promise
    assert "No space left" in journal.dead
    with pytest.raises(StoreError, match="No space left"):
        await journal.append([note(4)])
    assert [act for _, act in journal.replay()] == [note(1)]
    await journal.close()


async def test_j08_the_newest_checkpoint_is_given_back_after_a_crash(bench: Bench) -> None:
    journal = bench.open()
    assert journal.checkpoint() is None
    await journal.append([note(n) for n in range(1, 11)])
    for seq in (3, 6, 9):
        await journal.save_checkpoint(seq, b"state %d" % seq)
    await bench.crash(journal)
    again = bench.open()
    assert again.checkpoint() == (9, b"state 9")
    assert [seq for seq, _ in again.replay(10)] == [10]
    assert [seq for seq, _ in again.replay()] == list(range(1, 11))
    await again.close()


async def test_j09_a_checkpoint_of_the_future_is_a_bug(bench: Bench) -> None:
    journal = bench.open()
    await journal.append([note(1)])
    with pytest.raises(LedgerError, match="act 2, but the journal has 1"):
        journal.save_checkpoint(2, b"")
    await journal.close()


async def test_j10_an_act_that_cannot_be_kept_is_a_bug_and_queues_nothing(bench: Bench) -> None:
    journal = bench.open()
    unwritable = Noted(1, "info", "test", object())  # type: ignore[arg-type]
    unreadable = Noted(1, "info", 7, "text")  # type: ignore[arg-type]
    for broken in (unwritable, unreadable):
        with pytest.raises(LedgerError, match="noted"):
            journal.append([note(1), broken])
    assert await journal.append([note(1)]) == 1
    await journal.close()


async def test_j11_cancelling_one_who_waits_cancels_no_act(bench: Bench) -> None:
    journal = bench.open()
    waiting = asyncio.ensure_future(journal.append([note(1)]))
    waiting.cancel()
    await journal.append([note(2)])
    assert len(list(journal.replay())) == 2
    await journal.close()


async def test_j12_a_promise_is_not_kept_before_the_act_can_be_read(bench: Bench) -> None:
    journal = bench.open()
    for number in range(1, 30):
        seq = await journal.append([note(number)])
        assert max(n for n, _ in journal.replay()) == seq
    await journal.close()


async def test_j13_a_mended_disk_takes_what_was_refused_and_goes_on(bench: Bench) -> None:
    journal = bench.open()
    await journal.append([note(1)])
    bench.break_disk(journal)
    for number in (2, 3, 4):
        with pytest.raises(StoreError, match="No space left"):
            await journal.append([note(number)])
    assert await journal.reopen() == 3
    assert journal.dead == ""
    assert await journal.append([note(5)]) == 5
    await journal.save_checkpoint(5, b"state")
    assert await journal.reopen() == 0, "a journal that is written has nothing to reopen"
    await bench.crash(journal)
    again = bench.open()
    assert list(again.replay()) == [(n, note(n)) for n in range(1, 6)]
    assert again.checkpoint() == (5, b"state")
    await again.close()


async def test_j14_what_comes_while_it_is_reopened_is_not_lost(bench: Bench) -> None:
    journal = bench.open()
    await journal.append([note(1)])
    bench.break_disk(journal)
    with pytest.raises(StoreError):
        await journal.append([note(2)])
    going = asyncio.ensure_future(journal.reopen())
    late = []
    for number in range(3, 9):
        late.append(journal.append([note(number)]))
        await asyncio.sleep(0)
    await going
    await asyncio.gather(*late, return_exceptions=True)
    assert await journal.append([note(9)]) == 9
    assert list(journal.replay()) == [(n, note(n)) for n in range(1, 10)]
    await journal.close()
