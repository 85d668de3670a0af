"""The candle chart, fed by a chart topic; asks for older pages when the trader scrolls back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.ui.widgets.chart import CandleChart
from hedge_tui.ui.widgets.chart_series import ChartSeries

if TYPE_CHECKING:
    from hedge_tui.wire.replica import Table


def curve_label(name: str) -> str:
    """How an indicator is called on the chart.

    >>> curve_label("sma(20)")
    'SMA 20'
    """
    head, _, rest = name.partition("(")
    return f"{head.upper()} {rest.rstrip(')')}".strip()


class LiveChart(CandleChart):
    """Follows `chart:INSTRUMENT|TIMEFRAME|INDICATORS`."""

    def __init__(self) -> None:
        super().__init__(empty_message="Choose a market: w, then enter")
        self.topic = ""
        self.series = ChartSeries()
        self._drawn: set[tuple[str, bool]] = set()

    def focus_on(self, topic: str, title: str, tick: float) -> None:
        """Show another instrument, timeframe or set of indicators."""
        if topic == self.topic:
            return
        same = topic.rpartition("|")[0] == self.topic.rpartition("|")[0]
        self.topic = topic
        self.series = ChartSeries()
        if not same:
            nothing: list[float] = []
            self.set_series(nothing, nothing, nothing, nothing, nothing, nothing)
            self.action_latest()
        self.set_instrument(title, tick)

    def load(self, table: Table) -> None:
        """Nothing: the documents that follow hold everything."""

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Candles came."""
        del table, changed, removed
        for document in documents:
            if isinstance(document, dict):
                self.series.take(document)
        if documents:
            self.redraw()

    def add_older(self, document: dict[str, Any]) -> None:
        """A page from before the oldest candle came."""
        if self.series.put_older(document):
            self.redraw()

    def redraw(self) -> None:
        """Hand all candles and lines to the painter."""
        series = self.series
        self.set_series(series.open_ns, *series.columns)
        drawn: set[tuple[str, bool]] = set()
        for name, curve in series.curves.items():
            label, over = curve_label(name), curve.pane == "price"
            drawn.add((label, over))
            if over:
                self.set_overlay(label, curve.values)
            else:
                low, high = curve.bounds or (None, None)
                self.set_pane(label, {label: curve.values}, curve.guides, low, high)
        for label, over in self._drawn - drawn:
            (self.remove_overlay if over else self.remove_pane)(label)
        self._drawn = drawn
