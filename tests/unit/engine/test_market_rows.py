"""Rows of Markets against figures worked out by hand."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from typing import Any

import numpy as np
from plan_bench import BTC, BTCS, ETHBTC, NOW_NS, instrument

from hedge_tui.domain.account import Account, AccountSnapshot, Balance, Mode, Position
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, Timeframe
from hedge_tui.domain.instrument import InstrumentId, InstrumentKind
from hedge_tui.domain.market import Book, Funding, MarketStats, OpenInterest, Quote
from hedge_tui.domain.order import PositionSide
from hedge_tui.domain.series import CandleSeries
from hedge_tui.engine.board.markets import InstrumentRows, MarketRows
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.state import Changes
from store.journal.memory import MemoryJournal

DATED = InstrumentId("binanceusdm:BTC/USDT:USDT-261225")
INVERSE = InstrumentId("binancecoinm:BTC/USD:BTC")
D = Decimal


class Clock:
    now = NOW_NS

    def now_ns(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.now / 1e9


class Bench:
    def __init__(self) -> None:
        self.clock = Clock()
        self.desk = Desk(MemoryJournal(), self.clock, random.Random(1))
        expiry = NOW_NS + 73 * DAY_NS
        self.desk.set_instruments(
            [
                instrument(BTC, funding_interval_h=8),
                instrument(BTCS),
                instrument(ETHBTC),
                instrument(INVERSE, contract_size=D(100)),
                instrument(DATED, kind=InstrumentKind.FUTURE, expiry_ns=expiry),
            ]
        )
        self.slow, self.quick = MarketRows(self.desk), InstrumentRows(self.desk)
        self.now_s = 0.0

    def quote(self, one: str, bid: float, bid_quantity: float, ask: float, ask_quantity: float) -> None:
        now = self.clock.now
        self.desk.markets.quote(Quote(InstrumentId(one), bid, bid_quantity, ask, ask_quantity, now, now))

    def stat(self, one: str, **values: Any) -> None:
        self.desk.markets.stat(MarketStats(InstrumentId(one), self.clock.now, **values))

    def row(self, one: str, rows: Any = None) -> dict[str, Any]:
        rows = rows or self.slow
        self.now_s += 5
        rows.rebuild()
        rows.refresh(self.now_s)
        return dict(zip(rows.columns, rows.rows[one], strict=True))


def test_a_perpetual() -> None:
    bench = Bench()
    bench.quote(BTC, 50_000.0, 0.1, 50_010.0, 0.5)
    bench.stat(
        BTC, last=50_000.0, mark=50_005.0, index=50_000.0, low_24h=49_000.0, high_24h=51_000.0,
        volume_24h=2e9, funding_rate=0.0001, next_funding_ns=NOW_NS + HOUR_NS,
    )  # fmt: skip
    memory = bench.desk.markets.memory
    minute = NOW_NS // MINUTE_NS
    memory.closes.put(BTC, minute - 5, 40_000.0)
    memory.closes.put(BTC, minute - 60, 62_500.0)
    opens = (NOW_NS // (5 * MINUTE_NS) - np.arange(288, 0, -1)) * 5 * MINUTE_NS
    column = np.where(np.arange(288) < 276, 1.0, 2.0)
    memory.take_volumes(CandleSeries(BTC, Timeframe.M5, opens, column, column, column, column, column))
    memory.take_interest(OpenInterest(BTC, (NOW_NS - DAY_NS, NOW_NS - HOUR_NS, NOW_NS), (50.0, 80.0, 100.0)))
    bench.desk.markets.funding_told(Funding(BTC, 4, -0.0003, NOW_NS - 3 * HOUR_NS))
    row = bench.row(BTC)
    assert row["change_5m"] == 0.25
    assert row["change_1h"] == -0.2
    assert row["day_position"] == 0.5
    assert row["turnover_24h"] == 2e9
    assert row["relative_volume"] == round(24 / (300 / 24), 2)
    assert (row["bid_depth"], row["ask_depth"]) == (5_000.0, 25_005.0)
    assert math.isnan(row["slippage_bp"])  # 5,000 at the bid is less than the 10,000 to be sold
    assert row["premium_bp"] == 1.0
    assert math.isnan(row["basis_apr"])
    assert (row["funding_last"], row["funding_interval_h"]) == (-0.0003, 4)
    assert row["funding_apr"] == round(0.0001 * 6 * 365, 6)
    assert row["interest_value"] == 5_000_500.0
    assert (row["interest_1h"], row["interest_24h"]) == (0.25, 1.0)
    assert math.isnan(row["net_value"])
    assert row["silent_s"] == 0
    quick = bench.row(BTC, bench.quick)
    assert quick["open_interest"] == 100.0
    assert quick["spread_bp"] == 2.0


def test_a_book_that_is_followed_tells_the_slippage() -> None:
    bench = Bench()
    bench.quote(BTC, 50_000.0, 0.1, 50_010.0, 0.5)
    # 0.1 at 50,000 and the other 5,000 at 49,000: about 49,494.95 on average against a mid of 50,005.
    bids, asks = ((50_000.0, 0.1), (49_000.0, 5.0)), ((50_010.0, 0.5), (50_020.0, 1.0))
    bench.desk.markets.books[BTC] = Book(BTC, bids, asks, NOW_NS, NOW_NS)
    average = 10_000 / (5_000 / 50_000 + 5_000 / 49_000)
    assert bench.row(BTC)["slippage_bp"] == round((1 - average / 50_005) * 10_000, 2)


def test_a_dated_future_has_a_basis_and_no_funding() -> None:
    bench = Bench()
    bench.quote(DATED, 51_000.0, 1.0, 51_010.0, 1.0)
    bench.stat(DATED, last=51_000.0, mark=51_000.0, index=50_000.0)
    row = bench.row(DATED)
    assert row["basis_apr"] == 0.1  # 2 % over a fifth of a year
    assert math.isnan(row["premium_bp"])
    assert math.isnan(row["funding_apr"])
    assert row["expiry_ns"] == NOW_NS + 73 * DAY_NS


def test_worths_are_in_the_reporting_currency() -> None:
    bench = Bench()
    bench.quote(BTCS, 50_000.0, 1.0, 50_000.0, 1.0)
    bench.quote(ETHBTC, 0.05, 2.0, 0.0501, 4.0)
    bench.stat(BTCS, last=50_000.0)
    bench.stat(ETHBTC, last=0.05, volume_24h=10.0)
    row = bench.row(ETHBTC)
    assert row["turnover_24h"] == 500_000.0
    assert (row["bid_depth"], row["ask_depth"]) == (5_000.0, 10_020.0)
    bench.quote(INVERSE, 50_000.0, 30.0, 50_010.0, 40.0)
    assert bench.row(INVERSE)["bid_depth"] == 3_000.0  # contracts of 100 USD


def test_what_is_held_is_counted_over_all_accounts() -> None:
    bench = Bench()
    for one in (BTC, BTCS):
        bench.quote(one, 50_000.0, 1.0, 50_000.0, 1.0)
        bench.stat(one, last=50_000.0, mark=50_000.0)
    for name, quantity in (("a", "0.5"), ("b", "-0.2")):
        account = bench.desk.add_account(Account(name, "binanceusdm", Mode.SANDBOX))
        held = (Position(name, BTC, PositionSide.NET, D(quantity), D(50_000)),)
        account.take_snapshot(AccountSnapshot(name, NOW_NS, (), held, D(0), D(0)))
    spot = bench.desk.add_account(Account("c", "binance", Mode.SANDBOX))
    balances = (Balance("c", "BTC", D("0.1"), D("0.1"), D(0)), Balance("c", "USDT", D(9), D(9), D(0)))
    spot.take_snapshot(AccountSnapshot("c", NOW_NS, balances, (), None, None))
    assert bench.row(BTC)["net_value"] == 15_000.0
    assert bench.row(BTCS)["net_value"] == 5_000.0
    assert bench.row(BTC, bench.quick)["net_position"] == 0.3
    assert bench.row(BTCS, bench.quick)["net_position"] == 0.1
    del bench.desk.accounts["b"].positions[BTC, "net"]
    bench.slow.touch(Changes(positions={("b", BTC)}))
    changed, _ = bench.slow.refresh(bench.now_s + 0.01)
    assert BTC in changed
    assert bench.slow.rows[BTC][bench.slow.columns.index("net_value")] == 25_000.0


def test_a_silent_venue_is_told_and_what_is_not_followed_has_no_row() -> None:
    bench = Bench()
    bench.quote(BTC, 50_000.0, 1.0, 50_000.0, 1.0)
    bench.clock.now += 7_000_000_000
    assert bench.row(BTC)["silent_s"] == 7
    assert BTCS not in bench.slow.rows
