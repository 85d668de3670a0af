"""Public trades of the past, drawn again from the history that they came from. Read for REST answers."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW
from adapters.sandbox.market.market import Print
from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adapters.sandbox.market.market_state import MarketState
    from adapters.sandbox.market.noise import IntArray
    from adapters.sandbox.market.schedule import Scheduler
    from adapters.sandbox.market.sources import CountSource, MinuteSource
    from adapters.sandbox.market.updates import TradePrint

_MS = 1_000_000


class PastTrades:
    """Trades by minute, with the ids they were told with."""

    def __init__(
        self, clock: CountSource, minutes: MinuteSource, scheduler: Scheduler, states: Sequence[MarketState]
    ) -> None:
        self._clock = clock
        self._minutes = minutes
        self._scheduler = scheduler
        self._states = states

    def first_id(self, index: int, minute: int) -> int:
        """Id of the first trade of a minute."""
        hour, within = divmod(minute, 60)
        before = int(self._clock.before(np.array([index]), np.array([hour]))[0])
        if within:
            before += int(self._minutes.between(index, hour * 60, minute)[:, COUNT].sum())
        edge_ns = minute * MINUTE_NS
        return 1 + before + sum(trade.at_ns < edge_ns for trade in self._states[index].extra)

    def between(self, index: int, first: int, last: int, now_ns: int) -> Iterator[Print]:
        """Trades of minutes [first, last] up to `now_ns`, oldest first."""
        state = self._states[index]
        first = max(first, state.listing.first_minute)
        now_ms = now_ns // _MS
        for minute in range(first, min(last, now_ns // MINUTE_NS) + 1):
            for found in self._minute(index, minute):
                if found.time_ms > now_ms:
                    return
                yield found

    def find(self, index: int, trade_id: int, now_ns: int) -> int | None:
        """The minute in which a trade id was given; None when it was not given yet."""
        if not 1 <= trade_id < self._states[index].next_trade_id:
            return None
        if self._states[index].recorded:
            logged = self._states[index].logged.items()
            return next((minute for minute, (_, log) in logged if log[-1].trade_id >= trade_id), None)
        hours = range(self._states[index].listing.first_minute // 60, now_ns // HOUR_NS + 1)
        hour = hours[bisect_right(hours, trade_id, key=lambda hour: self.first_id(index, hour * 60)) - 1]
        minutes = range(hour * 60, min(hour * 60 + 59, now_ns // MINUTE_NS) + 1)
        return minutes[bisect_right(minutes, trade_id, key=lambda minute: self.first_id(index, minute)) - 1]

    def _minute(self, index: int, minute: int) -> Iterator[Print]:
        state = self._states[index]
        seeded, logged = state.logged.get(minute, (None, ()))
        if state.recorded:
            # Ids of recorded trades are the venue's own; what was before the recording has none.
            yield from (_told(trade, state) for trade in logged)
            return
        tape = self._scheduler.past(index, minute)
        ticks = _as_realised(tape.ticks, self._minutes.between(index, minute, minute + 1)[0], state, minute)
        start_ms = minute * MINUTE_NS // _MS
        rows = zip(tape.time_ms.tolist(), ticks, tape.lots.tolist(), tape.buy.tolist(), strict=True)
        trade_id = self.first_id(index, minute)
        for at, (time_ms, price, lots, buy) in enumerate(rows):
            if at == seeded:
                break
            yield Print(trade_id + at, start_ms + time_ms, price, lots, buy)
        for trade in logged:
            yield _told(trade, state)


def _as_realised(ticks: IntArray, planned: IntArray, state: MarketState, minute: int) -> list[int]:
    """Prices of a minute whose price stood off the seeded path, moved into the candle that came out."""
    realised = state.realised.get(minute)
    if realised is None or minute in state.logged:
        return list(ticks.tolist())
    moved = np.rint(ticks * (realised[CLOSE] / int(planned[CLOSE])))
    return list(np.clip(moved, realised[LOW], realised[HIGH]).astype(np.int64).tolist())


def _told(trade: TradePrint, state: MarketState) -> Print:
    return Print(
        trade.trade_id,
        trade.at_ns // _MS,
        int(trade.price.scaleb(state.listing.tick_decimals)),
        int(trade.quantity.scaleb(state.listing.lot_decimals)),
        trade.taker_side is Side.BUY,
    )
