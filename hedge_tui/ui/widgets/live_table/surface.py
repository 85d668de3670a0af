"""Painting of a `LiveTable`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.hot_surface import Damage, HotSurface
from hedge_tui.ui.widgets.live_table.cell_style import PARTS, PREFIX
from hedge_tui.ui.widgets.live_table.painter import TablePainter
from hedge_tui.ui.widgets.live_table.table_screen import TableScreen
from hedge_tui.ui.widgets.palette import Palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.geometry import Offset, Size
    from textual.strip import Strip

    from hedge_tui.ui.widgets.live_table.damage import TableDamage
    from hedge_tui.ui.widgets.live_table.table_model import TableModel


class TableSurface(HotSurface):
    """The part of `LiveTable` that Textual draws.

    Args:
        model: what is shown.
        flash_s: seconds a change stays lit.
        clock: monotonic seconds.
    """

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
        self._table_screen = TableScreen(model, glyphs, flash_s)
        self._painter = TablePainter(self._table_screen, glyphs)
        self._clock = clock

    def look(self, width: int, height: int, *, restyle: bool) -> TableDamage | None:
        """Bring the model up to date and compare its visible cells with those painted."""
        if (width, height) != (self._table_screen.width, self._table_screen.height):
            self._table_screen.resize(width, height)
        if restyle:
            self._table_screen.restyle(Palette(self, PREFIX, PARTS))
        damage = self._table_screen.compare(self._clock())
        if damage is not None:
            self._painter.spoil(damage)
        return damage

    def ansi(self, damage: Damage, origin: Offset) -> str:
        """Terminal text for the changed cells."""
        return self._painter.ansi(cast("TableDamage", damage), origin)

    def content_strip(self, y: int) -> Strip:
        """A line of the table as painted last."""
        return self._painter.strip(y)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All visible columns and the scroll bar."""
        del container, viewport
        extra = 1 + self._model.padding
        return 1 + sum(column.width + extra for column in self._model.columns.shown())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Header, all rows and totals."""
        del container, viewport, width
        rows = len(self._fresh().order.slots)
        return int(self._table_screen.show_header) + rows + int(bool(self._model.totals))

    def _fresh(self) -> TableModel:
        """The model with order and cursor up to date."""
        self._model.refresh_order(self._clock())
        return self._model
