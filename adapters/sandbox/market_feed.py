"""Between the simulated market and the matching core: steps the one, feeds the other, publishes both.

The core is told of an instrument's book, trades and marks only while somebody has an order or a position in
it, and just before an order or a look at an account: with 300 instruments moving ten times a second, telling
it everything would cost most of a processor core for nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from adapters.paper.events import Event, Liquidated, OrderTraded, PositionChanged, PublicTrade
from adapters.sandbox.digits import fixed
from adapters.sandbox.market.book_ledger import BookLedger
from adapters.sandbox.market.market_rows import MarketRows
from adapters.sandbox.market.simulation import MarketSimulation
from adapters.sandbox.market.streams import StreamHub
from adapters.sandbox.market.updates import BookUpdate, FundingDue, MarkUpdate, TradePrint
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from adapters.sandbox.market.market import Market
    from adapters.sandbox.market.updates import Level, MarketUpdate
    from adapters.sandbox.options import SandboxOptions
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.series import CandleSeries

ZERO = Decimal(0)


class MarketFeed:
    """One venue's market.

    Attributes:
        instruments: what is traded.
        rows: answers REST market data. hub: builds the public streams.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        books = BookLedger(len(market.instruments), self._book_of, market.now_ns // 1_000_000)
        self.rows = MarketRows(market, books)
        self.hub = StreamHub(market, books)
        self.instruments: list[Instrument] = market.instruments
        self._venue: ServedVenue | None = None
        self._trades: dict[str, TradePrint] = {}
        self._marks: dict[str, MarkUpdate] = {}
        self._told_trade: dict[str, int] = {}
        self._orders: dict[str, set[int]] = {}
        self._holders: dict[str, set[tuple[str, str]]] = {}
        self._stepping = False

    def attach(self, venue: ServedVenue) -> None:
        """Serve `venue` from now on, whose core has no orders and positions yet."""
        self._venue = venue
        self._orders.clear()
        self._holders.clear()
        self._told_trade.clear()

    def step(self, now_ns: int) -> None:
        """Let the market move on to `now_ns`."""
        self.take_in(self.market.step(now_ns))

    def take_in(self, updates: Sequence[MarketUpdate]) -> None:
        """Give updates to the core, as far as it needs them, and to the public streams."""
        self._stepping = True
        try:
            for update in updates:
                self._to_core(update)
        finally:
            self._stepping = False
        self.hub.publish(updates)

    def move(self, instrument: Instrument, price: Decimal) -> None:
        """Put the market at `price`; resting orders that it passes fill."""
        self.refresh(instrument)
        self.take_in(self.market.override_price(instrument.symbol, price))

    def refresh(self, instrument: Instrument) -> None:
        """Bring the core's view of one instrument up to date, in full depth."""
        venue, key, now_ns = self._served(), str(instrument.id), self._served().now_ns()
        trade, mark = self._trades.get(key), self._marks.get(key)
        events: list[Event] = []
        if trade is not None and self._told_trade.get(key) != trade.trade_id:
            self._told_trade[key] = trade.trade_id
            events += venue.paper.print_trade(
                instrument.id, trade.price, trade.quantity, trade.taker_side, now_ns
            )
        book = self.market.book(instrument.symbol)
        events += venue.paper.set_book(instrument.id, book.bids, book.asks, now_ns)
        if mark is not None:
            events += venue.paper.set_mark(instrument.id, mark.mark, mark.index, now_ns)
        self._tell(events)

    def refresh_account(self, account: str) -> None:
        """Bring the marks of everything an account holds up to date."""
        venue, now_ns = self._served(), self._served().now_ns()
        events: list[Event] = []
        for key, holders in self._holders.items():
            mark = self._marks.get(key)
            if mark is not None and any(name == account for name, _ in holders):
                events += venue.paper.set_mark(mark.instrument, mark.mark, mark.index, now_ns)
        self._tell(events)

    def after(self, events: Sequence[Event]) -> None:
        """Learn from the core's events who needs what, and put executions of takers on the public tape."""
        sides: dict[int, int] = {}
        for event in events:
            if isinstance(event, OrderTraded):
                sides[event.trade.trade_id] = sides.get(event.trade.trade_id, 0) + 1
        prints: list[MarketUpdate] = []
        moved: set[str] = set()
        for event in events:
            order = getattr(event, "order", None)
            if order is not None:
                self._note_order(str(order.instrument), order.order_id, is_open=order.status.open)
                moved.add(str(order.instrument))
            elif isinstance(event, PositionChanged):
                self._note_position(event)
            elif isinstance(event, PublicTrade) and not event.outside and not self._stepping:
                symbol = self._served().by_id[str(event.instrument)].symbol
                outside = sides.get(event.trade_id, 0) < 2
                prints.append(
                    self.market.own_trade(
                        symbol, event.price, event.quantity, event.taker_side, event.at_ns, outside=outside
                    )
                )
            if isinstance(event, Liquidated):
                self._tell_liquidation(event)
        if prints:
            self.hub.publish(prints)
        for key in moved:
            self.hub.book_changed(self._served().by_id[key].symbol)

    def _tell_liquidation(self, event: Liquidated) -> None:
        order, trade = event.order, event.trade
        symbol = self._served().by_id[str(order.instrument)].symbol
        price = order.price or trade.price
        self.hub.liquidated(symbol, order.side, order.quantity, price, order.average_price, event.at_ns)

    def holding(self) -> set[str]:
        """Accounts with an open position."""
        return {account for holders in self._holders.values() for account, _ in holders}

    def base_for(self, instrument: Instrument, side: Side, quote: Decimal) -> Decimal:
        """How much base `quote` buys or sells by walking the book now; 0 on an empty side."""
        bids, asks = self._served().paper.book(instrument.id, 100)
        base, left = ZERO, quote
        for price, quantity in asks if side is Side.BUY else bids:
            part = min(quantity, left / price)
            base += part
            left -= part * price
            if left <= 0:
                break
        return base

    def mark_text(self, instrument: Instrument) -> str:
        """The mark as the venue writes it."""
        mark = self._marks.get(str(instrument.id))
        return fixed(mark.mark if mark else ZERO)

    def _book_of(self, index: int, depth: int) -> tuple[Sequence[Level], Sequence[Level]]:
        """The book as the public sees it: with our accounts' resting orders where there are any."""
        instrument = self.instruments[index]
        if self._orders.get(str(instrument.id)):
            return self._served().paper.book(instrument.id, depth)
        quote = self.market.quote(index)
        return quote.bids, quote.asks

    def _served(self) -> ServedVenue:
        assert self._venue is not None
        return self._venue

    def _to_core(self, update: MarketUpdate) -> None:
        key = str(update.instrument)
        venue = self._served()
        match update:
            case TradePrint():
                self._trades[key] = update
                if self._orders.get(key) and not update.own:
                    self._told_trade[key] = update.trade_id
                    self._tell(
                        venue.paper.print_trade(
                            update.instrument, update.price, update.quantity, update.taker_side, update.at_ns
                        )
                    )
            case BookUpdate():
                if self._orders.get(key):
                    self._tell(
                        venue.paper.set_book(update.instrument, update.bids, update.asks, update.at_ns)
                    )
            case MarkUpdate():
                self._marks[key] = update
                if self._orders.get(key) or self._holders.get(key):
                    self._tell(
                        venue.paper.set_mark(update.instrument, update.mark, update.index, update.at_ns)
                    )
            case FundingDue():
                if self._holders.get(key):
                    mark = self._marks.get(key)
                    index = mark.index if mark else update.mark
                    self._tell(venue.paper.set_mark(update.instrument, update.mark, index, update.at_ns))
                    self._tell(venue.paper.pay_funding(update.instrument, update.rate, update.at_ns))

    def _tell(self, events: Sequence[Event]) -> None:
        """Pass on what the market caused; its own prints alone concern nobody."""
        if any(not isinstance(event, PublicTrade) for event in events):
            self._served().tell(events)

    def _note_order(self, key: str, order_id: int, *, is_open: bool) -> None:
        orders = self._orders.setdefault(key, set())
        if is_open:
            orders.add(order_id)
        else:
            orders.discard(order_id)

    def _note_position(self, event: PositionChanged) -> None:
        holders = self._holders.setdefault(str(event.position.instrument), set())
        leg = (event.account, event.position.side.value)
        if event.position.quantity:
            holders.add(leg)
        else:
            holders.discard(leg)


def open_feed(kind: Literal["spot", "usdm"], options: SandboxOptions, now_ns: int) -> MarketFeed:
    """The market that the options ask for: recorded where the replay folder has this kind, else seeded.

    Raises:
        ConfigError: the recording cannot be played.
    """
    if options.replay is not None:
        from adapters.sandbox.market.replay import find_recordings, open_replay

        load, speed = options.candle_loader or _no_loader, options.replay_speed
        try:
            if any(find_recordings(kind, options.replay)):
                replay = open_replay(kind, options.replay, start_ns=now_ns, speed=speed, load=load)
                return MarketFeed(replay)
        except (ValueError, OSError) as error:
            raise ConfigError(f"{options.replay}: {error}") from error
    count = options.spot_instruments if kind == "spot" else options.usdm_instruments
    return MarketFeed(MarketSimulation(kind, seed=options.seed, start_ns=now_ns, count=count))


def _no_loader(path: Path, _instrument: str, _timeframe: Timeframe) -> CandleSeries:
    raise ValueError(f"{path.name} holds candles, and nothing here reads them")
