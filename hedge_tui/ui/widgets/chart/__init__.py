"""The candle chart: `CandleChart`, and our fills and orders as it draws them."""

from hedge_tui.ui.widgets.chart.marks import Mark, OrderLine
from hedge_tui.ui.widgets.chart.widget import CandleChart

__all__ = ["CandleChart", "Mark", "OrderLine"]
