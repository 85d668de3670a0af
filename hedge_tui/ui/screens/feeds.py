"""The Feeds screen: every stream, what is sent and may still be sent, the engine itself, its log."""

from __future__ import annotations

from textual.geometry import Region

from hedge_tui.ui.columns.health import FEEDS, LOG
from hedge_tui.ui.columns.traffic import BANS, BUDGETS, LANES, ROUTES
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.engine_status import EngineStatus
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

PANES = ("budgets", "routes", "feeds", "lanes", "bans", "log", "status")
STATUS_EVERY_S = 2.0
STATUS_CELLS = 52
LANE_LINES = 9
"""Title, header and six lanes, and one to spare."""


class FeedsScreen(DeskScreen):
    """Health of the desk."""

    mode_id = "feeds"

    def make_panes(self) -> list[Pane]:
        """Six tables and the engine's figures."""
        grid = self.desk.grid_of
        self.engine = EngineStatus()
        return [
            Pane("budgets", "Budgets", TopicTable(BUDGETS, grid), hints=("table.sort", "table.filter")),
            Pane("routes", "Egress routes", TopicTable(ROUTES, grid), hints=("table.sort",)),
            Pane("lanes", "Lanes", TopicTable(LANES, grid), hints=("table.sort",)),
            Pane("bans", "Bans", TopicTable(BANS, grid), hints=("table.sort",)),
            Pane("feeds", "Feeds", TopicTable(FEEDS, grid), hints=("table.sort",)),
            Pane("log", "Log", TopicTable(LOG, grid), hints=("table.sort", "table.copy")),
            Pane("status", "Engine", self.engine),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Budgets on top, routes and feeds below, the log at the bottom."""
        return feeds_slots(width, height)

    def on_mount(self) -> None:
        """Ask the engine for its figures now and then."""
        super().on_mount()
        self.set_interval(STATUS_EVERY_S, self._ask)
        self._ask()

    def _ask(self) -> None:
        if self.desk.base_screen() is self:
            self.desk.ask("status", self.engine.tell)


def feeds_slots(width: int, height: int) -> list[Slot]:
    """Slots: all at once where there is room, else three, two or one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    if height < 30 or width < 120:
        upper, lower = down(whole, [None, height // 2])
        return [Slot(upper, ("budgets", "lanes", "bans", "status")), Slot(lower, ("routes", "feeds", "log"))]
    upper, middle, lower = down(whole, [None, max(LANE_LINES, height // 4), max(9, height // 3)])
    if width < 150:
        return [
            Slot(upper, ("budgets", "bans")),
            *across(middle, [(("routes",), None), (("lanes",), STATUS_CELLS)]),
            Slot(lower, ("feeds", "log", "status")),
        ]
    return [
        *across(upper, [(("budgets",), None), (("status",), STATUS_CELLS)]),
        *across(middle, [(("routes",), None), (("lanes", "bans"), STATUS_CELLS)]),
        *across(lower, [(("feeds",), None), (("log",), width // 2)]),
    ]
