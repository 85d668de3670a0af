"""The Portfolio screen: money by account, venue, group, tag and asset, its line over time, PnL, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.geometry import Region

from hedge_tui.ui.columns.accounts import ACCOUNTS, PORTFOLIO
from hedge_tui.ui.columns.holdings import BALANCES, EXPOSURE, POSITIONS
from hedge_tui.ui.columns.pnl import PNL
from hedge_tui.ui.keys import bind
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.equity_chart import EquityChart
from hedge_tui.ui.widgets.live_table import LiveTable
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

if TYPE_CHECKING:
    from textual.binding import BindingType

    from hedge_tui.ui.widgets.live_table.messages import RowSelected

PANES = ("portfolio", "equity", "pnl", "positions", "accounts", "exposure", "balances")
VIEWS = ("account", "venue", "group", "tag", "asset")
"""What the portfolio is added up by."""
SPANS = ("1d", "1w", "1m", "all")
REDRAW_S = 30.0
"""The engine records a point a minute."""


class PortfolioScreen(DeskScreen):
    """All money of the desk."""

    mode_id = "portfolio"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("v", "view", "by ...", "portfolio.view", "Add up by account, venue, group, tag or asset"),
        bind("left_square_bracket", "span(-1)", "shorter", "portfolio.shorter", "Equity over a shorter time"),
        bind("right_square_bracket", "span(1)", "longer", "portfolio.longer", "Equity over a longer time"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view = VIEWS[0]
        self._span = SPANS[0]
        self._drawn = ("total", "")

    def make_panes(self) -> list[Pane]:
        """Six tables and a line."""
        grid = self.desk.grid_of
        self.table = TopicTable(PORTFOLIO, grid)
        self.equity = EquityChart()
        spans = ("portfolio.shorter", "portfolio.longer")
        use = ("accounts.use", "table.sort")
        return [
            Pane("portfolio", "", self.table, hints=("portfolio.view", "table.select", *spans)),
            Pane("equity", "Equity", self.equity, hints=(*spans, "portfolio.view")),
            Pane("pnl", PNL.title, TopicTable(PNL, grid), hints=("table.sort", "table.copy")),
            Pane("positions", "Positions", TopicTable(POSITIONS, grid), hints=("positions.close", *use)),
            Pane("accounts", "Accounts", TopicTable(ACCOUNTS, grid), hints=use),
            Pane("exposure", "Exposure by asset", TopicTable(EXPOSURE, grid), hints=("table.sort",)),
            Pane("balances", "Balances", TopicTable(BALANCES, grid), hints=use),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Money and its line on top, the rest below."""
        return portfolio_slots(width, height)

    def on_mount(self) -> None:
        """Draw the line anew from time to time."""
        super().on_mount()
        self.set_interval(REDRAW_S, self.draw_equity, name="equity")

    def in_sight(self) -> None:
        """Another screen was there before: the line is old."""
        super().in_sight()
        self.draw_equity()

    def describe(self) -> None:
        """What the portfolio is added up by, and whose line is drawn."""
        self.grid.pane("portfolio").title = f"Portfolio by {self._view}"
        super().describe()
        spans = "  ".join(f"[{span}]" if span == self._span else span for span in SPANS)
        scope, name = self._drawn
        whose = "desk" if scope == "total" else f"{scope} {name}"
        self.grid.pane("equity").detail = f"{whose}  {spans}"

    def draw_equity(self) -> None:
        """Ask for the line, if it is in sight."""
        shown = self.is_mounted and self.desk.base_screen() is self
        if shown and self.grid.pane("equity") in self.grid.shown and self.desk.link.attached:
            scope, name = self._drawn
            self.desk.data.ask("equity_curve", self._take, scope=scope, of=name, span=self._span)

    def _take(self, answer: dict[str, Any]) -> None:
        if (answer["scope"], answer["of"], answer["span"]) == (*self._drawn, self._span):
            self.equity.draw(answer)

    # -- keys

    def action_view(self) -> None:
        """Add up by something else."""
        self._view = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        view = self._view
        self.table.show_only(lambda row: row["scope"] == view)
        self.table.load(self.desk.link.replica.table("portfolio"))
        self.describe()

    def action_span(self, way: int) -> None:
        """A shorter or a longer line."""
        self._span = SPANS[max(0, min(SPANS.index(self._span) + way, len(SPANS) - 1))]
        self.describe()
        self.draw_equity()

    @on(LiveTable.RowSelected)
    def _opened(self, event: RowSelected) -> None:
        """Enter on a row draws its line; on the one that is drawn already the whole desk's."""
        if event.table is not self.table:
            return
        scope, _, name = event.row_key.partition(":")
        if scope == "asset":
            self.desk.say("Equity is recorded by account: choose an account, venue, group or tag", "warning")
            return
        self._drawn = ("total", "") if self._drawn == (scope, name) else (scope, name)
        self.describe()
        self.draw_equity()


def portfolio_slots(width: int, height: int) -> list[Slot]:
    """Slots: everything at once where there is room, else two or one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    if width < 130 or height < 30:
        upper, lower = down(whole, [None, height // 2])
        return [
            Slot(upper, ("portfolio", "accounts")),
            Slot(lower, tuple(p for p in PANES[1:] if p != "accounts")),
        ]
    upper, middle, lower = down(whole, [max(12, height * 2 // 5), None, max(9, height * 3 // 10)])
    return [
        *across(upper, [(("portfolio", "accounts"), None), (("equity",), width * 2 // 5)]),
        Slot(middle, ("positions",)),
        *across(lower, [(("pnl",), None), (("exposure",), None), (("balances",), None)]),
    ]
