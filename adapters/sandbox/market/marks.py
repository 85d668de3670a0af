"""Mark and index prices of perpetuals at any instant, and funding that falls due. Used by `simulation`."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.funding import INTERVAL_H, Funding
from adapters.sandbox.market.tape import NODES
from adapters.sandbox.market.updates import FundingDue, MarkUpdate
from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.basis import Basis
    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.market_state import MarketState
    from adapters.sandbox.market.noise import FloatArray, IntArray
    from adapters.sandbox.market.schedule import Schedule

_NODE_NS = MINUTE_NS // NODES


class Marks:
    """Values all instruments of one venue kind at any instant of the current minute."""

    def __init__(self, listings: Sequence[Listing], basis: Basis, funding: Funding) -> None:
        self._tick = np.array([listing.tick for listing in listings])
        self._which: IntArray = np.arange(len(listings))
        self._basis = basis
        self._funding = funding
        self._minute = 0
        self._middles: FloatArray = np.empty(0)
        self._premium: FloatArray = np.empty(0)
        self._rates: list[Decimal] = []
        self._held: dict[int, float] = {}

    def turn(self, schedule: Schedule) -> None:
        """Enter a minute."""
        self._minute = schedule.minute
        self._middles = schedule.middles * self._tick[:, None]
        hour, within = divmod(schedule.minute, 60)
        self._premium = self._basis.run(self._which, np.full(len(self._which), hour), 2)
        self._rates = [Decimal(f"{rate:.8f}") for rate in self._funding.running(hour, within / 60).tolist()]

    def hold(self, index: int, ticks: float) -> None:
        """Value one instrument at a price from now on, for lack of a planned path."""
        self._held[index] = ticks * float(self._tick[index])

    def updates(self, now_ns: int, states: Sequence[MarketState]) -> list[MarkUpdate]:
        """Mark, index and running funding of all, in the order of the listings."""
        marks, indices = self.values(now_ns)
        return [self._told(at, state, (marks[at], indices[at]), now_ns) for at, state in enumerate(states)]

    def update(self, index: int, now_ns: int, state: MarketState) -> MarkUpdate:
        """The same of one."""
        marks, indices = self.values(now_ns)
        return self._told(index, state, (marks[index], indices[index]), now_ns)

    def due(self, due_ns: int, states: Sequence[MarketState]) -> list[FundingDue]:
        """The payments of the interval that ends at `due_ns`."""
        rates = self._funding.paid(self._which, np.full(len(states), due_ns // HOUR_NS)).tolist()
        marks, _ = self.values(max(due_ns, self._minute * MINUTE_NS))
        told = []
        for at, state in enumerate(states):
            mark = Decimal(f"{marks[at] * math.exp(state.displacement.at(due_ns)):.8f}")
            told.append(FundingDue(state.symbol, state.id, Decimal(f"{rates[at]:.8f}"), mark, due_ns))
        return told

    def values(self, now_ns: int) -> tuple[list[float], list[float]]:
        """Seeded mark and index of all at an instant of the current minute."""
        inside = min(max(0, now_ns - self._minute * MINUTE_NS), MINUTE_NS - 1)
        node, rest = divmod(inside, _NODE_NS)
        share = rest / _NODE_NS
        mark = self._middles[:, node] * (1.0 - share) + self._middles[:, node + 1] * share
        for index, held in self._held.items():
            mark[index] = held
        hour_share = (self._minute % 60 + inside / MINUTE_NS) / 60
        premium = self._premium[:, 0] * (1.0 - hour_share) + self._premium[:, 1] * hour_share
        return mark.tolist(), (mark * np.exp(-premium)).tolist()

    def _told(self, at: int, state: MarketState, seeded: tuple[float, float], now_ns: int) -> MarkUpdate:
        period = INTERVAL_H * HOUR_NS
        factor = math.exp(state.displacement.at(now_ns))
        mark, index = (Decimal(f"{price * factor:.8f}") for price in seeded)
        next_ns = (now_ns // period + 1) * period
        return MarkUpdate(state.symbol, state.id, mark, index, index, self._rates[at], next_ns, now_ns)
