"""The Risk screen: accounts near trouble, net delta, what orders and moves of the market would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region

from hedge_tui.ui.columns.risk import FILLED, RISK, STRESS
from hedge_tui.ui.keys import bind
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.delta_matrix import DeltaMatrix
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

if TYPE_CHECKING:
    from textual.binding import BindingType

PANES = ("risk", "deltas", "stress", "filled")
STRESS_LINES = 10
"""Title, header and eight moves."""


class RiskScreen(DeskScreen):
    """What may go wrong."""

    mode_id = "risk"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("m", "stress", "stress", "risk.stress", "Begin a stress test of your own: -10%, or BTC -15%"),
    ]

    def make_panes(self) -> list[Pane]:
        """Four tables."""
        grid = self.desk.grid_of
        hints = ("risk.stress", "accounts.use", "table.sort")
        return [
            Pane("risk", "Accounts at risk", TopicTable(RISK, grid), hints=hints),
            Pane("deltas", "Net delta by asset", DeltaMatrix(), hints=("risk.stress", "table.sort")),
            Pane("stress", "Stress", TopicTable(STRESS, grid), hints=("risk.stress", "table.copy")),
            Pane("filled", "If all orders fill", TopicTable(FILLED, grid), hints=hints),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Accounts on top, the rest below."""
        return risk_slots(width, height)

    def action_stress(self) -> None:
        """Begin a line."""
        self.open_bar("stress ")


def risk_slots(width: int, height: int) -> list[Slot]:
    """Slots: all four at once where there is room, else three, two or one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    if height < 30:
        upper, lower = down(whole, [None, max(STRESS_LINES, height // 2)])
        return [Slot(upper, ("risk", "filled")), Slot(lower, ("stress", "deltas"))]
    upper, middle, lower = down(whole, [None, max(8, height * 3 // 10), STRESS_LINES])
    if width < 150:
        return [Slot(upper, ("risk", "filled")), Slot(middle, ("deltas",)), Slot(lower, ("stress",))]
    return [
        Slot(upper, ("risk",)),
        Slot(middle, ("deltas",)),
        *across(lower, [(("stress",), None), (("filled",), None)]),
    ]
