"""The adapter to copy does no harm as it is, and fits the ports."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from adapters._template.data import UnconnectedData
from adapters._template.execution import UnconnectedExecution
from adapters.via_ccxt.system_clock import SystemClock
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest, OrderType, PositionSide, Side
from hedge_tui.domain.report import ReportKind

if TYPE_CHECKING:
    from hedge_tui.domain.ports.venue import DataClient, ExecutionClient

BTC = InstrumentId("newvenue:BTC/USDT")
REQUEST = OrderRequest(ClientOrderId("0" * 32), "desk-1", BTC, Side.BUY, OrderType.MARKET, Decimal(1))
REF = OrderRef("desk-1", BTC, REQUEST.client_order_id)


async def test_nothing_is_sent_and_nothing_is_claimed():
    client: ExecutionClient = UnconnectedExecution("desk-1", "newvenue", SystemClock())
    events = []
    await client.start(events.append)
    assert [r.kind for r in await client.place([REQUEST, REQUEST])] == [ReportKind.NOT_SENT] * 2
    assert [r.kind for r in await client.cancel([REF])] == [ReportKind.CANCEL_REFUSED]
    assert (await client.amend(REF, REQUEST)).kind is ReportKind.AMEND_REFUSED
    assert await client.cancel_all(BTC) is False
    for ask in (
        client.find_order(REF),
        client.open_orders(),
        client.fills(0, [BTC]),
        client.snapshot(),
        client.set_leverage(BTC, Decimal(2)),
        client.set_margin_mode(BTC, isolated=True),
        client.change_isolated_margin(BTC, PositionSide.NET, Decimal(2)),
        client.set_hedge_mode(enabled=True),
        client.hedge_mode(),
        client.margin_terms(),
        client.leverage_brackets(),
    ):
        with pytest.raises(Unavailable, match="no connection"):
            await ask
    await client.stop()
    await client.stop()
    assert [e.state for e in events] == [FeedState.FAILED, FeedState.STOPPED]


async def test_no_data_is_not_empty_data():
    client: DataClient = UnconnectedData("newvenue", SystemClock())
    batches = []
    await client.start(batches.append)
    await client.watch(["quotes", "book:BTC/USDT"])
    await client.watch(["quotes"])
    for ask in (client.instruments(), client.candles(BTC, Timeframe.M1, 0, 1)):
        with pytest.raises(Unavailable, match="no connection"):
            await ask
    await client.stop()
    said = [(health.feed, health.state) for batch in batches for health in batch]
    assert said == [
        ("newvenue:public", FeedState.FAILED),
        ("newvenue:quotes", FeedState.FAILED),
        ("newvenue:book:BTC/USDT", FeedState.FAILED),
        ("newvenue:public", FeedState.STOPPED),
    ]
