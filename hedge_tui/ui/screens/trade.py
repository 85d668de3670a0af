"""The Trade screen: markets, chart, book, trades, positions, orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on

from hedge_tui.ui.armed_sign import armed_sign
from hedge_tui.ui.columns.holdings import POSITIONS
from hedge_tui.ui.columns.markets import WATCHLIST
from hedge_tui.ui.columns.orders import ORDERS
from hedge_tui.ui.desk_state import SHOWN_TIMEFRAMES
from hedge_tui.ui.keys import MARKET_BINDINGS, bind
from hedge_tui.ui.own_levels import own_orders, own_position
from hedge_tui.ui.own_trading import OwnRows, fill_marks, order_lines
from hedge_tui.ui.quick_lines import cancel_at_once, order_line, typed_symbol
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.screens.trade_layout import trade_slots
from hedge_tui.ui.widgets.live_chart import LiveChart
from hedge_tui.ui.widgets.live_table import LiveTable
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.topic_table import TopicTable
from hedge_tui.ui.widgets.trade_ladder import TradeLadder
from hedge_tui.ui.widgets.trades_tape import TradesTape

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from hedge_tui.ui.frame_pump import TopicView
    from hedge_tui.ui.widgets.chart.messages import HistoryWanted
    from hedge_tui.ui.widgets.live_table.messages import RowSelected
    from hedge_tui.ui.widgets.pane_layout import Slot
    from hedge_tui.ui.widgets.status_bar import Figures


LADDER_HINTS = (
    "ladder.buy", "ladder.sell", "ladder.cancel", "ladder.centre", "ladder.up", "ladder.buy_market",
    "ladder.cancel_all", "ladder.coarser",
)  # fmt: skip


class TradeScreen(DeskScreen):
    """Where orders are made."""

    mode_id = "trade"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("w", "pane('watchlist')", "markets", "pane.watchlist", at_once=True),
        bind("v", "pane('chart')", "chart", "pane.chart", at_once=True),
        bind("b", "pane('book')", "book", "pane.book", at_once=True),
        bind("t", "pane('trades')", "trades", "pane.trades", at_once=True),
        bind("p", "pane('positions')", "positions", "pane.positions", at_once=True),
        bind("o", "pane('orders')", "orders", "pane.orders", at_once=True),
        bind("left_square_bracket", "timeframe(-1)", "shorter candles", "chart.shorter"),
        bind("right_square_bracket", "timeframe(1)", "longer candles", "chart.longer"),
        bind("m", "all_markets", "all or watched", "markets.all", "All markets, or the watched ones only"),
        *MARKET_BINDINGS,
        *(
            bind(str(n), f"begin_size({n})", f"buy size {n}", f"order.size_{n}", f"Begin a buy of size {n}")
            for n in range(1, 6)
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._all = False
        self._placed = ""
        self._shown_focus: tuple[object, ...] = ()

    def make_panes(self) -> list[Pane]:
        """Six panes."""
        grid = self.desk.grid_of
        self.watchlist = TopicTable(WATCHLIST, grid, dense=True)
        self.chart = LiveChart()
        self.book = TradeLadder(
            self.desk.now_ns, lambda: self.desk.state.presets, lambda: armed_sign(self.desk.link)
        )
        self.tape = TradesTape()
        self.positions = TopicTable(POSITIONS, grid, dense=True)
        self.orders = TopicTable(ORDERS, grid, dense=True)
        self._own_orders = OwnRows("orders", self._orders_told)
        self._own_positions = OwnRows("positions", self._positions_told)
        self._own_fills = OwnRows("fills", lambda rows: self.chart.set_marks(fill_marks(rows)))
        trade = ("order.buy", "order.sell")
        candles = ("chart.shorter", "chart.longer", *trade, "chart.zoom_in", "chart.zoom_out", "chart.back")
        markets = ("table.select", *trade, "markets.all", "markets.watch", "table.sort")
        close = ("positions.close", "table.toggle", "accounts.use")
        cancel = ("orders.cancel", "orders.amend", "table.toggle")
        return [
            Pane("watchlist", "Markets", self.watchlist, hints=markets),
            Pane("chart", "Chart", self.chart, hints=candles),
            Pane("book", "Book", self.book, hints=LADDER_HINTS),
            Pane("trades", "Trades", self.tape, hints=trade),
            Pane("positions", "Positions", self.positions, hints=close),
            Pane("orders", "Orders", self.orders, hints=cancel),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """As the configuration wants them."""
        return trade_slots(width, height, self.desk.settings.panes)

    def more_views(self) -> list[TopicView]:
        """Own orders and fills, for chart and book."""
        return [self._own_orders, self._own_fills, self._own_positions]

    def _orders_told(self, rows: list[dict[str, Any]]) -> None:
        self.chart.set_order_lines(order_lines(rows))
        self.book.set_own(own_orders(rows))

    def _positions_told(self, rows: list[dict[str, Any]]) -> None:
        self.book.set_position(own_position(rows, self.desk.state.accounts_in_scope()))

    # -- focus

    def on_mount(self) -> None:
        """Show what is chosen already."""
        super().on_mount()
        self.focus_changed()

    def focus_changed(self) -> None:
        """Another instrument, timeframe, indicator or watchlist."""
        if not self.is_mounted:
            return
        state = self.desk.state
        told = (
            state.instrument,
            state.chart_topic,
            state.watchlist,
            self._all,
            len(state.markets),
            state.scope,
        )
        if told == self._shown_focus:
            return
        self._shown_focus = told
        digits = self.desk.grid_of(state.instrument) or (2, 3)
        self.chart.focus_on(state.chart_topic, f"{state.symbol} {state.timeframe}", 10.0 ** -digits[0])
        self.book.focus_on(state.instrument, digits)
        self.tape.focus_on(state.instrument, digits)
        self._own_orders.focus_on(state.instrument)
        self._own_fills.focus_on(state.instrument)
        self._own_positions.focus_on(state.instrument)
        self._keep_watched()
        self.in_sight()
        self.describe()

    def tell(self, figures: Figures, banner: str, alarm: str = "") -> None:
        """As all screens; the markets' cursor goes to the market in focus as soon as its row is there."""
        super().tell(figures, banner, alarm)
        instrument = self.desk.state.instrument
        if self.is_mounted and instrument != self._placed and self.watchlist.has_row(instrument):
            first, self._placed = not self._placed, instrument
            if not (first and self.watchlist.touched):  # somebody was quicker than the first frame
                self.watchlist.move_cursor(key=instrument)

    def _keep_watched(self) -> None:
        watched = frozenset(self.desk.state.watchlist)
        keep = None if self._all or not watched else lambda row: row["instrument"] in watched
        self.watchlist.show_only(keep)
        table = self.desk.link.replica.tables.get("instruments")
        if table is not None and self.is_mounted:
            self.watchlist.load(table)

    def describe(self) -> None:
        """Timeframes in the chart's title, the instrument in the book's."""
        super().describe()
        state = self.desk.state
        frames = (
            SHOWN_TIMEFRAMES if state.timeframe in SHOWN_TIMEFRAMES else (state.timeframe, *SHOWN_TIMEFRAMES)
        )
        marked = "  ".join(f"[{frame}]" if frame == state.timeframe else frame for frame in frames)
        self.grid.pane("chart").detail = f"{state.symbol}  {marked}" if state.instrument else ""
        word = "Ladder" if self.book.active else "Book"
        if self.grid.pane("book").title != word:
            self.grid.pane("book").title = word
            self.grid.pane("book").retitle()
        self.grid.pane("book").detail = self.book.standing
        self.grid.pane("watchlist").title = "Watchlist" if state.watchlist and not self._all else "Markets"

    @on(LiveTable.RowSelected)
    def _opened(self, event: RowSelected) -> None:
        """Enter on a market or on a row of one shows it."""
        table = event.table
        if isinstance(table, TopicTable):
            source = self.desk.link.replica.table(table.topic)
            instrument = source.get(event.row_key, "instrument")
            if instrument:
                self.desk.state.instrument = str(instrument)
                self.desk.choices_changed()

    @on(LiveChart.HistoryWanted)
    def _older(self, event: HistoryWanted) -> None:
        if not self.chart.series.exhausted:
            self.desk.load_older(self.chart, event.before_ns)

    # -- keys

    def action_timeframe(self, way: int) -> None:
        """Shorter or longer candles."""
        state = self.desk.state
        frames = SHOWN_TIMEFRAMES
        at = frames.index(state.timeframe) if state.timeframe in frames else 0
        state.timeframe = frames[max(0, min(at + way, len(frames) - 1))]
        self.desk.choices_changed()

    def action_all_markets(self) -> None:
        """All markets, or the watched ones."""
        self._all = not self._all
        self.focus_changed()

    def _row_instrument(self) -> str:
        key = self.watchlist.cursor_key
        return key if key is not None and self.watchlist.has_row(key) else self.desk.state.instrument

    def action_watch_row(self) -> None:
        """Watch the market under the cursor."""
        if instrument := self._row_instrument():
            self.desk.lines.chosen(f"watch {instrument}")

    def action_unwatch_row(self) -> None:
        """Watch it no more."""
        if instrument := self._row_instrument():
            self.desk.lines.chosen(f"watch off {instrument}")

    def action_buy(self) -> None:
        """Begin a buy."""
        self._begin_order("buy")

    def action_sell(self) -> None:
        """Begin a sell."""
        self._begin_order("sell")

    def action_begin_size(self, number: int) -> None:
        """Begin a buy of one of the sizes at the market in focus; enter previews it."""
        state = self.desk.state
        if number <= len(state.presets) and state.instrument:
            symbol = typed_symbol(state.instrument, state.markets, state.venue)
            self.open_bar(order_line("buy", state.presets[number - 1], symbol, None))

    def _begin_order(self, side: str) -> None:
        """In the ladder or under a cross-hair the line is complete but for the enter."""
        state = self.desk.state
        price = self._price_in_hand()
        if price is None or not state.instrument:
            self.open_bar(f"{side} ")
            return
        size = self.book.size_text
        self.open_bar(
            order_line(side, size, typed_symbol(state.instrument, state.markets, state.venue), price)
        )

    def _price_in_hand(self) -> Decimal | None:
        if self.grid.active == "book":
            return self.book.cursor_price
        price = self.chart.cross_price if self.grid.active == "chart" else None
        digits = self.desk.grid_of(self.desk.state.instrument)
        if price is None or digits is None:
            return None
        tick = self.book.tick or Decimal(1).scaleb(-digits[0])
        return tick * round(Decimal(repr(price)) / tick)

    # -- the ladder

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The book is a ladder while it has the keys, and while a line is typed from it."""
        super().on_descendant_focus(event)
        self.book.active = self.grid.active == "book"
        self.describe()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key of a pane that has the keys already is the pane's own."""
        if action == "pane" and parameters == (self.grid.active,):
            return False
        return super().check_action(action, parameters)

    @on(TradeLadder.Ordered)
    def _ladder_order(self, event: TradeLadder.Ordered) -> None:
        state = self.desk.state
        sign = armed_sign(self.desk.link)
        symbol = typed_symbol(state.instrument, state.markets, state.venue)
        at_once = sign is not None and sign.mine
        self.desk.lines.chosen(order_line(event.side, event.size, symbol, event.price, at_once=at_once))

    @on(TradeLadder.Cancelled)
    def _ladder_cancel(self, event: TradeLadder.Cancelled) -> None:
        self.desk.lines.chosen(cancel_at_once([order.row for order in event.orders]))
