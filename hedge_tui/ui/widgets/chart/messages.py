"""What a `CandleChart` asks its parents for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.chart.widget import CandleChart


class HistoryWanted(Message, namespace="candle_chart"):
    """The trader nears the oldest candle; sent once for each oldest candle.

    Attributes:
        chart: the sender.
        before_ns: candles that open before this are wanted, UTC nanoseconds.
    """

    def __init__(self, chart: CandleChart, before_ns: int) -> None:
        self.chart = chart
        self.before_ns = before_ns
        super().__init__()

    @property
    def control(self) -> CandleChart:
        """The sender, for selectors in `@on`."""
        return self.chart
