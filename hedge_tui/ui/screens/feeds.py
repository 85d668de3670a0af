"""The Feeds screen: every stream, the engine itself, its log."""

from __future__ import annotations

from textual.geometry import Region

from hedge_tui.ui.columns.health import FEEDS, LOG
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.engine_status import EngineStatus
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

PANES = ("feeds", "log", "status")
STATUS_EVERY_S = 2.0
STATUS_CELLS = 52


class FeedsScreen(DeskScreen):
    """Health of the desk."""

    mode_id = "feeds"

    def make_panes(self) -> list[Pane]:
        """Two tables and the engine's figures."""
        grid = self.desk.grid_of
        self.engine = EngineStatus()
        return [
            Pane("feeds", "Feeds", TopicTable(FEEDS, grid), hints=("table.sort",)),
            Pane("log", "Log", TopicTable(LOG, grid), hints=("table.sort", "table.copy")),
            Pane("status", "Engine", self.engine),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Feeds and engine on top, the log below."""
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
    """Slots: three at once where there is room, else two, else one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    upper, lower = down(whole, [None, height // 2])
    if width < 120:
        return [Slot(upper, ("feeds", "status")), Slot(lower, ("log",))]
    return [*across(upper, [(("feeds",), None), (("status",), STATUS_CELLS)]), Slot(lower, ("log",))]
