"""The Orders screen: what is at work, what is over, fills, and the lines behind them."""

from __future__ import annotations

from textual.geometry import Region

from hedge_tui.ui.columns.orders import FILLS, FINISHED_ORDERS, ORDERS, RUNS
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

PANES = ("orders", "fills", "runs", "finished")


class OrdersScreen(DeskScreen):
    """Orders, fills, runs."""

    mode_id = "orders"

    def make_panes(self) -> list[Pane]:
        """Four tables."""
        grid = self.desk.grid_of
        bulk = ("orders.cancel", "orders.amend", "table.toggle", "table.pick_all", "table.sort")
        return [
            Pane("orders", "Working", TopicTable(ORDERS, grid), hints=bulk),
            Pane("fills", "Fills", TopicTable(FILLS, grid), hints=("table.sort", "table.copy")),
            Pane("runs", "Runs", TopicTable(RUNS, grid), hints=("table.sort",)),
            Pane("finished", "Finished", TopicTable(FINISHED_ORDERS, grid), hints=("table.sort",)),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Working orders on top, the rest below."""
        return orders_slots(width, height)


def orders_slots(width: int, height: int) -> list[Slot]:
    """Slots: four at once where there is room, else two, else one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    if width < 150 or height < 30:
        upper, lower = down(whole, [None, height // 2])
        return [Slot(upper, ("orders",)), Slot(lower, PANES[1:])]
    upper, middle, lower = down(whole, [None, max(8, height // 4), max(9, height // 4)])
    return [
        Slot(upper, ("orders",)),
        Slot(middle, ("runs",)),
        *across(lower, [(("fills",), None), (("finished",), None)]),
    ]
