"""REST rows: the venue's exact fields, and numbers that agree with each other."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from adapters.sandbox.market.candles import TIMEFRAMES, month_open
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from tests.unit.sandbox_market.market_desk import START_NS, Desk

MS = 1_000_000
START_MS = START_NS // MS


@pytest.fixture(scope="module")
def spot() -> Desk:
    desk = Desk("spot")
    desk.run(20)
    return desk


@pytest.fixture(scope="module")
def usdm() -> Desk:
    desk = Desk("usdm")
    desk.run(20)
    return desk


@pytest.mark.parametrize("interval", TIMEFRAMES)
def test_candles_of_every_timeframe(spot: Desk, interval: str) -> None:
    rows = spot.rows.klines("ETHUSDT", interval, None, None, 40)
    assert len(rows) == 40
    for row, after in pairwise(rows):
        assert after[0] == row[6] + 1
        assert after[1] == row[4]
    for row in rows:
        opened, high, low, close = (Decimal(cell) for cell in row[1:5])
        assert low <= min(opened, close) <= max(opened, close) <= high
        assert Decimal(row[9]) <= Decimal(row[5])
        assert float(low) * 0.9999 <= float(row[7]) / float(row[5]) <= float(high) * 1.0001
        assert [len(cell.partition(".")[2]) for cell in (*row[1:6], row[7], row[9], row[10])] == [8] * 8
        assert row[11] == "0"
        assert len(row) == 12


@pytest.mark.parametrize("interval", ["5m", "15m", "1h", "4h", "1d", "3d", "1w", "1M"])
def test_higher_timeframes_fold_from_lower_ones(usdm: Desk, interval: str) -> None:
    lower = "1m" if interval in ("5m", "15m", "1h") else "1h"
    whole = usdm.rows.klines("SOLUSDT", interval, None, None, 3)
    for row in whole:
        inside = usdm.rows.klines("SOLUSDT", lower, row[0], row[6], 1500)
        assert inside[0][1] == row[1]
        assert max(Decimal(one[2]) for one in inside) == Decimal(row[2])
        assert min(Decimal(one[3]) for one in inside) == Decimal(row[3])
        assert inside[-1][4] == row[4]
        assert sum(Decimal(one[5]) for one in inside) == Decimal(row[5])
        assert sum(one[8] for one in inside) == row[8]
        assert sum(Decimal(one[9]) for one in inside) == Decimal(row[9])


def test_a_span_is_cut_at_both_ends_and_by_the_limit(spot: Desk) -> None:
    start = START_MS // 3_600_000 * 3_600_000 - 7_200_000
    rows = spot.rows.klines("BTCUSDT", "15m", start + 1, start + 3_600_000, 500)
    assert [row[0] for row in rows] == [start + 900_000 * step for step in range(1, 5)]
    first = spot.rows.klines("BTCUSDT", "15m", start, None, 2)
    assert [row[0] for row in first] == [start, start + 900_000]
    last = spot.rows.klines("BTCUSDT", "15m", None, start, 2)
    assert [row[0] for row in last] == [start - 900_000, start]


def test_there_is_nothing_before_the_listing_nor_after_now(spot: Desk) -> None:
    assert spot.rows.klines("BTCUSDT", "1d", 0, 1_000_000, 10) == []
    first = spot.rows.klines("BTCUSDT", "1d", 0, None, 1)
    assert first[0][0] == 1_504_224_000_000
    assert spot.rows.klines("BTCUSDT", "1m", START_MS + 3_600_000, None, 10) == []


def test_the_forming_candle_is_the_last_and_grows() -> None:
    desk = Desk("spot")
    before = desk.rows.klines("BTCUSDT", "1h", None, None, 1)[0]
    desk.run(100)
    after = desk.rows.klines("BTCUSDT", "1h", None, None, 1)[0]
    assert before[:2] == after[:2]
    assert after[8] > before[8]
    assert Decimal(after[5]) > Decimal(before[5])


def test_months_follow_the_calendar(usdm: Desk) -> None:
    rows = usdm.rows.klines("BTCUSDT", "1M", None, None, 12)
    assert [row[0] * MS for row in rows] == [month_open(row[0] * MS) for row in rows]
    assert rows[-1][0] == 1_793_491_200_000


def test_seconds_come_from_the_trades(spot: Desk) -> None:
    rows = spot.rows.klines("BTCUSDT", "1s", None, None, 90)
    assert [row[0] for row in rows] == [
        (spot.market.now_ns // SECOND_NS - 89 + at) * 1000 for at in range(90)
    ]
    minute = START_NS // MINUTE_NS * 60_000 - 60_000
    whole = spot.rows.klines("BTCUSDT", "1m", minute, None, 1)[0]
    inside = spot.rows.klines("BTCUSDT", "1s", minute, minute + 59_999, 60)
    assert len(inside) == 60
    assert sum(Decimal(row[5]) for row in inside) == Decimal(whole[5])
    assert max(Decimal(row[2]) for row in inside) == Decimal(whole[2])


def test_mark_and_index_candles_have_no_volume(usdm: Desk) -> None:
    last, mark, index = (
        usdm.rows.klines("BTCUSDT", "1h", None, None, 5, price) for price in ("last", "mark", "index")
    )
    for one, other, third in zip(last, mark, index, strict=True):
        assert one[0] == other[0] == third[0]
        assert other[5] == third[5] == "0"
        assert Decimal(other[4]) == Decimal(one[4])
        assert float(third[4]) == pytest.approx(float(one[4]), rel=0.01)


def test_the_day_is_the_fold_of_its_minutes(spot: Desk) -> None:
    for symbol in ("BTCUSDT", "XRPUSDT"):
        day = spot.rows.ticker_24h(symbol)
        minute = spot.market.now_ns // MINUTE_NS
        rows = [
            row
            for start in (minute - 1439, minute - 439)
            for row in spot.rows.klines(
                symbol, "1m", start * 60_000, None, 1000 if start == minute - 1439 else 440
            )
        ]
        assert len(rows) == 1440
        assert day["openPrice"] == rows[0][1]
        assert Decimal(day["highPrice"]) == max(Decimal(row[2]) for row in rows)
        assert Decimal(day["lowPrice"]) == min(Decimal(row[3]) for row in rows)
        assert day["lastPrice"] == rows[-1][4]
        assert Decimal(day["volume"]) == sum(Decimal(row[5]) for row in rows)
        assert day["count"] == sum(row[8] for row in rows) == day["lastId"] - day["firstId"] + 1
        assert Decimal(day["priceChange"]) == Decimal(day["lastPrice"]) - Decimal(day["openPrice"])


def test_trades_by_id_and_the_newest(spot: Desk) -> None:
    newest = spot.rows.trades("BTCUSDT", 1000)
    ids = [row["id"] for row in newest]
    assert ids == list(range(ids[0], ids[0] + 1000))
    assert ids[-1] == spot.market.last_trade_id(0)
    assert spot.rows.trades("BTCUSDT", 100, ids[300]) == newest[300:400]
    assert spot.rows.trades("BTCUSDT", 5, 1)[0]["id"] == 1
    assert spot.rows.trades("BTCUSDT", 5, ids[-1] + 1) == []


def test_aggregates_by_time_and_id(usdm: Desk) -> None:
    start = START_MS - 600_000
    rows = usdm.rows.agg_trades("BTCUSDT", None, start, start + 60_000, 1000)
    assert rows
    assert all(start <= row["T"] <= start + 60_000 for row in rows)
    assert usdm.rows.agg_trades("BTCUSDT", rows[5]["a"], None, None, 10) == rows[5:15]
    assert set(rows[0]) == {"a", "p", "q", "f", "l", "T", "m"}
    newest = usdm.rows.agg_trades("BTCUSDT", None, None, None, 7)
    assert newest[-1]["a"] == usdm.market.last_trade_id(0)


def test_depth_is_cut_and_best_first(usdm: Desk, spot: Desk) -> None:
    row = usdm.rows.depth("BTCUSDT", 5)
    assert list(row) == ["lastUpdateId", "E", "T", "bids", "asks"]
    assert len(row["bids"]) == len(row["asks"]) == 5
    assert Decimal(row["bids"][0][0]) < Decimal(row["asks"][0][0])
    assert list(spot.rows.depth("BTCUSDT", 5)) == ["lastUpdateId", "bids", "asks"]


def test_the_best_quote_is_the_top_of_the_book(usdm: Desk) -> None:
    best, book = usdm.rows.book_ticker("ETHUSDT"), usdm.rows.depth("ETHUSDT", 5)
    assert [best["bidPrice"], best["bidQty"]] == book["bids"][0]
    assert [best["askPrice"], best["askQty"]] == book["asks"][0]


def test_funding_history_is_complete_and_fixed(usdm: Desk) -> None:
    rows = usdm.rows.funding_history("BTCUSDT", None, None, 100)
    times = [row["fundingTime"] for row in rows]
    assert times == list(range(times[-1] - 99 * 28_800_000, times[-1] + 1, 28_800_000))
    assert times[-1] * MS == START_NS // (8 * HOUR_NS) * 8 * HOUR_NS
    again = usdm.rows.funding_history("BTCUSDT", times[10], times[20], 5)
    assert again == rows[10:15]
    rates = [float(row["fundingRate"]) for row in usdm.rows.funding_history("DOGEUSDT", None, None, 1000)]
    assert len(set(rates)) > 50
    assert max(map(abs, rates)) < 0.005
    later = Desk("usdm", start_ns=START_NS + 3 * DAY_NS)
    assert later.rows.funding_history("BTCUSDT", times[0], None, 100) == rows


def test_open_interest_history_is_every_period_and_ends_where_the_present_begins(usdm: Desk) -> None:
    rows = usdm.rows.open_interest_history("BTCUSDT", "5m", None, None, 289)
    times = [row["timestamp"] for row in rows]
    assert len(rows) == 289
    assert {b - a for a, b in pairwise(times)} == {300_000}
    assert times[-1] <= START_MS + 20_000 < times[-1] + 300_000
    assert {name: type(value) for name, value in rows[0].items()} == {
        "symbol": str,
        "sumOpenInterest": str,
        "sumOpenInterestValue": str,
        "CMCCirculatingSupply": str,
        "timestamp": int,
    }
    held = [float(row["sumOpenInterest"]) for row in rows]
    assert max(abs(b / a - 1) for a, b in pairwise(held)) < 0.02
    assert max(held) / min(held) > 1.01
    prices = {row[0]: float(row[1]) for row in usdm.rows.klines("BTCUSDT", "5m", times[0], None, 500)}
    for row in rows[:-1]:
        worth = float(row["sumOpenInterest"]) * prices[row["timestamp"]]
        assert float(row["sumOpenInterestValue"]) == pytest.approx(worth, rel=1e-6)
    assert usdm.rows.open_interest_history("BTCUSDT", "5m", times[5], times[50], 3) == rows[5:8]
    now = float(usdm.rows.open_interest("BTCUSDT")["openInterest"])
    assert now == pytest.approx(held[-1], rel=0.02)


def test_open_interest_moves_slowly(usdm: Desk) -> None:
    row = usdm.rows.open_interest("BTCUSDT")
    later = Desk("usdm", start_ns=START_NS + HOUR_NS).rows.open_interest("BTCUSDT")
    assert 0.9 < float(later["openInterest"]) / float(row["openInterest"]) < 1.1
    assert later["openInterest"] != row["openInterest"]


def test_the_mean_price_lies_inside_its_minutes(spot: Desk) -> None:
    rows = spot.rows.klines("BNBUSDT", "1m", None, None, 5)
    mean = Decimal(spot.rows.average_price("BNBUSDT")["price"])
    assert min(Decimal(row[3]) for row in rows) <= mean <= max(Decimal(row[2]) for row in rows)


def test_an_unknown_symbol_is_a_key_error(spot: Desk) -> None:
    with pytest.raises(KeyError):
        spot.rows.ticker_24h("NOSUCH")
