"""Numbered cards that any `DataClient` must pass; run here on ccxt against the sandbox.

Each card runs on Binance spot and USD-M in this process; some on a real feed worker too.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal

import numpy as np
import pytest

from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.factory import make_data, make_local_data
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of
from adapters.via_ccxt.wiring import FreePacer
from hedge_tui.domain.account import Mode
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, Candle, Timeframe
from hedge_tui.domain.errors import Refused, Unavailable, VenueError
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentId, InstrumentKind, instrument_id
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade
from tests.contract.ccxt_fixtures import DataBench, SkippingClock, data_bench, egress_of

MINUTE_NS = Timeframe.M1.width_ns


@pytest.fixture(params=["binance", "binanceusdm"])
async def bench(request, sandbox, control):
    async with data_bench(sandbox, control, request.param) as made:
        yield made


@pytest.fixture
async def worker(sandbox, control):
    clock = SkippingClock()
    client = make_data(
        "binanceusdm",
        egress_of(sandbox),
        pacer=Balancer(limits_of, clock).pacer(Home("binanceusdm")),
        clock=clock,
        rng=random.Random(1),
        mode=Mode.SANDBOX,
    )
    async with data_bench(sandbox, control, "binanceusdm", client, clock) as made:
        yield made


async def strike(bench: DataBench, kind: str, **fields) -> int:
    return await bench.control.strike(kind, **({"count": None} | fields))


def has(bench: DataBench, instrument: InstrumentId):
    return lambda event: event.instrument == instrument


async def test_d01_instruments_lie_on_the_venues_grid(bench: DataBench):
    found = {one.symbol: one for one in await bench.client.instruments()}
    btc = found[bench.symbol]
    assert btc.venue_symbol == bench.venue_symbol
    assert btc.grid.tick > 0
    assert btc.grid.lot > 0
    assert btc.grid.min_notional > 0
    assert btc.active
    assert btc.order_types
    kind = InstrumentKind.SPOT if bench.client.venue == "binance" else InstrumentKind.PERPETUAL
    assert btc.kind is kind
    assert len(found) == 8


async def test_d02_quotes_of_every_instrument(bench: DataBench):
    await bench.client.watch(["quotes"])
    instruments = await bench.client.instruments()
    for one in instruments:
        quote = await bench.seen.until(Quote, has(bench, one.id))
        assert quote.bid < quote.ask
        assert float(quote.bid_text) == quote.bid
        assert float(quote.ask_text) == quote.ask
        assert quote.bid_quantity > 0
        assert quote.local_ns > 0
    await bench.seen.state(FeedState.LIVE, feed="quotes")


async def test_d03_stats(bench: DataBench):
    await bench.client.watch(["stats"])
    wanted = instrument_id(bench.client.venue, bench.symbol)
    contracts = bench.client.venue != "binance"

    def whole(stats: MarketStats) -> bool:
        return (
            stats.instrument == wanted
            and stats.last > 0
            and stats.volume_24h >= 0
            and (not contracts or (stats.mark > 0 and stats.next_funding_ns > 0))
        )

    stats = await bench.seen.until(MarketStats, whole)
    assert stats.low_24h <= stats.last <= stats.high_24h
    assert abs(stats.change_24h) < 1
    if contracts:
        assert abs(stats.funding_rate) < 0.1
        assert stats.index > 0


async def test_d04_a_book_best_first(bench: DataBench):
    await bench.client.watch([f"book:{bench.symbol}"])
    book = await bench.seen.until(Book, count=3)
    assert [price for price, _ in book.bids] == sorted((p for p, _ in book.bids), reverse=True)
    assert [price for price, _ in book.asks] == sorted(p for p, _ in book.asks)
    assert book.bids[0][0] < book.asks[0][0]
    assert len(book.bids) >= 5


async def test_d05_prints(bench: DataBench):
    await bench.client.watch([f"trades:{bench.symbol}"])
    trades = [await bench.seen.until(Trade, count=n) for n in (1, 2, 3)]
    assert len({trade.trade_id for trade in trades}) == 3
    assert all(trade.price > 0 and trade.quantity > 0 and trade.venue_ns > 0 for trade in trades)


async def test_d06_a_forming_candle(bench: DataBench):
    await bench.client.watch([f"candles:{bench.symbol}:1m"])
    candle = await bench.seen.until(Candle)
    assert candle.timeframe is Timeframe.M1
    assert not candle.closed
    assert candle.open_ns % MINUTE_NS == 0
    assert candle.low <= candle.close <= candle.high


async def test_d07_closed_candles_over_rest(bench: DataBench):
    instrument = instrument_id(bench.client.venue, bench.symbol)
    await bench.seen.state(FeedState.LIVE, feed="public")
    now = bench.clock.now_ns()
    since = Timeframe.M1.open_of(now) - 60 * MINUTE_NS
    series = await bench.client.candles(instrument, Timeframe.M1, since, now)
    assert 55 <= len(series) <= 60
    assert series.open_ns[0] >= since
    assert series.open_ns[-1] + MINUTE_NS <= bench.clock.now_ns()
    assert (np.diff(series.open_ns) > 0).all()
    assert (series.low <= series.high).all()
    part = await bench.client.candles(instrument, Timeframe.M1, since, since + 10 * MINUTE_NS)
    assert part.open_ns.tolist() == series.open_ns[:10].tolist()


async def test_d08_unknown_symbols_and_topics_are_refused(bench: DataBench):
    await bench.seen.state(FeedState.LIVE, feed="public")
    with pytest.raises(Refused):
        await bench.client.candles(InstrumentId(f"{bench.client.venue}:NO/SUCH"), Timeframe.M1, 0, MINUTE_NS)
    for text in ("nonsense", "book", "candles:BTC/USDT", "candles:BTC/USDT:7m", "quotes:BTC"):
        with pytest.raises(ValueError, match="topic"):
            await bench.client.watch([text])


async def test_d09_what_is_no_longer_watched_falls_silent(bench: DataBench):
    await bench.client.watch([f"trades:{bench.symbol}", "quotes"])
    await bench.seen.until(Trade)
    await bench.client.watch(["quotes"])
    mark = len(bench.seen.events)
    await bench.seen.until(Quote, count=20, after=mark)
    late = [e for e in bench.seen.events[mark + 20 :] if isinstance(e, Trade)]
    assert late == []
    await bench.client.watch([f"trades:{bench.symbol}"])
    await bench.seen.until(Trade, after=len(bench.seen.events))


async def test_d10_events_come_in_few_batches(bench: DataBench):
    batches = 0

    def count(_events):
        nonlocal batches
        batches += 1

    await bench.client.watch(["quotes", "stats"])
    await bench.seen.until(Quote, count=8)
    bench.client._sink = count
    await asyncio.sleep(0.5)
    assert 1 <= batches <= 15


@pytest.mark.parametrize("kind", ["ws_close", "ws_abort"])
async def test_d11_closed_streams_come_back(bench: DataBench, kind):
    await bench.client.watch(["quotes", f"book:{bench.symbol}"])
    await bench.seen.until(Book)
    await bench.seen.until(Quote)
    mark = len(bench.seen.events)
    assert await strike(bench, kind) >= 1
    await bench.seen.state(FeedState.RECONNECTING, feed="quotes", after=mark)
    lost = len(bench.seen.events)
    await bench.seen.until(Quote, after=lost)
    await bench.seen.until(Book, after=lost)


async def test_d12_a_silent_stream_is_stale_and_replaced(bench: DataBench):
    await bench.client.watch(["quotes"])
    await bench.seen.state(FeedState.LIVE, feed="quotes")
    mark = len(bench.seen.events)
    await strike(bench, "ws_silence", seconds=0)
    bench.clock.skipped_s += 17
    await bench.seen.until(
        FeedHealth,
        lambda h: "neither frame nor pong" in h.detail or h.state is FeedState.RECONNECTING,
        after=mark,
    )
    lost = len(bench.seen.events)
    await bench.seen.until(Quote, after=lost)


async def test_d13_a_malformed_frame_ends_nothing(bench: DataBench):
    await bench.client.watch(["quotes", "stats"])
    await bench.seen.until(Quote)
    await bench.seen.until(MarketStats)
    for body in ("", '{"e":"bookTicker","s":7}', '{"u":1,"s":"BTCUSDT"}', "[1", "null"):
        assert await strike(bench, "ws_malformed", body=body) >= 1
        mark = len(bench.seen.events)
        await bench.seen.until(Quote, count=3, after=mark)
    reconnects = [h for h in bench.seen.of(FeedHealth) if h.state is FeedState.RECONNECTING]
    assert reconnects == []


async def test_d14_accept_then_close_is_backed_off(bench: DataBench):
    await bench.client.watch(["quotes"])
    await bench.seen.until(Quote)
    fault = await bench.control.fault("ws_accept_close", count=None)
    await strike(bench, "ws_abort")
    await asyncio.sleep(0.8)
    struck = next(f["struck"] for f in await bench.control.faults() if f["id"] == fault)
    assert 1 <= struck <= 9
    await bench.control.disarm()
    await bench.seen.until(Quote, after=len(bench.seen.events))


async def test_d15_a_dead_venue_is_said_and_tried_again(tmp_path):
    client = make_local_data(
        "binance",
        Egress("127.0.0.1:1"),
        shelf=MarketShelf(),
        pacer=FreePacer(),
        clock=SkippingClock(),
        rng=random.Random(1),
    )
    events = []
    await client.start(events.extend)
    with pytest.raises(Unavailable):
        await client.instruments()
    with pytest.raises(VenueError):
        await client.candles(InstrumentId("binance:BTC/USDT"), Timeframe.M1, 0, MINUTE_NS)
    for _ in range(100):
        if any(e.state is FeedState.RECONNECTING for e in events):
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("nothing was said")
    await client.stop()


async def test_d16_stopping_leaves_nothing_running(sandbox, control, caplog):
    async with data_bench(sandbox, control, "binanceusdm") as bench:
        await bench.client.watch(["quotes", "stats", f"book:{bench.symbol}", f"trades:{bench.symbol}"])
        await bench.seen.until(Book)
        await bench.client.stop()
        await bench.client.stop()
        mark = len(bench.seen.events)
        await asyncio.sleep(0.15)
        assert len(bench.seen.events) == mark
    names = [task.get_name() for task in asyncio.all_tasks() if "binanceusdm:" in task.get_name()]
    assert names == []
    assert "Unclosed" not in caplog.text


async def test_d23_open_interest_now_and_of_the_past(bench: DataBench):
    instrument = instrument_id(bench.client.venue, bench.symbol)
    await bench.seen.state(FeedState.LIVE, feed="public")
    now = bench.clock.now_ns()
    if bench.client.venue == "binance":
        with pytest.raises(Refused, match="no derivative"):
            await bench.client.open_interest(instrument, 0)
        return
    newest = await bench.client.open_interest(instrument, 0)
    assert len(newest.at_ns) == 1
    assert newest.quantities[0] > 0
    day = await bench.client.open_interest(instrument, now - DAY_NS)
    assert len(day.at_ns) == 289
    assert set(np.diff(day.at_ns)) == {5 * MINUTE_NS}
    assert now - 5 * MINUTE_NS <= day.at_ns[-1] <= bench.clock.now_ns()
    assert day.quantities[-1] == pytest.approx(newest.quantities[0], rel=0.02)
    part = await bench.client.open_interest(instrument, day.at_ns[-3])
    assert part.at_ns[-3:] == day.at_ns[-3:]
    with pytest.raises(Refused):
        await bench.client.open_interest(instrument_id(bench.client.venue, "NO/USDT:USDT"), now - DAY_NS)


async def test_d24_funding_intervals_and_last_payments(bench: DataBench):
    listed = await bench.client.instruments()
    await bench.seen.state(FeedState.LIVE, feed="public")
    told = {one.instrument: one for one in await bench.client.funding()}
    if bench.client.venue == "binance":
        assert told == {}
        return
    assert told.keys() == {one.id for one in listed}
    due = bench.clock.now_ns() // (8 * HOUR_NS) * 8 * HOUR_NS
    for one in told.values():
        assert one.interval_h == 8
        assert one.last_ns in (due, due - 8 * HOUR_NS)
        assert abs(one.last_rate) < 0.02


async def test_d17_the_worker_serves_all_of_it(worker: DataBench):
    await worker.client.watch(["quotes", "stats", f"book:{worker.symbol}", f"trades:{worker.symbol}"])
    instruments = await worker.client.instruments()
    assert {one.symbol for one in instruments} >= {worker.symbol}
    assert instruments[0].grid.tick > 0
    for kind in (Quote, MarketStats, Book, Trade):
        await worker.seen.until(kind)
    now = worker.clock.now_ns()
    series = await worker.client.candles(
        instrument_id("binanceusdm", worker.symbol), Timeframe.M1, now - 20 * MINUTE_NS, now
    )
    assert len(series) >= 18
    told = await worker.client.open_interest(instrument_id("binanceusdm", worker.symbol), now - HOUR_NS)
    assert len(told.at_ns) == len(told.quantities) >= 12
    assert {one.interval_h for one in await worker.client.funding()} == {8}
    with pytest.raises(Refused):
        await worker.client.candles(InstrumentId("binanceusdm:NO/SUCH"), Timeframe.M1, 0, MINUTE_NS)


async def test_d18_a_dead_worker_is_started_again_and_told_again(worker: DataBench):
    await worker.client.watch(["quotes"])
    await worker.seen.until(Quote)
    first = worker.client.pid
    mark = len(worker.seen.events)
    os.kill(first, signal.SIGKILL)
    said = await worker.seen.state(FeedState.RECONNECTING, feed="worker", after=mark)
    assert "ended" in said.detail
    await worker.seen.state(FeedState.RECONNECTING, feed="quotes", after=mark)
    await worker.seen.until(Quote, after=len(worker.seen.events))
    assert worker.client.pid != first
    assert worker.client.restarts == 1


async def test_d19_a_worker_ends_with_its_engine(worker: DataBench):
    await worker.client.instruments()
    pid = worker.client.pid
    await worker.client.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_d20_a_hung_worker_is_stale_then_replaced(worker: DataBench):
    await worker.client.watch(["quotes"])
    await worker.seen.state(FeedState.LIVE, feed="quotes")
    first = worker.client.pid
    os.kill(first, signal.SIGSTOP)
    await asyncio.sleep(0.05)
    mark = len(worker.seen.events)
    worker.clock.skipped_s += 6
    await worker.seen.state(FeedState.STALE, feed="quotes", after=mark)
    worker.clock.skipped_s += 10
    await worker.seen.state(FeedState.RECONNECTING, feed="worker", after=mark)
    await worker.seen.until(Quote, after=len(worker.seen.events))
    assert worker.client.pid != first


async def test_d21_a_venue_that_nobody_knows_fails_and_says_so(sandbox):
    client = make_local_data(
        "nosuchvenue",
        egress_of(sandbox),
        shelf=MarketShelf(),
        pacer=FreePacer(),
        clock=SkippingClock(),
        rng=random.Random(1),
    )
    events = []
    await client.start(events.extend)
    for _ in range(100):
        if any(e.state is FeedState.FAILED and "nosuchvenue" in e.detail for e in events):
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("nothing was said")
    await client.stop()


async def test_d22_a_choice_that_fits_nothing_is_said(sandbox):
    client = make_local_data(
        "binance",
        egress_of(sandbox),
        shelf=MarketShelf(),
        pacer=FreePacer(),
        clock=SkippingClock(),
        rng=random.Random(1),
        mode=Mode.SANDBOX,
        symbols=["NO/SUCH"],
    )
    events = []
    await client.start(events.extend)
    await client.watch(["quotes"])
    for _ in range(200):
        if any(e.feed == "binance:quotes" and e.state is FeedState.FAILED for e in events):
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("nothing was said")
    await client.stop()
