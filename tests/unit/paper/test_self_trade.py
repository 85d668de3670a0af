"""An account's order that would meet another one of its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.paper.records import PaperStatus
from adapters.paper.self_trade import SelfTrade
from hedge_tui.domain.order import Side, TimeInForce

D = Decimal
NEW, GONE, FILLED = PaperStatus.NEW, PaperStatus.EXPIRED_IN_MATCH, PaperStatus.FILLED


@pytest.mark.parametrize(
    ("mode", "resting", "coming", "executed"),
    [
        (SelfTrade.EXPIRE_MAKER, GONE, FILLED, D(7)),
        (SelfTrade.EXPIRE_TAKER, NEW, GONE, D(5)),
        (SelfTrade.EXPIRE_BOTH, GONE, GONE, D(5)),
    ],
)
def test_the_mode_of_the_order_that_comes_decides(spot, mode, *, resting, coming, executed) -> None:
    spot.book("99.9x5", "100.1x5 100.3x7")
    own = spot.order(spot.sell("3", "100.2"))
    events = spot.venue.place(spot.request(Side.BUY, "7", "100.3"), spot.now_ns, self_trade=mode)
    first = events[0].order
    found = spot.venue.order("ana", spot.id, first.order_id)
    assert (found.status, found.executed) == (coming, executed)
    assert spot.venue.order("ana", spot.id, own.order_id).status is resting
    free = spot.venue.balances("ana")
    assert free["USDT"].locked == 0
    assert free["ABC"].locked == (D(3) if resting is NEW else 0)


def test_fill_or_kill_counts_only_what_it_may_reach(spot) -> None:
    spot.book("99.9x5", "100.1x5 100.3x7")
    spot.sell("3", "100.2")
    request = spot.request(Side.BUY, "7", "100.3", time_in_force=TimeInForce.FOK)
    events = spot.venue.place(request, spot.now_ns, self_trade=SelfTrade.EXPIRE_TAKER)
    order = spot.order(events)
    assert (order.executed, order.reason) == (0, "FOK")
