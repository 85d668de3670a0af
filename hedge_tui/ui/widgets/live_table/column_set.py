"""The columns of a table as the trader has arranged them, and where each lands on screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table.column import Column

MAX_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Span:
    """A column on screen.

    Attributes:
        column: as arranged.
        index: its row of `RowStore.values`.
        x: first cell, from the left of the table; the padding before the content is there.
        width: cells for the content.
    """

    column: Column
    index: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Spread:
    """What fits on a screen of some width.

    Attributes:
        spans: whole columns only, left to right: half a number would read as another number.
        hidden_left, hidden_right: columns that scrolling would bring in.
        used: cells taken from the left.
    """

    spans: tuple[Span, ...]
    hidden_left: int
    hidden_right: int
    used: int


class ColumnSet:
    """Columns by key, in the trader's order.

    Attributes:
        version: grows with every change that moves anything on screen.
    """

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._indexes: dict[str, int] = {}
        self._order: list[str] = []
        self.version = 0

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Column]:
        return (self._columns[key] for key in self._order)

    def __contains__(self, key: str) -> bool:
        return key in self._columns

    def __getitem__(self, key: str) -> Column:
        return self._columns[key]

    def index(self, key: str) -> int:
        """Row of `RowStore.values`; never changes. Raises KeyError."""
        return self._indexes[key]

    def add(self, column: Column, index: int) -> None:
        """Append a column. Raises ValueError if its key is taken."""
        if column.key in self._columns:
            raise ValueError(f"column {column.key!r} is there already")
        self._columns[column.key] = column
        self._indexes[column.key] = index
        self._order.append(column.key)
        self.version += 1

    def change(self, key: str, **fields: Any) -> None:
        """Set fields of a column, such as its width. Raises KeyError."""
        self._columns[key] = replace(self._columns[key], **fields)
        self.version += 1

    def move(self, key: str, position: int) -> None:
        """Put a column at `position` among all columns, clamped to the ends. Raises KeyError."""
        self._order.remove(self._columns[key].key)
        self._order.insert(max(0, min(position, len(self._order))), key)
        self.version += 1

    def shown(self) -> list[Column]:
        """Visible columns, left to right."""
        return [column for column in self if column.visible]

    def position(self, key: str) -> int:
        """Place of a column among all, hidden ones too."""
        return self._order.index(key)

    def spread(self, width: int, *, first: int, frozen: int, padding: int) -> Spread:
        """Which columns land where on `width` cells.

        Args:
            width: cells there are.
            first: how many of the columns that are not frozen are scrolled away.
            frozen: leading columns that stay; given up when the screen is too narrow for one more column.
            padding: cells after a column's content; one cell always goes before it.
        """
        shown = self.shown()
        frozen = max(0, min(frozen, len(shown) - 1)) if shown else 0
        first = max(0, min(first, len(shown) - frozen - 1)) if shown else 0
        extra = 1 + padding
        if frozen and sum(c.width + extra for c in shown[: frozen + 1]) > width and first:
            frozen, first = 0, frozen + first
        order = shown[:frozen] + shown[frozen + first :]
        widths: list[int] = []
        room = width
        for column in order:
            if column.width + extra > room and widths:
                break
            widths.append(min(column.width, max(0, room - extra)))
            room -= column.width + extra
        self._stretch(order, widths, room if len(widths) == len(order) and first == 0 else 0)
        spans, x = [], 0
        for column, cells in zip(order, widths, strict=False):
            spans.append(Span(column, self._indexes[column.key], x, cells))
            x += cells + extra
        return Spread(tuple(spans), first, len(order) - len(widths), min(x, width))

    @staticmethod
    def _stretch(order: list[Column], widths: list[int], room: int) -> None:
        growing = [place for place, column in enumerate(order) if column.stretch]
        if room <= 0 or not growing:
            return
        share, rest = divmod(room, len(growing))
        for nth, place in enumerate(growing):
            widths[place] += share + (nth < rest)

    def state(self) -> list[dict[str, object]]:
        """Order, width and visibility, as plain values for a settings file."""
        return [{"key": c.key, "width": c.width, "visible": c.visible} for c in self]

    def restore(self, saved: object) -> None:
        """Arrange as saved; unknown columns and broken values are ignored, new columns stay at the end."""
        if not isinstance(saved, list):
            return
        place = 0
        for entry in saved:
            if not isinstance(entry, Mapping) or entry.get("key") not in self._columns:
                continue
            key = str(entry["key"])
            width, visible = entry.get("width"), entry.get("visible")
            if isinstance(width, int) and not isinstance(width, bool):
                self.change(key, width=max(1, min(width, MAX_WIDTH)))
            if isinstance(visible, bool):
                self.change(key, visible=visible)
            self.move(key, place)
            place += 1
