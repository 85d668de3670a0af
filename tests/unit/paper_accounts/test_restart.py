"""A paper account is after a kill what it was before; what was said is on disk."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from adapters.paper_accounts.execution import LivePaperExecution
from adapters.paper_accounts.image import VenueImage, decode_image, encode_image
from adapters.paper_accounts.reset import reset_account
from adapters.paper_accounts.state_file import DiskFile
from hedge_tui.domain.account import Account, CashFlow, Mode
from hedge_tui.domain.errors import ConfigError, OutcomeUnknown, StoreError
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.order import OrderType, Side
from hedge_tui.domain.report import ReportKind
from tests.paper_world import NAME, PaperWorld
from tests.simulated_desk import BTC, simulate

D = Decimal


def story_of(make):
    """Run `make(world)` on a started world."""

    async def play(loop):
        world = PaperWorld(loop)
        await world.boot()
        world.quote("100.0", "100.1")
        world.mark(100.0)
        return await make(world)

    return simulate(play)


def picture(world):
    """What a trader sees of the account."""
    venue = world.paper.venue
    return venue.balances(NAME), venue.positions(NAME), venue.open_orders(NAME), venue.trades(NAME, BTC)


def test_kill_and_start_change_nothing():
    async def story(world):
        await world.client.set_leverage(BTC, D(7))
        await world.place("1")
        await world.place("0.5", Side.SELL)
        await world.place("2", price="99.5", post_only=True)
        stop = {"type": OrderType.STOP_MARKET, "trigger_price": D(95), "reduce_only": True}
        await world.place("0.5", Side.SELL, **stop)
        trail = {"type": OrderType.TRAILING_STOP, "trail_pct": D(2), "reduce_only": True}
        await world.place("0.5", Side.SELL, **trail)
        world.book([(100.0, 1.0), (99.5, 3.0)], [(100.1, 1.0)])
        world.trade(99.5, 1.0, Side.SELL)
        await world.client.cancel([world.ref(await world.place("1", price="90"))])
        before = picture(world)
        fills = world.of(Fill)
        world.kill()
        await world.boot()
        assert picture(world) == before
        assert [f.trade_id for f in world.of(Fill)] == [f.trade_id for f in fills]
        assert {r.client_order_id for r in await world.client.open_orders()} == {
            o.client_order_id for o in before[2]
        }
        # two of the three in front of it are left, and the trailing stop has not forgotten how far it was
        world.quote("100.0", "100.1")
        world.book([(100.0, 1.0), (99.5, 5.0)], [(100.1, 1.0)])
        world.trade(99.5, 2.5, Side.SELL)
        await asyncio.sleep(0)
        assert world.of(Fill)[-1].quantity == D("0.5")
        assert set(world.paper.venue.ledger.sums().values()) == {D(0)}

    story_of(story)


def test_new_numbers_go_on_after_the_old_ones():
    async def story(world):
        first = await world.place("1")
        world.kill()
        await world.boot()
        world.quote("100.0", "100.1")
        second = await world.place("1", Side.SELL)
        assert int(second.venue_order_id) > int(first.venue_order_id)
        assert len({f.trade_id for f in world.of(Fill)}) == 2

    story_of(story)


def test_a_lost_file_begins_anew_and_repeats_no_number():
    async def story(world):
        first = await world.place("1")
        world.kill()
        world.disk.data = b""
        await asyncio.sleep(5)
        await world.boot()
        world.quote("100.0", "100.1")
        second = await world.place("1")
        assert world.position == 1
        assert int(second.venue_order_id) > int(first.venue_order_id)
        assert world.of(Fill)[-1].trade_id > str(first.venue_order_id)

    story_of(story)


def test_funding_that_came_due_while_the_engine_was_away_is_charged():
    async def story(world):
        await world.place("1")
        world.mark(100.0, rate=0.001, due_s=600)
        await world.place("0.1", price="90")
        before = world.wallet
        world.kill()
        await asyncio.sleep(600 + 8 * 3600 + 60)
        await world.boot()
        world.quote("100.0", "100.1")
        world.mark(100.0, rate=0.001, due_s=8 * 3600)
        await asyncio.sleep(3)
        assert world.wallet == before - 2 * D("0.1")
        assert [f.kind for f in world.of(CashFlow)] == ["funding"] * 2

    story_of(story)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ConfigError("open to others")])
def test_nothing_is_said_before_it_is_on_disk(error):
    async def story(world):
        world.disk.full, world.disk.full_error = True, error
        report = await world.place("1")
        assert report.kind is ReportKind.NO_ANSWER
        assert world.of(Fill) == []
        with pytest.raises(OutcomeUnknown):
            await world.client.find_order(world.ref(report))
        world.disk.full = False
        await asyncio.sleep(3)
        assert len(world.of(Fill)) == 1
        assert (await world.client.find_order(world.ref(report))).kind is ReportKind.LAST_FILL

    story_of(story)


def test_killed_with_a_full_disk_the_order_was_never_there():
    async def story(world):
        world.disk.full = True
        report = await world.place("1")
        world.kill()
        world.disk.full = False
        await world.boot()
        assert await world.client.find_order(world.ref(report)) is None
        assert world.wallet == D(10_000)

    story_of(story)


def test_a_stopped_account_leaves_everything_on_disk():
    async def story(world):
        await world.place("1")
        await world.client.stop()
        image = decode_image(world.disk.data, "disk")
        assert image.accounts[0].legs[0].quantity == 1
        assert world.paper._tasks == []
        assert (await world.place("1")).kind is ReportKind.NOT_SENT

    story_of(story)


def test_an_account_of_another_mode_is_never_wired_to_paper():
    async def story(world):
        for mode in (Mode.LIVE, Mode.DEMO, Mode.SANDBOX):
            with pytest.raises(ConfigError, match=f"real is {mode}: it cannot be traded on paper"):
                LivePaperExecution(world.paper, Account("real", "binanceusdm", mode))

    story_of(story)


@pytest.mark.parametrize("damage", [b"", b"{", b"null", b'{"venue": 1}'])
def test_a_damaged_file_is_named_and_never_overwritten(tmp_path, damage):
    file = DiskFile(tmp_path / "paper" / "binanceusdm.json")
    file.write(VenueImage("binanceusdm", "usdm", 1, 1, 0, {}))
    whole = file.load()
    assert whole is not None
    assert decode_image(encode_image(whole), "x") == whole
    file.path.write_bytes(damage)
    with pytest.raises(StoreError, match=r"binanceusdm\.json"):
        file.load()
    assert file.path.read_bytes() == damage


def test_a_file_of_a_newer_program_is_refused(tmp_path):
    file = DiskFile(tmp_path / "paper" / "x.json")
    file.write(VenueImage("x", "usdm", 1, 1, 0, {}, version=2))
    with pytest.raises(StoreError, match="version 2, this program reads 1"):
        file.load()
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_a_reset_account_begins_anew_and_the_books_still_balance():
    async def story(world):
        report = await world.place("1")
        await world.place("1", price="99")
        world.mark(110.0)
        await world.client.set_leverage(BTC, D(7))
        fee = world.of(Fill)[0].commission
        await world.client.stop()
        image = decode_image(world.disk.data, "disk")
        again = reset_account(image, NAME, {"USDT": D(500)}, image.at_ns + 1)
        world.disk.data = encode_image(again)
        await world.boot()
        assert world.wallet == 500
        assert world.position == 0
        assert await world.client.open_orders() == []
        assert set(world.paper.venue.ledger.sums().values()) == {D(0)}
        # the position was closed at 110, so only what was left then is moved out
        (flow,) = world.of(CashFlow)
        assert (flow.kind, flow.quantity) == ("transfer", 500 - (10_000 - fee + D("9.9")))
        assert (await world.client.find_order(world.ref(report))).kind is ReportKind.LAST_FILL
        cancelled = [o for o in world.paper.venue.all_orders(NAME, BTC) if o.reason == "RESET"]
        assert [o.price for o in cancelled] == [D(99)]
        assert reset_account(again, "nobody", {}, 1) is again

    story_of(story)


def test_settings_survive_a_kill():
    async def story(world):
        await world.client.set_hedge_mode(enabled=True)
        await world.client.set_margin_mode(BTC, isolated=True)
        world.kill()
        await world.boot()
        assert await world.client.hedge_mode() is True
        assert world.paper.venue.is_isolated(NAME, BTC)

    story_of(story)
