"""The market of one venue kind, stepped by the server: what everybody but the sandbox's accounts does.

A step reveals the trades that are due, moves quotes and books, values perpetuals and says when funding is
paid. Trades, candles and marks are functions of seed and time; only the books between trades are a
live random stream. `MarketData` answers REST requests from the same state, `StreamHub` builds frames.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.columns import COUNT, OPEN
from adapters.sandbox.market.funding import INTERVAL_H
from adapters.sandbox.market.listing import EARLIEST_START_DAY
from adapters.sandbox.market.noise import key_of
from adapters.sandbox.market.readings import Readings
from adapters.sandbox.market.sources import Sources, seeded
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from adapters.sandbox.market.listing import VenueKind
    from adapters.sandbox.market.schedule import Schedule
    from adapters.sandbox.market.updates import BookUpdate, MarketUpdate, TradePrint

_CANDLE_EVERY_NS = 250_000_000
_LONG_GAP = 5
"""Minutes that a step may skip and still tell every trade; beyond it only candles are kept."""
_PREPARED_PER_STEP = 2


class MarketSimulation(Readings):
    """A seeded market.

    Args:
        kind: whose instruments: Binance spot or Binance USD-M perpetuals.
        seed: of the whole sandbox; both kinds take the same one so that their prices belong together.
        count: instruments, busiest first.
        always_active: the busiest instruments, whose books are kept full all the time.
        sources: other prices than seeded ones; `seed` and `count` then matter for chance and not for prices.
        start_ns: now; not before 2021-10-20, when the last instrument was listed.

    Attributes:
        active: indices of instruments with full books; see `activate`.

    Raises:
        ValueError: too many instruments, or too early a start.
    """

    def __init__(
        self,
        kind: VenueKind,
        *,
        seed: int,
        start_ns: int,
        count: int = 150,
        always_active: int = 8,
        sources: Sources | None = None,
    ) -> None:
        if start_ns < EARLIEST_START_DAY * DAY_NS:
            raise ValueError(
                f"the market starts at day {start_ns // DAY_NS}; it is complete from day {EARLIEST_START_DAY}"
            )
        self._rng = random.Random(key_of(seed, "live", kind))
        super().__init__(kind, sources or seeded(kind, seed, count), seed, start_ns, self._rng)
        self.active: set[int] = set()
        self._always = min(always_active, len(self.listings))
        self._quote_rates = np.cumsum([listing.quotes_per_second for listing in self.listings]).tolist()
        self._candle_ns = start_ns
        self._schedule: Schedule
        self._cursor = 0
        self._pending: list[MarketUpdate] = []
        self._open(start_ns)

    def book(self, symbol: str) -> BookUpdate:
        """The outside liquidity now, in full depth; keeps it full for as long as the process runs."""
        self.activate([symbol])
        return self.states[self.place(symbol)].book(self.now_ns)

    def activate(self, symbols: Sequence[str]) -> None:
        """Keep full books of these: somebody subscribed to depth or has an order resting there."""
        for symbol in symbols:
            place = self.place(symbol)
            self.active.add(place)
            self.states[place].open_book()

    def deactivate(self, symbols: Sequence[str]) -> None:
        """The opposite; the busiest instruments stay active."""
        for symbol in symbols:
            place = self.place(symbol)
            if place >= self._always and place in self.active:
                self.active.discard(place)
                self.states[place].close_book()

    def step(self, now_ns: int) -> list[MarketUpdate]:
        """Advance to `now_ns` and tell what happened since; nothing when time has not advanced."""
        updates, self._pending = self._pending, []
        if now_ns <= self.now_ns:
            return updates
        before = self.now_ns
        touched: set[int] = set()
        if now_ns // MINUTE_NS - self._schedule.minute > _LONG_GAP:
            self._jump(now_ns, updates)
            touched.update(range(len(self.states)))
        while now_ns // MINUTE_NS > self._schedule.minute:
            self._reveal((self._schedule.minute + 1) * MINUTE_NS - 1, updates, touched)
            self._turn(updates)
        self.now_ns = now_ns
        self._reveal(now_ns, updates, touched)
        self._breathe(now_ns - before, touched)
        self._tell_books(touched, updates)
        self._tell_candles(updates)
        self._value(before, updates)
        self.scheduler.prepare(self._schedule.minute + 1, _PREPARED_PER_STEP)
        return updates

    def _open(self, start_ns: int) -> None:
        for at, state in enumerate(self.states):
            state.quote_after(1, buy=bool(at % 2))
        self._enter(start_ns // MINUTE_NS, anew=True)
        self.activate([item.symbol for item in self.instruments[: self._always]])
        self._reveal(start_ns, [], set())
        self._pending += [state.book(start_ns) for state in self.states]
        if self.kind == "usdm":
            self._pending += self.marks.updates(start_ns, self.states)

    def _reveal(self, until_ns: int, updates: list[MarketUpdate], touched: set[int]) -> None:
        schedule = self._schedule
        times, cursor, end = schedule.time_ns, self._cursor, len(schedule.time_ns)
        while cursor < end and times[cursor] <= until_ns:
            at = schedule.which[cursor]
            state = self.states[at]
            time_ns = times[cursor]
            ticks = state.displaced(schedule.ticks[cursor], state.displacement.at(time_ns))
            buy = schedule.buy[cursor]
            state.quote_after(ticks, buy)
            updates.append(state.trade(ticks, schedule.lots[cursor], buy, time_ns))
            touched.add(at)
            cursor += 1
        self._cursor = cursor

    def _turn(self, updates: list[MarketUpdate]) -> None:
        """End the minute and begin the next."""
        edge_ns = (self._schedule.minute + 1) * MINUTE_NS
        updates.extend(state.candle(state.end(), closed=True, at_ns=edge_ns) for state in self.states)
        self._enter(self._schedule.minute + 1)

    def _enter(self, minute: int, *, anew: bool = False) -> None:
        """Begin a minute; `anew` when the one before it was not lived through."""
        schedule = self._schedule = self.scheduler.take(minute)
        self._cursor = 0
        if anew:
            self._find_place(schedule)
        for at, (state, row) in enumerate(zip(self.states, schedule.rows.tolist(), strict=True)):
            state.spread = schedule.spreads[at]
            if anew:
                state.quote_after(state.last, buy=state.last == state.ask)
            state.begin(minute, tuple(row), minute * MINUTE_NS)
        self.marks.turn(schedule)

    def _find_place(self, schedule: Schedule) -> None:
        """Last price and trade id of every instrument at the start of a minute."""
        hour, within = divmod(schedule.minute, 60)
        which = np.arange(len(self.states))
        told = self.clock.before(which, np.full(len(which), hour))
        told = told + self.minutes.across(hour)[:, :within, COUNT].sum(axis=1)
        for at, state in enumerate(self.states):
            offset = state.displacement.at(schedule.minute * MINUTE_NS)
            state.last = state.displaced(int(schedule.rows[at, OPEN]), offset)
            state.next_trade_id = int(told[at]) + len(state.extra) + 1

    def _jump(self, now_ns: int, updates: list[MarketUpdate]) -> None:
        """Skip to the minute of `now_ns`; candles between are seeded ones, moved where prices stand off."""
        self._reveal((self._schedule.minute + 1) * MINUTE_NS - 1, [], set())
        updates.extend(state.candle(state.end(), closed=True, at_ns=now_ns) for state in self.states)
        first, minute = self._schedule.minute + 1, now_ns // MINUTE_NS
        for at, state in enumerate(self.states):
            skipped = first
            while skipped < minute and (offset := state.displacement.at(skipped * MINUTE_NS)):
                planned = self.minutes.between(at, skipped, skipped + 1)[0].tolist()
                state.skip(skipped, planned, offset)
                skipped += 1
        self._enter(minute, anew=True)

    def _breathe(self, elapsed_ns: int, touched: set[int]) -> None:
        if not self._quote_rates[-1]:
            return
        mean = self._quote_rates[-1] * min(elapsed_ns, SECOND_NS) / SECOND_NS
        changes = int(mean + self._rng.random())
        for at in self._rng.choices(range(len(self.states)), cum_weights=self._quote_rates, k=changes):
            self.states[at].breathe()
            touched.add(at)

    def _tell_books(self, touched: set[int], updates: list[MarketUpdate]) -> None:
        updates.extend(self.states[at].book(self.now_ns) for at in sorted(touched))

    def _tell_candles(self, updates: list[MarketUpdate]) -> None:
        if self.now_ns - self._candle_ns < _CANDLE_EVERY_NS:
            return
        self._candle_ns = self.now_ns
        for state in self.states:
            if state.candle_dirty:
                state.candle_dirty = False
                updates.append(state.candle(state.forming(), closed=False, at_ns=self.now_ns))

    def _value(self, before_ns: int, updates: list[MarketUpdate]) -> None:
        if self.kind != "usdm":
            return
        if self.now_ns // SECOND_NS != before_ns // SECOND_NS:
            updates += self.marks.updates(self.now_ns, self.states)
        period = INTERVAL_H * HOUR_NS
        for due in range(before_ns // period + 1, self.now_ns // period + 1):
            updates += self.marks.due(due * period, self.states)

    def override_price(self, symbol: str, price: Decimal) -> list[MarketUpdate]:
        """Move a price: last trade, quote, mark and index at once; it drifts back over hours.

        Returns:
            What the server must take in now, before the next step.
        """
        at = self.place(symbol)
        state = self.states[at]
        ticks = max(1, round(price.scaleb(state.listing.tick_decimals)))
        buy = ticks >= state.last
        state.displacement.move(math.log(ticks / state.last), self.now_ns)
        state.quote_after(ticks, buy)
        lots = max(1, round(state.listing.lots_per_trade))
        updates: list[MarketUpdate] = [
            state.book(self.now_ns),
            state.extra_trade(ticks, lots, buy, self.now_ns, own=False),
        ]
        if self.kind == "usdm":
            updates.append(self.marks.update(at, self.now_ns, state))
        return updates

    def own_trade(
        self,
        symbol: str,
        price: Decimal,
        quantity: Decimal,
        taker_side: Side,
        now_ns: int,
        *,
        outside: bool = True,
    ) -> TradePrint:
        """Take in an execution of an account as taker, so that trades, candles and streams contain it.

        Do not report executions that `TradePrint` updates caused (an account's resting order met a trade of
        this market): those trades were told already.

        `outside` says that the other side was outside liquidity, which is gone now.

        Returns:
            The public trade, to be published.
        """
        state = self.states[self.place(symbol)]
        ticks = max(1, round(price.scaleb(state.listing.tick_decimals)))
        lots = max(1, round(quantity.scaleb(state.listing.lot_decimals)))
        buy = taker_side is Side.BUY
        touch = state.ask if buy else state.bid
        beyond = ticks > touch if buy else ticks < touch
        if beyond:
            state.displacement.push(0.5 * math.log(ticks / touch), now_ns)
            state.quote_after(ticks, buy)
        if outside and state.sides is not None:
            state.sides[1 if buy else 0].take(ticks, quantity)
        return state.extra_trade(ticks, lots, buy, now_ns, own=True)
