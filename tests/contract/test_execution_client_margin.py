"""Cards of `ExecutionClient` on margin: leverage, margin mode, position mode, and stops that protect."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import Refused
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.order import OrderType, PositionSide, Side, TimeInForce
from hedge_tui.domain.report import Report, ReportKind
from tests.contract.ccxt_fixtures import BENCHES, RESTING, ExecutionBench, execution_bench, stop_of
from tests.contract.paper_bench import paper_bench


@pytest.fixture(params=list(BENCHES))
async def bench(request, sandbox, control):
    venue, by_ccxt = BENCHES[request.param]
    async with execution_bench(sandbox, control, venue, parsed_by_ccxt=by_ccxt) as made:
        yield made


@pytest.fixture(params=["usdm", "paper"])
async def usdm(request, sandbox, control, tmp_path):
    if request.param == "paper":
        async with paper_bench(sandbox, control, "binanceusdm", tmp_path) as made:
            yield made
        return
    async with execution_bench(sandbox, control, "binanceusdm") as made:
        yield made


@pytest.fixture
async def at_venue(sandbox, control):
    async with execution_bench(sandbox, control, "binanceusdm") as made:
        yield made


async def test_e17_leverage(usdm: ExecutionBench):
    await usdm.client.set_leverage(usdm.instrument.id, Decimal(7))
    await usdm.client.place([usdm.market()])
    (position,) = (await usdm.client.snapshot()).positions
    assert position.leverage == 7
    with pytest.raises(Refused):
        await usdm.client.set_leverage(usdm.instrument.id, Decimal(900))


async def test_e18_terms_and_brackets_are_the_venues(bench: ExecutionBench):
    terms = {t.instrument: t for t in await bench.client.margin_terms()}
    brackets = await bench.client.leverage_brackets()
    if not bench.contracts:
        assert (terms, brackets, await bench.client.hedge_mode()) == ({}, {}, None)
        return
    assert terms[bench.instrument.id].isolated is False
    await bench.client.set_leverage(bench.instrument.id, Decimal(9))
    await bench.client.set_margin_mode(bench.instrument.id, isolated=True)
    terms = {t.instrument: t for t in await bench.client.margin_terms()}
    assert (terms[bench.instrument.id].leverage, terms[bench.instrument.id].isolated) == (9, True)
    tiers = brackets[bench.instrument.id]
    assert tiers[0].max_leverage >= 50
    assert all(a.cap < b.cap and a.max_leverage > b.max_leverage for a, b in pairwise(tiers))
    assert all(0 < tier.maintenance_rate < 1 for tier in tiers)


async def test_e19_asking_for_what_is_so_already_is_no_error(usdm: ExecutionBench):
    await usdm.client.set_margin_mode(usdm.instrument.id, isolated=False)
    await usdm.client.set_hedge_mode(enabled=False)
    await usdm.client.set_leverage(usdm.instrument.id, Decimal(7))
    await usdm.client.set_leverage(usdm.instrument.id, Decimal(7))


async def test_e20_isolated_margin_moves_to_the_last_digit(usdm: ExecutionBench):
    with pytest.raises(Refused):
        await usdm.client.change_isolated_margin(usdm.instrument.id, PositionSide.NET, Decimal(5))
    await usdm.client.set_margin_mode(usdm.instrument.id, isolated=True)
    await usdm.client.place([usdm.market()])
    await usdm.at_market()
    (before,) = (await usdm.client.snapshot()).positions
    await usdm.client.change_isolated_margin(usdm.instrument.id, PositionSide.NET, Decimal("5.12345678"))
    (more,) = (await usdm.client.snapshot()).positions
    assert more.isolated
    assert more.isolated_wallet - before.isolated_wallet == Decimal("5.12345678")
    assert more.liquidation_price is None or more.liquidation_price < before.liquidation_price
    await usdm.client.change_isolated_margin(usdm.instrument.id, PositionSide.NET, Decimal("-2.00000001"))
    (less,) = (await usdm.client.snapshot()).positions
    assert less.isolated_wallet - more.isolated_wallet == Decimal("-2.00000001")
    with pytest.raises(Refused):
        await usdm.client.change_isolated_margin(usdm.instrument.id, PositionSide.NET, Decimal(-500))
    with pytest.raises(Refused, match="position"):
        await usdm.client.set_margin_mode(usdm.instrument.id, isolated=False)


async def test_e21_long_and_short_are_held_apart(usdm: ExecutionBench):
    client = usdm.client
    await client.set_hedge_mode(enabled=True)
    assert await client.hedge_mode() is True
    long, short = PositionSide.LONG, PositionSide.SHORT
    await client.place([usdm.market(position_side=long)])
    await client.place([usdm.market(side=Side.SELL, position_side=short)])
    snapshot = await client.snapshot()
    assert snapshot.hedge_mode is True
    assert {p.position_side: (p.quantity > 0) for p in snapshot.positions} == {long: True, short: False}
    fills = [await usdm.seen.until(Fill, lambda f, s=side: f.position_side is s) for side in (long, short)]
    assert [fill.side for fill in fills] == [Side.BUY, Side.SELL]
    (report,) = await client.place([usdm.market(side=Side.SELL, position_side=long, reduce_only=True)])
    assert report.kind is ReportKind.LAST_FILL
    (left,) = (await client.snapshot()).positions
    assert left.position_side is short
    asked = await client.fills(usdm.clock.now_ns() - 60 * 10**9, [usdm.instrument.id])
    assert [fill.position_side for fill in asked] == [long, short, long]
    with pytest.raises(Refused):
        await client.set_hedge_mode(enabled=False)
    (report,) = await client.place([usdm.market()])
    assert report.kind is ReportKind.REJECTED
    assert report.code in ("-4061", "position_side")


async def test_e22_a_position_mode_changed_elsewhere_is_learnt_from_the_refusal(at_venue: ExecutionBench):
    usdm = at_venue
    assert (await usdm.client.snapshot()).hedge_mode is False
    await usdm.client._caller.instance.set_position_mode(True)
    assert (await usdm.client.snapshot()).hedge_mode is False
    (report,) = await usdm.client.place([usdm.market()])
    assert report.kind is ReportKind.REJECTED
    told = await usdm.seen.until(AccountSnapshot, lambda s: s.hedge_mode is True)
    assert told.positions == ()


async def test_e23_a_trailing_stop_follows_and_closes(usdm: ExecutionBench):
    await usdm.client.place([usdm.market()])
    await usdm.at_market()
    trail = usdm.request(
        side=Side.SELL,
        type=OrderType.TRAILING_STOP,
        price=None,
        trail_pct=Decimal(2),
        reduce_only=True,
    )
    assert (await usdm.client.place([trail]))[0].kind in RESTING
    (resting,) = await usdm.client.open_orders()
    said = resting.request
    assert (said.type, said.trail_pct, said.reduce_only) == (OrderType.TRAILING_STOP, Decimal(2), True)
    for factor in ("1.02", "1.01", "0.99"):
        await usdm.control.move_price(usdm.client.venue, usdm.venue_symbol, str(usdm.price(factor)))
    done = await usdm.seen.until(
        Report, lambda r: r.client_order_id == trail.client_order_id and r.kind is ReportKind.LAST_FILL
    )
    assert done.filled == trail.quantity
    assert (await usdm.client.snapshot()).positions == ()


async def test_e24_a_close_position_stop_closes_all_there_is(usdm: ExecutionBench):
    await usdm.client.place([usdm.market()])
    stop = replace(stop_of(usdm), close_position=True)
    assert (await usdm.client.place([stop]))[0].kind in RESTING
    (resting,) = await usdm.client.open_orders()
    assert resting.request.close_position
    await usdm.client.place([usdm.market()])
    await usdm.control.move_price(usdm.client.venue, usdm.venue_symbol, str(usdm.price("0.9")))
    await usdm.seen.until(Fill, lambda f: f.side is Side.SELL and f.quantity == 2 * stop.quantity)
    assert (await usdm.client.snapshot()).positions == ()


async def test_e25_an_order_that_ends_at_a_time(usdm: ExecutionBench, spot: ExecutionBench):
    until = (usdm.clock.now_ns() // 10**9 + 3600) * 10**9
    gtd = {"time_in_force": TimeInForce.GTD, "expire_ns": until}
    assert (await usdm.client.place([usdm.request(**gtd)]))[0].kind in RESTING
    (resting,) = await usdm.client.open_orders()
    assert (resting.request.time_in_force, resting.request.expire_ns) == (TimeInForce.GTD, until)
    (report,) = await spot.client.place([spot.request(**gtd)])
    assert (report.kind, report.code) == (ReportKind.NOT_SENT, "local")


async def test_e26_a_stop_limit_rests_after_its_trigger(bench: ExecutionBench):
    await bench.client.place([bench.market()])
    stop = replace(stop_of(bench), type=OrderType.STOP_LIMIT, price=bench.price("0.94"))
    assert (await bench.client.place([stop]))[0].kind in RESTING
    found = {r.client_order_id: r.request for r in await bench.client.open_orders()}[stop.client_order_id]
    assert (found.type, found.price, found.trigger_price) == (stop.type, stop.price, stop.trigger_price)
    await bench.control.move_price(bench.client.venue, bench.venue_symbol, str(bench.price("0.945")))
    fill = await bench.seen.until(Fill, lambda f: f.side is Side.SELL)
    assert fill.client_order_id == stop.client_order_id
