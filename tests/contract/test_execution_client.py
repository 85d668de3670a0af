"""Numbered cards that any `ExecutionClient` must pass; run here on ccxt against the sandbox, and on paper.

Each card runs on Binance spot, on USD-M, and on USD-M through ccxt's own frame parsing, which is the
path of every venue without a parser of ours; and on paper accounts that trade on the sandbox's prices.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from adapters.via_ccxt.execution import CcxtExecutionClient
from adapters.via_ccxt.quirk_tables import quirks_of
from hedge_tui.domain.account import AccountDelta, AccountSnapshot, CashFlow
from hedge_tui.domain.errors import OutcomeUnknown, Refused, Unavailable
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.order import OrderType, Side, TimeInForce, TriggerSource
from hedge_tui.domain.report import Report, ReportKind
from tests.contract.ccxt_fixtures import (
    ACCOUNTS,
    BENCHES,
    RESTING,
    ExecutionBench,
    build_client,
    execution_bench,
    stop_of,
)
from tests.contract.paper_bench import paper_bench

PAPER = {"paper-spot": "binance", "paper-usdm": "binanceusdm"}


@pytest.fixture(params=[*BENCHES, "paper-spot", "paper-usdm"])
async def bench(request, sandbox, control, tmp_path):
    if request.param in PAPER:
        async with paper_bench(sandbox, control, PAPER[request.param], tmp_path) as made:
            yield made
        return
    venue, by_ccxt = BENCHES[request.param]
    async with execution_bench(sandbox, control, venue, parsed_by_ccxt=by_ccxt) as made:
        yield made


@pytest.fixture(params=list(BENCHES))
async def at_venue(request, sandbox, control):
    venue, by_ccxt = BENCHES[request.param]
    async with execution_bench(sandbox, control, venue, parsed_by_ccxt=by_ccxt) as made:
        yield made


@pytest.fixture
async def usdm(sandbox, control):
    async with execution_bench(sandbox, control, "binanceusdm") as made:
        yield made


async def test_e01_says_live_only_after_a_snapshot(bench: ExecutionBench):
    kinds = [type(event) for event in bench.seen.events]
    states = [h.state for h in bench.seen.of(FeedHealth)]
    assert states[0] is FeedState.STARTING
    assert states[-1] is FeedState.LIVE
    first_live = next(
        n for n, e in enumerate(bench.seen.events) if isinstance(e, FeedHealth) and e.state is FeedState.LIVE
    )
    assert AccountSnapshot in kinds[:first_live]


async def test_e02_one_order_under_our_id_and_nobody_elses(bench: ExecutionBench):
    request = bench.request()
    (report,) = await bench.client.place([request])
    assert report.kind in RESTING
    assert report.client_order_id == request.client_order_id
    (row,) = await bench.truth(request)
    assert Decimal(row["price"]) == request.price
    assert Decimal(row["quantity"]) == request.quantity
    assert len(await bench.control.orders(bench.account)) == 1


async def test_e03_a_batch_is_matched_by_client_id(usdm: ExecutionBench):
    requests = [usdm.request() for _ in range(3)]
    requests.insert(1, usdm.request(quantity=Decimal(90_000)))
    reports = await usdm.client.place(requests)
    assert [r.client_order_id for r in reports] == [r.client_order_id for r in requests]
    assert [r.kind in RESTING for r in reports] == [True, False, True, True]
    assert reports[1].kind is ReportKind.REJECTED
    assert reports[1].code.startswith("-")
    assert len(await usdm.control.requests("/batchOrders")) == 1


async def test_e04_more_than_a_batch_holds_goes_out_in_parts(usdm: ExecutionBench):
    requests = [usdm.request() for _ in range(usdm.client.max_batch + 2)]
    reports = await usdm.client.place(requests)
    assert all(report.kind in RESTING for report in reports)
    assert len(await usdm.control.orders(usdm.account)) == len(requests)


async def test_e05_an_execution_is_told_with_the_venues_numbers(bench: ExecutionBench):
    request = bench.market()
    (report,) = await bench.client.place([request])
    assert report.kind in (ReportKind.LAST_FILL, ReportKind.ACKED, ReportKind.LIVE)
    fill = await bench.seen.until(Fill, lambda f: f.client_order_id == request.client_order_id)
    done = await bench.seen.until(
        Report, lambda r: r.client_order_id == request.client_order_id and r.kind is ReportKind.LAST_FILL
    )
    (true_fill,) = await bench.control.fills(bench.account)
    assert fill.quantity == Decimal(true_fill["quantity"]) == done.filled
    assert fill.price == Decimal(true_fill["price"])
    assert fill.commission == Decimal(true_fill["commission"])
    assert fill.commission_asset == true_fill["commission_asset"]
    assert fill.liquidity is Liquidity.TAKER
    assert fill.side is Side.BUY
    delta = await bench.seen.until(AccountDelta)
    assert delta.balances


async def test_e06_an_order_that_is_there_already_is_no_refusal_and_is_looked_up(bench: ExecutionBench):
    request = bench.request()
    await bench.client.place([request])
    (again,) = await bench.client.place([request])
    assert again.kind is ReportKind.NO_ANSWER
    found = await bench.client.find_order(bench.ref(request))
    assert found is not None
    assert found.kind is ReportKind.LIVE
    assert len(await bench.truth(request)) == 1


async def test_e07_cancel_by_client_id(bench: ExecutionBench):
    request = bench.request()
    await bench.client.place([request])
    gone, unknown = await bench.client.cancel([bench.ref(request), bench.ref(bench.request())])
    assert gone.kind is ReportKind.CANCELLED
    assert gone.client_order_id == request.client_order_id
    assert unknown.kind is ReportKind.CANCEL_REFUSED
    said = await bench.seen.until(Report, lambda r: r.kind is ReportKind.CANCELLED)
    assert said.client_order_id == request.client_order_id
    (row,) = await bench.truth(request)
    assert row["status"].lower().startswith("cancel")


async def test_e08_many_cancels_in_few_requests(usdm: ExecutionBench):
    requests = [usdm.request() for _ in range(12)]
    for start in range(0, 12, 4):
        await usdm.client.place(requests[start : start + 4])
    reports = await usdm.client.cancel([usdm.ref(request) for request in requests])
    assert [r.client_order_id for r in reports] == [r.client_order_id for r in requests]
    assert {r.kind for r in reports} == {ReportKind.CANCELLED}
    deletes = [r for r in await usdm.control.requests("/batchOrders") if r["method"] == "DELETE"]
    assert len(deletes) == 2


async def test_e09_cancel_all_takes_conditional_orders_too(bench: ExecutionBench):
    stop = stop_of(bench)
    await bench.client.place([bench.request()])
    if not bench.contracts:
        await bench.client.place([bench.market()])
    assert (await bench.client.place([stop]))[0].kind in RESTING
    assert await bench.client.cancel_all(bench.instrument.id) is True
    assert await bench.client.open_orders() == []
    assert await bench.client.cancel_all(bench.instrument.id) is True


async def test_e10_amend_in_place(usdm: ExecutionBench):
    request = usdm.request()
    await usdm.client.place([request])
    wanted = replace(request, price=usdm.price("0.91"), quantity=request.quantity * 2)
    report = await usdm.client.amend(usdm.ref(request), wanted)
    assert report.kind is ReportKind.AMENDED
    assert (report.price, report.quantity) == (wanted.price, wanted.quantity)
    (row,) = await usdm.truth(request)
    assert Decimal(row["price"]) == wanted.price
    refused = await usdm.client.amend(usdm.ref(usdm.request()), usdm.request())
    assert refused.kind is ReportKind.AMEND_REFUSED


async def test_e11_where_amending_replaces_the_halves_are_told(spot: ExecutionBench):
    request = spot.request()
    await spot.client.place([request])
    same = await spot.client.amend(spot.ref(request), replace(request, price=spot.price("0.91")))
    assert same.kind is ReportKind.AMEND_REFUSED
    assert "cancel it and place it anew" in same.reason
    assert await spot.control.requests("cancelReplace") == []

    other = spot.request(price=spot.price("0.91"))
    report = await spot.client.amend(spot.ref(request), other)
    assert report.kind in RESTING
    assert report.client_order_id == other.client_order_id
    gone = spot.seen.of(Report, lambda r: r.kind is ReportKind.CANCELLED)
    assert gone[0].client_order_id == request.client_order_id

    too_big = spot.request(quantity=Decimal(800))
    half = await spot.client.amend(spot.ref(other), too_big)
    assert half.kind is ReportKind.CANCELLED
    assert half.client_order_id == other.client_order_id
    assert "replacement refused" in half.reason

    nothing = await spot.client.amend(spot.ref(other), spot.request())
    assert nothing.kind is ReportKind.AMEND_REFUSED


async def test_e12_one_order_is_found_by_its_client_id(bench: ExecutionBench):
    live, filled = bench.request(), bench.market()
    await bench.client.place([live])
    await bench.client.place([filled])
    found = await bench.client.find_order(bench.ref(live))
    assert found.kind in RESTING
    assert found.request.price == live.price
    assert (await bench.client.find_order(bench.ref(filled))).kind is ReportKind.LAST_FILL
    await bench.client.cancel([bench.ref(live)])
    assert (await bench.client.find_order(bench.ref(live))).kind is ReportKind.CANCELLED
    assert await bench.client.find_order(bench.ref(bench.request())) is None


async def test_e13_open_orders_carry_all_that_is_known(bench: ExecutionBench):
    plain = bench.request(post_only=True)
    stop = stop_of(bench)
    if not bench.contracts:
        await bench.client.place([bench.market()])
    for request in (plain, stop):
        assert (await bench.client.place([request]))[0].kind in RESTING
    reports = {r.client_order_id: r for r in await bench.client.open_orders()}
    assert set(reports) == {plain.client_order_id, stop.client_order_id}
    first, second = reports[plain.client_order_id].request, reports[stop.client_order_id].request
    assert (first.side, first.quantity, first.price, first.post_only) == (
        plain.side,
        plain.quantity,
        plain.price,
        True,
    )
    assert second.type is OrderType.STOP_MARKET
    assert second.trigger_price == stop.trigger_price
    assert (await bench.client.find_order(bench.ref(stop))).kind in RESTING


async def test_e14_a_stop_waits_triggers_and_fills(bench: ExecutionBench):
    await bench.client.place([bench.market()])
    await bench.seen.until(Fill)
    stop = stop_of(bench)
    (report,) = await bench.client.place([stop])
    assert report.kind in RESTING
    await bench.control.move_price(bench.client.venue, bench.venue_symbol, str(bench.price("0.9")))
    fill = await bench.seen.until(Fill, lambda f: f.side is Side.SELL)
    assert fill.client_order_id == stop.client_order_id
    done = await bench.seen.until(
        Report, lambda r: r.client_order_id == stop.client_order_id and r.kind is ReportKind.LAST_FILL
    )
    assert done.filled == stop.quantity
    assert (await bench.client.find_order(bench.ref(stop))).kind is ReportKind.LAST_FILL


async def test_e15_fills_since_a_time(bench: ExecutionBench):
    since = bench.clock.now_ns() - 1_000_000_000
    requests = [bench.market(), bench.market(side=Side.SELL)]
    for request in requests:
        await bench.client.place([request])
    fills = await bench.client.fills(since, [bench.instrument.id])
    assert [fill.side for fill in fills] == [Side.BUY, Side.SELL]
    assert [fill.client_order_id for fill in fills] == [r.client_order_id for r in requests]
    rows = await bench.control.fills(bench.account)
    assert [str(fill.trade_id) for fill in fills] == [str(row["trade_id"]) for row in rows]
    assert all(one.venue_ns <= two.venue_ns for one, two in pairwise(fills))
    assert await bench.client.fills(bench.clock.now_ns() + 10**9, [bench.instrument.id]) == []


async def test_e16_a_snapshot_is_the_ledgers_truth(bench: ExecutionBench):
    await bench.client.place([bench.market()])
    snapshot = await bench.client.snapshot()
    rows = await bench.control.balances(bench.account)
    truth = {
        row["asset"]: row for row in rows if row["what"] == "balance" and row["venue"] == bench.client.venue
    }
    told = {balance.asset: balance for balance in snapshot.balances}
    for asset, row in truth.items():
        total = Decimal(row["total"])
        if total:
            assert told[asset].total == total
    if bench.contracts:
        (position,) = snapshot.positions
        assert position.quantity > 0
        assert position.leverage is not None
        assert position.maintenance_margin is not None
        assert position.mark_price is not None
        assert snapshot.initial_margin == position.initial_margin
        assert snapshot.hedge_mode is False
    else:
        assert snapshot.positions == ()


async def test_e30_money_moved_is_told(spot: ExecutionBench, usdm: ExecutionBench):
    for bench, venue in ((spot, "binance"), (usdm, "binanceusdm")):
        await bench.control.transfer(bench.account, venue, "USDT", "125.5")
        flow = await bench.seen.until(CashFlow)
        assert (flow.asset, flow.quantity, flow.kind) == ("USDT", Decimal("125.5"), "deposit")


async def test_e31_funding_is_told(usdm: ExecutionBench):
    await usdm.client.place([usdm.market()])
    await usdm.control.pay_funding(usdm.venue_symbol, "0.001")
    flow = await usdm.seen.until(CashFlow)
    assert flow.kind == "funding"
    assert flow.quantity < 0


async def test_e32_before_the_connection_nothing_is_sent(sandbox, control):
    client, *_ = build_client(sandbox, quirks_of("binanceusdm"), ACCOUNTS["binanceusdm"])
    bench = ExecutionBench(
        client, None, control, None, _any_instrument(), "BTCUSDT", "desk-1", Decimal(50_000)
    )
    request = bench.request()
    (report,) = await client.place([request])
    assert report.kind is ReportKind.NOT_SENT
    (cancel,) = await client.cancel([bench.ref(request)])
    assert cancel.kind is ReportKind.CANCEL_REFUSED
    with pytest.raises(Unavailable):
        await client.snapshot()
    assert await client.cancel_all(request.instrument) is False
    assert await control.requests() == []
    await client.stop()


async def test_e33_stopping_leaves_nothing_behind(sandbox, control, caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with execution_bench(sandbox, control, "binanceusdm") as bench:
            await bench.client.place([bench.market()])
            await bench.client.stop()
            (report,) = await bench.client.place([bench.request()])
            assert report.kind is ReportKind.NOT_SENT
        ours = [t for t in asyncio.all_tasks() if "desk-1" in t.get_name() or "binanceusdm" in t.get_name()]
        assert ours == []
        gc.collect()
    assert "Unclosed" not in caplog.text
    assert "never retrieved" not in caplog.text


async def test_e34_keys_are_in_no_log_and_no_report(sandbox, control, caplog):
    caplog.set_level(logging.DEBUG)
    spec = sandbox.account("desk-1")
    async with execution_bench(sandbox, control, "binanceusdm") as bench:
        await control.fault("refuse", code=-2015, count=3)
        texts = [str(report) for report in await bench.client.place([bench.request()])]
        await control.fault("html", count=1)
        with pytest.raises((Unavailable, OutcomeUnknown, Refused)) as caught:
            await bench.client.snapshot()
        texts.append(str(caught.value))
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        texts += [str(event) for event in bench.seen.events] + [
            repr(bench.client),
            repr(vars(bench.client)["_parts"]),
        ]
    logged = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")
    )
    for text in (*texts, logged):
        assert spec.key not in text
        assert spec.secret not in text


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"price": "1.05", "post_only": True}, (ReportKind.REJECTED, ReportKind.EXPIRED)),
        ({"time_in_force": TimeInForce.IOC}, (ReportKind.EXPIRED, ReportKind.CANCELLED)),
        ({"time_in_force": TimeInForce.FOK}, (ReportKind.EXPIRED, ReportKind.CANCELLED, ReportKind.REJECTED)),
        ({"price": "1.05", "time_in_force": TimeInForce.IOC}, (ReportKind.LAST_FILL, ReportKind.FILL)),
    ],
    ids=["post-only crosses", "ioc rests", "fok rests", "ioc crosses"],
)
async def test_e35_how_long_an_order_lives(bench: ExecutionBench, fields, kind):
    fields = dict(fields)
    if "price" in fields:
        fields["price"] = bench.price(fields["price"])
    (report,) = await bench.client.place([bench.request(**fields)])
    assert report.kind in kind, report
    assert [r for r in await bench.client.open_orders() if r.client_order_id == report.client_order_id] == []


async def test_e36_reduce_only_never_opens(usdm: ExecutionBench):
    (report,) = await usdm.client.place([usdm.market(side=Side.SELL, reduce_only=True)])
    assert report.kind is ReportKind.REJECTED
    assert (await usdm.client.snapshot()).positions == ()


async def test_e37_what_the_venue_cannot_say_is_refused_here(at_venue: ExecutionBench):
    bench = at_venue
    requests = [
        bench.request(type=OrderType.TRAILING_STOP, trigger_price=bench.price("0.8"), trail_pct=None),
        bench.request(price=None),
    ]
    if not bench.contracts:
        requests.append(replace(stop_of(bench), trigger_source=TriggerSource.MARK))
    for request in requests:
        (report,) = await bench.client.place([request])
        assert (report.kind, report.code) == (ReportKind.NOT_SENT, "local")
        assert report.reason
    assert await bench.control.orders(bench.account) == []


def test_e39_a_client_shows_no_inside():
    assert "__repr__" in vars(CcxtExecutionClient)


async def test_e40_old_fills_are_asked_for_in_spans(usdm: ExecutionBench):
    request = usdm.market()
    await usdm.client.place([request])
    month_ns = 30 * 86_400 * 10**9
    fills = await usdm.client.fills(usdm.clock.now_ns() - month_ns, [usdm.instrument.id])
    assert sum(fill.quantity for fill in fills) == request.quantity
    assert len(await usdm.control.requests("userTrades")) == 5


def _any_instrument():
    from hedge_tui.domain.instrument import Grid, Instrument, InstrumentId, InstrumentKind

    return Instrument(
        InstrumentId("binanceusdm:BTC/USDT:USDT"),
        "BTCUSDT",
        InstrumentKind.PERPETUAL,
        "BTC",
        "USDT",
        "USDT",
        Grid(Decimal("0.1"), Decimal("0.001")),
    )
