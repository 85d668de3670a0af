"""The seeded history: the same wherever, whenever and in whatever order it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, TURNOVER, VOLUME, fold
from adapters.sandbox.market.hours import HourBlock, Hours
from adapters.sandbox.market.listing import FIRST_LISTING_DAY, list_instruments
from adapters.sandbox.market.minutes import Minutes

DAY = 20_700
COUNT_OF = 30


def history(kind="usdm", seed=7, count=COUNT_OF):
    listings = list_instruments(kind, count)
    hours = Hours(seed, listings)
    return hours, Minutes(seed, listings, hours)


@pytest.fixture(scope="module")
def usdm():
    return history()


def test_the_order_of_questions_does_not_matter(usdm) -> None:
    hours, minutes = usdm
    other_hours, other_minutes = history()
    late = other_minutes.between(3, DAY * 1440 + 700, DAY * 1440 + 900)
    early = other_hours.between(3, (DAY - 900) * 24, (DAY - 890) * 24).rows
    assert (early == hours.between(3, (DAY - 900) * 24, (DAY - 890) * 24).rows).all()
    assert (late == minutes.between(3, DAY * 1440, DAY * 1440 + 1440)[700:900]).all()


def test_one_instrument_and_all_at_once_agree(usdm) -> None:
    hours, minutes = usdm
    hour = DAY * 24 + 9
    together = minutes.across(hour)
    assert (
        hours.across(hour).rows
        == np.array([hours.between(i, hour, hour + 1).rows[0] for i in range(COUNT_OF)])
    ).all()
    for index in range(COUNT_OF):
        assert (together[index] == minutes.between(index, hour * 60, hour * 60 + 60)).all()


def test_fewer_instruments_do_not_change_the_others(usdm) -> None:
    few, _ = history(count=5)
    assert (
        few.between(4, DAY * 24, DAY * 24 + 48).rows == usdm[0].between(4, DAY * 24, DAY * 24 + 48).rows
    ).all()


def test_another_seed_is_another_market(usdm) -> None:
    other, _ = history(seed=8)
    assert (
        other.between(0, DAY * 24, DAY * 24 + 24).rows[:, CLOSE]
        != usdm[0].between(0, DAY * 24, DAY * 24 + 24).rows[:, CLOSE]
    ).all()


def test_a_forgotten_block_comes_back_the_same(usdm) -> None:
    _, minutes = usdm
    first = minutes.between(0, DAY * 1440, DAY * 1440 + 1440).copy()
    for day in range(DAY - 210, DAY - 2):
        minutes.between(1, day * 1440, day * 1440 + 1)
    assert (minutes.between(0, DAY * 1440, DAY * 1440 + 1440) == first).all()


@pytest.mark.parametrize("index", [0, 7, 29])
def test_minutes_are_candles_without_gaps(usdm, index: int) -> None:
    rows = usdm[1].between(index, DAY * 1440, (DAY + 3) * 1440)
    assert (rows[1:, OPEN] == rows[:-1, CLOSE]).all()
    assert (rows[:, HIGH] >= rows[:, [OPEN, CLOSE]].max(axis=1)).all()
    assert (rows[:, LOW] <= rows[:, [OPEN, CLOSE]].min(axis=1)).all()
    assert (rows[:, LOW] >= 1).all()
    assert (rows[:, COUNT] >= 4).all()
    assert ((rows[:, TAKER_BUY] > 0) & (rows[:, TAKER_BUY] < rows[:, VOLUME])).all()
    assert (rows[:, VOLUME] >= rows[:, COUNT]).all()
    mean = rows[:, TURNOVER] / rows[:, VOLUME] / 4
    assert ((rows[:, LOW] <= mean + 1e-9) & (mean <= rows[:, HIGH] + 1e-9)).all()


@pytest.mark.parametrize("index", [0, 7, 29])
def test_sixty_minutes_are_their_hour(usdm, index: int) -> None:
    hours, minutes = usdm
    inside = minutes.between(index, DAY * 1440, (DAY + 2) * 1440)
    assert (
        fold(inside, np.arange(0, len(inside), 60)) == hours.between(index, DAY * 24, (DAY + 2) * 24).rows
    ).all()


def test_years_pass_block_edges_without_a_jump(usdm) -> None:
    hours, _ = usdm
    block = hours.between(0, FIRST_LISTING_DAY * 24, DAY * 24)
    moves = np.abs(np.diff(block.path)) / np.sqrt(block.variance)
    edges = np.arange(256 * 24 - (FIRST_LISTING_DAY % 256) * 24, len(moves), 256 * 24)
    assert moves[edges].max() < 6
    assert (block.rows[1:, OPEN] == block.rows[:-1, CLOSE]).all()


def test_volatility_is_that_of_such_markets(usdm) -> None:
    hours, minutes = usdm
    daily = [
        np.diff(hours.between(index, (DAY - 700) * 24, DAY * 24).path[::24]).std()
        for index in range(COUNT_OF)
    ]
    assert 0.015 < daily[0] < 0.04
    assert all(0.02 < sigma < 0.09 for sigma in daily[1:])
    closes = np.log(minutes.between(0, (DAY - 10) * 1440, DAY * 1440)[:, CLOSE])
    moves = np.diff(closes)
    kurtosis = ((moves - moves.mean()) ** 4).mean() / moves.var() ** 2
    assert 3.5 < kurtosis < 15
    calm = np.corrcoef(np.abs(moves[1:]), np.abs(moves[:-1]))[0, 1]
    assert 0.1 < calm < 0.5
    assert abs(np.corrcoef(moves[1:], moves[:-1])[0, 1]) < 0.08


def test_prices_stay_near_where_they_belong_for_years(usdm) -> None:
    hours, _ = usdm
    for index in (0, 1, 11, 29):
        path = hours.between(index, (DAY - 2500) * 24, DAY * 24).path - hours.exposures.anchor[index]
        assert np.abs(path).max() < np.log(14)


def test_assets_move_together_but_not_alike(usdm) -> None:
    hours, _ = usdm
    moves = [np.diff(hours.between(index, (DAY - 300) * 24, DAY * 24).path) for index in range(COUNT_OF)]
    assets = np.array([listing.asset for listing in list_instruments("usdm", COUNT_OF)])
    pairs = np.triu(assets[:, None] != assets[None, :], 1)
    together = np.corrcoef(moves)[pairs]
    assert together.min() > 0.35
    assert together.max() < 0.98
    assert 0.45 < together.mean() < 0.8


def test_a_perpetual_follows_its_spot_market(usdm) -> None:
    _, spot = history("spot")
    perpetual = np.log(usdm[1].between(0, DAY * 1440, DAY * 1440 + 1440)[:, CLOSE] * 0.1)
    cash = np.log(spot.between(0, DAY * 1440, DAY * 1440 + 1440)[:, CLOSE] * 0.01)
    assert np.abs(perpetual - cash).max() < 0.004
    assert np.corrcoef(np.diff(perpetual), np.diff(cash))[0, 1] > 0.97


def test_a_cross_pair_is_the_ratio_of_its_assets() -> None:
    listings = list_instruments("spot", 150)
    hours = Hours(7, listings)
    names = {listing.instrument.symbol: at for at, listing in enumerate(listings)}
    span = DAY * 24, DAY * 24 + 240
    ratio = hours.between(names["ETH/USDT"], *span).path - hours.between(names["BTC/USDT"], *span).path
    assert np.abs(hours.between(names["ETH/BTC"], *span).path - ratio).max() < 0.003


def test_volume_has_a_daily_shape(usdm) -> None:
    hours, _ = usdm
    volume = hours.between(0, (DAY - 100) * 24, DAY * 24).rows[:, VOLUME].reshape(-1, 24).mean(axis=0)
    assert volume[14:17].mean() > 1.5 * volume[3:6].mean()


@pytest.mark.filterwarnings("error")
def test_an_hour_without_movement_is_drawn_without_a_warning() -> None:
    hours, minutes = history(count=2)
    moving = hours.across(DAY * 24)
    rows = moving.rows.copy()
    rows[:, [HIGH, LOW, CLOSE]] = rows[:, [OPEN]]
    rows[:, VOLUME] = 3 * rows[:, COUNT] + 240  # room for the trades, and not a lot more
    rows[:, TAKER_BUY] = rows[:, VOLUME] // 2
    rows[:, TURNOVER] = 4 * rows[:, VOLUME] * rows[:, OPEN]
    path = np.repeat(moving.path[:, :1], 2, axis=1)
    hours.across = lambda _: HourBlock(path, np.zeros(2), rows)  # type: ignore[method-assign]
    drawn = minutes.across(DAY * 24)
    assert (drawn[..., HIGH] == rows[:, None, OPEN]).all()
    assert (drawn[..., LOW] == rows[:, None, OPEN]).all()
    assert (drawn[..., VOLUME].sum(axis=1) == rows[:, VOLUME]).all()
