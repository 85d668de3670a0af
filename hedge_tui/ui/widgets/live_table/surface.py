"""Painting of a `LiveTable`: when to look, which of the two paths to take, what to do when covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.filter import NoColor
from textual.geometry import Region, Size
from textual.widget import Widget

from hedge_tui.ui.widgets.direct_paint import DirectPaint, forget_lines
from hedge_tui.ui.widgets.frame_clock import FrameClock
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.live_table.cell_style import PARTS, PREFIX
from hedge_tui.ui.widgets.live_table.painter import TablePainter
from hedge_tui.ui.widgets.live_table.table_screen import Damage, TableScreen
from hedge_tui.ui.widgets.palette import Palette
from hedge_tui.ui.widgets.visibility import Visibility, visibility

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.strip import Strip

    from hedge_tui.ui.widgets.live_table.table_model import TableModel


class TableSurface(Widget, can_focus=True):
    """The part of `LiveTable` that Textual draws.

    Args:
        model: what is shown.
        flash_s: seconds a change stays lit.
        clock: monotonic seconds.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(
        self,
        model: TableModel,
        *,
        flash_s: float,
        clock: Callable[[], float],
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        glyphs = terminal_glyphs()
        self._model = model
        self._drawn = TableScreen(model, glyphs, flash_s)
        self._painter = TablePainter(self._drawn, glyphs)
        self._direct = DirectPaint(self)
        self._clock = clock
        self._stale_style = True
        self._behind = 0
        self._told_key: str | None = None

    def on_mount(self) -> None:
        """Join the frames of the app."""
        FrameClock.of(self.app).join(self)

    def on_unmount(self) -> None:
        """Leave them."""
        FrameClock.of(self.app).leave(self)

    def notify_style_update(self) -> None:
        """Theme, focus or stylesheet changed: colours are asked for again before the next paint."""
        super().notify_style_update()
        self._stale_style = True

    def paint(self) -> int:
        """Compare and paint what differs; gives the bytes sent, 0 when hidden or nothing changed.

        Called by the frame clock; call it from a test or after a burst of `set_cells` to paint at once.
        """
        seen = visibility(self)
        if seen is Visibility.HIDDEN or not self.size:
            return 0
        if seen is Visibility.BEHIND:  # a dialog is up: enough to see that the market lives
            self._behind = (self._behind + 1) % 8
            if self._behind:
                return 0
        damage = self._compare()
        self._tell_highlighted()
        if damage is None:
            return 0
        origin = None if damage.cells is None else self._direct.origin()
        if origin is None:
            return self._refresh(damage)
        text = self._painter.ansi(damage, origin)
        if self.styles.gutter:
            forget_lines(self, self._painter.lines_of(damage))
        self._direct.write(text)
        return len(text)

    def _refresh(self, damage: Damage) -> int:
        width = self._drawn.width
        if damage.cells is None:
            self.refresh()
            return width * self._drawn.height
        lines = self._painter.lines_of(damage)
        self.refresh(*[Region(0, y, width, 1) for y in lines])
        return 2 * width * len(lines)

    def _compare(self) -> Damage | None:
        size = self.size
        if (size.width, size.height) != (self._drawn.width, self._drawn.height):
            self._drawn.resize(size.width, size.height)
        if self._stale_style:
            self._drawn.restyle(Palette(self, PREFIX, PARTS))
            self._stale_style = False
        damage = self._drawn.compare(self._clock())
        if damage is not None:
            self._painter.spoil(damage)
        return damage

    def _sync(self) -> None:
        """Before the compositor asks for lines: if nothing is laid out for this size and style, do it."""
        if self._stale_style or self.size != (self._drawn.width, self._drawn.height):
            self._compare()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for the compositor, as painted last.

        Without border, padding or fading they go straight out; otherwise Textual's own styling is put around.
        """
        self._sync()
        styles = self.styles
        if not (styles.gutter or styles.has_rule("tint") or styles.has_rule("hatch") or self.opacity < 1):
            end = crop.x + crop.width
            return [self._painter.strip(y).crop(crop.x, end) for y in crop.line_range]
        strips = super().render_lines(crop)
        if self.app.no_color:
            background = self.background_colors[1]
            strips = [strip.apply_filter(NoColor(), background) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One line of the content."""
        return self._painter.strip(y)

    def render(self) -> str:
        """Nothing: all is drawn by lines."""
        return ""

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All visible columns and the scroll bar."""
        del container, viewport
        extra = 1 + self._model.padding
        return 1 + sum(column.width + extra for column in self._model.columns.shown())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Header, all rows and totals."""
        del container, viewport, width
        rows = len(self._fresh().order.slots)
        return int(self._drawn.show_header) + rows + int(bool(self._model.totals))

    def _fresh(self) -> TableModel:
        """The model with order and cursor up to date."""
        self._model.refresh_order(self._clock())
        return self._model

    def _tell_highlighted(self) -> None:
        """Hook for `TableInteraction`: the cursor may stand on another row."""
