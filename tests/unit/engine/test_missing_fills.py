"""From when on executions are asked that an order's filled quantity tells of."""

from __future__ import annotations

from decimal import Decimal

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, Order, OrderRequest, OrderStatus, OrderType, Side
from hedge_tui.engine.execution.missing_fills import _begun_ns

HOUR_NS = 3_600_000_000_000
REQUEST = OrderRequest(
    ClientOrderId("a" * 32),
    "desk-1",
    InstrumentId("binanceusdm:BTC/USDT:USDT"),
    Side.BUY,
    OrderType.MARKET,
    Decimal(1),
)


def test_executions_are_asked_by_the_earlier_of_both_clocks() -> None:
    def since(ours: int, venues: int) -> int:
        return _begun_ns(Order(REQUEST, OrderStatus.FILLED, ours, ours, venue_ns=venues))

    assert since(10 * HOUR_NS, 9 * HOUR_NS) == 9 * HOUR_NS
    assert since(9 * HOUR_NS, 10 * HOUR_NS) == 9 * HOUR_NS
    assert since(9 * HOUR_NS, 0) == 9 * HOUR_NS
