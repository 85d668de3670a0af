"""One instrument as it stands now: last trade, quote, forming candle, own trades. Kept by `simulation`."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from adapters.sandbox.market.book_side import BookSide
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, TURNOVER, VOLUME
from adapters.sandbox.market.displacement import Displacement
from adapters.sandbox.market.updates import BookUpdate, CandleUpdate, Level, TradePrint
from hedge_tui.domain.candle import MINUTE_NS
from hedge_tui.domain.order import Side as TakerSide

if TYPE_CHECKING:
    import random

    from adapters.sandbox.market.listing import Listing

BOOK_DEPTH = 60
_LOGGED_MINUTES = 30
"""Of recorded trades, which cannot be drawn again."""


class Side(Protocol):
    """One side of the outside liquidity, drawn or recorded."""

    def levels(self) -> tuple[Level, ...]:
        """Best first."""
        ...

    def follow(self, best: int) -> None:
        """The touch moved."""
        ...

    def flutter(self, changes: int) -> None:
        """Time passed."""
        ...

    def take(self, price: int, quantity: Decimal) -> None:
        """An account took from a level."""
        ...


class MarketState:
    """The live side of one instrument.

    Attributes:
        last: price of the newest trade, in ticks. bid, ask: the quote, in ticks.
        minute: of the forming candle, since the epoch. row: that candle so far.
        realised: candles that came out other than the seeded history says, by minute.
        extra: trades that the seeded history does not know: the accounts' own, and moves of the price.
        logged: by minute that has an extra trade: trades before the first of them, and all from it on.
        candle_dirty: the forming candle changed since it was last told.
        clean: the forming candle is so far the planned one.
        recorded: trades and books are recorded frames, so that nothing is planned.
        sides: full depth; None where it is not kept.
    """

    def __init__(self, listing: Listing, rng: random.Random) -> None:
        self.listing = listing
        self.symbol = listing.instrument.symbol
        self.id = listing.instrument.id
        self.displacement = Displacement()
        self.last = self.bid = self.ask = 1
        self.spread = 1
        self.minute = 0
        self.row = [0] * 8
        self.planned: tuple[int, ...] = (0,) * 8
        self.realised: dict[int, tuple[int, ...]] = {}
        self.extra: list[TradePrint] = []
        self.logged: dict[int, tuple[int, list[TradePrint]]] = {}
        self.last_lots = 0
        self.next_trade_id = 1
        self.candle_dirty = False
        self.clean = True
        self.recorded = False
        self.sides: tuple[Side, Side] | None = None
        self._rng = rng
        self._top: tuple[Level, Level] | None = None
        self._told_top: tuple[Level, Level] | None = None

    def begin(self, minute: int, planned: tuple[int, ...], now_ns: int) -> None:
        """Start a minute whose seeded candle is `planned`; the one before must have been ended."""
        self.minute = minute
        self.planned = planned
        self.row = [self.last, self.last, self.last, self.last, 0, 0, 0, 0]
        self.clean = not self.recorded and self.displacement.at(now_ns) == 0.0
        self.candle_dirty = True

    def end(self) -> tuple[int, ...]:
        """The closed candle; kept when it is not the seeded one."""
        if self.clean:
            return self.planned
        self.realised[self.minute] = tuple(self.row)
        return self.realised[self.minute]

    def skip(self, minute: int, planned: list[int], offset: float) -> None:
        """Keep the candle of a minute that nobody saw, its prices moved by a log offset."""
        prices = [self.displaced(ticks, offset) for ticks in planned[: CLOSE + 1]]
        prices[OPEN] = self.last
        prices[HIGH], prices[LOW] = max(prices), min(prices)
        self.realised[minute] = (*prices, *planned[CLOSE + 1 :])
        self.last = prices[CLOSE]

    def forming(self) -> tuple[int, ...]:
        """The candle so far."""
        if not self.clean or not self.planned[VOLUME]:
            return tuple(self.row)
        row = self.row.copy()
        row[TURNOVER] = self.planned[TURNOVER] * row[VOLUME] // self.planned[VOLUME]
        return tuple(row)

    def candle(self, row: tuple[int, ...], closed: bool, at_ns: int) -> CandleUpdate:
        """The update that tells a candle of the current minute."""
        return CandleUpdate(self.symbol, self.id, self.minute * MINUTE_NS, row, closed, at_ns)

    def count(self, ticks: int, lots: int, buy: bool) -> int:
        """Take a trade into the forming candle; returns its id."""
        row = self.row
        if row[COUNT] == 0:
            row[OPEN] = row[HIGH] = row[LOW] = ticks
        elif ticks > row[HIGH]:
            row[HIGH] = ticks
        elif ticks < row[LOW]:
            row[LOW] = ticks
        row[CLOSE] = ticks
        row[VOLUME] += lots
        row[COUNT] += 1
        if buy:
            row[TAKER_BUY] += lots
        row[TURNOVER] += 4 * ticks * lots
        self.last = ticks
        self.last_lots = lots
        self.candle_dirty = True
        trade_id = self.next_trade_id
        self.next_trade_id = trade_id + 1
        return trade_id

    def quote_after(self, ticks: int, buy: bool) -> None:
        """A taker buys at the ask and sells at the bid: the quote stands around the newest trade."""
        if buy:
            self.ask = max(ticks, 2)
            self.bid = max(self.ask - self.spread, 1)
        else:
            self.bid = max(ticks, 1)
            self.ask = self.bid + self.spread
        self._top = None

    def breathe(self) -> None:
        """Change the quote without a trade: mostly its sizes, at times its width."""
        chance = self._rng.random()
        if chance < 0.25 and self.spread > 1:
            width = max(1, self.spread + self._rng.choice((-1, 0, 1)) * max(1, self.spread // 4))
            if self.last == self.bid:
                self.ask = self.bid + width
            else:
                self.bid = max(1, self.ask - width)
        self._top = None
        if self.sides is not None:
            for side in self.sides:
                side.flutter(2)

    def open_book(self) -> None:
        """Keep full depth from now on."""
        if self.sides is None:
            self.sides = (
                BookSide(self.listing, 1, self._rng, BOOK_DEPTH),
                BookSide(self.listing, -1, self._rng, BOOK_DEPTH),
            )

    def close_book(self) -> None:
        """Keep the best bid and ask only."""
        if not self.recorded:
            self.sides = None

    def book(self, at_ns: int) -> BookUpdate:
        """The outside liquidity now."""
        if self.sides is not None:
            for side, best in zip(self.sides, (self.bid, self.ask), strict=True):
                side.follow(best)
            bids, asks = self.sides[0].levels(), self.sides[1].levels()
        else:
            if self._top is None:
                self._top = (self._level(self.bid), self._level(self.ask))
            bids, asks = self._top[:1], self._top[1:]
        changed = self._told_top != (bids[0], asks[0])
        self._told_top = (bids[0], asks[0])
        return BookUpdate(self.symbol, self.id, bids, asks, changed, at_ns)

    def _level(self, ticks: int) -> Level:
        size = 1 + int(self.listing.lots_per_trade * 0.9 * self._rng.lognormvariate(0.0, 0.9))
        return (self.price(ticks), Decimal(size).scaleb(-self.listing.lot_decimals))

    def price(self, ticks: int) -> Decimal:
        """Ticks as a price."""
        return Decimal(ticks).scaleb(-self.listing.tick_decimals)

    def quantity(self, lots: int) -> Decimal:
        """Lots as a quantity."""
        return Decimal(lots).scaleb(-self.listing.lot_decimals)

    def displaced(self, ticks: int, offset: float) -> int:
        """Ticks of the seeded path, moved by the log offset."""
        return max(1, round(ticks * math.exp(offset))) if offset else ticks

    def trade(self, ticks: int, lots: int, buy: bool, at_ns: int) -> TradePrint:
        """Count a trade of the seeded history and tell it."""
        told = self._tell(ticks, lots, buy, at_ns, own=False)
        if self.recorded:
            self.logged.setdefault(self.minute, (0, []))[1].append(told)
            while len(self.logged) > _LOGGED_MINUTES:
                del self.logged[min(self.logged)]
        elif self.logged and self.minute in self.logged:
            self.logged[self.minute][1].append(told)
        return told

    def extra_trade(self, ticks: int, lots: int, buy: bool, at_ns: int, *, own: bool) -> TradePrint:
        """Count a trade that the seeded history does not know; the minute's candle is its own now."""
        self.clean = False
        _, log = self.logged.setdefault(self.minute, (self.row[COUNT], []))
        told = self._tell(ticks, lots, buy, at_ns, own)
        log.append(told)
        self.extra.append(told)
        return told

    def _tell(self, ticks: int, lots: int, buy: bool, at_ns: int, own: bool) -> TradePrint:
        trade_id = self.count(ticks, lots, buy)
        side = TakerSide.BUY if buy else TakerSide.SELL
        return TradePrint(
            self.symbol, self.id, trade_id, self.price(ticks), self.quantity(lots), side, at_ns, own
        )
