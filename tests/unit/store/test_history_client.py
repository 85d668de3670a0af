"""The history's process and its client: kills, restarts, full disks, and nothing lost without a word."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hedge_tui.domain.candle import MINUTE_NS, Timeframe
from hedge_tui.domain.errors import LedgerError, StoreError
from hedge_tui.domain.instrument import instrument_id
from hedge_tui.domain.ports.history import EquityPoint
from hedge_tui.domain.series import CandleSeries
from store.client import HistoryClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BTC = instrument_id("binanceusdm", "BTC/USDT:USDT")
START_NS = 1_730_419_200_000_000_000  # 2024-11-01 00:00 UTC


def candles(count: int, first: int = 0) -> CandleSeries:
    number = np.arange(first, first + count, dtype=np.int64)
    price = 60_000 + number * 0.1
    opens = START_NS + number * MINUTE_NS
    return CandleSeries(BTC, Timeframe.M1, opens, price, price + 1, price - 1, price + 0.5, number * 0.01)


def same(left: CandleSeries, right: CandleSeries) -> bool:
    columns = zip(left.columns(), right.columns(), strict=True)
    return (left.instrument, left.timeframe) == (right.instrument, right.timeframe) and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in columns
    )


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[HistoryClient]:
    made = HistoryClient(tmp_path)
    await made.start()
    yield made
    await made.close()


async def test_candles_come_back_bit_for_bit(client: HistoryClient) -> None:
    series = candles(3_000)
    assert client.trouble == ""
    assert await client.put_candles(series) == 3_000
    assert await client.put_candles(series) == 0
    assert same(await client.last(BTC, Timeframe.M1, 100), series.sliced(slice(-100, None)))
    cut = int(series.open_ns[50])
    assert same(await client.before(BTC, Timeframe.M1, cut, 20), series.sliced(slice(30, 50)))
    assert same(await client.before(BTC, Timeframe.M1, cut + 1, 1), series.sliced(slice(50, 51)))
    assert same(await client.span(BTC, Timeframe.M1, cut, cut + 3 * MINUTE_NS), series.sliced(slice(50, 53)))
    assert len(await client.last(BTC, Timeframe.H1, 5)) == 0
    assert await client.seal() == 3_000
    assert same(await client.last(BTC, Timeframe.M1, 5_000), series)
    assert await client.verify() == []


async def test_spans_gaps_and_equity_cross_the_wire(client: HistoryClient) -> None:
    await client.put_candles(candles(2))
    await client.put_candles(candles(2, 10))
    await client.mark_empty(BTC, Timeframe.M1, START_NS + 2 * MINUTE_NS, START_NS + 9 * MINUTE_NS, "outage")
    (span,) = await client.spans()
    assert (span.instrument, span.timeframe, span.rows) == (BTC, Timeframe.M1, 4)
    assert span.gaps == ((START_NS + 2 * MINUTE_NS, START_NS + 9 * MINUTE_NS, "outage"),)
    amounts = [Decimal(n) / 8 for n in range(6)]
    points = [EquityPoint("", START_NS + n * MINUTE_NS, "USD", *amounts) for n in range(3)]
    await client.put_equity(points)
    await client.put_equity(points)
    assert await client.equity("", points[1].at_ns) == points[1:]


async def test_nonsense_is_the_callers_fault_and_the_worker_goes_on(client: HistoryClient) -> None:
    backwards = candles(5).sliced(slice(None, None, -1))
    with pytest.raises(LedgerError, match="increase"):
        await client.put_candles(backwards)
    with pytest.raises(LedgerError, match="no such call"):
        await client._link.ask("drop_everything")
    assert client.restarts == 0
    assert await client.put_candles(candles(5)) == 5


async def test_after_kill_9_between_put_and_seal_nothing_is_lost_or_doubled(client: HistoryClient) -> None:
    """Killed at once after each acknowledged put, with housekeeping at work on the rows of the one before."""
    acknowledged = 0
    for size in (4_096, 5, 4_200, 1):
        assert await client.put_candles(candles(size, acknowledged)) == size
        acknowledged += size
        os.kill(client.pid, signal.SIGKILL)
        found = await client.last(BTC, Timeframe.M1, 100_000)
        assert same(found, candles(acknowledged))
    assert client.restarts == 4
    assert any("code -9" in notice for notice in client.notices)


async def test_kills_while_sealing_leave_every_candle_once(client: HistoryClient) -> None:
    series = candles(60_000)
    await client.put_candles(series)
    for delay in (0.0, 0.005, 0.01, 0.02, 0.04):
        sealing = asyncio.ensure_future(client.seal())
        await asyncio.sleep(delay)
        os.kill(client.pid, signal.SIGKILL)
        await sealing  # asked again of the next worker
        assert same(await client.last(BTC, Timeframe.M1, 100_000), series)
        assert await client.verify() == []


async def test_calls_on_their_way_reach_the_next_worker(client: HistoryClient) -> None:
    puts = [asyncio.ensure_future(client.put_candles(candles(10, n * 10))) for n in range(50)]
    await asyncio.sleep(0)
    os.kill(client.pid, signal.SIGKILL)
    await asyncio.gather(*puts)
    assert same(await client.last(BTC, Timeframe.M1, 1_000), candles(500))


async def test_a_worker_that_cannot_start_says_why_and_calls_end(tmp_path: Path) -> None:
    heard: list[str] = []
    client = HistoryClient(tmp_path, command=("/nonexistent/python",), timeout_s=0.2, on_notice=heard.append)
    await client.start()
    assert "cannot be started" in client.trouble
    with pytest.raises(StoreError, match=r"within 0\.2 s: the history cannot be started"):
        await client.put_candles(candles(1))
    assert "cannot be started" in heard[0]
    await client.close()
    with pytest.raises(StoreError, match="closed"):
        await client.spans()


async def test_a_history_in_use_is_named(client: HistoryClient, tmp_path: Path) -> None:
    await client.spans()
    second = HistoryClient(tmp_path, timeout_s=0.2)
    await second.start()
    assert "in use by another process" in second.trouble
    await second.close()
    assert await client.put_candles(candles(1)) == 1


def noise(number: int) -> CandleSeries:
    """The `number`th 5,000 candles, which do not compress."""
    values = np.random.default_rng(number).random((5, 5_000))
    return CandleSeries(BTC, Timeframe.M1, candles(5_000, number * 5_000).open_ns, *values)


async def until_full(client: HistoryClient) -> int:
    for number in range(200):
        try:
            await client.put_candles(noise(number))
        except StoreError:
            return number
    return pytest.fail("the disk was never full")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can lift another process's limit")
async def test_a_full_disk_is_reported_and_once_freed_everything_acknowledged_is_there(
    tmp_path: Path,
) -> None:
    """A limit on file sizes stands for the full disk: writes beyond it fail in the same places."""
    client = HistoryClient(tmp_path)
    await client.start()
    resource.prlimit(client.pid, resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
    kept = await until_full(client)
    assert kept > 3
    with pytest.raises(StoreError, match="File too large"):
        await client.put_candles(noise(kept))
    resource.prlimit(client.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for number in range(kept, kept + 3):
        assert await client.put_candles(noise(number)) == 5_000
    os.kill(client.pid, signal.SIGKILL)
    found = await client.last(BTC, Timeframe.M1, 1_000_000)
    assert np.array_equal(found.close, np.concatenate([noise(n).close for n in range(kept + 3)]))
    assert not any("lost" in notice for notice in client.notices)
    await client.close()


async def test_the_worker_ends_with_its_engine(tmp_path: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "store.worker", "--data-dir", str(tmp_path)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert worker.stdout is not None
    await worker.stdout.readexactly(4)  # it serves
    worker.send_signal(signal.SIGINT)  # Ctrl-C in the engine's terminal
    assert worker.stdin is not None
    worker.stdin.close()
    async with asyncio.timeout(10):
        assert await worker.wait() == 0


async def test_close_seals_and_a_second_close_is_harmless(tmp_path: Path) -> None:
    client = HistoryClient(tmp_path)
    await client.start()
    await client.put_candles(candles(10))
    await client.close()
    await client.close()
    assert (tmp_path / "history/candles/v=binanceusdm/s=BTC-USDT-USDT/tf=1m/2024-11.parquet").exists()


def test_the_client_imports_neither_duckdb_nor_pyarrow() -> None:
    code = "import sys, store.client; print(*sorted({'duckdb', 'pyarrow', 'sqlite3'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.fixture
def realdata() -> Any:
    from pathlib import Path

    found = os.environ.get("HEDGE_REALDATA")
    if not found:
        pytest.skip("HEDGE_REALDATA is not set: no recorded market data")
    return Path(found)


def recorded(path: Path, timeframe: Timeframe, symbol: str) -> CandleSeries:
    import pyarrow as pa
    from pyarrow import feather

    table = feather.read_table(path)
    opens = table.column("date").cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64()).to_numpy()
    values = [
        table.column(name).cast(pa.float64()).to_numpy()
        for name in ("open", "high", "low", "close", "volume")
    ]
    return CandleSeries(instrument_id("binance", symbol), timeframe, opens, *values)


@pytest.mark.realdata
async def test_recorded_candles_come_back_equal(client: HistoryClient, realdata: Path) -> None:
    spot = recorded(realdata / "binance_spot_candles/BTC_USDT-5m.feather", Timeframe.M5, "BTC/USDT")
    swap = recorded(
        realdata / "binance_usdm_candles/BTC_USDT_USDT-1m-futures.feather", Timeframe.M1, "BTC/USDT:USDT"
    )
    for series in (spot, swap):
        for start in range(0, len(series), 1_500):
            await client.put_candles(series.sliced(slice(start, start + 1_500)))
        assert same(await client.last(series.instrument, series.timeframe, 1_000_000), series)
    await client.seal()
    for series in (spot, swap):
        assert same(await client.last(series.instrument, series.timeframe, 1_000_000), series)
        assert same(
            await client.last(series.instrument, series.timeframe, 1_000), series.sliced(slice(-1_000, None))
        )
    five = next(span for span in await client.spans() if span.timeframe is Timeframe.M5)
    steps = np.diff(spot.open_ns) > Timeframe.M5.width_ns
    assert [(first, last) for first, last, _ in five.gaps] == [
        (int(a) + Timeframe.M5.width_ns, int(b) - Timeframe.M5.width_ns)
        for a, b in zip(spot.open_ns[:-1][steps], spot.open_ns[1:][steps], strict=True)
    ]
    assert five.gaps  # the outage of March 2023
