"""What a paper account gets, and what it does not get, from a real market's prices."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from hedge_tui.domain.account import CashFlow
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import OrderType, Side, TimeInForce
from hedge_tui.domain.report import ReportKind
from tests.paper_world import NAME, PaperWorld
from tests.simulated_desk import BTC, simulate

D = Decimal


def run(story, **fields):
    """Play a story in a world of its own."""

    async def play(loop):
        world = PaperWorld(loop, **fields)
        await world.boot()
        world.quote("100.0", "100.1")
        world.mark(100.0)
        await story(world)
        sums = world.paper.venue.ledger.sums()
        assert set(sums.values()) <= {D(0)}, sums
        await world.client.stop()
        return world

    return simulate(play)


def fills(world) -> list[tuple[Decimal, Decimal, Liquidity]]:
    return [(f.price, f.quantity, f.liquidity) for f in world.of(Fill)]


def test_a_market_order_walks_the_followed_book_and_pays_the_venues_fee():
    async def story(world):
        task = asyncio.ensure_future(world.place("3"))
        await asyncio.sleep(0.1)
        assert {"book:BTC/USDT:USDT", "trades:BTC/USDT:USDT"} <= set(world.feed.watched)
        world.book([(100.0, 1.0)], [(100.1, 1.0), (100.3, 5.0)])
        report = await task
        assert (report.kind, report.filled) == (ReportKind.LAST_FILL, D(3))
        assert fills(world) == [(D("100.1"), D(1), Liquidity.TAKER), (D("100.3"), D(2), Liquidity.TAKER)]
        assert world.of(Fill)[1].commission == D("200.6") * D("0.0005")

    run(story)


def test_without_a_book_there_is_no_more_than_the_best_quote_shows():
    async def story(world):
        report = await world.place("3")
        assert (report.kind, report.filled) == (ReportKind.EXPIRED, D(1))
        assert fills(world) == [(D("100.1"), D(1), Liquidity.TAKER)]

    run(story)


def test_a_resting_order_waits_until_the_queue_in_front_has_traded():
    async def story(world):
        await world.place("2", price="99.9", post_only=True)
        world.book([(100.0, 1.0), (99.9, 4.0)], [(100.1, 1.0)])
        world.trade(99.9, 3.0, Side.SELL)
        assert fills(world) == []
        world.trade(99.9, 2.5, Side.SELL)
        await asyncio.sleep(0)
        assert fills(world) == [(D("99.9"), D("1.5"), Liquidity.MAKER)]
        assert world.of(Fill)[0].commission == D("149.85") * D("0.0002")

    run(story)


def test_what_leaves_the_queue_in_front_lets_an_order_move_up():
    async def story(world):
        await world.place("2", price="99.9")
        world.book([(99.9, 4.0)], [(100.1, 1.0)])
        world.book([(99.9, 1.0)], [(100.1, 1.0)])
        world.trade(99.9, 2.0, Side.SELL)
        await asyncio.sleep(0)
        assert fills(world) == [(D("99.9"), D(1), Liquidity.MAKER)]

    run(story)


@pytest.mark.parametrize("through", ["trade", "quote", "book"])
def test_a_market_that_goes_through_the_price_fills_it_at_the_price(through):
    async def story(world):
        await world.place("0.5", price="99.9")
        match through:
            case "trade":
                world.trade(99.8, 5.0, Side.SELL)
            case "quote":
                world.quote("99.7", "99.8")
            case "book":
                world.book([(99.7, 1.0)], [(99.8, 1.0)])
        await asyncio.sleep(0)
        assert fills(world) == [(D("99.9"), D("0.5"), Liquidity.MAKER)]

    run(story)


def test_a_trade_from_before_the_order_is_no_fill_for_it():
    async def story(world):
        await asyncio.sleep(2)
        await world.place("0.5", price="99.9")
        world.trade(99.8, 5.0, Side.SELL, late_s=1.0)
        await asyncio.sleep(0)
        assert fills(world) == []

    run(story)


def test_an_order_the_market_never_reaches_stays_untouched():
    async def story(world):
        report = await world.place("0.5", price="99.9")
        for _ in range(20):
            world.trade(100.0, 50.0, Side.SELL)
            world.quote("100.0", "100.1")
            await asyncio.sleep(1)
        assert fills(world) == []
        assert (await world.client.find_order(world.ref(report))).kind is ReportKind.LIVE

    run(story)


def test_funding_is_charged_at_the_venues_rate_and_time():
    async def story(world):
        await world.place("1")
        world.mark(100.0, rate=0.001, due_s=60)
        before = world.wallet
        await asyncio.sleep(55)
        assert world.wallet == before
        await asyncio.sleep(10)
        assert world.wallet == before - D("0.1")
        (flow,) = world.of(CashFlow)
        assert (flow.kind, flow.quantity) == ("funding", D("-0.1"))

    run(story)


def test_a_position_that_cannot_be_carried_is_liquidated():
    async def story(world):
        await world.client.set_leverage(BTC, D(100))
        world.quote("100.0", "100.1", size=1000)
        await world.place("100")
        world.mark(95.0)
        await asyncio.sleep(0)
        assert world.position == 0
        assert world.of(Fill)[-1].client_order_id.startswith("autoclose")
        assert world.wallet >= 0

    run(story, balance=D(200))


def test_a_stop_is_set_off_by_a_public_trade():
    async def story(world):
        await world.place("1")
        stop = {"type": OrderType.STOP_MARKET, "trigger_price": D(99), "reduce_only": True}
        assert (await world.place("1", Side.SELL, **stop)).kind is ReportKind.LIVE
        world.quote("98.9", "99.0", size=5)
        world.trade(98.9, 1.0, Side.SELL)
        await asyncio.sleep(0)
        assert world.position == 0

    run(story)


def test_a_gtd_order_expires_by_itself():
    async def story(world):
        until = world.clock.now_ns() + 5 * 10**9
        report = await world.place("1", price="99", time_in_force=TimeInForce.GTD, expire_ns=until)
        await asyncio.sleep(8)
        assert (await world.client.find_order(world.ref(report))).kind is ReportKind.EXPIRED

    run(story)


@pytest.mark.parametrize("state", [FeedState.RECONNECTING, FeedState.STALE, FeedState.FAILED])
def test_without_live_prices_no_order_is_taken(state):
    async def story(world):
        world.trouble(state)
        report = await world.place("1")
        assert (report.kind, report.code) == (ReportKind.REJECTED, "NO_MARKET_DATA")
        assert state in report.reason
        world.trouble(FeedState.LIVE)
        assert (await world.place("1")).kind is ReportKind.LAST_FILL

    run(story)


def test_a_delisted_instrument_takes_no_order():
    async def story(world):
        world.feed.listed = []
        await world.data.instruments()
        report = await world.place("1")
        assert report.kind is ReportKind.REJECTED

    run(story)


def test_a_book_is_followed_while_it_matters_and_no_longer():
    async def story(world):
        report = await world.place("1", price="99")
        await asyncio.sleep(100)
        assert "book:BTC/USDT:USDT" in world.feed.watched
        await world.client.cancel([world.ref(report)])
        await asyncio.sleep(100)
        assert set(world.feed.watched) == {"quotes", "stats"}
        assert world.engine_heard

    run(story)


def test_the_account_is_named_in_all_it_says():
    async def story(world):
        await world.place("1")
        assert {one.account for one in world.said} == {NAME}

    run(story)
