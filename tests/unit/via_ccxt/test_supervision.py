"""Back-off, health, the pipe, the outbox and the lean loader."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys

import msgspec
import pytest

from adapters.via_ccxt.backoff import Backoff
from adapters.via_ccxt.health import HealthKeeper
from adapters.via_ccxt.outbox import Outbox
from adapters.via_ccxt.worker_messages import BATCH_DECODER, batch_of, pack_series, unpack_series
from hedge_tui.domain.candle import Candle, Timeframe
from hedge_tui.domain.errors import ConfigError, HedgeError, OutcomeUnknown, Unavailable
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade
from hedge_tui.domain.order import Side
from hedge_tui.domain.series import CandleSeries
from hedge_tui.wire.pipe import PipeClosed, open_pipe, socket_pair

BTC = InstrumentId("x:BTC/USDT")
ETH = InstrumentId("x:ETH/USDT")


class Hands:
    def __init__(self) -> None:
        self.now = 100.0

    def now_ns(self) -> int:
        return int(self.now * 1e9)

    def monotonic(self) -> float:
        return self.now


def test_waits_double_up_to_a_bound_and_are_jittered():
    backoff = Backoff(random.Random(1), first_s=1.0, longest_s=8.0)
    waits = [backoff.failed() for _ in range(6)]
    for wait, bound in zip(waits, (1, 2, 4, 8, 8, 8), strict=True):
        assert bound / 2 <= wait <= bound
    assert waits != [Backoff(random.Random(2), 1.0, 8.0).failed() for _ in range(6)]


def test_only_a_lasting_connection_is_forgiven():
    backoff = Backoff(random.Random(1), first_s=1.0, longest_s=64.0)
    for _ in range(5):
        backoff.failed(lived_s=1.0)
    assert backoff.failed(lived_s=1.0) > 10
    assert backoff.failed(lived_s=25.0) <= 1.0


def test_health_speaks_on_change_and_now_and_then():
    clock, said = Hands(), []
    keeper = HealthKeeper("x:quotes", "", "x", clock, said.append)
    keeper.become(FeedState.STARTING, "")
    keeper.become(FeedState.STARTING, "")
    keeper.become(FeedState.LIVE, "")
    keeper.message(50)
    keeper.beat()
    assert [h.state for h in said] == [FeedState.STARTING, FeedState.LIVE]
    clock.now += 5
    keeper.beat()
    assert (said[-1].messages, said[-1].rate) == (50, 10.0)
    for _ in range(2):
        keeper.become(FeedState.RECONNECTING, "gone")
        keeper.become(FeedState.LIVE)
    assert (said[-1].reconnects, said[-1].detail) == (2, "gone")


def quote(instrument: InstrumentId, bid: float) -> Quote:
    return Quote(instrument, bid, 1.0, bid + 1, 1.0, 5, 6, str(bid), "")


def test_state_is_replaced_and_prints_are_kept():
    outbox = Outbox()
    assert not outbox
    prints = [Trade(BTC, str(n), 1.0, 1.0, Side.BUY, n) for n in range(3)]
    candle = Candle(BTC, Timeframe.M1, 0, 1, 1, 1, 1, 1, closed=True)
    outbox.put([quote(BTC, 1.0), quote(ETH, 1.0), *prints, candle])
    outbox.put([quote(BTC, 2.0)])
    events = outbox.take()
    assert [e.bid for e in events if isinstance(e, Quote)] == [2.0, 1.0]
    assert [e for e in events if isinstance(e, Trade)] == prints
    assert candle in events
    assert not outbox


def test_a_batch_survives_the_wire():
    nan = float("nan")
    events = [
        quote(BTC, 1.5),
        MarketStats(BTC, 1, last=2.0),
        Book(BTC, ((1.0, 2.0),), ((3.0, 4.0),), 1, 2),
        Trade(BTC, "1", 1.0, 2.0, Side.SELL, 3),
        Candle(BTC, Timeframe.H1, 0, 1, 2, 0.5, 1.5, 9, closed=False),
        FeedHealth("x:quotes", "", "x", FeedState.LIVE, 1),
    ]
    back = BATCH_DECODER.decode(msgspec.msgpack.encode(batch_of(events))).events()
    assert {type(e) for e in back} == {type(e) for e in events}
    assert [e for e in back if not isinstance(e, MarketStats)] == [
        events[5],
        events[0],
        events[2],
        events[3],
        events[4],
    ]
    stats = next(e for e in back if isinstance(e, MarketStats))
    assert stats.last == 2.0
    assert stats.mark != nan
    assert stats.mark != stats.mark


def test_a_series_survives_the_wire():
    series = CandleSeries.empty(BTC, Timeframe.M5)
    back = unpack_series(msgspec.convert(msgspec.to_builtins(pack_series(series)), type(pack_series(series))))
    assert len(back) == 0
    assert back.timeframe is Timeframe.M5


async def pipes(serve=None, on_event=None):
    ours, theirs = socket_pair()
    one, two = await open_pipe(ours, {}, on_event), await open_pipe(theirs, serve or {})
    tasks = [asyncio.create_task(one.run()), asyncio.create_task(two.run())]
    return one, two, tasks


async def test_calls_answers_errors_and_events():
    got = asyncio.Queue()

    async def add(a, b):
        return {"sum": a + b}

    async def busy():
        raise Unavailable("later", "429", 7.5)

    async def unsure():
        raise OutcomeUnknown("who knows", "-1007")

    async def wrong():
        raise ConfigError("line 3")

    async def bug():
        raise RuntimeError("oops")

    serve = {"add": add, "busy": busy, "unsure": unsure, "wrong": wrong, "bug": bug}
    one, two, tasks = await pipes(serve, got.put_nowait)
    assert await one.call("add", 2, 3) == {"sum": 5}
    with pytest.raises(Unavailable) as caught:
        await one.call("busy")
    assert (caught.value.code, caught.value.retry_after_s) == ("429", 7.5)
    with pytest.raises(OutcomeUnknown):
        await one.call("unsure")
    with pytest.raises(ConfigError, match="line 3"):
        await one.call("wrong")
    for method in ("bug", "nothing"):
        with pytest.raises(HedgeError, match="failed"):
            await one.call(method)
    two.send([1, "two"])
    assert msgspec.msgpack.decode(await got.get()) == [1, "two"]
    await two.close()
    await asyncio.gather(*tasks)
    with pytest.raises(PipeClosed):
        await one.call("add", 1, 1)


async def test_a_vanished_peer_fails_what_waits():
    async def forever():
        await asyncio.sleep(60)

    one, two, tasks = await pipes({"forever": forever})
    waiting = asyncio.create_task(one.call("forever"))
    await asyncio.sleep(0.01)
    two._writer.transport.abort()
    with pytest.raises(PipeClosed):
        await waiting
    await asyncio.gather(*tasks)


async def test_rubbish_on_the_pipe_ends_it():
    one, two, tasks = await pipes()
    two._writer.write(b"\x00\x00\x00\x02\xc1\xc1")
    await asyncio.gather(*tasks)
    with pytest.raises(PipeClosed):
        await one.call("x")


async def test_an_answer_that_is_late_is_a_timeout():
    async def slow():
        await asyncio.sleep(60)

    one, two, tasks = await pipes({"slow": slow})
    with pytest.raises(TimeoutError):
        await one.call("slow", timeout_s=0.01)
    await one.close()
    await asyncio.gather(*tasks)
    await two.close()


LEAN = """
import sys
from adapters.via_ccxt.loader import venue_class
cls = venue_class("{venue}")
made = cls()
assert made.id == "{venue}", made.id
ours = ("binance", "{venue}")
others = [n for n in sys.modules if n.startswith("ccxt.pro.") and n.split(".")[2] not in ours]
assert not others, others
assert "ccxt.bybit" not in sys.modules
import ccxt
assert issubclass(ccxt.NetworkError, Exception)
assert ccxt.pro.bybit.__name__ == "bybit"
try:
    venue_class("nosuchvenue")
except LookupError:
    print("lean")
"""


@pytest.mark.parametrize("venue", ["binance", "binanceusdm", "deribit"])
def test_one_class_loads_without_the_others(venue):
    code = LEAN.replace("{venue}", venue)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "lean", done.stderr


def test_an_unexpected_ccxt_is_imported_whole():
    code = """
import adapters.via_ccxt.loader as loader
loader._fill = lambda: 1 / 0
cls = loader.venue_class("binance")
import sys
assert "ccxt.pro.bybit" in sys.modules
print(cls().id)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "binance", done.stderr


def test_the_engines_side_of_the_worker_is_light():
    code = """
import sys
import adapters.via_ccxt.factory, adapters.via_ccxt.worker_client
heavy = [n for n in ("ccxt", "aiohttp", "textual", "duckdb", "pyarrow", "numba") if n in sys.modules]
print(heavy)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
