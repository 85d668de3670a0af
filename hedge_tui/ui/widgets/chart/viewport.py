"""Which candles a chart shows: zoom, position, and the candle under the cross-hair."""

from __future__ import annotations

from dataclasses import dataclass

ZOOMS: tuple[tuple[int, int], ...] = ((4, 1), (2, 1), (1, 1), *((1, 2**n) for n in range(1, 15)))
"""(cells per column, candles per column), from near to far."""


@dataclass(slots=True)
class Viewport:
    """The trader's view of `count` candles on `width` cells.

    Attributes:
        count: candles there are. width: cells of the plot.
        zoom: index into ZOOMS.
        hidden: candles newer than the last one shown; 0 follows the market.
        cursor: candle under the cross-hair counted back from the newest, None without a cross-hair.
        price: of the cross-hair's level where it was moved by hand; None: the close of the candle.
    """

    count: int = 0
    width: int = 0
    zoom: int = 1
    hidden: int = 0
    cursor: int | None = None
    price: float | None = None

    @property
    def stride(self) -> int:
        """Cells from one column to the next."""
        return ZOOMS[self.zoom][0]

    @property
    def per_column(self) -> int:
        """Candles in a column."""
        return ZOOMS[self.zoom][1]

    @property
    def capacity(self) -> int:
        """Columns that fit."""
        return max(1, self.width // self.stride) if self.width > 0 else 0

    def span(self) -> tuple[int, int]:
        """Shown columns: first, and one past the last."""
        last = -(-max(0, self.count - self.hidden) // self.per_column)
        return max(0, last - self.capacity), last

    def clamp(self) -> None:
        """Bring everything back inside the candles there are."""
        most = max(0, self.count - max(1, min(self.count, self.capacity * self.per_column)))
        self.hidden = max(0, min(self.hidden, most))
        if self.cursor is not None:
            self.cursor = max(0, min(self.cursor, self.count - 1)) if self.count else None

    def scroll(self, candles: int) -> None:
        """Look further back, or forward for a negative number."""
        self.hidden += candles
        self.clamp()

    def zoom_by(self, steps: int) -> None:
        """Further away, or nearer for a negative number; the newest candle shown stays."""
        self.zoom = max(0, min(self.zoom + steps, len(ZOOMS) - 1))
        self.clamp()

    def move_cursor(self, columns: int) -> None:
        """Cross-hair to the right, or left for a negative number; switches it on at the newest shown."""
        if not self.count:
            return
        if self.cursor is None:
            self.cursor = self.hidden
        else:
            self.cursor -= columns * self.per_column
        self.clamp()
        assert self.cursor is not None, "there are candles"
        first, last = self.span()
        column = (self.count - 1 - self.cursor) // self.per_column
        if column < first:
            self.scroll((first - column) * self.per_column)
        elif column >= last:
            self.scroll(-((column - last + 1) * self.per_column))

    def cursor_index(self) -> int | None:
        """Candle under the cross-hair, counted from the oldest."""
        return None if self.cursor is None or not self.count else self.count - 1 - self.cursor

    def grown(self, count: int) -> None:
        """There are more candles at the new end; a view of the past stays where it is."""
        added = count - self.count
        self.count = count
        if added > 0:
            if self.hidden:
                self.hidden += added
            if self.cursor is not None:
                self.cursor += added
        self.clamp()
