"""Stepping the market: what is told, that it continues the history, and what moves it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from adapters.sandbox.market.simulation import MarketSimulation
from adapters.sandbox.market.updates import BookUpdate, CandleUpdate, FundingDue, MarkUpdate, TradePrint
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS
from hedge_tui.domain.order import Side
from tests.unit.sandbox_market.market_desk import START_NS, Desk

MS = 1_000_000


def test_equal_steps_tell_the_same() -> None:
    assert Desk("usdm").run(50) == Desk("usdm").run(50)


def test_trades_do_not_depend_on_the_size_of_steps() -> None:
    fine = [one for one in Desk("spot").run(700) if isinstance(one, TradePrint)]
    coarse = [one for one in Desk("spot").run(10, 7_000_000_000) if isinstance(one, TradePrint)]
    assert fine == coarse
    assert len(fine) > 1000


def test_live_candles_continue_the_history_and_close_as_it_says() -> None:
    live = Desk("usdm")
    updates = live.run(1300)
    closed = [one for one in updates if isinstance(one, CandleUpdate) and one.closed]
    assert len(closed) == 2 * len(live.market.instruments)
    # A venue that starts later has never lived through these minutes, and shows the same.
    later = Desk("usdm", start_ns=START_NS + 10 * MINUTE_NS)
    for one in closed:
        index = live.market.place(one.instrument)
        for market in (live.market, later.market):
            edges, rows = market.candles.series(index, "1m", one.open_ns - MINUTE_NS, one.open_ns)
            assert edges[1] == one.open_ns
            assert tuple(rows[1].tolist()) == one.row
            assert rows[0, 3] == rows[1, 0]


def test_trades_fold_to_the_candles_that_are_told() -> None:
    live = Desk("spot")
    updates = live.run(1100)
    prints = defaultdict(list)
    for one in updates:
        if isinstance(one, TradePrint):
            prints[one.instrument, one.at_ns // MINUTE_NS].append(one)
    second = (START_NS // MINUTE_NS) + 1
    told = [
        one
        for one in updates
        if isinstance(one, CandleUpdate) and one.closed and one.open_ns == second * MINUTE_NS
    ]
    assert told
    for candle in told:
        state = live.market.states[live.market.place(candle.instrument)]
        trades = prints[candle.instrument, second]
        prices = [one.price for one in trades]
        expected = (prices[0], max(prices), min(prices), prices[-1])
        assert expected == tuple(state.price(ticks) for ticks in candle.row[:4])
        assert sum(one.quantity for one in trades) == state.quantity(candle.row[4])
        assert len(trades) == candle.row[5]


def test_trade_ids_run_without_gaps_and_over_a_restart() -> None:
    live = Desk("usdm")
    ids = defaultdict(list)
    for one in live.run(700):
        if isinstance(one, TradePrint):
            ids[one.instrument].append(one.trade_id)
    for seen in ids.values():
        assert seen == list(range(seen[0], seen[0] + len(seen)))
    again = Desk("usdm", start_ns=live.market.now_ns)
    for index in range(12):
        assert again.market.last_trade_id(index) == live.market.last_trade_id(index)
        assert again.market.last_ticks(index) == live.market.last_ticks(index)


def test_books_are_sane_at_every_step() -> None:
    live = Desk("spot")
    for one in live.run(300):
        if not isinstance(one, BookUpdate):
            continue
        grid = live.market.instruments[live.market.place(one.instrument)].grid
        bids, asks = [price for price, _ in one.bids], [price for price, _ in one.asks]
        assert bids == sorted(set(bids), reverse=True)
        assert asks == sorted(set(asks))
        assert bids[0] < asks[0]
        assert all(price % grid.tick == 0 and price > 0 for price in bids + asks)
        assert all(size % grid.lot == 0 and size > 0 for _, size in one.bids + one.asks)
        if live.market.place(one.instrument) < 8:
            assert min(len(bids), len(asks)) >= 20


def test_a_trade_is_at_the_touch_that_follows_it() -> None:
    live = Desk("usdm")
    for _ in range(200):
        updates = live.market.step(live.market.now_ns + 10 * MS)
        last = {one.instrument: one for one in updates if isinstance(one, TradePrint)}
        for one in updates:
            if isinstance(one, BookUpdate) and (trade := last.get(one.instrument)):
                # A quote may breathe after the trade, but on the other side only.
                assert trade.price == (one.asks if trade.taker_side is Side.BUY else one.bids)[0][0]


def test_most_of_a_book_stays_from_step_to_step() -> None:
    live = Desk("spot")
    live.run(5)
    kept = []
    for _ in range(50):
        before = set(live.market.book("BTC/USDT").bids)
        live.run(1)
        after = set(live.market.book("BTC/USDT").bids)
        kept.append(len(before & after) / len(before))
    assert sorted(kept)[25] > 0.75


def test_sizes_of_a_book_grow_with_depth() -> None:
    live = Desk("usdm")
    near = far = Decimal(0)
    for _ in range(40):
        live.run(5)
        asks = live.market.book("BTC/USDT:USDT").asks
        near += sum(size for _, size in asks[:5]) / 5
        far += sum(size for _, size in asks[30:50]) / 20
    assert far > near * Decimal("1.3")


def test_perpetuals_are_valued_every_second() -> None:
    live = Desk("usdm")
    marks = [one for one in live.run(100) if isinstance(one, MarkUpdate)]
    # At the start and at every full second after it.
    assert len(marks) == 12 * 11
    for one in marks:
        last = live.market.states[live.market.place(one.instrument)].price(
            live.market.last_ticks(live.market.place(one.instrument))
        )
        assert abs(one.mark / last - 1) < Decimal("0.02")
        assert abs(one.index / one.mark - 1) < Decimal("0.005")
        assert abs(one.funding_rate) <= Decimal("0.02")
        assert one.next_funding_ns % (8 * HOUR_NS) == 0
        assert 0 < one.next_funding_ns - one.at_ns <= 8 * HOUR_NS
    assert not [one for one in Desk("spot").run(30) if isinstance(one, MarkUpdate)]


def test_funding_falls_due_once_and_equals_its_history() -> None:
    due_ns = (START_NS // (8 * HOUR_NS) + 1) * 8 * HOUR_NS
    live = Desk("usdm", start_ns=due_ns - 250 * MS)
    due = [one for one in live.run(10) if isinstance(one, FundingDue)]
    assert len(due) == 12
    for one in due:
        assert one.at_ns == due_ns
        row = live.rows.funding_history(one.symbol, None, None, 1)[0]
        assert (row["fundingTime"], row["fundingRate"]) == (due_ns // MS, f"{one.rate:.8f}")


def test_a_moved_price_is_told_at_once_and_heals() -> None:
    live = Desk("usdm")
    live.run(10)
    market = live.market
    before = market.valuation(0).mark
    updates = market.override_price("BTC/USDT:USDT", Decimal("70000.0"))
    book, trade, mark = updates
    assert isinstance(book, BookUpdate)
    assert isinstance(trade, TradePrint)
    assert isinstance(mark, MarkUpdate)
    assert trade.price == Decimal(70000)
    assert book.bids[0][0] <= 70000 <= book.asks[0][0]
    assert abs(mark.mark / 70000 - 1) < Decimal("0.002")
    assert abs(mark.index / 70000 - 1) < Decimal("0.004")
    live.run(600)
    assert abs(market.valuation(0).mark / 70000 - 1) < Decimal("0.02")
    minute = START_NS // MINUTE_NS
    kept = live.rows.klines("BTCUSDT", "1m", minute * 60_000, None, 2)
    assert Decimal(kept[0][2]) >= 70000
    market.step(market.now_ns + DAY_NS)
    untouched = MarketSimulation("usdm", seed=7, start_ns=market.now_ns, count=12)
    assert market.valuation(0) == untouched.valuation(0)
    # What happened live stays in the history.
    assert live.rows.klines("BTCUSDT", "1m", minute * 60_000, None, 1)[0] == kept[0]
    assert before != market.valuation(0).mark


def test_minutes_skipped_while_a_price_stands_off_are_moved_too() -> None:
    live = Desk("spot")
    market = live.market
    market.override_price("ETH/USDT", Decimal(9000))
    market.step(market.now_ns + 30 * MINUTE_NS)
    rows = live.rows.klines("ETHUSDT", "1m", START_NS // MS + 60_000, None, 25)
    assert all(Decimal(row[3]) > 4000 for row in rows)
    assert [row[4] for row in rows[:-1]] == [row[1] for row in rows[1:]]


def test_an_own_trade_is_part_of_trades_candles_and_day() -> None:
    live = Desk("spot")
    live.run(3)
    market, index = live.market, 4
    symbol = market.instruments[index].symbol
    ask = market.book(symbol).asks[0]
    before = market.day(index)
    told = market.own_trade(symbol, ask[0], ask[1], Side.BUY, market.now_ns)
    assert told.own
    assert told.trade_id == market.last_trade_id(index)
    after = market.day(index)
    assert after[5] == before[5] + 1
    assert market.states[index].quantity(after[4] - before[4]) == ask[1]
    newest = live.rows.trades(symbol, 3)
    assert newest[-1]["id"] == told.trade_id
    assert Decimal(newest[-1]["price"]) == ask[0]
    assert [row["id"] for row in newest] == list(range(told.trade_id - 2, told.trade_id + 1))
    live.run(900)
    minute = START_NS // MINUTE_NS * 60_000
    row = live.rows.klines(symbol, "1m", minute, None, 1)[0]
    plain = Desk("spot", start_ns=market.now_ns).rows.klines(symbol, "1m", minute, None, 1)[0]
    assert row[8] == plain[8] + 1
    assert Decimal(row[5]) - Decimal(plain[5]) == ask[1]
    hour = live.rows.klines(symbol, "1h", minute - 3_600_000, None, 1)[0]
    folded = live.rows.klines(symbol, "1m", hour[0], hour[6], 60)
    assert sum(Decimal(one[5]) for one in folded) == Decimal(hour[5])
    assert sum(one[8] for one in folded) == hour[8]


def test_a_large_own_trade_moves_the_price_for_a_while() -> None:
    live = Desk("usdm")
    live.run(3)
    market = live.market
    asks = market.book("SOL/USDT:USDT").asks
    told = market.own_trade("SOL/USDT:USDT", asks[40][0], Decimal(500), Side.BUY, market.now_ns)
    assert told.price == asks[40][0]
    assert market.book("SOL/USDT:USDT").asks[0][0] >= asks[40][0]
    untouched = Desk("usdm")
    untouched.run(3)
    live.run(3)
    untouched.run(3)
    assert market.valuation(2).mark > untouched.market.valuation(2).mark
    live.run(100, 3_000_000_000)
    untouched.run(100, 3_000_000_000)
    assert abs(market.last_ticks(2) - untouched.market.last_ticks(2)) <= 1


def test_a_long_gap_is_skipped_at_once() -> None:
    live = Desk("usdm")
    updates = live.run(1, 40 * DAY_NS)
    assert len([one for one in updates if isinstance(one, FundingDue)]) == 12 * 120
    fresh = Desk("usdm", start_ns=live.market.now_ns)
    for index in range(12):
        assert live.market.last_ticks(index) == fresh.market.last_ticks(index)
        assert live.market.last_trade_id(index) == fresh.market.last_trade_id(index)
    assert live.rows.klines("BTCUSDT", "1h", None, None, 900) == fresh.rows.klines(
        "BTCUSDT", "1h", None, None, 900
    )


def test_time_that_does_not_advance_tells_nothing() -> None:
    live = Desk("spot")
    live.run(1)
    assert live.market.step(live.market.now_ns) == []
    assert live.market.step(live.market.now_ns - 1) == []


def test_a_start_before_the_last_listing_is_refused() -> None:
    with pytest.raises(ValueError, match="starts at day 17000"):
        MarketSimulation("spot", seed=1, start_ns=17_000 * DAY_NS)


def test_more_instruments_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and"):
        MarketSimulation("spot", seed=1, start_ns=START_NS, count=5000)


def test_instruments_are_found_by_any_of_their_names() -> None:
    market = Desk("usdm").market
    assert (
        market.place("BTC/USDT:USDT")
        == market.place("binanceusdm:BTC/USDT:USDT")
        == market.place("BTCUSDT")
        == 0
    )
    with pytest.raises(KeyError):
        market.place("NOSUCH")


def test_full_books_are_kept_only_where_asked() -> None:
    market = Desk("spot", count=30).market
    assert len(market.quote(20).bids) == 1
    market.activate([market.instruments[20].symbol])
    assert len(market.quote(20).bids) >= 20
    market.deactivate([market.instruments[20].symbol, market.instruments[0].symbol])
    assert len(market.quote(20).bids) == 1
    assert len(market.quote(0).bids) >= 20
