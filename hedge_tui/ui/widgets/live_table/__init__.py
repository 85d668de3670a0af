"""The trading grid: `LiveTable` and what its columns are made of."""

from hedge_tui.ui.widgets.live_table.column import SIDES, Column, Kind
from hedge_tui.ui.widgets.live_table.row_order import Sort
from hedge_tui.ui.widgets.live_table.widget import LiveTable

__all__ = ["SIDES", "Column", "Kind", "LiveTable", "Sort"]
