"""Screen cells as two planes of numbers, characters and inks, painted and compared with numpy."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from textual.geometry import Offset

BLANK = 32
_COVERED = 0
"""Stands in the second cell of a wide character."""
_UTF_32 = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"

Inks = Sequence[tuple[Style, str]]
"""Style and escape sequence of each ink; ink 0 is the paper."""


class Planes:
    """Cells of a chart.

    Attributes:
        chars: code points, uint32, shape (height, width).
        inks: uint8, same shape.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.chars: NDArray[np.uint32] = np.full((height, width), BLANK, np.uint32)
        self.inks: NDArray[np.uint8] = np.zeros((height, width), np.uint8)

    def text(self, x: int, y: int, text: str, ink: int) -> int:
        """Write inert text; what is beyond the edges is left out. Gives the cell after it."""
        if not 0 <= y < self.height:
            return x
        if text.isascii():
            start, end = max(0, x), min(self.width, x + len(text))
            if end > start:
                codes = np.frombuffer(text[start - x : end - x].encode(_UTF_32), np.uint32)
                self.chars[y, start:end] = codes
                self.inks[y, start:end] = ink
            return x + len(text)
        for character in text:
            size = get_character_cell_size(character)
            if x >= 0 and x + size <= self.width and size:
                self.chars[y, x] = ord(character)
                self.chars[y, x + 1 : x + size] = _COVERED
                self.inks[y, x : x + size] = ink
            x += size
        return x

    def settle(self, has_paper: NDArray[np.bool_]) -> None:
        """Give blanks the ink on their left: fewer changes of ink, the same picture.

        Args:
            has_paper: which inks colour the background too and so must stay where they are.
        """
        if not self.width:
            return
        firm = (self.chars != BLANK) | has_paper[self.inks]
        places = np.where(firm & ~has_paper[self.inks], np.arange(self.width), -1)
        np.maximum.accumulate(places, axis=1, out=places)
        carried = np.take_along_axis(self.inks, np.maximum(places, 0), 1)
        self.inks = np.where(firm, self.inks, np.where(places < 0, 0, carried)).astype(np.uint8)

    def changed(self, old: Planes, has_paper: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Cells that look different from `old`, which has the same size."""
        seen = (self.chars != BLANK) | has_paper[self.inks] | has_paper[old.inks]
        different = (self.chars != old.chars) | ((self.inks != old.inks) & seen)
        # A wide character is painted whole, and so is what replaces one.
        wide = (self.chars == _COVERED) | (old.chars == _COVERED)
        if wide.any():
            both = different | np.roll(different, 1, 1)
            different |= wide & both
            different |= np.roll(wide & different, -1, 1)
        result: NDArray[np.bool_] = different
        return result

    def strip(self, y: int, inks: Inks) -> Strip:
        """One line for the compositor."""
        row = self.inks[y]
        cuts = [0, *(np.flatnonzero(row[1:] != row[:-1]) + 1).tolist(), self.width]
        colors = row[cuts[:-1]].tolist()
        line = self.chars[y].tobytes().decode(_UTF_32)
        parts = [line[start:end] for start, end in itertools.pairwise(cuts)]
        if "\0" in line:
            parts = [part.replace("\0", "") for part in parts]
        return Strip(
            [Segment(part, inks[ink][0]) for part, ink in zip(parts, colors, strict=True)], self.width
        )

    def ansi(self, dirty: NDArray[np.bool_], inks: Inks, origin: Offset) -> str:
        """Terminal text that paints the `dirty` cells, cell (0, 0) being at `origin`."""
        out: list[str] = []
        ys, xs = np.nonzero(dirty)
        before: tuple[int, int] | None = None
        ink = -1
        for y, x, code, new in zip(
            ys.tolist(), xs.tolist(), self.chars[ys, xs].tolist(), self.inks[ys, xs].tolist(), strict=True
        ):
            if before != (y, x):
                out.append(f"\x1b[{origin.y + y + 1};{origin.x + x + 1}H")
            if new != ink:
                out.append(inks[new][1])
                ink = new
            if code != _COVERED:
                out.append(chr(code))
            before = (y, x + 1)
        out.append("\x1b[0m")
        return "".join(out)
