"""Changes, relative volume and open interest against numbers worked out by hand; gaps, restarts, midnight."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plan_bench import BTC, BTCS, instrument

from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, Timeframe
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.market import Funding, MarketStats, OpenInterest, Quote
from hedge_tui.domain.series import CandleSeries
from hedge_tui.engine import market_figures as figures
from hedge_tui.engine.market_memory import SHORT_NS, MarketMemory
from hedge_tui.engine.markets import Markets

MIDNIGHT_NS = 20_000 * DAY_NS
NAN = math.nan


def candles(timeframe: Timeframe, first_ns: int, closes: list[float], volumes: list[float]) -> CandleSeries:
    opens = first_ns + np.arange(len(closes)) * timeframe.width_ns
    column = np.array(closes)
    return CandleSeries(BTC, timeframe, opens, column, column, column, column, np.array(volumes))


def quoting(markets: Markets, at_ns: int, price: float, venue: str = BTC) -> None:
    markets.quote(Quote(venue, price, 1.0, price, 1.0, at_ns, at_ns))


def test_a_change_is_against_the_price_at_its_full_minute():
    markets = Markets("USDT")
    for minute in range(7):
        now = MIDNIGHT_NS + (minute - 4) * MINUTE_NS
        quoting(markets, now - 1, 100.0 + minute)
        markets.memory.take_minute(markets, now // MINUTE_NS)
    # The newest full minute is 00:02 (106.0), five minutes before it was 23:57 (101.0).
    now = MIDNIGHT_NS + 2 * MINUTE_NS + 30_000_000_000
    assert markets.memory.change(BTC, 111.1, 5, now) == 0.1
    assert math.isnan(markets.memory.change(BTC, 111.1, 60, now))


def test_a_silent_venue_leaves_a_hole_and_not_its_last_price():
    markets = Markets("USDT")
    at = MIDNIGHT_NS
    quoting(markets, at, 100.0)
    markets.memory.take_minute(markets, at // MINUTE_NS)
    markets.memory.take_minute(markets, at // MINUTE_NS + 1)  # a minute after its last word
    quoting(markets, at + 2 * MINUTE_NS, 102.0)
    markets.memory.take_minute(markets, at // MINUTE_NS + 2)
    minutes = markets.memory.closes.span(BTC, at // MINUTE_NS, 3)
    assert np.array_equal(minutes, [100.0, NAN, 102.0], equal_nan=True)


def test_a_restart_knows_the_last_hour_again_from_candles():
    """The close of the candle that opened at 22:59 is the price at 23:00."""
    memory = MarketMemory()
    closes = [float(n) for n in range(1, 63)]
    memory.take_closes(candles(Timeframe.M1, MIDNIGHT_NS - 62 * MINUTE_NS, closes, closes))
    now = MIDNIGHT_NS + 10
    assert memory.change(BTC, 124.0, 5, now) == round(124 / 57 - 1, 6)
    assert memory.change(BTC, 124.0, 60, now) == 61.0  # against 2.0
    assert memory.complete(now) == {BTC}
    assert memory.complete(now + 3 * MINUTE_NS) == set()


def test_relative_volume_is_the_last_hour_over_the_mean_hour():
    memory = MarketMemory()
    first = MIDNIGHT_NS - DAY_NS
    volumes = [1.0] * 276 + [4.0] * 12
    memory.take_volumes(candles(Timeframe.M5, first, volumes, volumes))
    # Mean hour: (276 + 48) / 24 = 13.5; last hour: 48.
    assert memory.relative_volume(BTC, MIDNIGHT_NS) == round(48 / 13.5, 2)
    assert memory.relative_volume(BTC, MIDNIGHT_NS + 30 * MINUTE_NS) == round(48 / 13.5, 2)
    assert math.isnan(memory.relative_volume(BTC, MIDNIGHT_NS + 36 * MINUTE_NS))
    assert math.isnan(memory.relative_volume(BTCS, MIDNIGHT_NS))


@pytest.mark.parametrize(("held", "known"), [(143, False), (144, True)])
def test_the_usual_hour_needs_half_a_day(held: int, known: bool):
    memory = MarketMemory()
    memory.take_volumes(candles(Timeframe.M5, MIDNIGHT_NS - held * SHORT_NS, [1.0] * held, [2.0] * held))
    assert (memory.relative_volume(BTC, MIDNIGHT_NS) == 1.0) is known


def test_a_hole_in_the_last_hour_is_no_quiet_hour():
    memory = MarketMemory()
    first = MIDNIGHT_NS - DAY_NS
    memory.take_volumes(candles(Timeframe.M5, first, [1.0] * 280, [1.0] * 280))
    memory.take_volumes(candles(Timeframe.M5, MIDNIGHT_NS - SHORT_NS, [1.0], [1.0]))
    assert math.isnan(memory.relative_volume(BTC, MIDNIGHT_NS))


def test_what_did_not_trade_at_all_has_no_relative_volume():
    memory = MarketMemory()
    memory.take_volumes(candles(Timeframe.M5, MIDNIGHT_NS - DAY_NS, [1.0] * 288, [0.0] * 288))
    assert math.isnan(memory.relative_volume(BTC, MIDNIGHT_NS))


def test_open_interest_and_its_changes():
    memory = MarketMemory()
    at = [MIDNIGHT_NS - DAY_NS, MIDNIGHT_NS - HOUR_NS, MIDNIGHT_NS]
    memory.take_interest(OpenInterest(BTC, tuple(at), (500.0, 800.0, 1_000.0)))
    assert memory.open_interest(BTC, MIDNIGHT_NS + MINUTE_NS) == (1_000.0, 0.25, 1.0)
    now, hour, day = memory.open_interest(BTC, MIDNIGHT_NS + 36 * MINUTE_NS)
    assert math.isnan(now)
    assert math.isnan(hour)
    assert math.isnan(day)


def test_a_change_of_open_interest_without_a_past_is_unknown():
    memory = MarketMemory()
    memory.take_interest(OpenInterest(BTC, (MIDNIGHT_NS,), (1_000.0,)))
    now, hour, day = memory.open_interest(BTC, MIDNIGHT_NS)
    assert now == 1_000.0
    assert math.isnan(hour)
    assert math.isnan(day)


def test_figures_by_hand():
    assert figures.funding_apr(0.0001, 8) == pytest.approx(0.1095)
    assert figures.funding_apr(-0.0002, 4) == pytest.approx(-0.438)
    assert math.isnan(figures.funding_apr(0.0001, None))
    assert figures.premium_bp(100.05, 100.0) == 5.0
    assert math.isnan(figures.premium_bp(100.0, 0.0))
    assert figures.basis_apr(102.0, 100.0, MIDNIGHT_NS + 73 * DAY_NS, MIDNIGHT_NS) == pytest.approx(0.1)
    assert math.isnan(figures.basis_apr(102.0, 100.0, None, MIDNIGHT_NS))
    assert math.isnan(figures.basis_apr(102.0, 100.0, MIDNIGHT_NS + 1, MIDNIGHT_NS))
    assert figures.day_position(75.0, 50.0, 100.0) == 0.5
    assert math.isnan(figures.day_position(75.0, 75.0, 75.0))


def test_slippage_walks_the_levels_and_does_not_invent_any():
    asks = [(101.0, 1_010.0), (102.0, 5_100.0)]
    # 10 units at 101 and 10 at 102: 101.5 on average, against a mid of 100.
    assert figures.slippage_bp(asks, 100.0, 2_030.0) == pytest.approx(150.0)
    assert figures.slippage_bp(asks, 100.0, 1_010.0) == pytest.approx(100.0)
    assert math.isnan(figures.slippage_bp(asks, 100.0, 6_111.0))
    bids = [(99.0, 990.0)]
    assert figures.slippage_bp(bids, 100.0, 500.0) == pytest.approx(100.0)


def test_the_worth_of_a_unit():
    assert figures.unit_value(instrument(BTC), 50_000.0) == 50_000.0
    inverse = instrument("v:BTC/USD:BTC", contract_size=100, inverse=True)
    assert figures.unit_value(inverse, 50_000.0) == 100.0


def stats(rate: float, due_ns: int) -> MarketStats:
    return MarketStats(BTC, 1, funding_rate=rate, next_funding_ns=due_ns)


def test_the_rate_that_stood_when_an_interval_ended_is_the_last_paid():
    markets = Markets("USDT")
    markets.set_instruments([instrument(BTC, funding_interval_h=8)])
    markets.stat(stats(0.0001, MIDNIGHT_NS))
    markets.stat(stats(0.0003, MIDNIGHT_NS))
    assert BTC not in markets.funding
    markets.stat(stats(0.0002, MIDNIGHT_NS + 8 * HOUR_NS))
    assert markets.funding[BTC] == Funding(BTC, None, 0.0003, MIDNIGHT_NS)
    # The venue's own word corrects it; an older word does not.
    markets.funding_told(Funding(BTC, 4, 0.00031, MIDNIGHT_NS))
    markets.funding_told(Funding(BTC, None, 0.9, MIDNIGHT_NS - 8 * HOUR_NS))
    assert markets.funding[BTC] == Funding(BTC, 4, 0.00031, MIDNIGHT_NS)
    assert markets.funding_interval_h(BTC) == 4


def test_an_interval_is_the_usual_one_until_the_venue_says_another():
    markets = Markets("USDT")
    future = instrument("v:BTC/USDT:USDT-261225", kind=InstrumentKind.FUTURE)
    markets.set_instruments([instrument(BTC, funding_interval_h=8), instrument(BTCS), future])
    assert markets.funding_interval_h(BTC) == 8
    assert markets.funding_interval_h(BTCS) is None
    assert markets.funding_interval_h(future.id) is None
