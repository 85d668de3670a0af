"""Keys and mouse of a `CandleChart`: each changes the viewport and is answered on screen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from hedge_tui.ui.widgets.chart.messages import HistoryWanted
from hedge_tui.ui.widgets.chart.surface import ChartSurface

if TYPE_CHECKING:
    from textual import events

    from hedge_tui.ui.widgets.chart.widget import CandleChart


def _bind(keys: str, action: str, name: str, tooltip: str) -> Binding:
    return Binding(keys, action, tooltip, show=False, id=f"chart.{name}", tooltip=tooltip)


CHART_BINDINGS: list[BindingType] = [
    _bind("left,h", "cross(-1)", "cross_left", "Cross-hair one candle back"),
    _bind("right,l", "cross(1)", "cross_right", "Cross-hair one candle on"),
    _bind("shift+left,H", "cross(-10)", "cross_left_10", "Cross-hair ten candles back"),
    _bind("shift+right,L", "cross(10)", "cross_right_10", "Cross-hair ten candles on"),
    _bind("shift+up", "cross_price(1)", "cross_up", "Level of the cross-hair up"),
    _bind("shift+down", "cross_price(-1)", "cross_down", "Level of the cross-hair down"),
    _bind("escape", "cross_off", "cross_off", "Hide the cross-hair"),
    _bind("pageup,ctrl+left", "page(1)", "back", "Half a screen back"),
    _bind("pagedown,ctrl+right", "page(-1)", "forward", "Half a screen on"),
    _bind("home", "oldest", "oldest", "Oldest candle"),
    _bind("end", "latest", "latest", "Newest candle"),
    _bind("plus,equals_sign,up,k", "zoom(-1)", "zoom_in", "Nearer"),
    _bind("minus,down,j", "zoom(1)", "zoom_out", "Further away"),
    _bind("o", "toggle_log", "log", "Logarithmic or linear prices"),
]


class ChartInteraction(ChartSurface):
    """Actions that the bindings name, and mouse handlers."""

    BINDINGS: ClassVar[list[BindingType]] = CHART_BINDINGS
    _asked_ns: int | None = None

    def _viewed(self) -> None:
        """The view moved: paint, and ask for older candles when the oldest come near."""
        self.changed()
        self.answer()
        self._ask_history()

    def _ask_history(self) -> None:
        data, view = self._scene.data, self._scene.view
        if not len(data) or view.width <= 0:
            return
        first, last = view.span()
        oldest = int(data.open_ns[0])
        if first < (last - first) // 2 and oldest != self._asked_ns:
            self._asked_ns = oldest
            self.post_message(HistoryWanted(cast("CandleChart", self), oldest))

    def action_cross(self, columns: int) -> None:
        """Move the cross-hair; the first move switches it on."""
        self._scene.view.move_cursor(columns)
        self._viewed()

    def action_cross_off(self) -> None:
        """Hide the cross-hair."""
        self._scene.view.cursor = self._scene.view.price = None
        self._viewed()

    @property
    def cross_price(self) -> float | None:
        """Price of the cross-hair's level, None without a cross-hair in sight."""
        drawing, index = self._drawing, self._scene.view.cursor_index()
        column = drawing.column_of(index) if drawing is not None and index is not None else None
        return drawing.cross_price(column) if drawing is not None and column is not None else None

    def action_cross_price(self, lines: int) -> None:
        """The level of the cross-hair a line up (1) or down (-1); switches it on."""
        if self.cross_price is None:
            self._scene.view.move_cursor(0)
            self._viewed()
        price, drawing = self.cross_price, self._drawing
        if price is None or drawing is None or not drawing.scale.lines:
            return
        scale = drawing.scale
        step = (scale.high - scale.low) / scale.lines
        moved = (
            price * (scale.high / scale.low) ** (lines / scale.lines) if scale.log else price + lines * step
        )
        self._scene.view.price = min(max(moved, scale.low), scale.high)
        self._viewed()

    def action_page(self, way: int) -> None:
        """Half a screen back (1) or on (-1)."""
        view = self._scene.view
        view.scroll(way * max(1, view.capacity // 2) * view.per_column)
        self._viewed()

    def action_oldest(self) -> None:
        """To the oldest candle there is."""
        view = self._scene.view
        view.scroll(view.count)
        self._viewed()

    def action_latest(self) -> None:
        """Back to the market; the cross-hair goes."""
        view = self._scene.view
        view.hidden, view.cursor, view.price = 0, None, None
        self._viewed()

    def action_zoom(self, steps: int) -> None:
        """Nearer (-1) or further away (1)."""
        self._scene.view.zoom_by(steps)
        self._viewed()

    def action_toggle_log(self) -> None:
        """Between logarithmic and linear prices."""
        self._scene.log = not self._scene.log
        self._viewed()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Nearer; with shift or ctrl, back in time."""
        self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Further away; with shift or ctrl, on in time."""
        self._wheel(event, 1)

    def _wheel(self, event: events.MouseEvent, way: int) -> None:
        event.stop()
        view = self._scene.view
        if event.shift or event.ctrl:
            view.scroll(-way * 4 * view.per_column)
        else:
            view.zoom_by(way)
        self._viewed()

    def on_click(self, event: events.Click) -> None:
        """Put the cross-hair on the candle that was clicked."""
        at = event.get_content_offset(self)
        drawing, view = self._drawing, self._scene.view
        if at is None or drawing is None or not len(drawing.xs) or at.x >= drawing.layout.plot:
            return
        column = min(max(0, (at.x - int(drawing.xs[0])) // view.stride), len(drawing.xs) - 1)
        view.cursor = view.count - 1 - int(drawing.indexes()[column])
        self._viewed()
