"""The trading grid: `LiveTable` and what its columns are made of."""

from hedge_tui.ui.widgets.live_table.column import SIDES, Column, Kind
from hedge_tui.ui.widgets.live_table.row_order import Sort
from hedge_tui.ui.widgets.live_table.subtotal import COMMON, MAX, MEAN, MIN, SUM, Subtotal, leading, weighted
from hedge_tui.ui.widgets.live_table.widget import LiveTable

__all__ = [
    "COMMON",
    "MAX",
    "MEAN",
    "MIN",
    "SIDES",
    "SUM",
    "Column",
    "Kind",
    "LiveTable",
    "Sort",
    "Subtotal",
    "leading",
    "weighted",
]
