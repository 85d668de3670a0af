"""Playing recordings: small ones made here, and the real ones where they are at hand."""

from __future__ import annotations

import gzip
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

from adapters.sandbox.market.book_ledger import BookLedger
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, VOLUME, fold
from adapters.sandbox.market.listing import find_listing
from adapters.sandbox.market.market_rows import MarketRows
from adapters.sandbox.market.recorded_candles import minute_rows
from adapters.sandbox.market.recorded_frames import FramePlayer
from adapters.sandbox.market.replay import ReplaySimulation, open_replay
from adapters.sandbox.market.streams import StreamHub
from adapters.sandbox.market.updates import BookUpdate, TradePrint
from hedge_tui.domain.candle import MINUTE_NS, SECOND_NS, Timeframe
from hedge_tui.domain.order import Side
from hedge_tui.domain.series import CandleSeries
from tests.unit.sandbox_market.market_desk import START_NS

if TYPE_CHECKING:
    from pathlib import Path

MS = 1_000_000
RECEIVED = 1_700_000_000 * SECOND_NS


def series(frame: Timeframe, count: int, gap_at: int | None = None) -> CandleSeries:
    opens = (1_600_000_020 // 60 * 60 * SECOND_NS // frame.width_ns + np.arange(count)) * frame.width_ns
    wave = 100.0 + np.sin(np.arange(count + 1) / 5.0) * 3
    columns = [
        opens,
        wave[:-1],
        np.maximum(wave[:-1], wave[1:]) + 0.5,
        np.minimum(wave[:-1], wave[1:]) - 0.5,
        wave[1:],
    ]
    columns.append(np.full(count, 900.0))
    keep = np.ones(count, bool)
    if gap_at is not None:
        keep[gap_at : gap_at + 3] = False
    return CandleSeries("binanceusdm:SOL/USDT:USDT", frame, *(column[keep] for column in columns))


def write_frames(path: Path, bodies: list[tuple[int, dict[str, Any]]]) -> Path:
    with gzip.open(path, "wb") as file:
        for at_ms, body in bodies:
            file.write(b"%d %s\n" % (RECEIVED + at_ms * MS, orjson.dumps(body)))
    return path


def stream(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"stream": f"btcusdt@{name}", "data": data}


def small_recording(path: Path) -> Path:
    def diff(u: int, b: list, a: list) -> dict[str, Any]:
        return stream("depth@100ms", {"e": "depthUpdate", "U": u, "u": u, "b": b, "a": a})

    def trade(t: int, price: str, m: bool) -> dict[str, Any]:
        return stream("trade", {"e": "trade", "t": t, "p": price, "q": "0.010", "m": m})

    quote = {"e": "bookTicker", "b": "99.5", "B": "2", "a": "101.0", "A": "1"}
    return write_frames(
        path,
        [
            (0, diff(5, [["98.0", "9"]], [])),
            (1, diff(12, [["97.0", "7"]], [])),
            (
                10,
                {
                    "lastUpdateId": 10,
                    "bids": [["100.0", "1"], ["99.0", "2"]],
                    "asks": [["101.0", "1"], ["102.0", "3"]],
                },
            ),
            (110, trade(500, "101.0", False)),
            (210, diff(13, [["100.0", "0"]], [["102.0", "4"]])),
            (310, stream("bookTicker", quote)),
            (410, trade(501, "99.5", True)),
            (1010, diff(14, [["99.5", "5"]], [])),
        ],
    )


def no_candles(*_: Any) -> CandleSeries:
    raise AssertionError("no candle file was recorded")


def joined(market: ReplaySimulation) -> tuple[MarketRows, StreamHub]:
    def book_of(index: int, depth: int):
        quote = market.quote(index)
        return quote.bids[:depth], quote.asks[:depth]

    books = BookLedger(len(market.instruments), book_of, 1000)
    return MarketRows(market, books), StreamHub(market, books)


def test_the_book_begins_at_the_snapshot_with_newer_diffs_applied(tmp_path: Path) -> None:
    player = FramePlayer(small_recording(tmp_path / "usdm_btcusdt_1.jsonl.gz"))
    assert dict(player.bids.levels()) == {Decimal(100): 1, Decimal(99): 2, Decimal(97): 7}
    assert player.asks.levels()[0] == (Decimal("101.0"), Decimal(1))


def test_frames_make_book_and_trades_at_their_time(tmp_path: Path) -> None:
    player = FramePlayer(small_recording(tmp_path / "usdm_btcusdt_1.jsonl.gz"))
    assert player.advance(99 * MS) == []
    first = player.advance(350 * MS)
    assert [(one.trade_id, one.at_ns, one.buy) for one in first] == [(500, 100 * MS, True)]
    # The quote of 310 ms removed the better bid; the diff removed 100.0 before that.
    assert player.bids.levels()[0] == (Decimal("99.5"), Decimal(2))
    assert dict(player.asks.levels()) == {Decimal("101.0"): 1, Decimal("102.0"): 4}


def test_a_recording_is_played_in_a_circle_with_rising_ids(tmp_path: Path) -> None:
    player = FramePlayer(small_recording(tmp_path / "usdm_btcusdt_1.jsonl.gz"))
    told = player.advance(2 * SECOND_NS)
    assert [one.trade_id for one in told] == [500, 501, 502, 503]
    assert [one.at_ns // MS for one in told] == [100, 400, 1100, 1400]
    after_a_pause = player.advance(3600 * SECOND_NS)
    assert 2 <= len(after_a_pause) <= 6
    assert after_a_pause[0].trade_id > 7000
    assert after_a_pause[-1].at_ns <= 3600 * SECOND_NS


def test_frames_without_a_snapshot_are_refused(tmp_path: Path) -> None:
    path = write_frames(
        tmp_path / "usdm_btcusdt_1.jsonl.gz",
        [(0, stream("bookTicker", {"b": "1", "B": "1", "a": "2", "A": "1"}))],
    )
    with pytest.raises(ValueError, match="no REST snapshot"):
        FramePlayer(path)


def test_a_replay_of_frames_tells_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    small_recording(tmp_path / "usdm_btcusdt_1.jsonl.gz")
    market = open_replay("usdm", tmp_path, start_ns=START_NS, speed=2.0, load=no_candles)
    rows, _ = joined(market)
    updates = [one for step in range(1, 5) for one in market.step(START_NS + step * 50 * MS)]
    trades = [one for one in updates if isinstance(one, TradePrint)]
    assert [(one.trade_id, one.price, one.taker_side, one.at_ns) for one in trades] == [
        (500, Decimal("101.0"), Side.BUY, START_NS + 50 * MS),
        (501, Decimal("99.5"), Side.SELL, START_NS + 200 * MS),
    ]
    book = [one for one in updates if isinstance(one, BookUpdate)][-1]
    assert (book.bids[0], book.asks[0]) == ((Decimal("99.5"), Decimal(2)), (Decimal("101.0"), Decimal(1)))
    assert [row["id"] for row in rows.trades("BTCUSDT", 5)] == [500, 501]
    candle = rows.klines("BTCUSDT", "1m", None, None, 1)[0]
    assert (candle[1:5], candle[5], candle[8]) == (["101.00", "101.00", "99.50", "99.50"], "0.020", 2)
    assert rows.premium_index("BTCUSDT")["markPrice"] == "100.25000000"
    own = market.own_trade("BTC/USDT:USDT", Decimal("101.0"), Decimal("0.5"), Side.BUY, market.now_ns)
    assert own.trade_id == 502
    later = [one for one in market.step(START_NS + SECOND_NS) if isinstance(one, TradePrint)]
    assert [one.trade_id for one in later] == [503, 504]
    with pytest.raises(ValueError, match="recorded frames"):
        market.override_price("BTCUSDT", Decimal(1))


def test_candles_become_minutes_that_fold_to_them() -> None:
    listing = find_listing("usdm", "SOL/USDT:USDT")
    recorded = series(Timeframe.M5, 40)
    rows = minute_rows(recorded, listing)
    assert len(rows) == 200
    whole = fold(rows, np.arange(0, 200, 5))
    for column, values in (
        (OPEN, recorded.open),
        (HIGH, recorded.high),
        (LOW, recorded.low),
        (CLOSE, recorded.close),
    ):
        assert np.abs(whole[:, column] * listing.tick - values).max() <= listing.tick
    assert np.abs(whole[:, VOLUME] * listing.lot - 900).max() < 5
    assert (rows[1:, OPEN] == rows[:-1, CLOSE]).all()
    assert (rows[:, COUNT] >= 4).all()
    assert (rows[:, VOLUME] >= 3 * rows[:, COUNT]).all()
    assert ((rows[:, TAKER_BUY] > 0) & (rows[:, TAKER_BUY] < rows[:, VOLUME])).all()


def test_minutes_that_were_not_recorded_stand_still() -> None:
    rows = minute_rows(series(Timeframe.M1, 30, gap_at=10), find_listing("usdm", "SOL/USDT:USDT"))
    assert len(rows) == 30
    assert (rows[10:13, :4] == rows[9, CLOSE]).all()
    assert (rows[10:13, VOLUME:] == 0).all()
    assert (rows[13:, COUNT] > 0).all()


@pytest.mark.parametrize("speed", [1.0, 3.0])
def test_candles_are_past_and_future_of_a_replay(tmp_path: Path, speed: float) -> None:
    (tmp_path / "SOL_USDT_USDT-1m-futures.feather").touch()
    recorded = series(Timeframe.M1, 400)
    market = open_replay("usdm", tmp_path, start_ns=START_NS, speed=speed, load=lambda *_: recorded)
    rows, _ = joined(market)
    past = rows.klines("SOLUSDT", "1m", None, None, 1000)
    assert len(past) == 301
    assert [float(row[4]) for row in past[:-1]] == pytest.approx(recorded.close[:300].tolist(), abs=0.006)
    trades = defaultdict(list)
    for _ in range(1300):
        for one in market.step(market.now_ns + 100 * MS):
            if isinstance(one, TradePrint):
                trades[one.at_ns // MINUTE_NS].append(one.price)
    second = START_NS // MINUTE_NS + 1
    first = 300 + round(speed)
    played = slice(first, first + round(speed))
    assert float(max(trades[second])) == pytest.approx(recorded.high[played].max(), abs=0.006)
    assert float(min(trades[second])) == pytest.approx(recorded.low[played].min(), abs=0.006)
    assert float(trades[second][-1]) == pytest.approx(recorded.close[played][-1], abs=0.006)
    market.step(market.now_ns + 400 * MINUTE_NS)
    assert len(rows.klines("SOLUSDT", "1m", None, None, 600)) == 600


def test_an_empty_folder_and_a_bad_speed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no recording of binanceusdm"):
        open_replay("usdm", tmp_path, start_ns=START_NS, speed=1.0, load=no_candles)
    for speed in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="not above 0"):
            open_replay("usdm", tmp_path, start_ns=START_NS, speed=speed, load=no_candles)


def feather(path: Path, instrument: str, frame: Timeframe) -> CandleSeries:
    import pyarrow as pa
    from pyarrow import feather as arrow

    table = arrow.read_table(path)
    opens = table["date"].cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy()
    cells = (table[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    return CandleSeries(instrument, frame, opens, *cells)


@pytest.mark.realdata
@pytest.mark.parametrize("kind", ["spot", "usdm"])
def test_the_recorded_frames_play_as_they_were(realdata: Path, kind: Any) -> None:
    market = open_replay(kind, realdata, start_ns=START_NS, speed=1.0, load=feather)
    rows, hub = joined(market)
    frames: list[Any] = []
    hub.connect(lambda frame: frames.append(orjson.loads(frame)), ["btcusdt@trade"])
    snapshot = rows.depth("BTCUSDT", 100)
    diffs: list[Any] = []
    hub.connect(lambda frame: diffs.append(orjson.loads(frame)), ["btcusdt@depth@100ms"])
    for _ in range(300):
        updates = market.step(market.now_ns + 100 * MS)
        for one in updates:
            if isinstance(one, BookUpdate):
                assert one.bids[0][0] < one.asks[0][0]
        hub.publish(updates)
    name = {"spot": "spot_btcusdt_20240808", "usdm": "usdm_btcusdt_20240808"}[kind]
    expected, begin = [], 0
    with gzip.open(realdata / "binance_raw_ws" / f"{name}.jsonl.gz", "rb") as lines:
        for line in lines:
            received, _, text = line.partition(b" ")
            body = orjson.loads(text)
            if "lastUpdateId" in body:
                begin = int(received)
            elif begin and int(received) - begin > 30 * SECOND_NS:
                break
            elif begin and body["data"].get("e") == "trade":
                expected.append(body["data"])
    assert [(one["t"], one["p"], one["q"], one["m"]) for one in frames] == [
        (one["t"], one["p"], one["q"], one["m"]) for one in expected
    ]
    assert len(frames) > 100
    assert diffs[0]["U"] <= snapshot["lastUpdateId"] + 1
    history = rows.klines("BTCUSDT", "1h", None, None, 500)
    assert len(history) == 500
    assert abs(float(history[-2][4]) / float(snapshot["bids"][0][0]) - 1) < 0.01


@pytest.mark.realdata
def test_recorded_candles_without_frames_trade_too(realdata: Path) -> None:
    market = open_replay("usdm", realdata, start_ns=START_NS, speed=1.0, load=feather)
    assert [one.symbol for one in market.instruments] == ["BTC/USDT:USDT", "ETH/USDT:USDT"]
    updates = [one for _ in range(100) for one in market.step(market.now_ns + 100 * MS)]
    prices = [one.price for one in updates if isinstance(one, TradePrint) and one.symbol == "ETH/USDT:USDT"]
    assert len(prices) > 10
    recorded = feather(next(realdata.rglob("ETH_USDT_USDT-1m*")), "binanceusdm:ETH/USDT:USDT", Timeframe.M1)
    cut = int(len(recorded) * 0.75)
    assert recorded.low[cut] - 0.02 <= float(min(prices)) <= float(max(prices)) <= recorded.high[cut] + 0.02
