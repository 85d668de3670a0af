"""The Risk screen: accounts near trouble, net delta, what orders and moves of the market would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region

from hedge_tui.ui.columns.restraints import HOLDS, LIMITS
from hedge_tui.ui.columns.risk import FILLED, RISK, STRESS
from hedge_tui.ui.keys import bind
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.delta_matrix import DeltaMatrix
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down
from hedge_tui.ui.widgets.topic_table import TopicTable

if TYPE_CHECKING:
    from textual.binding import BindingType

PANES = ("risk", "limits", "deltas", "stress", "filled", "holds")
STRESS_LINES = 10
"""Title, header and eight moves."""


class RiskScreen(DeskScreen):
    """What may go wrong."""

    mode_id = "risk"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("t", "limit", "limit", "risk.limit", "Begin to change a limit: limit max_order_notional 500"),
        bind("m", "stress", "stress", "risk.stress", "Begin a stress test of your own: -10%, or BTC -15%"),
    ]

    def make_panes(self) -> list[Pane]:
        """Six tables."""
        grid = self.desk.grid_of
        hints = ("risk.stress", "accounts.use", "table.sort")
        reading = ("table.sort", "pane.filter")
        return [
            Pane("risk", "Accounts at risk", TopicTable(RISK, grid), hints=hints),
            Pane("deltas", "Net delta by asset", DeltaMatrix(), hints=("risk.stress", "table.sort")),
            Pane("stress", "Stress", TopicTable(STRESS, grid), hints=("risk.stress", "table.copy")),
            Pane("filled", "If all orders fill", TopicTable(FILLED, grid), hints=hints),
            Pane("limits", "Limits", TopicTable(LIMITS, grid), hints=("risk.limit", *reading)),
            Pane("holds", "Held", TopicTable(HOLDS, grid), hints=("risk.limit",)),
        ]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Accounts on top, the rest below."""
        return risk_slots(width, height)

    def action_stress(self) -> None:
        """Begin a line."""
        self.open_bar("stress ")

    def action_limit(self) -> None:
        """Begin a line for the limit under the cursor, where there is one."""
        table = self.active_table()
        key = table.cursor_key if table is not None and table.spec is LIMITS else None
        if table is None or key is None or not table.has_row(key):
            self.open_bar("limit ")
            return
        row = table.get_row(key)
        scope = str(row["scope"]).partition(":")[2]
        begun = f"limit {str(row['name']).replace('.', ' ', 1)} "
        self.open_bar(f"{begun} @{scope}" if scope else begun, cursor=len(begun))


def risk_slots(width: int, height: int) -> list[Slot]:
    """Slots: most at once where there is room, else three, two or one."""
    whole = Region(0, 0, width, height)
    if height < 14:
        return [Slot(whole, PANES)]
    if height < 30:
        upper, lower = down(whole, [None, max(STRESS_LINES, height // 2)])
        return [Slot(upper, ("risk", "filled", "holds")), Slot(lower, ("limits", "stress", "deltas"))]
    upper, middle, lower = down(whole, [None, max(8, height * 3 // 10), STRESS_LINES])
    if width < 150:
        return [
            Slot(upper, ("risk", "filled")),
            Slot(middle, ("limits", "deltas", "holds")),
            Slot(lower, ("stress",)),
        ]
    return [
        Slot(upper, ("risk",)),
        *across(middle, [(("limits", "holds"), None), (("deltas",), width * 2 // 5)]),
        *across(lower, [(("stress",), None), (("filled",), None)]),
    ]
