"""The margin cards of the contract suite on the paper client: the same port, answers at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from simulated_desk import BTC, SimulatedClock, SimulatedLoop, perpetual

from adapters.paper.client import PaperExecution, PaperHub
from adapters.paper.venue import PaperVenue
from hedge_tui.domain.errors import Refused
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, PositionSide, Side
from hedge_tui.domain.report import ReportKind

D = Decimal


class Bench:
    """One paper account and what its client said."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(SimulatedLoop())
        self.venue = PaperVenue("usdm", [perpetual(), perpetual("ETH", "0.01")])
        self.venue.add_account("desk-1", {"USDT": D(100_000)})
        self.hub = PaperHub(self.venue, self.clock, spot=False)
        self.client = PaperExecution(self.hub, "desk-1", "binanceusdm")
        self.said: list[Any] = []
        self.hub.listen("desk-1", self.said.append)
        self._made = 0
        self.price(60_000)

    def price(self, price: int) -> None:
        at, now = D(price), self.clock.now_ns()
        bids, asks = [(at, D(50))], [(at + D("0.1"), D(50))]
        self.hub.publish(self.venue.set_book(BTC, bids, asks, now))
        self.hub.publish(self.venue.set_mark(BTC, at, at, now))
        self.hub.publish(self.venue.print_trade(BTC, at, D("0.001"), Side.SELL, now))

    def request(self, side: Side = Side.BUY, **fields: Any) -> OrderRequest:
        self._made += 1
        plain = {"type": OrderType.MARKET, "quantity": D("0.1")} | fields
        return OrderRequest(ClientOrderId(f"{self._made:032x}"), "desk-1", BTC, side, **plain)

    async def place(self, side: Side = Side.BUY, **fields: Any) -> ReportKind:
        (report,) = await self.client.place([self.request(side, **fields)])
        return report.kind


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_terms_and_brackets(bench: Bench) -> None:
    await bench.client.set_leverage(BTC, D(9))
    await bench.client.set_margin_mode(BTC, isolated=True)
    await bench.client.set_margin_mode(BTC, isolated=True)
    terms = {t.instrument: t for t in await bench.client.margin_terms()}
    assert (terms[BTC].leverage, terms[BTC].isolated) == (9, True)
    tiers = (await bench.client.leverage_brackets())[BTC]
    assert tiers[0].max_leverage == 125
    assert all(a.cap < b.cap and a.max_leverage > b.max_leverage for a, b in pairwise(tiers))
    with pytest.raises(Refused):
        await bench.client.set_leverage(BTC, D(900))


async def test_isolated_margin(bench: Bench) -> None:
    with pytest.raises(Refused):
        await bench.client.change_isolated_margin(BTC, PositionSide.NET, D(5))
    await bench.client.set_margin_mode(BTC, isolated=True)
    await bench.place()
    (before,) = (await bench.client.snapshot()).positions
    await bench.client.change_isolated_margin(BTC, PositionSide.NET, D("5.12345678"))
    (more,) = (await bench.client.snapshot()).positions
    assert before.isolated_wallet is not None
    assert more.isolated_wallet == before.isolated_wallet + D("5.12345678")
    with pytest.raises(Refused):
        await bench.client.change_isolated_margin(BTC, PositionSide.NET, D(-500))
    with pytest.raises(Refused):
        await bench.client.set_margin_mode(BTC, isolated=False)


async def test_long_and_short_are_held_apart(bench: Bench) -> None:
    long, short = PositionSide.LONG, PositionSide.SHORT
    await bench.client.set_hedge_mode(enabled=True)
    assert await bench.client.hedge_mode() is True
    await bench.place(position_side=long)
    await bench.place(Side.SELL, position_side=short)
    snapshot = await bench.client.snapshot()
    assert snapshot.hedge_mode is True
    assert {p.position_side: p.quantity for p in snapshot.positions} == {long: D("0.1"), short: D("-0.1")}
    closed = await bench.place(Side.SELL, position_side=long, reduce_only=True)
    assert closed is ReportKind.LAST_FILL
    (left,) = (await bench.client.snapshot()).positions
    assert left.position_side is short
    assert [f.position_side for f in bench.said if isinstance(f, Fill)] == [long, short, long]
    with pytest.raises(Refused):
        await bench.client.set_hedge_mode(enabled=False)
    assert await bench.place() is ReportKind.REJECTED


@pytest.mark.parametrize("hedged", [False, True])
async def test_stops_that_close(bench: Bench, hedged: bool) -> None:
    side = PositionSide.LONG if hedged else PositionSide.NET
    await bench.client.set_hedge_mode(enabled=hedged)
    way: dict[str, Any] = {"position_side": side, "reduce_only": True}
    await bench.place(position_side=side)
    trail = {"type": OrderType.TRAILING_STOP, "trail_pct": D(1)}
    assert await bench.place(Side.SELL, **way, **trail) is ReportKind.LIVE
    (resting,) = await bench.client.open_orders()
    assert resting.request is not None
    assert (resting.request.trail_pct, resting.request.only_reduces) == (1, True)
    for price in (61_000, 60_500, 60_300):
        bench.price(price)
    assert (await bench.client.snapshot()).positions == ()
    await bench.place(position_side=side)
    stop = {"type": OrderType.STOP_MARKET, "trigger_price": D(59_000), "close_position": True}
    assert await bench.place(Side.SELL, **way, **stop) is ReportKind.LIVE
    await bench.place(position_side=side)
    bench.price(58_900)
    assert (await bench.client.snapshot()).positions == ()


async def test_a_spot_account_has_no_terms() -> None:
    spot = replace(perpetual(), kind="spot", settle="USDT")
    venue = PaperVenue("spot", [spot])
    venue.add_account("spot-1", {"USDT": D(1000)})
    client = PaperExecution(PaperHub(venue, SimulatedClock(SimulatedLoop()), spot=True), "spot-1", "binance")
    assert (await client.margin_terms(), await client.leverage_brackets()) == ([], {})
    assert await client.hedge_mode() is None
