"""The candle chart of the console: history, the forming candle, our fills and orders, in a few changed cells.

Screens fill it with arrays and mark the forming candle with `update_last`; thirty times a second the frame
clock has it draw on planes of characters and send what differs. Indicators come computed: this process has
no kernels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hedge_tui.ui.widgets.chart.chart_css import CHART_CSS
from hedge_tui.ui.widgets.chart.inks import PARTS, PREFIX
from hedge_tui.ui.widgets.chart.interaction import ChartInteraction
from hedge_tui.ui.widgets.chart.messages import HistoryWanted as _HistoryWanted
from hedge_tui.ui.widgets.chart.scene import Pane
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from hedge_tui.ui.widgets.chart.marks import Mark, OrderLine


class CandleChart(ChartInteraction):
    """Candles with volume, lines, lower panes, own fills and live orders.

    Args:
        title: instrument and timeframe, shown above.
        tick: price step of the instrument, for the digits of prices; 0 if unknown.
        offset_ns: the trader's clock minus UTC, nanoseconds; 0 shows UTC.
        empty_message: shown while there are no candles.
    """

    DEFAULT_CSS = CHART_CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + part for part in PARTS}
    HistoryWanted = _HistoryWanted

    def __init__(
        self,
        *,
        title: str = "",
        tick: float = 0.0,
        offset_ns: int = 0,
        empty_message: str = "No candles yet",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._scene.offset_ns = offset_ns
        self._scene.empty_message = self._inert(empty_message)
        self.set_instrument(title, tick)

    def _inert(self, text: str) -> str:
        return inert(text, ascii_only=self._glyphs.ascii_only)

    def set_instrument(self, title: str, tick: float) -> None:
        """Name what is drawn; `tick` is its price step in quote, 0 if unknown."""
        self._scene.title, self._scene.tick = self._inert(title), tick
        self.changed()

    # -- candles

    def set_series(  # noqa: PLR0917 - the order of CandleSeries.columns()
        self,
        open_ns: ArrayLike,
        opens: ArrayLike,
        highs: ArrayLike,
        lows: ArrayLike,
        closes: ArrayLike,
        volumes: ArrayLike,
    ) -> None:
        """Show these candles, oldest first; an empty series takes overlays and panes away too.

        Overlays and panes keep the candles that they were computed for, and the view stays on the moment it
        showed, when candles are added or cut at either end.

        Args:
            open_ns: int64 UTC nanoseconds, increasing, shape (n,).
            opens: float64, quote, as are the next three.
            highs: likewise.
            lows: likewise.
            closes: likewise.
            volumes: float64, venue units.

        Raises:
            ValueError: lengths differ, or times do not increase.
        """
        data, view = self._scene.data, self._scene.view
        newest = int(data.open_ns[-1]) if len(data) else None
        data.replace(open_ns, [opens, highs, lows, closes, volumes])
        added = 0 if newest is None else len(data) - 1 - data.index_at(newest)
        view.count = len(data) - max(0, added)
        view.grown(len(data))
        if not len(data):
            self._scene.overlays.clear()
            self._scene.panes.clear()
        self.changed()
        self._ask_history()

    def update_last(  # noqa: PLR0917 - the order of CandleSeries.columns()
        self, open_ns: int, first: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Change the forming candle, or append one that opens later. ValueError for an older time.

        Args:
            open_ns: UTC nanoseconds.
            first: opening price, quote, as are the next three.
            high: likewise.
            low: likewise.
            close: likewise.
            volume: venue units.
        """
        data = self._scene.data
        data.put(open_ns, (first, high, low, close, volume))
        self._scene.view.grown(len(data))

    append = update_last

    @property
    def candle_count(self) -> int:
        """Candles held."""
        return len(self._scene.data)

    @property
    def cursor_ns(self) -> int | None:
        """Opening time of the candle under the cross-hair, None without one."""
        index = self._scene.view.cursor_index()
        return None if index is None else int(self._scene.data.open_ns[index])

    # -- lines and panes

    def set_overlay(self, name: str, values: ArrayLike, role: str = "") -> None:
        """Draw a line over the candles; replaces the one of that name.

        Args:
            name: for the legend.
            values: float64 in quote, one per candle there is now, NaN where unknown.
            role: "line-1" to "line-6", "up", "down", "muted"; "" takes the next.

        Raises:
            ValueError: another number of values than candles, or an unknown role.
        """
        scene, name = self._scene, self._inert(name)
        taken = list(scene.overlays).index(name) if name in scene.overlays else len(scene.overlays)
        scene.overlays[name] = scene.line(values, self._role(role, taken))
        self.changed()

    def remove_overlay(self, name: str) -> None:
        """Take a line away; an unknown name is ignored."""
        self._scene.overlays.pop(self._inert(name), None)
        self.changed()

    def set_pane(
        self,
        name: str,
        lines: Mapping[str, ArrayLike],
        guides: Sequence[float] = (),
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        """Draw lines in a pane of their own below the volume; replaces the one of that name.

        Args:
            name: title.
            lines: label -> values, one per candle; the label is left out where it equals the title.
            guides: figures to mark, such as 30 and 70.
            low: bottom of the scale; None follows what is shown.
            high: top of the scale, likewise.
        """
        made = {
            self._inert(label): self._scene.line(values, self._role("", nth))
            for nth, (label, values) in enumerate(lines.items())
        }
        self._scene.panes[self._inert(name)] = Pane(made, tuple(guides), low, high)
        self.changed()

    def remove_pane(self, name: str) -> None:
        """Take a pane away; an unknown name is ignored."""
        self._scene.panes.pop(self._inert(name), None)
        self.changed()

    def _role(self, role: str, taken: int) -> str:
        if role and role not in PARTS:
            raise ValueError(f"no colour role {role!r}; there are {', '.join(PARTS)}")
        return role or self._scene.next_role(taken)

    # -- our own trading

    def set_marks(self, marks: Iterable[Mark]) -> None:
        """Show these fills, in place of those before."""
        self._scene.marks = [mark.inert(self._inert) for mark in marks]
        self.changed()

    def set_order_lines(self, orders: Iterable[OrderLine]) -> None:
        """Show these live orders, in place of those before."""
        self._scene.orders = [order.inert(self._inert) for order in orders]
        self.changed()

    # -- view

    @property
    def log_scale(self) -> bool:
        """Whether equal ratios take equal heights."""
        return self._scene.log

    @log_scale.setter
    def log_scale(self, log: bool) -> None:
        self._scene.log = log
        self.changed()

    def set_time_offset(self, offset_ns: int) -> None:
        """Read times `offset_ns` east of UTC."""
        self._scene.offset_ns = offset_ns
        self.changed()
