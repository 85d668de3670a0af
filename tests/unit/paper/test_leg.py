"""Average cost: exact over a round trip, whatever the pieces."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from adapters.paper.instrument_book import InstrumentBook
from adapters.paper.leg import Leg
from adapters.paper.margin_brackets import bracket_of, default_brackets, largest_notional
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from pathlib import Path

D = Decimal


@pytest.fixture
def leg(perp) -> Leg:
    return Leg(InstrumentBook(perp.instrument, default_brackets(D(50))), PositionSide.NET)


def test_adding_averages_and_reducing_keeps_the_entry(leg) -> None:
    assert leg.apply(D(1), D(100)) == 0
    assert leg.apply(D(1), D(110)) == 0
    assert leg.entry_price == D(105)
    assert leg.apply(D(-1), D(120)) == D(15)
    assert leg.entry_price == D(105)


def test_turning_closes_at_cost_and_opens_at_the_price(leg) -> None:
    leg.apply(D(2), D(100))
    assert leg.apply(D(-5), D(90)) == D(-20)
    assert (leg.quantity, leg.entry_price) == (D(-3), D(90))
    assert leg.apply(D(3), D(80)) == D(30)
    assert (leg.quantity, leg.cost, leg.entry_price) == (0, 0, 0)
    assert leg.realized == D(10)


@pytest.mark.parametrize("sign", [1, -1])
def test_thirds_lose_nothing(leg, sign) -> None:
    leg.apply(sign * D(1), D("100.1"))
    leg.apply(sign * D(2), D("100.2"))
    parts = [leg.apply(-sign * D("0.7"), D("100.3")) for _ in range(3)]
    parts.append(leg.apply(-sign * D("0.9"), D("100.4")))
    paid = D("100.1") + 2 * D("100.2")
    got = D("2.1") * D("100.3") + D("0.9") * D("100.4")
    assert sum(parts) == leg.realized == sign * (got - paid)
    assert all(part == part.quantize(D("0.00000001")) for part in parts)


def test_brackets_join_without_a_jump() -> None:
    brackets = default_brackets(D(125))
    assert (brackets[0].max_leverage, brackets[0].rate) == (D(125), D("0.004"))
    for before, after in pairwise(brackets):
        assert before.cap == after.floor
        margins = [before.cap * b.rate - b.offset for b in (before, after)]
        assert margins[0] == margins[1]
    assert bracket_of(brackets, brackets[0].cap) is brackets[0]
    assert bracket_of(brackets, D("1E30")) is brackets[-1]
    assert largest_notional(brackets, D(125)) == brackets[0].cap
    assert largest_notional(brackets, D(1)) == brackets[-1].cap


@pytest.mark.realdata
def test_a_venue_s_own_brackets_join_the_same_way(realdata: Path) -> None:
    """Our offset is Binance's `cum`: recomputed from floors and rates, it equals the published one."""
    path = realdata / "binance_exchangeinfo" / "binance_leverage_tiers_freqtrade.json.gz"
    tiers = json.loads(gzip.decompress(path.read_bytes()), parse_float=D)
    checked = 0
    for rows in tiers.values():
        offset = rate = D(0)
        for row in rows:
            offset += row["minNotional"] * (row["maintenanceMarginRate"] - rate)
            rate = row["maintenanceMarginRate"]
            assert abs(offset - D(row["info"]["cum"])) < D("0.01")
            checked += 1
    assert checked > 1_000
