"""The Portfolio screen: accounts, sums by venue and group, exposure, balances, positions."""

from __future__ import annotations

from textual.geometry import Region

from hedge_tui.ui.columns.accounts import ACCOUNTS, PORTFOLIO
from hedge_tui.ui.columns.holdings import BALANCES, EXPOSURE, POSITIONS
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

PANES = ("accounts", "positions", "exposure", "balances", "portfolio")


class PortfolioScreen(DeskScreen):
    """All money of the desk."""

    mode_id = "portfolio"

    def make_panes(self) -> list[Pane]:
        """Five tables."""
        grid = self.desk.grid_of
        return [
            Pane("accounts", "Accounts", TopicTable(ACCOUNTS, grid), hints=("accounts.use", "table.sort")),
            Pane(
                "positions",
                "Positions",
                TopicTable(POSITIONS, grid),
                hints=("positions.close", "table.toggle"),
            ),
            Pane("exposure", "Exposure by asset", TopicTable(EXPOSURE, grid), hints=("table.sort",)),
            Pane("balances", "Balances", TopicTable(BALANCES, grid), hints=("accounts.use", "table.sort")),
            Pane("portfolio", "By venue and group", TopicTable(PORTFOLIO, grid), hints=("table.sort",)),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Accounts on top, the rest below."""
        return portfolio_slots(width, height)


def portfolio_slots(width: int, height: int) -> list[Slot]:
    """Slots: all five at once where there is room, else two, else one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    if width < 130 or height < 30:
        upper, lower = down(whole, [None, height // 2])
        return [Slot(upper, ("accounts",)), Slot(lower, PANES[1:])]
    upper, middle, lower = down(whole, [max(9, height * 7 // 20), None, max(9, height * 7 // 20)])
    return [
        Slot(upper, ("accounts",)),
        Slot(middle, ("positions",)),
        *across(lower, [(("exposure",), None), (("balances",), None), (("portfolio",), None)]),
    ]
